"""What one grade is about."""

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
    """One grade to be made.

    Args:
        assignment: what is asked.
        targets: the rows of the rubric to grade.
        submission: what was handed in.
        plan: the questions, and the right answers.
        limits: ceilings of calls and checks.
        deadline: on the clock of `time.monotonic`, for all of it.
        starter: starts the processes of the submission's code.
        progress: told what is graded now.
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
        """Return all checks in the order of the rubric, those first whose lines are seen first.

        Derivations come together, after the code. So nothing that a hidden check asks can get into
        a line that is seen: the processes that answer for that have ended before.
        """
        pairs = [(target, check) for target in self.targets for check in target.points]
        return sorted(pairs, key=_turn)


def _turn(pair: tuple[Target, str]) -> tuple[int, bool]:
    target, check = pair
    return VISIBILITIES.index(target.visibility_of(check)), target.is_derivation
