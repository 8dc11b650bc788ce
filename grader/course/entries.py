"""The entries of a class: a folder or an archive for each student, and their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.report.cleaning import clean
from grader.submission import is_openable

# Maximum length of a file name in bytes, without its extension: most systems allow 255.
MAX_NAME = 200
_ARCHIVE = re.compile(r"(\.tar)?\.(zip|tar|gz|tgz|bz2|tbz2|xz|7z|rar)$", re.IGNORECASE)


def entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders and archives in a folder, by name, and everything else, including hidden.

    Raises:
        UsageError: the folder cannot be read.
    """
    paths = listed(folder)
    chosen = {path for path in paths if not is_hidden(path.name) and is_openable(path)}
    return [x for x in paths if x in chosen], [x for x in paths if x not in chosen]


def listed(folder: Path) -> list[Path]:
    """Return a folder's contents, by name.

    Raises:
        UsageError: the folder cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror or error}.") from None


def is_hidden(name: str) -> bool:
    """Tell whether a name belongs to something that tools leave beside the entries."""
    return name.startswith(".") or name == "__MACOSX"


def links(paths: Sequence[Path]) -> list[str]:
    """Return one sentence per link among the non-entries, since it may be someone's submission."""
    found = [path for path in paths if path.is_symlink() and not is_hidden(path.name)]
    return [f"{line(path.name)} is a link, which is not followed." for path in found]


def shown_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Return the names of entries, safe to display, no two alike."""
    found: dict[Path, str] = {}
    taken: set[str] = set()
    for path in paths:
        base = name = line(path.name)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        found[path] = name
    return found


def stem(path: Path) -> str:
    """Return the name of an entry without archive extensions."""
    return path.name if path.is_dir() else _ARCHIVE.sub("", path.name)


def line(text: str) -> str:
    """Return a text on one line, safe to display."""
    return " ".join(clean(text).split())


def safe_name(name: str) -> str:
    """Return a name safe for files, with letters, digits and `-_.` only."""
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(char if char.isalnum() or char in "-." else "_" for char in composed)
    short = re.sub("_+", "_", kept).encode()[:MAX_NAME].decode(errors="ignore")
    return short.strip("._-") or "submission"
