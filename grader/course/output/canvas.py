"""`canvas.csv`: the gradebook that Canvas exported, with the scores in one of its columns.

Canvas matches students by the ids in the first columns, and an assignment by its column's name.
Only these columns are written, so that no other grade can change. A student without a complete
grade keeps the cell from the export: an empty one, or the grade that Canvas already has.

There is no byte-order mark: the file is meant for Canvas, which reads plain UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.course.grading.scoring import GRADED
from grader.course.people import Student
from grader.course.sheets import number, safe, written
from grader.errors import UsageError

from .grades import Row

FILE = "canvas.csv"
# The first columns of a gradebook; Canvas cannot read one without them.
_IDENTIFYING = (
    "student", "id", "sis user id", "sis login id", "integration id", "root account", "section",
)  # fmt: skip
_NEEDED = ("student", "id", "section")
# Columns that students can choose themselves; ids stay unchanged, or Canvas would not match them.
_TEXTS = ("student", "section")
_POINTS, _READ_ONLY = "points possible", "(read only)"
_NUMBERED = re.compile(r" \(\d+\)$")


class Line(Protocol):
    """A student's row in a gradebook."""

    @property
    def line(self) -> int:
        """Return its line number in the file."""

    @property
    def cells(self) -> Sequence[str]:
        """Return its cells, as in the file."""


class Roster(Protocol):
    """A gradebook as it was exported; `sources.roster.Roster` is one."""

    @property
    def header(self) -> Sequence[str]:
        """Return the names of the columns."""

    @property
    def rows(self) -> Sequence[Line]:
        """Return the rows of the students."""

    @property
    def others(self) -> Sequence[Sequence[str]]:
        """Return the rows that belong to no student, such as "Points Possible", as in the file."""

    def match(self, student: Student) -> Line | None:
        """Return a student's row, None if there is none."""


@dataclass(frozen=True)
class Sheet:
    """A gradebook to import.

    Args:
        content: the file.
        column: the column with the scores.
        is_new: whether the export has no such column, so that Canvas creates a new assignment.
        count: how many scores are in it.
        unknown: ids of graded students who are not in the gradebook, or share a row there.
    """

    content: bytes
    column: str
    is_new: bool
    count: int
    unknown: tuple[str, ...]


def is_grade_book(roster: Roster) -> bool:
    """Tell whether a roster has the columns that Canvas needs."""
    return set(_NEEDED) <= {_plain(name) for name in roster.header}


def sheet(
    roster: Roster, rows: Sequence[Row], title: str, maximum: float, column: str | None = None
) -> Sheet:
    """Return the gradebook with the scores of a run.

    Args:
        roster: as Canvas exported it.
        rows: those of all students in the run.
        title: the assignment's title. The column whose name begins with it gets the scores; without
            one, a new column at the end does, from which Canvas creates a new assignment.
        maximum: the points possible for a new column.
        column: the column that gets the scores, if it is not the one named by the title.

    Raises:
        UsageError: it is not a Canvas gradebook, there is no such column, or there are several.
    """
    if not is_grade_book(roster):
        raise UsageError(
            "The roster is not a Canvas gradebook: it needs the columns Student, ID and Section."
        )
    place = _place(roster, title, column)
    scores, unknown = _scores(roster, rows)
    first = [i for i, name in enumerate(roster.header) if _plain(name) in _IDENTIFYING]
    name = title if place is None else roster.header[place]
    lines = [[*(roster.header[i] for i in first), name]]
    for cells, score in _rows(roster, scores):
        old = _at(cells, place) if place is not None else _new(cells, maximum)
        kept = [_identifying(roster.header[i], _at(cells, i)) for i in first]
        lines.append([*kept, old if score is None else score])
    return Sheet(written(lines, mark=False), name, place is None, len(scores), tuple(unknown))


def _rows(roster: Roster, scores: Mapping[int, str]) -> Iterator[tuple[Sequence[str], str | None]]:
    """Yield all rows, each with its score; Canvas expects the points possible first."""
    yield from ((cells, None) for cells in roster.others)
    yield from ((row.cells, scores.get(row.line)) for row in roster.rows)


def _plain(name: str) -> str:
    return name.removeprefix("\ufeff").strip().casefold()


def _at(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _identifying(column: str, text: str) -> str:
    return safe(text) if _plain(column) in _TEXTS else text


def _new(row: Sequence[str], maximum: float) -> str:
    """Return the cell of a new column in a row that belongs to no student."""
    return number(maximum) if _plain(_at(row, 0)) == _POINTS else ""


def _scores(roster: Roster, rows: Sequence[Row]) -> tuple[dict[int, str], list[str]]:
    """Return the scores by line of the roster, and the ids with a score but no row of their own."""
    owners: dict[int, list[Row]] = {}
    unknown = []
    for row in rows:
        found = roster.match(row.student)
        if found is not None:
            owners.setdefault(found.line, []).append(row)
        elif _is_whole(row):
            unknown.append(row.student.id)
    scores: dict[int, str] = {}
    for line, several in owners.items():
        if len(several) > 1:  # no way to tell whose grade it is
            unknown += [row.student.id for row in several if _is_whole(row)]
        elif _is_whole(several[0]):
            scores[line] = number(several[0].score)
    return scores, unknown


def _is_whole(row: Row) -> bool:
    return row.score is not None and row.status == GRADED


def _place(roster: Roster, title: str, column: str | None) -> int | None:
    """Return the index of the column for the scores, None for a new one."""
    names = _assignments(roster)
    if column is not None:
        chosen = _called(names, column)
        if not chosen:
            known = "".join(f"\n  {name}" for name in names.values())
            raise UsageError(f"The gradebook has no column {column!r}. Available:{known}")
    else:
        chosen = _called(names, title) or _beginning(names, title)
    if len(chosen) > 1:
        listed = ", ".join(repr(names[i]) for i in chosen)
        raise UsageError(f"The gradebook has {listed}: name one with --canvas-column.")
    return chosen[0] if chosen else None


def _assignments(roster: Roster) -> dict[int, str]:
    """Return the assignment columns by their index: those that can be written."""
    points = next((row for row in roster.others if _plain(_at(row, 0)) == _POINTS), ())
    return {
        i: name
        for i, name in enumerate(roster.header)
        if _plain(name) not in _IDENTIFYING and _plain(_at(points, i)) != _READ_ONLY
    }


def _called(names: Mapping[int, str], text: str) -> list[int]:
    """Return the columns with that name, with or without Canvas's number at the end."""
    exact = [i for i, name in names.items() if name == text]
    return exact or [
        i for i, name in names.items() if _plain(_NUMBERED.sub("", name)) == _plain(text)
    ]


def _beginning(names: Mapping[int, str], title: str) -> list[int]:
    """Return the columns whose name begins with a title: "Homework 1: nets", not "Homework 10"."""
    begins = re.compile(rf"{re.escape(_plain(title))}(?!\w)")
    return [i for i, name in names.items() if begins.match(_plain(name))]
