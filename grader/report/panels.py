"""The part of a wrong array that one map shows: what is fixed, what is drawn, the worst entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from grader.evidence import Arrays


@dataclass(frozen=True, eq=False)
class Panel:
    """One map's worth of an array: everything but the drawn axes fixed at `fixed`."""

    arrays: Arrays
    fixed: tuple[int | None, ...]
    found: np.ndarray
    expected: np.ndarray

    @property
    def error(self) -> float:
        """Return the largest error; infinite if any entry is NaN or infinite."""
        with np.errstate(all="ignore"):
            errors = np.abs(self.found - self.expected)
        return float(np.max(np.where(np.isfinite(errors), errors, np.inf)))

    @property
    def about(self) -> str:
        """Return which part of the array it is, in words and in numpy notation."""
        origin = self.arrays.origin
        numbers = [None if i is None else origin[a] + i for a, i in enumerate(self.fixed)]
        others = [number for number in numbers if number is not None]
        if not others:
            return ""
        index = ", ".join(":" if number is None else str(number) for number in numbers)
        kernels = self.arrays.result.is_of_parameter
        words = ("channel", "kernel") if kernels else ("example", "channel")
        named = ", ".join(f"{word} {number}" for word, number in zip(words, others, strict=False))
        return f"{named}: [{index}]"

    @property
    def worst(self) -> tuple[int, int] | None:
        """Return the position of the overall worst entry, if it is in this panel."""
        at = self.arrays.worst
        if any(fixed not in (None, at[axis]) for axis, fixed in enumerate(self.fixed)):
            return None
        inside = [at[axis] for axis in self.arrays.drawn]
        return (0, inside[0]) if len(inside) == 1 else (inside[0], inside[1])

    def place(self, at: tuple[int, int]) -> list[int]:
        """Return a cell's index in the whole result."""
        index = [fixed or 0 for fixed in self.fixed]
        drawn = self.arrays.drawn
        for axis, i in zip(drawn, at[-len(drawn) :], strict=True):
            index[axis] = i
        return self.arrays.place(tuple(index))


def panels_of(arrays: Arrays) -> Iterator[Panel]:
    """Yield the panels of an array: several if it has more than two axes."""
    axes = range(len(arrays.shape))
    fixed = [[None] if a in arrays.drawn else range(arrays.found.shape[a]) for a in axes]
    for index in product(*fixed):
        cut = tuple(slice(None) if i is None else i for i in index)
        found, expected = (np.atleast_2d(a[cut]) for a in (arrays.found, arrays.expected))
        yield Panel(arrays, index, found, expected)


def difference(of: Arrays | Panel) -> np.ndarray:
    """Return yours minus expected; NaN where yours is not finite."""
    finite = np.isfinite(of.found)
    with np.errstate(over="ignore"):
        return np.where(finite, np.where(finite, of.found, 0.0) - of.expected, np.nan)
