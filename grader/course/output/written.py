"""Files that are rewritten on every run, and deleted once they are out of date.

Next to them is `.written`, in the format of `sha256sum`, which lists what was written: a file is
deleted only if it is listed there and unchanged. Files that others added or changed stay. Folders
made here are readable by their owner only.
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
    """The files written below a folder; created by `writing`."""

    def __init__(self, folder: Path) -> None:
        """Read the list of what was written before."""
        self.folder = folder
        self.before = _read(folder / LOG)
        self.now: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> None:
        """Write a file atomically; it is on record even if the process dies right away."""
        digest = hashlib.sha256(content).hexdigest()
        with refusals(f"{self.folder / name} cannot be written"):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if digest not in self.before.get(name, ()):
                with (self.folder / LOG).open("a", encoding="utf-8") as log:
                    log.write(f"\n{digest}  {name}\n")
            replace_bytes(self.folder / name, content)
        self.now[name] = digest

    def end(self) -> list[str]:
        """Delete what was written before and not this time; return the names."""
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
        """Write the current list; if there are no files, delete it, and the folder if empty."""
        if self.now:
            lines = (f"{digest}  {name}\n" for name, digest in sorted(self.now.items()))
            replace_text(self.folder / LOG, "".join(lines))
        elif self.before:
            (self.folder / LOG).unlink()
            _remove_empty(self.folder, self.folder.parent)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Written]:
    """Provide a writer for a folder; at the end, what was not written again is deleted.

    After an error everything stays, until the next time.
    """
    files = Written(folder)
    yield files
    files.end()


def _read(log: Path) -> dict[str, set[str]]:
    """Return the recorded digests, by name; a truncated line is ignored."""
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
    """Remove a folder if it is empty, then its parents, up to one that stays."""
    while folder != top:
        try:
            folder.rmdir()
        except OSError:  # it is not empty
            return
        folder = folder.parent
