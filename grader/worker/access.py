"""Which of the interpreter's files another user can reach, and which ones they should reach."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence

# Names that go through a descriptor of the process that uses them.
DESCRIPTORS = "/proc/self/fd/"


def without_packages(path: str) -> list[str]:
    """Return the contents of a folder except installed packages, and the targets of outside links.

    If there are no packages, return the folder itself; Landlock grants a folder with everything
    below it.
    """
    path, names = os.path.realpath(path), list[str]()
    with contextlib.suppress(OSError):  # a file, or a folder that may not be listed
        names = os.listdir(path)
    if not any(map(_has_packages, names)):
        return [path]
    parts = [os.path.join(path, name) for name in names if not _has_packages(name)]
    return [part for part in parts if os.path.realpath(part).startswith(path + os.sep)]


def _has_packages(name: str) -> bool:
    """Tell whether a folder with this name holds packages; "python3" is Debian's, in /usr/lib."""
    return name in ("site-packages", "dist-packages") or name.startswith("python3")


def closed_to_others(path: str) -> str:
    """Return what another user cannot enter or read on the way to a path; "" if nothing.

    Only permission bits are checked: the other user is in none of the groups.
    """
    whole = os.path.realpath(path)
    parts = whole.split(os.sep)
    for end in range(2, len(parts) + 1):
        part = os.sep.join(parts[:end])
        mode = os.stat(part).st_mode
        if not mode & (0o001 if stat.S_ISDIR(mode) else 0o004):
            return part
    return ""


def lend(folders: Sequence[str]) -> dict[str, str]:
    """Return other names for folders, usable by a user who cannot enter a folder above them.

    One such case is an interpreter below another user's home. The names go through descriptors,
    which stay open. Use only with Landlock: without it, the way up from a descriptor is open, too.
    """
    return {
        folder: f"{DESCRIPTORS}{os.open(folder, os.O_PATH | os.O_DIRECTORY)}"
        for folder in folders
        if closed_to_others(folder)
    }
