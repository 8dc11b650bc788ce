"""One check of one target in progress: it queries the sandbox and the oracle, case by case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.assignment import Assignment, Case, Problem, Target
from grader.evidence import MOST
from grader.isolation import (
    GIVEN_MARK,
    MAX_PRINTED_PER_PROGRAM,
    MAX_REPLY_BYTES,
    Request,
    Sandbox,
)
from grader.judging import (
    DIAGNOSED,
)
from grader.limits import Limits
from grader.program import Call, Entries, Program
from grader.result import ResultSpec
from grader.run import Failure, Run
from grader.verdict import CaseResult, CheckResult, Finding, Verdict, one_case

from .asked import Asked, CaseRun
from .explaining import explained
from .plan import Plan

Judge = Callable[["CheckRun", Case, Problem, Run, Mapping[str, np.ndarray]], list[CaseResult]]
Explain = Callable[["CheckRun", CaseRun, ResultSpec, CaseResult], CaseResult]


@dataclass
class CheckRun:
    """Everything a check needs to know about the target it runs on.

    `history` is shared by the checks of a target: it holds what was asked before, for the
    diagnosis. `pictures` requests evidence of failures, and `explains` requests more than verdicts.
    """

    assignment: Assignment
    target: Target
    check: str
    sandbox: Sandbox
    plan: Plan
    limits: Limits
    deadline: float
    blocked: CaseResult | None = None
    history: list[Asked] = field(default_factory=list)
    pictures: bool = False
    explains: bool = True
    findings: tuple[Finding, ...] = field(default=(), init=False)
    _printed: list[str] = field(default_factory=list)
    _flags: dict[str, None] = field(default_factory=dict)
    _places: dict[str, None] = field(default_factory=dict)
    _second: dict[str, CaseRun | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start the check's clock."""
        training = self.check == "training"
        self._allowance = self.limits.training if training else self.limits.check
        self._call = self._allowance if training else self.limits.call
        self.sandbox.patience.begin(training)
        self._started, self._waited = time.monotonic(), self.sandbox.waited

    @property
    def _until(self) -> float:
        """Return when this check runs out of time, not counting worker startup."""
        waited = self.sandbox.waited - self._waited
        return min(self._started + self._allowance + waited, self.deadline)

    def run(
        self,
        program: Program | Request,
        max_bytes: int = MAX_REPLY_BYTES,
        until: float = float("inf"),
        shown: bool = True,
    ) -> Run:
        """Run a program on the submission within the time of this check.

        Args:
            program: what to run.
            max_bytes: size limit for the arrays of one answer, if `program` is not yet a request.
            until: when to stop in any case, on the clock of `time.monotonic`.
            shown: whether to show what it prints.
        """
        until = min(until, self._until)
        if time.monotonic() >= until or self.sandbox.patience.is_over:
            return Run(failure=self._late())
        run = self.sandbox.run(program, until, self._call, max_bytes, self.deadline)
        if time.monotonic() >= self._until:
            self.sandbox.patience.timed_out()
        kept = sum(map(len, self._printed))
        if shown and run.printed not in ("", *self._printed) and kept < MAX_PRINTED_PER_PROGRAM:
            self._printed.append(run.printed)
        self._flags.update(dict.fromkeys(run.flags))
        if run.failure is not None and run.failure.flag:
            self.flag(run.failure.flag)
        return run

    def judge(self, judge: Judge, explain: Explain = lambda *what: what[-1]) -> CheckResult:
        """Run and judge every case; then explain what is wrong, if time permits.

        Args:
            judge: returns the results of one case.
            explain: adds an explanation to a wrong result without changing its verdict.
        """
        if self.blocked is not None:
            return CheckResult((self.blocked,))
        if time.monotonic() >= self.deadline:
            return one_case(self.check, Verdict.NOT_RUN, "There was no time left for this check.")
        results: list[CaseResult] = []
        advice: list[str] = []
        outside: list[str] = []
        wrong: list[tuple[int, CaseRun, ResultSpec]] = []
        questions = self.plan.questions(self.target, self.check)
        self.sandbox.expect([question.request for question in questions])
        for question in questions:
            case, problem = question.case, question.problem
            run = self.run(question.request)
            found = judge(self, case, problem, run, question.answers)
            if any(result.verdict is Verdict.FAILED for result in found):
                self._places.update(dict.fromkeys(_places(problem.program, run)))
            if problem.advice:
                outside += [text for result in found for text in result.advice]
                continue
            one = CaseRun(question, run, _waiting(problem, found))
            wrong += [(len(results) + i, one, spec) for i, spec in _wrong(problem, found)]
            results += [replace(result, weight=case.weight / len(found)) for result in found]
            advice += self._advice(run)
            if self.check in DIAGNOSED:
                self.history.append(Asked(one))
        self.findings = self._explained(results)
        for number, one, spec in wrong if self.explains else ():
            results[number] = explain(self, one, spec, results[number])
        if all(result.verdict is Verdict.PASSED for result in results):
            advice += outside
        unique = tuple(dict.fromkeys(advice))
        if results and unique:
            results[0] = replace(results[0], advice=(*unique, *results[0].advice))
        cases, printed = tuple(self._kept(results)), "".join(self._printed)
        flags, places = tuple(self._flags), tuple(self._places)
        own = [x for x in self.history if x.case.check == self.check and self.pictures and wrong]
        numbers = tuple(number for one in own for number in one.wrong)
        return CheckResult(cases, printed, self.findings, flags, places, numbers=numbers)

    def _kept(self, results: Sequence[CaseResult]) -> Iterator[CaseResult]:
        """Keep the evidence of only the first few results that have any, if it is wanted at all."""
        left = MOST if self.pictures else 0
        for result in results:
            if result.evidence is None:
                yield result
            else:
                yield replace(result, evidence=result.evidence.cut() if left else None)
                left = max(left - 1, 0)

    def _explained(self, cases: Sequence[CaseResult]) -> tuple[Finding, ...]:
        """Return what the results of all cases prove, if anything.

        Signatures of correct results prove nothing and are computed only if a later check fails.
        The others are computed now, because their arrays may be large.
        """
        if (
            not self.explains
            or self.check not in DIAGNOSED
            or all(x.verdict is Verdict.PASSED for x in cases)
        ):
            return ()
        return explained(self.history, self.check, self.plan.oracle, self.plan.seed, self.again)

    def again(self, case: Case) -> CaseRun | None:
        """Ask a case again with a new seed's inputs; None if out of time or there is no other seed.

        Once a repeated case has timed out, no other case is repeated. A pattern that holds in both
        draws is no coincidence.
        """
        if case.key not in self._second:
            self._second[case.key] = self._asked_again(case)
        return self._second[case.key]

    def _asked_again(self, case: Case) -> CaseRun | None:
        other, start = self.plan.another(), time.monotonic()
        if other is None or start >= self._until or None in self._second.values():
            return None
        question = other.question(case)
        until = start + self.limits.explanation
        run = self.run(question.request, until=until, shown=False)
        late = run.failure is not None and run.failure.verdict is Verdict.TIMED_OUT
        return None if late else CaseRun(question, run)

    def flag(self, flag: str) -> None:
        """Note something for the course staff."""
        self._flags[flag] = None

    def right(self, check: str, case: str) -> bool | None:
        """Tell whether all results of a case of this target were right; None if not asked."""
        asked = [x for x in self.history if (x.case.check, x.case.name) == (check, case)]
        return all(result.correct for one in asked for result in one.results) if asked else None

    def _advice(self, run: Run) -> list[str]:
        changed = [f"{method} changes an array that it was given: work on a copy, so that the "
                   "caller's array stays the same." for method in run.changed]  # fmt: skip
        return changed + run.warnings

    def _late(self) -> Failure:
        if time.monotonic() >= self.deadline:
            return Failure(Verdict.NOT_RUN, "The time for the whole run was used up.")
        return self.sandbox.late(self._allowance)


def _wrong(problem: Problem, found: Sequence[CaseResult]) -> list[tuple[int, ResultSpec]]:
    """Return the wrong results of a case, by number, if each has a result to itself."""
    if len(found) != len(problem.judged):
        return []
    pairs = zip(problem.judged, found, strict=True)
    return [(i, spec) for i, (spec, x) in enumerate(pairs) if x.verdict is Verdict.FAILED]


def _waiting(problem: Problem, found: Sequence[CaseResult]) -> frozenset[str]:
    """Return the names of the results of a case that are waiting for other results."""
    if len(found) != len(problem.judged):
        return frozenset()
    pairs = zip(problem.judged, found, strict=True)
    return frozenset(spec.name for spec, x in pairs if x.verdict is Verdict.BLOCKED)


def _places(program: Program, run: Run) -> list[str]:
    """Return the location of the last method called on the target itself."""
    called = [step.method for step in program if isinstance(step, Call) and step.on == "it"]
    called += [step.what.rpartition(".")[2] for step in program if isinstance(step, Entries)]
    place = run.places.get(called[-1], "") if called else ""
    return [f"{place} ({called[-1]})"] if place and GIVEN_MARK not in place else []
