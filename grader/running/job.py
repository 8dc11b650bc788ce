"""The description of one grading job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.assignment import VISIBILITIES, Assignment, Target
from grader.launching import Starter
from grader.limits import Limits
from grader.submission import Submission

from .plan import Plan


@dataclass(frozen=True)
class Job:
    """One grade to be produced.

    Args:
        assignment: the assignment to grade.
        targets: the rows of the rubric to grade.
        submission: what was handed in.
        plan: the questions and the right answers.
        limits: limits of calls and checks.
        deadline: for the whole job, on the clock of `time.monotonic`.
        starter: starts the processes that run the submission's code.
        progress: called with what is being graded.
        pictures: keep the evidence of failures, on lines that students see.
    """

    assignment: Assignment
    targets: Sequence[Target]
    submission: Submission
    plan: Plan
    limits: Limits
    deadline: float
    starter: Starter
    progress: Callable[[str], None]
    pictures: bool = False

    @property
    def checks(self) -> list[tuple[Target, str]]:
        """Return all checks in rubric order, with those whose lines are seen first at the front.

        Derivations are grouped together after the code. Therefore nothing that a hidden check asks
        can leak into a visible line: the processes that answer for visible lines have ended before.
        """
        pairs = [(target, check) for target in self.targets for check in target.points]
        return sorted(pairs, key=_turn)


def _turn(pair: tuple[Target, str]) -> tuple[int, bool]:
    target, check = pair
    return VISIBILITIES.index(target.visibility_of(check)), target.is_derivation
