"""The picture of one case, small enough that a page can have many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.course.store import Store
from grader.evidence import Arrays, Evidence, from_json
from grader.report.figures import Figure
from grader.report.pictures import figure_of

from .failures import Failure, evidence

# Rows and columns of a map: the relation to the right numbers shows in a few entries, and a page
# with forty pictures stays below 2 MB.
ROWS, COLUMNS = 5, 6


@dataclass(frozen=True)
class Example:
    """One failure to look at: whose it is, and a picture of a case if there is evidence of one."""

    failure: Failure
    figure: Figure | None

    @property
    def student(self) -> str:
        """Return the id of the student whose report to open."""
        return next(iter(self.failure.owners.students), "")


def example(
    store: Store, key: str, failures: Sequence[Failure], names: Sequence[str] = ()
) -> Example:
    """Return the first of some failures, with the picture of its smallest case.

    Args:
        store: of the class.
        key: part of the ids in the picture, once in a page.
        failures: that are alike.
        names: of the results that the picture may show; all if none is named.
    """
    first = failures[0]
    cases = evidence(store, first.result)
    named = [one for one in cases if _name(one[1]) in names]
    chosen = min(named or cases, key=lambda one: _size(one[1]), default=None)
    if chosen is None:
        return Example(first, None)
    shown = from_json(chosen[1])
    assert shown is not None
    # Without the scatter plot and the table, which say no more and are as long again.
    check = first.check if not isinstance(shown, Arrays) else ""
    figure = figure_of(key, check, chosen[0], small(shown))
    return Example(first, replace(figure, table=None))


def small(shown: Evidence) -> Evidence:
    """Return of an array the part around its worst entry."""
    if not isinstance(shown, Arrays):
        return shown
    longest = [1] * len(shown.shape)
    for axis, most in zip(reversed(shown.drawn), (COLUMNS, ROWS), strict=False):
        longest[axis] = most
    window = []
    for at, size, most in zip(shown.worst, shown.found.shape, longest, strict=True):
        start = max(0, min(at - most // 2, size - most))
        window.append(slice(start, min(size, start + most)))
    part = tuple(window)
    return replace(
        shown,
        found=shown.found[part],
        expected=shown.expected[part],
        numeric=None,
        origin=tuple(a + b.start for a, b in zip(shown.origin, part, strict=True)),
    )


def _name(plain: dict[str, Any]) -> str:
    return str(plain["result"]["name"]) if "result" in plain else ""


def _size(plain: dict[str, Any]) -> int:
    """Return how many entries an array has; figures in a row are short."""
    size = 1
    for length in plain.get("shape", ()):
        size *= length
    return size
