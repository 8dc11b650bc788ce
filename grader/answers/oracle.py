"""What knows the right answers, and what well-known mistakes would answer.

Live, by running the reference, or recorded, from one file of arrays. Both are asked with the same
problem.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Protocol

import numpy as np

from grader.assignment import Case, Problem
from grader.judging import Signature

# The results of a case that a mistake makes wrong; None stands for no numbers at all.
Effect = Mapping[str, Signature | None]


class Oracle(Hashable, Protocol):
    """Knows the right answers."""

    name: str

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Return the right value of every judged result of a problem, and of its prerequisites."""

    def known(self, target: str) -> Mapping[str, str]:
        """Return the sentence of every mistake of a target that numbers can prove, by id."""

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Return the judged results that a mistake makes wrong; None for those it does not give."""

    def dependence(
        self, case: Case, seed: int, problem: Problem, entry: tuple[int, ...]
    ) -> np.ndarray:
        """Return on which numbers of its arrays an entry of a derived gradient depends.

        As `Elements.dependence` gives it for the right function.
        """

    def default_seed(self) -> int:
        """Return the seed to grade with if the command names none."""

    def other_seed(self, seed: int) -> int | None:
        """Return another seed that there are answers for; None if there is none."""

    def accept(self, seed: int) -> None:
        """Raise UsageError if there are no answers for this seed."""


def wanted(problem: Problem) -> tuple[str, ...]:
    """Return the names of the results that the oracle has to know."""
    return tuple(result.name for result in (*problem.judged, *problem.prerequisites))
