"""What an idea is: a way in which a result may derive from the right one, up to one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .sample import Sample

# A fitted number in a sample that does not depend on it.
ANY = float("nan")
Of = Callable[[Sample], np.ndarray | None]
Sides = Callable[[Sample], tuple[np.ndarray, np.ndarray] | None]


@dataclass(frozen=True)
class Value:
    """An array that can be computed from a sample without using the submission's numbers.

    Args:
        words: what it is, with {times} before and {over} after what a factor changes.
        cost: how far from simple it is.
        of: computes it; None where it does not apply.
        exact: whether to allow no factor other than 1.
    """

    words: str
    cost: int
    of: Of
    exact: bool = False


@dataclass(frozen=True)
class Idea:
    """A way in which the submission's numbers may derive from known ones, up to one factor.

    Args:
        words: the sentence, with placeholders for the result's {name} and for the factor: {times}
            or {plus} before, and {over} after.
        cost: how far from simple it is.
        sides: for a sample, an array of the submission's numbers and the array that it is a
            multiple of; None where the idea does not apply.
        exact: whether the factor is 1.
    """

    words: str
    cost: int
    sides: Sides
    exact: bool = False

    def measured(self, sample: Sample) -> float | None:
        """Return the factor in a sample; `ANY` if any factor fits, None if the idea is wrong."""
        sides = self.sides(sample)
        if sides is None or sides[0].shape != sides[1].shape:
            return None
        found, of = sides
        if not found.size:
            return ANY
        if self.exact:
            return 1.0 if sample.near(found, of) else None
        square = float(np.vdot(of, of))
        if not np.isfinite(square):
            return None
        if square == 0.0:
            return None if np.any(found) else ANY
        factor = float(np.vdot(of, found)) / square
        return factor if factor and sample.near(found, factor * of) else None

    def holds(self, sample: Sample, factor: float) -> bool:
        """Tell whether the submission's numbers are those that the idea predicts with a factor."""
        sides = self.sides(sample)
        if sides is None or sides[0].shape != sides[1].shape:
            return False
        return sample.near(sides[0], factor * sides[1])


@dataclass(frozen=True)
class Bound(Idea):
    """The right numbers, clipped above (+1) or below (-1) at one number, or at both ends (0)."""

    side: int = 1

    def measured(self, sample: Sample) -> float | None:
        """Return where the numbers are clipped; `ANY` if none are."""
        if not sample.in_form:
            return None
        found = sample.numbers
        ends = {1: found.max(), -1: found.min(), 0: np.abs(found).max()}
        bound = float(ends[self.side])
        if not self.holds(sample, bound):
            return None
        return ANY if sample.near(found, sample.right) else bound

    def holds(self, sample: Sample, factor: float) -> bool:
        """Tell whether the submission's numbers are the right ones, clipped at a number."""
        if not sample.in_form:
            return False
        low = {1: -np.inf, -1: factor, 0: -abs(factor)}[self.side]
        high = factor if self.side >= 0 else np.inf
        return sample.near(sample.numbers, np.clip(sample.right, low, high))


def whole(value: Value) -> Idea:
    """Return the idea that the whole result equals a value."""

    def sides(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
        of = value.of(sample)
        return None if of is None else (sample.numbers, of)

    return Idea(f"{{name}} is {value.words}", value.cost, sides, value.exact)
