"""Points that course staff give by hand: `--overrides FILE.csv`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.assignment import Assignment
from grader.course.grading.scoring import ByHand
from grader.course.people import Student
from grader.course.sheets import Table, number
from grader.errors import UsageError

from .grades import Row

COLUMNS = ("id", "question", "points", "reason")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


def by_hand(
    path: Path, assignment: Assignment, students: Iterable[Student]
) -> dict[str, list[ByHand]]:
    """Return the points that a file gives by hand, by student.

    Args:
        path: a CSV with the columns id, question, points and reason, in any order. An id may be an
            e-mail address.
        assignment: has the questions. No question earns more than its points, not even by hand: a
            bonus belongs in the gradebook, where everybody sees that it is one.
        students: those in the class.

    Raises:
        UsageError: a row cannot be valid; the message names its line.
    """
    table = Table(path, COLUMNS)
    reading = _Reading(assignment, list(students), table.delimiter)
    found: dict[str, list[ByHand]] = {}
    lines: dict[tuple[str, str], int] = {}
    for line, row in table.rows:
        try:
            one = reading.by_hand(row)
            before = lines.setdefault((one.student, one.question), line)
            if before != line:
                raise UsageError(  # noqa: TRY301 - like all others, with the line
                    f"{one.student} has points for question {one.question} already, "
                    f"in line {before}."
                )
        except UsageError as error:
            raise UsageError(f"{path}, line {line}: {error}") from None
        found.setdefault(one.student, []).append(one)
    return found


def without_effect(given: Mapping[str, Sequence[ByHand]], rows: Iterable[Row]) -> list[str]:
    """Return, one sentence each, whose points by hand have no effect because there is no grade."""
    return [
        f"{row.student.id} has no grade ({row.status}): the points set by hand for question "
        f"{', '.join(one.question for one in given[row.student.id])} do not count."
        for row in rows
        if row.score is None and given.get(row.student.id)
    ]


class _Reading:
    """What is needed to interpret the rows of a file."""

    def __init__(self, assignment: Assignment, students: list[Student], delimiter: str) -> None:
        self.most: dict[str, float] = {}
        for target in assignment.rubric:
            self.most[target.question] = self.most.get(target.question, 0.0) + target.total
        self.ids = {one.id for one in students}
        self.emails: dict[str, list[str]] = {}
        for one in students:
            if one.email:
                self.emails.setdefault(one.email.casefold(), []).append(one.id)
        self.delimiter = delimiter

    def by_hand(self, row: Mapping[str, str]) -> ByHand:
        """Return the points in a row; UsageError if it cannot be valid."""
        student, question = self._student(row["id"]), row["question"]
        if question not in self.most:
            known = ", ".join(self.most)
            raise UsageError(f"there is no question {question!r}. Available: {known}.")
        points = self._points(row["points"], question)
        if not row["reason"]:
            raise UsageError("no reason is given; the student's report shows it.")
        return ByHand(student, question, points, row["reason"])

    def _student(self, text: str) -> str:
        """Return the id of a student, who is identified by it or by an e-mail address."""
        for name in (text, text.removeprefix("'")):  # the form that `sheets.safe` writes
            if name in self.ids:
                return name
            named = self.emails.get(name.casefold(), [])
            if len(named) > 1:
                raise UsageError(f"{name} is the e-mail address of {' and '.join(named)}: use ids.")
            if named:
                return named[0]
        raise UsageError(f"there is no student {text!r} in this class.")

    def _points(self, text: str, question: str) -> float:
        if self.delimiter != "," and _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        try:
            points = float(text)
        except ValueError:
            points = math.nan
        if not math.isfinite(points):
            raise UsageError(f"the points are {text!r}, which is not a number.")
        most = round(self.most[question], 2)
        if not 0 <= points <= most:
            limits = f"question {question} has 0 to {number(most)} points"
            raise UsageError(f"{limits}, not {number(points)}.")
        return round(points, 2) + 0.0  # no "-0"
