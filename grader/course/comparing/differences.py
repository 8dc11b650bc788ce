"""A comparison as text, CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from grader.course.sheets import cell, number, written
from grader.report.cleaning import clean

from .causes import Change
from .comparison import Comparison, Shift, Sum

_HEADER = (
    "id", "name", "score_before", "score_after", "question", "target", "check", "points", "cause",
    "why", "verdict_before", "verdict_after", "diagnosis_before", "diagnosis_after",
)  # fmt: skip


def as_text(found: Comparison, most: int | None = None) -> str:
    """Return a comparison for a terminal.

    Args:
        found: what has changed.
        most: how many students to list, those who lose most first; None for all.
    """
    return "\n".join(_lines(found, most)) + "\n"


def _lines(found: Comparison, most: int | None) -> Iterator[str]:
    yield _line(f"{found.old} → {found.new}")
    yield f"{_summary(found)}."
    for title, sums in (("By cause", found.by_cause), ("By question", found.by_question)):
        if sums:
            yield ""
            yield title
            yield from _sums(sums)
    listed = sorted(found.shifts, key=_worst_first)
    for shift in listed[:most]:
        yield ""
        yield from _shift(shift)
    more = len(listed) - len(listed[:most])
    if more:
        yield ""
        yield f"And {more} more student{'' if more == 1 else 's'}."


def _summary(found: Comparison) -> str:
    changed = sum(one.delta == 0 for one in found.shifts)
    parts = [
        f"{len(found.gainers)} gain",
        f"{sum(one.delta is not None for one in found.losers)} lose",
        f"{found.same + changed} stay the same",
    ]
    graded = [one for one in found.shifts if one.delta is None and one.student not in found.added]
    lost = [one for one in graded if one.before is not None and one.student not in found.gone]
    first = [one for one in graded if one.before is None and one.student not in found.gone]
    counts = ((lost, "lose their grade"), (first, "have a grade for the first time"),
              (found.added, "new"), (found.gone, "gone"))  # fmt: skip
    parts += [f"{len(those)} {what}" for those, what in counts if those]
    return ", ".join(parts)


def _worst_first(shift: Shift) -> tuple[bool, float, str]:
    return not shift.loses, shift.delta or 0.0, shift.student


def _sums(sums: Sequence[Sum]) -> Iterator[str]:
    names = [_line(one.name) or _NO_QUESTION for one in sums]
    wide = max(map(len, names))
    for name, one in zip(names, sums, strict=True):
        count = f"{one.students} student{'' if one.students == 1 else 's'}"
        gained, lost = _signed(one.gained), _signed(one.lost)
        yield f"  {name:<{wide}}  {gained:>9}  {lost:>9}  {count}"


_NO_QUESTION = "(no question)"


def _shift(shift: Shift) -> Iterator[str]:
    before, after = (number(x) or "no grade" for x in (shift.before, shift.after))
    delta = "" if shift.delta is None else f" ({_signed(shift.delta)})"
    who = f"{shift.student} {shift.name}".strip()
    why = f": {shift.why}" if shift.why else ""
    yield _line(f"{f'{who}: ' if who else ''}{before} → {after}{delta}{why}")
    for change in shift.changes:
        where = " ".join(filter(None, (change.question, change.target, change.check)))
        start = f"  {_signed(change.delta):>6}  {f'{_line(where)}: ' if where else ''}"
        yield f"{start}{change.cause.value}: {_line(change.why)}"
        yield from (f"          {_line(text)}" for text in _diagnoses(change))


def _diagnoses(change: Change) -> Iterator[str]:
    old, new = (line.diagnosis if line else "" for line in (change.before, change.after))
    if old != new:
        yield from (f"{word}: {text}" for word, text in (("before", old), ("now", new)) if text)


def _signed(points: float) -> str:
    return f"+{number(points)}" if points > 0 else number(points)


def _line(text: str) -> str:
    """Return a text on one line, safe to display: names come from students."""
    return " ".join(clean(text).split())


def as_csv(found: Comparison) -> bytes:
    """Return a comparison as CSV: one row per change, or per grade that appeared or disappeared."""
    rows = [row for shift in found.shifts for row in _rows(shift)]
    return written([_HEADER, *rows])


def _rows(shift: Shift) -> Iterator[list[str]]:
    who = [cell(shift.student), cell(shift.name), number(shift.before), number(shift.after)]
    if shift.delta is None:
        yield [*who, "", "", "", "", "", cell(shift.why), "", "", "", ""]
    for one in shift.changes:
        lines = one.before, one.after
        told = [x.verdict if x else "" for x in lines], [x.diagnosis if x else "" for x in lines]
        yield [
            *who, cell(one.question), cell(one.target), cell(one.check), number(one.delta),
            one.cause.value, cell(one.why), *(cell(text) for pair in told for text in pair),
        ]  # fmt: skip


def as_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON values."""
    sums = {name: getattr(found, name) for name in ("by_cause", "by_question", "by_check")}
    return {
        "old": found.old,
        "new": found.new,
        "loses": bool(found.losers),
        "same": found.same,
        "added": list(found.added),
        "gone": list(found.gone),
        **{name: [vars(one) for one in some] for name, some in sums.items()},
        "students": [_plain(shift) for shift in found.shifts],
    }


def _plain(shift: Shift) -> dict[str, Any]:
    changes = [
        {
            **vars(change),
            "cause": change.cause.value,
            "before": change.before and vars(change.before),
            "after": change.after and vars(change.after),
        }
        for change in shift.changes
    ]
    return {**vars(shift), "delta": shift.delta, "loses": shift.loses, "changes": changes}


def json_text(found: Comparison) -> str:
    """Return a comparison as the text of a JSON file."""
    return json.dumps(as_json(found), indent=2, ensure_ascii=False) + "\n"
