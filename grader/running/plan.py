"""The plan of an assignment for one seed: what every case asks, and the right answers.

A plan is built on demand and reused for any number of submissions: drawing inputs, running the
reference, and encoding requests take longer than most submissions take to compute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from grader.answers import Oracle
from grader.assignment import Assignment, Case, Problem, Target, drawn
from grader.isolation import Request
from grader.judging import Signature, signature
from grader.program import encode

# Number of plans to keep: one per seed, assignment, and oracle that a process grades with.
KEPT = 4


@dataclass(frozen=True, eq=False)
class Question:
    """A case for one seed: the problem it draws, and the right answers."""

    case: Case
    problem: Problem
    answers: Mapping[str, np.ndarray]

    @cached_property
    def request(self) -> Request:
        """The request to a worker; its limit leaves room for a right reply, or to say what came."""
        most = 2**20 + 4 * sum(array.nbytes for array in self.answers.values())
        return Request(self.problem.program, most)

    @cached_property
    def inputs(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of all arrays of the program."""
        return tuple(array.shape for array in encode(self.problem.program)[1])

    @cached_property
    def signatures(self) -> Mapping[str, Signature]:
        """The signature of every judged result, by name."""
        return {x.name: signature(x, self.answers[x.name]) for x in self.problem.judged}


class Plan:
    """All questions of an assignment for one seed."""

    def __init__(self, assignment: Assignment, oracle: Oracle, seed: int) -> None:
        """Keep what the plan is built from.

        Args:
            assignment: the assignment to grade.
            oracle: knows the right answers.
            seed: determines every input.
        """
        self.oracle = oracle
        self.seed = seed
        self._assignment = assignment
        self._problems: dict[str, Problem] = {}
        self._questions: dict[str, Question] = {}
        self._pictured: dict[str, Mapping[str, np.ndarray]] = {}

    def draw(self, targets: Sequence[Target]) -> None:
        """Draw the problems of some targets.

        Raises:
            UsageError: one cannot be drawn, or asks for a result that its steps do not produce.
        """
        for target in targets:
            for check in target.points:
                for case in self._assignment.cases_of(target.name, check):
                    self._problem(case)

    def questions(self, target: Target, check: str) -> tuple[Question, ...]:
        """Return what a check asks of a target, in order.

        Raises:
            UsageError: as for `draw`.
        """
        return tuple(map(self.question, self._assignment.cases_of(target.name, check)))

    def another(self) -> Plan | None:
        """Return the plan for another seed; None if the oracle knows no answers for other seeds."""
        seed = self.oracle.other_seed(self.seed)
        return None if seed is None else plan(self._assignment, self.oracle, seed)

    def pictured(self, case: Case) -> Mapping[str, np.ndarray]:
        """Return the oracle's output used only in pictures of a case, computed on first use."""
        if case.key not in self._pictured:
            found = self.oracle.pictured(case, self.seed, self._problem(case))
            self._pictured[case.key] = found
        return self._pictured[case.key]

    def _problem(self, case: Case) -> Problem:
        if case.key not in self._problems:
            self._problems[case.key] = drawn(self._assignment, case, self.seed)
        return self._problems[case.key]

    def question(self, case: Case) -> Question:
        """Return what a case asks.

        Raises:
            UsageError: as for `draw`.
        """
        if case.key not in self._questions:
            problem = self._problem(case)
            answers = self.oracle.answers(case, self.seed, problem)
            self._questions[case.key] = Question(case, problem, answers)
        return self._questions[case.key]


@lru_cache(maxsize=KEPT)
def plan(assignment: Assignment, oracle: Oracle, seed: int) -> Plan:
    """Return the plan for a seed; plans used recently are returned from a cache."""
    return Plan(assignment, oracle, seed)
