"""Batching: neither forward nor backward iterates over the examples in Python.

The check looks at what actually runs: events are counted at four batch sizes, see
`grader.worker.counting`. Points are given only if the numbers are right at all four.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import Series
from grader.judging import PLACEHOLDER, Loop, compare, find_loop, leaves_out
from grader.program import Call
from grader.run import Run
from grader.running.check_run import CheckRun
from grader.verdict import CaseResult, Verdict

NOT_COUNTED = "The loop check could not count what runs: something in your code prevents it."
MISSING = "missing counts"
INSTEAD = " Do it for all examples at once, with operations on whole arrays."


def test_batching(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Count what runs at four batch sizes."""
    json_metadata["result"] = check_run.judge(partial(_judge, set())).to_json()


def _judge(
    clean: set[str],
    check_run: CheckRun,
    case: Case,
    problem: Problem,
    run: Run,
    expected: Mapping[str, np.ndarray],
) -> list[CaseResult]:
    """Judge a case as a whole, or result by result if some are wrong; wrong ones are left waiting.

    `clean` holds the methods in which earlier cases looked for a loop and found none.
    """
    failure = run.failure
    if failure is not None:
        waits = failure.verdict is Verdict.FAILED and not failure.flag
        return [
            _blocked(check_run, case.name, failure.message)
            if waits
            else CaseResult(case.name, failure.verdict, failure.message)
        ]
    found = _wrong_results(check_run, case, problem, run, expected)
    ready = _loops(clean, check_run, problem, run)
    results = [result or replace(ready, name=name) for name, result in found.items()]
    one = not any(found.values()) or all(found.values())
    return [replace(results[0], name=case.name)] if one else results


def _wrong_results(
    check_run: CheckRun, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> dict[str, CaseResult | None]:
    """Return, for every result, why the loop check cannot run yet; None if the result is right."""
    several = len({spec.original for spec in problem.judged}) > 1
    found: dict[str, CaseResult | None] = {}
    for spec in problem.judged:
        name = f"{case.name}: {spec.original}" if several else case.name
        answer = run.answers[spec.name]
        wrong = compare(spec, answer, expected[spec.name]).numbers
        result = None
        if answer.is_placeholder:
            message = PLACEHOLDER.format(spec.name)
            result = CaseResult(name, Verdict.NOT_IMPLEMENTED, message)
        elif wrong:
            result = _blocked(check_run, name, wrong)
        found[name] = found.get(name) or result
    return found


def _loops(clean: set[str], check_run: CheckRun, problem: Problem, run: Run) -> CaseResult:
    """Judge what ran, for results that are right.

    A loop in the forward call before a backward is reported here only if forward alone has none:
    then it belongs to backward and was moved where nobody would look for it.
    """
    forbidden = [flag for flag in run.flags if flag in check_run.assignment.forbidden]
    if forbidden:
        message = f"The assignment does not allow this: {', '.join(forbidden)}."
        return CaseResult("", Verdict.FAILED, message)
    called = [step.method for step in problem.program if isinstance(step, Call) and step.count]
    if len(run.counts) != len(called):
        check_run.flag(MISSING)
        return CaseResult("", Verdict.FAILED, NOT_COUNTED)
    for method in dict.fromkeys(reversed(called)):
        pairs = zip(called, run.counts, strict=True)
        counts = [entry for name, entry in pairs if name == method]
        if leaves_out(counts, run.places.get(method, "")):
            check_run.flag(MISSING)
            return CaseResult("", Verdict.FAILED, NOT_COUNTED)
        loop = find_loop(counts, problem.sizes)
        if loop is not None and (method == called[-1] or method in clean):
            return CaseResult("", Verdict.FAILED, loop.message + INSTEAD, evidence=_series(loop))
    clean.add(called[-1])
    return CaseResult("", Verdict.PASSED)


def _blocked(check_run: CheckRun, name: str, wrong: str) -> CaseResult:
    shown = "" if check_run.target.secret else f" {wrong}"
    message = f"The loop check runs once your numbers are correct.{shown}"
    return CaseResult(name, Verdict.BLOCKED, message)


def _series(loop: Loop) -> Series:
    kind = "objects" if loop.of_objects else "counts"
    return Series(kind, loop.what, loop.sizes, loop.counts)
