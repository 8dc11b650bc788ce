"""A Canvas download: loose files from all students, told apart by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course.entries import is_hidden, line, listed
from grader.course.people import HandIn
from grader.errors import UsageError
from grader.submission import Submission, is_archive

from .identity import Register
from .opening import open_entry, open_files
from .place import Place
from .source import Source

# The student's name, LATE, the ids of the student and of the submission, and the student's own file
# name. Canvas makes sure that no student's name has digits between underscores.
_NAME = re.compile(r"(?P<who>.+?)_(?P<late>LATE_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)")
# What Canvas appends to the name of a file that was resubmitted.
_AGAIN = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,4})")


@dataclass(frozen=True)
class _File:
    """One file of a download."""

    path: Path
    who: str
    user: str
    late: bool
    name: str


def is_download(names: Sequence[str]) -> str | None:
    """Return the first name that follows Canvas's scheme, if most do; otherwise None.

    If students share a number, it is not Canvas's: ada_2026_01_hw.zip, bob_2026_01_hw.zip.
    """
    fitting = [found for name in names if (found := _NAME.fullmatch(name))]
    owners: dict[str, str] = {}
    unlike = [one for one in fitting if owners.setdefault(one["user"], one["who"]) != one["who"]]
    is_one = fitting and 2 * len(fitting) > len(names) and not unlike
    return fitting[0].string if is_one else None


def read(place: Place, register: Register) -> Source:
    """Return the submissions of a download."""
    by_user: dict[tuple[str, str], list[_File]] = {}
    problems, left_out = [], []
    for path in listed(place.folder):
        found = _NAME.fullmatch(path.name)
        if is_hidden(path.name):
            left_out.append(line(path.name))
        elif found is None or found["file"] in (".", ".."):
            problems.append(f"{line(path.name)} is not named as Canvas names files: whose is it?")
        elif path.is_symlink() or not path.is_file():
            problems.append(f"{line(path.name)} is a link or a special file; it is not read.")
        else:
            late = found["late"] is not None
            file = _File(path, found["who"], found["user"], late, found["file"])
            by_user.setdefault((file.who, file.user), []).append(file)
    hand_ins = tuple(_hand_in(place, register, files) for files in by_user.values())
    return Source("canvas", hand_ins, tuple(problems), tuple(left_out))


def _hand_in(place: Place, register: Register, files: Sequence[_File]) -> HandIn:
    first = files[0]
    entry = f"{first.who}_{first.user}"
    own, remarks = _own_names(files)
    shown = f"{place.shown(place.folder)} ({line(entry)})"
    student = register.student(first.user, first.who, entry=entry)
    return HandIn(
        entry,
        (student,),
        lambda: _opened(own, place, shown),
        late=any(x.late for x in files),
        remarks=remarks,
    )


def _own_names(files: Sequence[_File]) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Return files by the names that students gave them; of resubmitted ones, the newest."""
    newest: dict[str, tuple[int, _File]] = {}
    remarks = []
    for file in sorted(files, key=lambda one: one.path.name):
        name, number = _parted(file.name)
        known = newest.get(name)
        if known is None or number > known[0]:
            newest[name] = number, file
        if known is not None:
            older = min(known, (number, file), key=lambda one: one[0])[1]
            remarks.append(f"{line(older.name)} was handed in again; the newest {name} counts")
    for name, (_, file) in newest.items():
        if file.name != name:
            remarks.append(f"{line(name)}: Canvas calls it {line(file.name)}")
    return {name: file.path for name, (_, file) in newest.items()}, tuple(remarks)


def _parted(name: str) -> tuple[str, int]:
    """Return a file's own name, and how many times it was resubmitted.

    A number is treated as part of the name if possible: no module has a hyphen in its name.
    """
    stem, dot, ending = name.partition(".")
    while dot and not is_archive(PurePosixPath(f"x.{ending}")) and "." in ending:
        more, _, ending = ending.partition(".")
        stem += f".{more}"
    found = _AGAIN.fullmatch(stem)
    if found is None:
        return name, 0
    is_module = ending == "py" and found["stem"].isidentifier()
    if is_module or is_archive(PurePosixPath(f"x.{ending}")):
        return f"{found['stem']}.{ending}", int(found["number"])
    return name, 0


def _opened(files: dict[str, Path], place: Place, shown: str) -> Submission:
    """Return what is graded in a student's files: the modules, or else their only archive."""
    modules = {f"{name}.py" for name in place.assignment.graded_modules}
    archives = [name for name in files if is_archive(PurePosixPath(name))]
    if len(archives) > 1 and modules.isdisjoint(files):
        raise UsageError(
            f"{shown} has {len(archives)} archives ({', '.join(map(line, sorted(archives)))}), and "
            "it is not clear which one counts."
        )
    if len(archives) == 1 and len(files) == 1:
        return open_entry(files[archives[0]], shown, place.assignment)
    return open_files(files, place.scratch, shown, place.assignment)
