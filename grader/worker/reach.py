"""Which files of the interpreter another user can reach, and which of them it is to reach."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence

# Names that go through a descriptor of the process that uses them.
DESCRIPTORS = "/proc/self/fd/"


def without_packages(path: str) -> list[str]:
    """Return what is in a folder but installed packages, and what links lead out of it to.

    The folder itself, if there are none; Landlock grants a folder with all that is below it.
    """
    path, names = os.path.realpath(path), list[str]()
    with contextlib.suppress(OSError):  # a file, or a folder that may not be listed
        names = os.listdir(path)
    if not any(map(_has_packages, names)):
        return [path]
    parts = [os.path.join(path, name) for name in names if not _has_packages(name)]
    return [part for part in parts if os.path.realpath(part).startswith(path + os.sep)]


def _has_packages(name: str) -> bool:
    """Tell whether a folder of this name holds packages; "python3" is Debian's, in /usr/lib."""
    return name in ("site-packages", "dist-packages") or name.startswith("python3")


def closed_to_others(path: str) -> str:
    """Return what on the way to a path another user cannot enter or read, "" if there is nothing.

    Only modes are looked at: the other user is in none of the groups.
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
    """Return other names for folders, good for a user who cannot enter a folder above them.

    An interpreter below another user's home is such a case. The names go through descriptors,
    which stay open. Only with Landlock: without it, the way up from a descriptor is open, too.
    """
    return {
        folder: f"{DESCRIPTORS}{os.open(folder, os.O_PATH | os.O_DIRECTORY)}"
        for folder in folders
        if closed_to_others(folder)
    }
