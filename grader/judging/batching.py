"""Judging from counts whether code iterates over the examples of the mini-batch.

A count is a function of m, known at four sizes about four times apart. Work that does not depend
on m gives a constant; a branch on m or a buffer that grows gives a step; only iteration over the
examples, or over chunks of them, grows at every size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Counts = Mapping[str, int]
# Three sizes must differ, and the whole growth must be more than a branch on m can bring.
DISTINCT = 3
LEAST_GROWTH = 8
# Library functions and array operations: near one event or more for every example added. numpy's
# own bookkeeping (median, searches for a pivot) grows by at most 10 over all sizes.
PER_EXAMPLE = 0.9


@dataclass(frozen=True)
class Loop:
    """Evidence of a loop: where, and how often what ran there."""

    place: str
    counts: tuple[int, ...]
    sizes: tuple[int, ...]
    what: str

    @property
    def message(self) -> str:
        """Return the sentence a student reads."""
        counts, sizes = _list(self.counts), _list(self.sizes)
        return f"{self.what} {counts} times for batches of {sizes} examples."


def find_loop(counted: Sequence[Mapping[str, Counts]], sizes: Sequence[int]) -> Loop | None:
    """Return the clearest loop over the examples in the counts of calls of growing size.

    Args:
        counted: one entry a size: {"student": {"layers.py:42": 7}, "library": {...}} or
            {"arrays": {...}}, as `worker.counting` reports.
        sizes: m of every entry, increasing.
    """
    student = [entry.get("student", {}) for entry in counted]
    totals = [sum(counts.values()) for counts in student]
    if _grows(totals):
        place = _steepest(student)
        return _loop(place, student, sizes, f"{_line(place)} ran")
    for kind in ("library", "arrays"):
        counts = [entry.get(kind, {}) for entry in counted]
        growing = [p for p in sorted({*counts[-1]}) if _per_example(_at(p, counts), sizes)]
        if growing:
            place = max(growing, key=lambda p: counts[-1][p])
            function, _, line = place.rpartition(" ")
            ran = f"{_line(line)} made {function} run" if function else f"{_line(line)} used rows"
            return _loop(place, counts, sizes, ran)
    return None


def _loop(place: str, counts: Sequence[Counts], sizes: Sequence[int], what: str) -> Loop:
    return Loop(place, tuple(_at(place, counts)), tuple(sizes), what)


def _at(place: str, counts: Sequence[Counts]) -> list[int]:
    return [entry.get(place, 0) for entry in counts]


def _grows(totals: Sequence[int]) -> bool:
    rising = all(a <= b for a, b in pairwise(totals))
    return rising and len(set(totals)) >= DISTINCT and totals[-1] - totals[0] >= LEAST_GROWTH


def _per_example(counts: Sequence[int], sizes: Sequence[int]) -> bool:
    steps = zip(pairwise(counts), pairwise(sizes), strict=True)
    return all(b - a >= PER_EXAMPLE * (n - m) for (a, b), (m, n) in steps)


def _steepest(counts: Sequence[Counts]) -> str:
    """Return the line that grew most; of equals, the first of the file."""
    growth = {p: counts[-1][p] - counts[0].get(p, 0) for p in sorted(counts[-1], key=_key)}
    return max(growth, key=lambda p: growth[p])


def _key(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line) if line.isdigit() else 0


def _line(place: str) -> str:
    file, _, line = place.rpartition(":")
    return f"{file}, line {line}," if file else "Your code"


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
