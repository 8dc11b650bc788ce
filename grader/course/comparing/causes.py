"""Why a student's points differ between two sides, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from grader.course.sheets import number

from .sides import Given, Scored, Standing

# Smaller differences are rounding: points are in hundredths.
_LEAST = 0.005


class Cause(str, Enum):
    """Why points differ."""

    CONTENTS = "other contents"
    AGAIN = "graded again"
    RESULT = "another result"  # for a results.json, which does not say what was handed in
    RUBRIC = "rubric"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Change:
    """Points that a student gains or loses in one line, or by hand.

    Args:
        question: its number; "" for points that are in no line.
        target: the line's target; "" for points given by hand.
        check: the line's check; "" for points given by hand.
        delta: the points, in hundredths.
        cause: why.
        why: the cause in words.
        before: the old line, None if there is none.
        after: the new one, None if there is none.
    """

    question: str
    target: str
    check: str
    delta: float
    cause: Cause
    why: str
    before: Scored | None = None
    after: Scored | None = None


def changes(before: Standing, after: Standing, in_stores: bool, one_store: bool) -> list[Change]:
    """Return all changes of a student's points; they sum to the difference of the scores.

    If a question has points by hand on both sides, changes in its lines do not matter.

    Args:
        before: the old side, which has a score.
        after: the new one, which has one too.
        in_stores: whether both sides are stores, which know what was handed in.
        one_store: whether equal result ids mean the same result.
    """
    kept = before.by_hand.keys() & after.by_hand.keys()
    old = {line.key: line for line in before.lines}
    new = {line.key: line for line in after.lines}
    found: list[Change] = []
    for key in {**new, **old}:
        if key[0] not in kept:
            found += _of_line(old.get(key), new.get(key), in_stores, one_store)
    for question in sorted(before.by_hand.keys() | after.by_hand.keys()):
        found += _by_hand(question, before.by_hand, after.by_hand)
    return found


def _of_line(
    old: Scored | None, new: Scored | None, in_stores: bool, one_store: bool
) -> Iterator[Change]:
    line = new or old
    assert line is not None
    delta = _rounded((new.score if new else 0.0) - (old.score if old else 0.0))
    for cause, part, why in _parts(old, new, delta, in_stores, one_store):
        if abs(part) > _LEAST:
            yield Change(*line.key, part, cause, why, old, new)


def _parts(
    old: Scored | None, new: Scored | None, delta: float, in_stores: bool, one_store: bool
) -> Iterator[tuple[Cause, float, str]]:
    """Yield the causes of a difference, each with its points and an explanation."""
    if old is None or new is None:
        there = "is no longer in the rubric" if new is None else "was not in the rubric before"
        yield Cause.RUBRIC, delta, f"this check {there}"
        return
    if _same_result(old, new, one_store):
        yield Cause.RUBRIC, delta, _rubric(old, new)
        return
    by_rubric = 0.0
    if None not in (old.points, new.points, old.share) and old.points != new.points:
        by_rubric = _rounded(((new.points or 0) - (old.points or 0)) * (old.share or 0))
        yield Cause.RUBRIC, by_rubric, _rubric(old, new)
    yield _cause(old, new, in_stores), _rounded(delta - by_rubric), _verdicts(old, new)


def _same_result(old: Scored, new: Scored, one_store: bool) -> bool:
    """Tell whether only the rubric can have changed: the result is the same, or equivalent."""
    if one_store and old.result is not None and old.result == new.result:
        return True
    if old.contents != new.contents or old.points == new.points:
        return False
    return (old.verdict, old.share) == (new.verdict, new.share) and old.share is not None


def _cause(old: Scored, new: Scored, in_stores: bool) -> Cause:
    if not in_stores:
        return Cause.RESULT
    known = old.contents is not None and new.contents is not None
    return Cause.CONTENTS if known and old.contents != new.contents else Cause.AGAIN


def _rubric(old: Scored, new: Scored) -> str:
    if old.points == new.points:
        return "another share is withheld because of a loop"
    return f"{number(old.points)} → {number(new.points)} points for this check"


def _verdicts(old: Scored, new: Scored) -> str:
    before, after = (line.verdict.replace("_", " ") for line in (old, new))
    if before != after:
        return f"{before} → {after}"
    if None not in (old.share, new.share) and old.share != new.share:
        return f"{before}: {old.share or 0:.0%} → {new.share or 0:.0%}"
    if old.share is None and new.share is None:
        return f"{before}: {number(old.score)} → {number(new.score)} points"
    return f"{after}: points are withheld because of a loop, or no longer"


def _by_hand(
    question: str, before: Mapping[str, Given], after: Mapping[str, Given]
) -> Iterator[Change]:
    """Yield points given by hand on one side only, or different ones on both."""
    old, new = before.get(question), after.get(question)
    delta = 0.0
    if new:
        delta = new.points - (new.instead_of if old is None else 0)
    if old:
        delta -= old.points - (old.instead_of if new is None else 0)
    why = _reason(old, new) if question else "points not in any line of the report"
    if abs(delta) > _LEAST:
        yield Change(question, "", "", _rounded(delta), Cause.OVERRIDE, why)


def _reason(old: Given | None, new: Given | None) -> str:
    if old and new:
        return f"{number(old.points)} → {number(new.points)} points by hand: {new.reason}"
    if new:
        return f"{number(new.points)} instead of {number(new.instead_of)}: {new.reason}"
    assert old is not None
    return f"no longer {number(old.points)} instead of {number(old.instead_of)}: {old.reason}"


def _rounded(points: float) -> float:
    return round(points, 2) + 0.0  # no "-0"
