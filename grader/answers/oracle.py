"""Sources of the right answers, and of the answers that well-known mistakes would give.

They work either live, by running the reference, or recorded, from one file of arrays. Both are
asked with the same problem.
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
        """Return the `picture_program` results, in `drawable` form; nothing if there is none."""

    def known(self, target: str) -> Mapping[str, str]:
        """Return the sentences of a target's mistakes that numbers can prove, by id."""

    def edits(self, target: str) -> Mapping[str, str]:
        """Return what every edit of a target changes, by id, most natural first.

        An edit is one change to the right computation. The sentences reveal no code of it.
        """

    def edit_seed(self, seed: int) -> int:
        """Return a seed for which the effects of edits are cheap to get; this one if possible."""

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Return the judged results that a mistake or an edit makes wrong.

        None stands for a result that it does not produce.
        """

    def dependence(
        self, case: Case, seed: int, problem: Problem, entry: tuple[int, ...]
    ) -> np.ndarray:
        """Return which numbers of its arrays an entry of a derived gradient depends on.

        The form is that of `Elements.dependence`, for the right function.
        """

    def default_seed(self) -> int:
        """Return the seed to grade with if the command names none."""

    def other_seed(self, seed: int) -> int | None:
        """Return another seed for which there are answers; None if there is none."""

    def accept(self, seed: int) -> None:
        """Raise UsageError if there are no answers for this seed."""


def drawable(found: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the results of a `picture_program` that pictures can show, by name.

    Args:
        found: its results: `losses`, and `images` (m, H, W) or (m, H, W, 1) of any scale.

    Returns:
        The losses as a row of numbers, and the images (m, H, W) as bytes, scaled so that their
        minimum is 0 and their maximum is 255.
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
