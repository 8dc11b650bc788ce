"""Judging from counts whether code iterates over the examples of the mini-batch.

A count is a function of m, known at four sizes about four times apart. Work that does not depend
on m gives a constant; a branch on m or a buffer that grows gives a step; doubling until something
is large enough gives a logarithm; only iteration over the examples, or over chunks of them, grows
in proportion to m.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.worker.places import GIVEN_MARK

Counts = Mapping[str, int]
# At least three sizes must give different counts, and one line must run this much more often at the
# largest size than at the smallest: even chunks of 32 examples do.
DISTINCT = 3
LEAST_GROWTH = 8
# Growth per added example, relative to the growth between smaller sizes. A count proportional to m
# keeps its growth; a logarithm's growth is divided by four.
PROPORTION = 0.4
# For library functions, and for many lines together: nearly one event or more per added example.
# numpy's own bookkeeping (median, searches for a pivot) grows by at most 10 over all sizes.
PER_EXAMPLE = 0.9
# Live objects: one per added example, minus those that a call frees from the previous one.
OBJECTS_PER_EXAMPLE = 0.5
# Events in a call of a plain function: the call, and one line.
LEAST_EVENTS = 2
OBJECTS = ": numbers or rows were taken out of an array one at a time"


@dataclass(frozen=True)
class Loop:
    """Evidence of a loop: where it is, how often something ran there, and the sentence about it.

    With `of_objects`, the counts are of Python objects that are alive there.
    """

    place: str
    counts: tuple[int, ...]
    sizes: tuple[int, ...]
    what: str
    of_objects: bool = False

    @property
    def message(self) -> str:
        """Return the sentence a student reads."""
        counts, sizes = _list(self.counts), _list(self.sizes)
        unit, more = ("Python objects", OBJECTS) if self.of_objects else ("times", "")
        return f"{self.what} {counts} {unit} for batches of {sizes} examples{more}."


def find_loop(counted: Sequence[Mapping[str, Counts]], sizes: Sequence[int]) -> Loop | None:
    """Return the outermost loop over the examples, given the counts of calls of growing size.

    A loop over channels inside it runs more often, but is not a loop over the examples.

    Args:
        counted: one entry per size: {"student": {"layers.py:42": 7}, "library": {...}, "objects":
            {...}}, as reported by `worker.counting`, with places in the order in which they first
            ran.
        sizes: m for every entry, increasing.
    """
    student = [entry.get("student", {}) for entry in counted]
    library = [entry.get("library", {}) for entry in counted]
    totals = [sum(counts.values()) for counts in student]
    # In the order in which they first ran: what a loop repeats comes after its header.
    ran = list(student[-1])
    growing = [place for place in ran if _in_proportion(_at(place, student), sizes)]
    called = [p for p in library[-1] if _per_example(_at(p, library), sizes)]
    if called and (not growing or _ran_before(called[0], growing[0], ran)):
        function, _, line = called[0].rpartition(" ")
        return _loop(called[0], library, sizes, f"{_line(line)} made {function} run")
    if growing or _per_example(totals, sizes):
        place = growing[0] if growing else _steepest(ran, student)
        return _loop(place, student, sizes, f"{_line(place)} ran")
    objects = [entry.get("objects", {}) for entry in counted]
    growing = [p for p in sorted({*objects[-1]}, key=_key) if _boxes(_at(p, objects), sizes)]
    if growing:
        place = growing[0]  # what is alive here is still alive on the lines after it
        return _loop(place, objects, sizes, f"{_line(place)} held", of_objects=True)
    return None


def leaves_out(counted: Sequence[Mapping[str, Counts]], place: str) -> bool:
    """Tell whether the counts lack the method that was called, so that they cannot be trusted.

    Args:
        counted: as for `find_loop`.
        place: where the method is defined, "layers.py:42"; "" if it is not a plain function. Lines
            inherited from the handout are not counted as the submission's.
    """
    file, _, first = place.rpartition(":")
    own = bool(file) and not place.endswith(GIVEN_MARK)
    return own and any(
        _events(entry.get("student", {}), file, int(first)) < LEAST_EVENTS for entry in counted
    )


def _events(counts: Counts, file: str, first: int) -> int:
    """Return how much ran in a file from a given line on."""
    places = ((*_key(place), count) for place, count in counts.items())
    return sum(count for name, line, count in places if name == file and line >= first)


def _loop(
    place: str,
    counts: Sequence[Counts],
    sizes: Sequence[int],
    what: str,
    of_objects: bool = False,
) -> Loop:
    return Loop(place, tuple(_at(place, counts)), tuple(sizes), what, of_objects)


def _at(place: str, counts: Sequence[Counts]) -> list[int]:
    return [entry.get(place, 0) for entry in counts]


def _in_proportion(counts: Sequence[int], sizes: Sequence[int]) -> bool:
    """Tell whether a line runs more often for more examples, not in steps or logarithmically."""
    rising = all(a <= b for a, b in pairwise(counts))
    if not rising or len(set(counts)) < DISTINCT or counts[-1] - counts[0] < LEAST_GROWTH:
        return False
    slopes = _slopes(counts, sizes)
    return slopes[-1] >= PROPORTION * max(slopes)


def _per_example(counts: Sequence[int], sizes: Sequence[int]) -> bool:
    return all(slope >= PER_EXAMPLE for slope in _slopes(counts, sizes))


def _boxes(counts: Sequence[int], sizes: Sequence[int]) -> bool:
    """Tell whether objects multiply with the examples; a few are lost in the first steps."""
    return all(slope >= OBJECTS_PER_EXAMPLE for slope in _slopes(counts, sizes)[1:])


def _slopes(counts: Sequence[int], sizes: Sequence[int]) -> list[float]:
    """Return how much a count grew from size to size, per added example."""
    steps = zip(pairwise(counts), pairwise(sizes), strict=True)
    return [(b - a) / (n - m) for (a, b), (m, n) in steps]


def _ran_before(call: str, place: str, ran: Sequence[str]) -> bool:
    """Tell whether a line calling a library, as in "median a.py:7", first ran before a place."""
    return call.rpartition(" ")[2] in ran[: ran.index(place)]


def _steepest(places: Sequence[str], counts: Sequence[Counts]) -> str:
    """Return the place whose count grew most; the first one in case of a tie."""
    return max(places, key=lambda p: counts[-1].get(p, 0) - counts[0].get(p, 0))


def _key(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line) if line.isdecimal() else 0


def _line(place: str) -> str:
    return place if ":" in place else "Your code"


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
