"""One judged result of one case, with everything related to it that a student can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from grader.judging.judge import fitted
from grader.result import ResultSpec

# Numbers that differ from the right ones by less than this many tolerances prove nothing.
FAR = 10.0
# Number of entries of the largest array to analyze.
MOST = 5000


@dataclass(frozen=True)
class Sample:
    """One judged result of one case.

    Args:
        case: the case's key.
        spec: the result.
        found: what the submission answered, in its own shape.
        right: the right answer.
        arrays: the other known arrays of this call, by name: inputs, parameters, right answers.
        settings: sizes and settings of the call, by name.
        earlier: right answers to the same result in earlier calls of this case.
        inputs: the shapes of all inputs of the case.
        rtol: how far off entries may be, relative to the largest.
        source: what produces the result, such as "what update returns".
    """

    case: str
    spec: ResultSpec
    found: np.ndarray
    right: np.ndarray
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    earlier: tuple[np.ndarray, ...] = ()
    inputs: tuple[tuple[int, ...], ...] = ()
    rtol: float = 1e-5
    source: str = ""

    @cached_property
    def numbers(self) -> np.ndarray:
        """The submission's numbers, in the right shape if only axes of length one differ."""
        values = np.asarray(self.found, float)
        form = fitted(values, self.right.shape)
        return values if form is None else form

    @property
    def in_form(self) -> bool:
        """Tell whether every number can be compared with the right one."""
        return self.numbers.shape == self.right.shape

    @cached_property
    def is_right(self) -> bool:
        """Tell whether the numbers are the right ones, or too close to them to prove anything."""
        return bool(self.in_form and self.near(self.numbers, self.right, FAR))

    @cached_property
    def size(self) -> tuple[object, ...]:
        """A key that distinguishes samples of different sizes."""
        return self.inputs, self.right.shape, tuple(x.shape for x in self.arrays.values())

    @property
    def is_telling(self) -> bool:
        """Tell whether the right numbers are informative: several, and not all of them zero."""
        return bool(np.count_nonzero(self.right) > 1)

    @property
    def is_comparable(self) -> bool:
        """Tell whether there are numbers, but not too many."""
        return 0 < max(self.numbers.size, self.right.size) <= MOST

    def near(self, found: np.ndarray, predicted: np.ndarray, tolerances: float = 1.0) -> bool:
        """Tell whether two arrays of the same shape agree in every entry, up to rounding."""
        scale = np.abs(found).max(initial=0.0)
        error = np.abs(found - predicted).max(initial=0.0)
        return bool(error <= tolerances * self.rtol * scale)
