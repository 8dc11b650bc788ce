"""What was handed in, before any selection: file names, and how to read each file.

Limits on size and number keep clutter out; links are not followed, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

# A homework consists of about ten files of a few kB.
MAX_FILE_BYTES = 1_000_000
# Limits for the number of files to look at, and for the depth of nested folders.
MAX_MEMBERS = 5000
MAX_DEPTH = 6
# A notebook with its pictures is larger than code.
MAX_NOTEBOOK_BYTES = 10_000_000
_LITTER = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env"}


class NotTaken(Exception):
    """Why a file was not taken."""


LINK, ODD = "a link", "not a regular file"
LARGE = f"larger than {MAX_FILE_BYTES // 1_000_000} MB"
# Returns at most the given number of bytes of a file.
ReadFile = Callable[[int], bytes]


@dataclass
class Contents:
    """What was handed in, before any selection.

    Args:
        python: the `.py` files that may be taken.
        others: other files that are not clutter, up to a limit.
        empty: folders with nothing in them.
        left_out: what was not looked at, with the reason.
    """

    python: dict[PurePosixPath, ReadFile] = field(default_factory=dict)
    others: dict[PurePosixPath, ReadFile] = field(default_factory=dict)
    empty: list[PurePosixPath] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, name: PurePosixPath, read: ReadFile) -> None:
        """Add a file where it belongs."""
        if name.suffix == ".py":
            self.python[name] = read
        elif len(self.others) < MAX_MEMBERS:
            self.others[name] = read

    def add_empty(self, folders: Iterable[PurePosixPath]) -> None:
        """Add those folders of an archive that contain nothing."""
        names = {*folders, *self.python, *self.others}
        parents = {parent for name in names for parent in name.parents}
        self.empty += sorted(folder for folder in set(folders) if folder not in parents)


def read_whole(read: ReadFile, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a file.

    Raises:
        NotTaken: it cannot be read, or is too large.
    """
    content = read(most + 1)
    if len(content) > most:
        raise NotTaken(f"larger than {most / 1_000_000:g} MB")
    return content


def is_archive(name: PurePosixPath) -> bool:
    """Tell by its name whether a file is an archive; data may be compressed without being one."""
    known = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".tar.xz", ".7z", ".rar")
    return name.name.lower().endswith(known)


def is_skipped(parts: Iterable[str]) -> bool:
    """Tell whether a file is hidden, or clutter left by tools."""
    return any(part in _LITTER or part.startswith(".") for part in parts)


def printable(name: str) -> str:
    """Return a printable form of a name."""
    return "".join(char if char.isprintable() else "?" for char in name)
