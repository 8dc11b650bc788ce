"""Two gradings of the same class: who gains or loses what, by check, and why.

Students who are on both sides are compared line by line. The causes add up: all changes of a
student sum to the difference of the two scores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.errors import UsageError

from .causes import Cause, Change, changes
from .sides import Side, Standing


@dataclass(frozen=True)
class Shift:
    """What differs for a student.

    Args:
        student: the id; "" for a results.json.
        name: the student's name.
        before: the old score; None without a grade.
        after: the new one.
        why: if only one side has a grade, what the other side says.
        changes: line by line; they can cancel out.
    """

    student: str
    name: str
    before: float | None
    after: float | None
    why: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def delta(self) -> float | None:
        """Return the difference of the scores; None unless there are two."""
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, 2) + 0.0

    @property
    def loses(self) -> bool:
        """Tell whether the student has fewer points than before, or no longer has a grade."""
        if self.delta is None:
            return self.before is not None
        return self.delta < 0


@dataclass(frozen=True)
class Sum:
    """The sum of several changes: points gained and lost, and by how many students."""

    name: str
    gained: float
    lost: float
    students: int


@dataclass(frozen=True)
class Comparison:
    """What differs between two sides.

    Args:
        old: the name of the old side.
        new: the name of the new one.
        shifts: one per student with any change, by id.
        same: how many others are on both sides.
        added: ids that are on the new side only.
        gone: ids that are on the old side only.
    """

    old: str
    new: str
    shifts: tuple[Shift, ...]
    same: int
    added: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def losers(self) -> tuple[Shift, ...]:
        """Return those with fewer points or no longer a grade, including those who are gone."""
        return tuple(one for one in self.shifts if one.loses)

    @property
    def gainers(self) -> tuple[Shift, ...]:
        """Return those who have more points than before."""
        return tuple(one for one in self.shifts if (one.delta or 0) > 0)

    @cached_property
    def by_cause(self) -> tuple[Sum, ...]:
        """Return the sums for every cause that occurs."""
        sums = _sums((one.student, x.cause.value, x.delta) for one, x in self._changes())
        order = [cause.value for cause in Cause]
        return tuple(sorted(sums, key=lambda one: order.index(one.name)))

    @cached_property
    def by_question(self) -> tuple[Sum, ...]:
        """Return the sums for every question, by number."""
        sums = _sums((one.student, x.question, x.delta) for one, x in self._changes())
        return tuple(sorted(sums, key=_by_number))

    @cached_property
    def by_check(self) -> tuple[Sum, ...]:
        """Return the sums for every check, named like "3.1 activations.ReLU values"."""
        return _sums(
            (one.student, " ".join(filter(None, (x.question, x.target, x.check))), x.delta)
            for one, x in self._changes()
        )

    def _changes(self) -> Iterator[tuple[Shift, Change]]:
        for one in self.shifts:
            for change in one.changes:
                yield one, change


def _sums(changes: Iterable[tuple[str, str, float]]) -> tuple[Sum, ...]:
    """Return the sums by name, from triples of student, name and points."""
    points: dict[str, list[float]] = {}
    students: dict[str, set[str]] = {}
    for student, name, delta in changes:
        points.setdefault(name, []).append(delta)
        students.setdefault(name, set()).add(student)
    return tuple(
        Sum(
            name,
            round(sum(x for x in deltas if x > 0), 2),
            round(sum(x for x in deltas if x < 0), 2) + 0.0,
            len(students[name]),
        )
        for name, deltas in points.items()
    )


def _by_number(one: Sum) -> tuple[bool, list[tuple[int, str]]]:
    """Sort question 3.10 after 3.9, and points of no question last."""
    parts = re.findall(r"\d+|\D+", one.name)
    return not parts, [(len(x) if x.isdecimal() else 0, x) for x in parts]


def compare(old: Side, new: Side) -> Comparison:
    """Return what differs between two sides.

    Raises:
        UsageError: one of them is a results.json, which does not say whose it is, and the other is
            a class.
    """
    if bool(old.store) != bool(new.store):
        raise UsageError("A results.json can only be compared with another one.")
    stores = bool(old.store), old.store == new.store
    both = old.standings.keys() & new.standings.keys()
    shifts = []
    for student in sorted(old.standings.keys() | new.standings.keys()):
        before, after = old.standings.get(student), new.standings.get(student)
        shift = _shift(student, before, after, *stores)
        if shift is not None:
            shifts.append(shift)
    same = len(both) - sum(one.student in both for one in shifts)
    added, gone = new.standings.keys() - both, old.standings.keys() - both
    return Comparison(
        old.name, new.name, tuple(shifts), same, tuple(sorted(added)), tuple(sorted(gone))
    )


def _shift(
    student: str, before: Standing | None, after: Standing | None, in_stores: bool, one_store: bool
) -> Shift | None:
    """Return what changed for a student, None if nothing did."""
    old, new = (side.score if side else None for side in (before, after))
    name = next(side.name for side in (after, before) if side)
    if old is None and new is None:
        return None
    if before is None or after is None:
        why = "was not in the class before" if before is None else "is no longer in the class"
        return Shift(student, name, old, new, why)
    if old is None or new is None:
        why = f"before: {before.status}" if old is None else f"now: {after.status}"
        return Shift(student, name, old, new, why)
    found = tuple(changes(before, after, in_stores, one_store and in_stores))
    return Shift(student, name, old, new, "", found) if found else None
