"""The picture of one case, small enough for a page to have many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.course.store import Store
from grader.evidence import Arrays, Evidence, from_json
from grader.report.figures import Figure
from grader.report.pictures import figure_of

from .failures import Failure, evidence

# Rows and columns of a map: a few entries show how the numbers relate to the right ones, and a page
# with forty pictures stays below 2 MB.
ROWS, COLUMNS = 5, 6


@dataclass(frozen=True)
class Example:
    """One failure to look at: its owner, and a picture of a case if there is evidence of one."""

    failure: Failure
    figure: Figure | None

    @property
    def student(self) -> str:
        """Return the id of the student whose report to open."""
        return next(iter(self.failure.owners.students), "")


def example(
    store: Store, key: str, failures: Sequence[Failure], names: Sequence[str] = ()
) -> Example:
    """Return the first of some similar failures, with the picture of its smallest case.

    Args:
        store: the class store.
        key: part of the ids in the picture, unique in a page.
        failures: failures of the same kind.
        names: the results that the picture may show; all if empty.
    """
    first = failures[0]
    cases = evidence(store, first.result)
    named = [one for one in cases if _name(one[1]) in names]
    chosen = min(named or cases, key=lambda one: _size(one[1]), default=None)
    if chosen is None:
        return Example(first, None)
    shown = from_json(chosen[1])
    assert shown is not None
    # Without the scatter plot and the table, which add no information and double the size.
    check = first.check if not isinstance(shown, Arrays) else ""
    figure = figure_of(key, check, chosen[0], small(shown))
    return Example(first, replace(figure, table=None))


def small(shown: Evidence) -> Evidence:
    """Return the part of an array around its worst entry."""
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
    """Return how many entries an array has; one-dimensional series are short."""
    size = 1
    for length in plain.get("shape", ()):
        size *= length
    return size
