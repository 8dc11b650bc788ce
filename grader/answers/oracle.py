"""What knows the right answers, and what well-known mistakes would answer.

Live, by running the reference, or recorded, from one file of arrays. Both are asked with the same
problem.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Protocol

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

    def pictured(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Return what `picture_program` gives, as `drawable` has it; nothing if there is none."""

    def known(self, target: str) -> Mapping[str, str]:
        """Return the sentence of every mistake of a target that numbers can prove, by id."""

    def edits(self, target: str) -> Mapping[str, str]:
        """Return what every edit of a target changes, by id: most natural first.

        An edit is one change of the right computation. The sentences show no code of it.
        """

    def edit_seed(self, seed: int) -> int:
        """Return a seed for which it costs little to tell what edits give; this one if it can."""

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Return the judged results that a mistake or an edit makes wrong.

        None stands for a result that it does not give.
        """

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


def drawable(found: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return what pictures can show of the results of a `picture_program`, by name.

    Args:
        found: what it gave: `losses`, and `images` (m, H, W) or (m, H, W, 1) of any scale.

    Returns:
        The losses as a row of numbers, and the images (m, H, W) as bytes: their least value is 0,
        their greatest 255.
    """
    made = {}
    if "losses" in found:
        made["losses"] = np.asarray(found["losses"], float).reshape(-1)
    if "images" in found:
        images = np.asarray(found["images"], float)
        images = images.reshape(images.shape[:3])
        shares = (images - images.min()) / (np.ptp(images) or 1.0)
        made["images"] = np.round(255 * shares).astype(np.uint8)
    return made


def wanted(problem: Problem) -> tuple[str, ...]:
    """Return the names of the results that the oracle has to know."""
    return tuple(result.name for result in (*problem.judged, *problem.prerequisites))
