"""A Gradescope export: a table of who handed in what, and a folder for each submission."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grader.course.entries import entries, line, links, shown_names
from grader.course.people import HandIn, Student
from grader.errors import UsageError

from .identity import Register
from .opening import opener
from .place import Place
from .source import Source
from .unpacking import TABLES

if TYPE_CHECKING:
    from .metadata import Listed

EXTRA = "A Gradescope export needs PyYAML, which is not installed; `make class` installs it."


def read(place: Place, register: Register) -> Source:
    """Return the submissions in an export.

    Raises:
        UsageError: its table cannot be read.
    """
    table = next(place.folder / name for name in TABLES if (place.folder / name).is_file())
    listed, problems = _listed(place, table)
    folders, others = entries(place.folder)
    problems += links(others)
    for one in listed.values():
        for who in one.submitters:
            register.learn(who.sid, who.email)
    hand_ins = []
    for path, entry in shown_names(folders).items():
        known = listed.get(path.name)
        students, remark = _students(register, entry, known)
        if remark:
            problems.append(f"{table.name} {remark.format(entry)}.")
        remarks = (f"{table.name} {remark.format('it')}",) if remark else ()
        opened = opener(path, place.shown(path), place.assignment)
        when = known.created_at if known else None
        hand_ins.append(HandIn(entry, students, opened, when, remarks=remarks))
    there = {path.name for path in folders}
    hand_ins += _without_folder(
        table, register, [x for x in listed.values() if x.entry not in there]
    )
    left_out = tuple(line(path.name) for path in others if path != table)
    return Source("gradescope", tuple(hand_ins), tuple(problems), left_out)


def _listed(place: Place, table: Path) -> tuple[dict[str, Listed], list[str]]:
    """Return what the table lists, by entry, and any oddities in it."""
    try:
        from .metadata import read_metadata  # noqa: PLC0415 - it needs the `course` extra
    except ModuleNotFoundError as error:
        if error.name != "yaml":
            raise
        raise UsageError(EXTRA) from None
    try:
        listed, problems = read_metadata(table)
    except UsageError as error:
        raise UsageError(place.shown_in(str(error))) from None
    return {one.entry: one for one in listed}, [place.shown_in(text) for text in problems]


def _without_folder(table: Path, register: Register, listed: Iterable[Listed]) -> list[HandIn]:
    """Return the listed submissions that have no folder: those students did hand in something."""
    hand_ins = []
    for one in listed:
        entry = line(one.entry)
        why = f"{table.name} lists {entry}, but the export has no such folder."
        students, _ = _students(register, entry, one)
        hand_ins.append(HandIn(entry, students, partial(_refuse, why), one.created_at))
    return hand_ins


def _refuse(why: str) -> NoReturn:
    raise UsageError(why)


def _students(
    register: Register, entry: str, known: Listed | None
) -> tuple[tuple[Student, ...], str]:
    """Return an entry's owners, and any remark about them; "{}" stands for the entry."""
    submitters = known.submitters if known else ()
    found = [register.student(x.sid, x.name, x.email, entry) for x in submitters]
    if found:
        return tuple(dict.fromkeys(found)), ""
    remark = "names no submitter of {}" if known else "does not list {}"
    return (register.student(entry),), remark
