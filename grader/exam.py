"""One check of one target at work: it asks the sandbox and the oracle, case by case."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from .cases import Case, Problem, cases_of
from .oracle import Oracle
from .program import Program
from .rubric import Target
from .sandbox import ROOM, Failure, Limits, Run, Sandbox
from .verdict import CaseResult, CheckResult, Verdict, one_case

Judge = Callable[["Exam", Case, Problem, Run, Mapping[str, np.ndarray]], list[CaseResult]]


@dataclass
class Exam:
    """Everything a check needs to know about the target it is asked of."""

    target: Target
    check: str
    sandbox: Sandbox
    oracle: Oracle
    seed: int
    limits: Limits
    deadline: float
    blocked: CaseResult | None = None
    _printed: list[str] = field(default_factory=list)
    _flags: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start the check's clock."""
        training = self.check == "training"
        self._call = self.limits.training if training else self.limits.call
        allowance = self.limits.training if training else self.limits.check
        self._until = min(time.monotonic() + allowance, self.deadline)

    def run(self, program: Program, room: int = ROOM) -> Run:
        """Run a program on the submission within the time of this check.

        Args:
            program: what to do.
            room: bytes that the arrays of one answer may take.
        """
        if time.monotonic() >= self._until:
            return Run(failure=self._late())
        run = self.sandbox.run(program, self._until, self._call, room)
        if run.printed and run.printed not in self._printed:
            self._printed.append(run.printed)
        self._flags.update(dict.fromkeys(run.flags))
        return run

    def judge(self, judge: Judge) -> CheckResult:
        """Run every case and judge it."""
        if self.blocked is not None:
            return CheckResult((self.blocked,))
        if time.monotonic() >= self.deadline:
            return one_case(self.check, Verdict.NOT_RUN, "There was no time left for this check.")
        results: list[CaseResult] = []
        advice: list[str] = []
        for case in cases_of(self.target.name, self.check):
            problem = case.problem(self.seed)
            expected = self.oracle.answers(case, self.seed, problem)
            run = self.run(problem.program, _room(expected))
            found = judge(self, case, problem, run, expected)
            if problem.advice:
                advice += [text for result in found for text in result.advice]
                continue
            results += found
            advice += self._advice(run)
        unique = tuple(dict.fromkeys(advice))
        if results and unique:
            first = results[0]
            advised = (*unique, *first.advice)
            results[0] = CaseResult(first.name, first.verdict, first.message, advised)
        return CheckResult(tuple(results), "".join(self._printed), flags=tuple(self._flags))

    def _advice(self, run: Run) -> list[str]:
        changed = ["An argument was changed in place; return a new array."] if run.changed else []
        return changed + run.warnings

    def _late(self) -> Failure:
        if time.monotonic() >= self.deadline:
            return Failure(Verdict.NOT_RUN, "The time for the whole run was used up.")
        allowed = f"{self.limits.check:g}"
        return Failure(Verdict.TIMED_OUT, f"This check took longer than {allowed} s altogether.")


def _room(expected: Mapping[str, np.ndarray]) -> int:
    """Return the bytes for a reply: what is due, and enough to say that something else came."""
    return 2**20 + 4 * sum(array.nbytes for array in expected.values())
