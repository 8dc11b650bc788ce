"""A folder or an archive for each student, from GitHub Classroom or collected in any other way."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from grader.course.entries import entries, line, links, shown_names, stem
from grader.course.people import HandIn
from grader.submission import is_skipped

from .identity import Register
from .opening import opener
from .place import Place
from .source import Source

# The percentage of folders that must begin with the name of the assignment.
_MOST = 90
# The suffix that GitHub's command gives the folder of all clones.
CLONES = "-submissions"


def read_folder(place: Place, register: Register) -> Source:
    """Return the submissions in a plain folder; a student may have both a folder and an archive."""
    return _source("folder", place, register, "")


def read_classroom(place: Place, register: Register) -> Source:
    """Return the submissions in a folder of clones, without the common prefix of their names."""
    names = [path.name for path in entries(place.folder)[0]]
    return _source("classroom", place, register, common_prefix(place.folder, names))


def _source(kind: str, place: Place, register: Register, prefix: str) -> Source:
    paths, others = entries(place.folder)
    problems = links(others) + [
        f"{line(path.name)} does not begin with {line(prefix)}, as the others do."
        for path in paths
        if not path.name.startswith(prefix)
    ]
    alike = Counter(stem(path) for path in paths)
    hand_ins = []
    for path, entry in shown_names(paths).items():
        own = stem(path)
        name = own.removeprefix(prefix) or own
        student = register.student(name, entry=entry, key=own)
        opened = opener(path, place.shown(path), place.assignment)
        when = _modified(path) if alike[own] > 1 else None
        remarks = ("the time of its newest file tells when it was handed in",) if when else ()
        hand_ins.append(HandIn(entry, (student,), opened, when, remarks=remarks))
    left_out = tuple(line(path.name) for path in others)
    return Source(kind, tuple(hand_ins), tuple(problems), left_out)


def common_prefix(folder: Path, names: Sequence[str]) -> str:
    """Return the common prefix of the clones' names, such as "hw1-"; "" if there is none."""
    if folder.name.endswith(CLONES):
        prefix = f"{folder.name.removesuffix(CLONES)}-"
        if sum(name.startswith(prefix) for name in names) * 100 >= len(names) * _MOST:
            return prefix
    starts = Counter(
        name[: number + 1]
        for name in names
        for number, char in enumerate(name)
        if char == "-" and name[number + 1 :]
    )
    common = [x for x, count in starts.items() if count > 1 and count * 100 >= len(names) * _MOST]
    return max(common, key=len, default="")


def _modified(path: Path) -> datetime | None:
    """Return when an entry was last modified: an archive, or the newest file in a folder."""
    paths = [path]
    if path.is_dir():
        paths = []
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if not is_skipped([name])]
            paths += [Path(folder, name) for name in names if not is_skipped([name])]
    try:
        newest = max((one.lstat().st_mtime for one in paths), default=path.lstat().st_mtime)
        return datetime.fromtimestamp(newest, timezone.utc)
    except (OSError, OverflowError, ValueError):
        return None
