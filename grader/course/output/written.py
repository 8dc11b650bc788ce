"""Files that are written anew from run to run, and taken away once they are no longer right.

Beside them is `.written`, in the form of `sha256sum`, with what was written: a file is taken away
only if it is in there as it is. What others have put there, or changed, stays. A folder that is
made here can be read by its owner only.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from grader.errors import refusals
from grader.files import replace_bytes, replace_text

LOG = ".written"


class Written:
    """What is written below a folder; `writing` gives one."""

    def __init__(self, folder: Path) -> None:
        """Read what was written before."""
        self.folder = folder
        self.before = _read(folder / LOG)
        self.now: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> None:
        """Write a file in one step; that it was written is known even if all ends at once."""
        digest = hashlib.sha256(content).hexdigest()
        with refusals(f"{self.folder / name} cannot be written"):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if digest not in self.before.get(name, ()):
                with (self.folder / LOG).open("a", encoding="utf-8") as log:
                    log.write(f"\n{digest}  {name}\n")
            replace_bytes(self.folder / name, content)
        self.now[name] = digest

    def end(self) -> list[str]:
        """Take away what was written before and not now; return its names."""
        gone = []
        with refusals(f"{self.folder} cannot be changed"):
            for name in sorted(self.before.keys() - self.now.keys()):
                path = self.folder / name
                if _digest(path) in self.before[name]:
                    path.unlink()
                    gone.append(name)
                    _remove_empty(path.parent, self.folder)
            self._log()
        return gone

    def _log(self) -> None:
        """Write what is there now; without it, the folder goes too if nothing else is in it."""
        if self.now:
            lines = (f"{digest}  {name}\n" for name, digest in sorted(self.now.items()))
            replace_text(self.folder / LOG, "".join(lines))
        elif self.before:
            (self.folder / LOG).unlink()
            _remove_empty(self.folder, self.folder.parent)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Written]:
    """Provide what writes below a folder; at the end, what was not written again is taken away.

    After an error all stays, until the next time.
    """
    files = Written(folder)
    yield files
    files.end()


def _read(log: Path) -> dict[str, set[str]]:
    """Return the digests that were written, by name; a line that was cut off says nothing."""
    found: dict[str, set[str]] = {}
    if not log.is_file():
        return found
    with refusals(f"{log} cannot be read"):
        text = log.read_text("utf-8", "replace")
    for line in text.splitlines():
        digest, _, name = line.partition("  ")
        if name and not Path(name).is_absolute() and ".." not in Path(name).parts:
            found.setdefault(name, set()).add(digest)
    return found


def _digest(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder if nothing is in it, and those above it, up to one that stays."""
    while folder != top:
        try:
            folder.rmdir()
        except OSError:  # something is in it
            return
        folder = folder.parent
