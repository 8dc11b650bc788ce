"""Batching: neither forward nor backward iterates over the examples in Python.

What counts is what runs: events are counted at four batch sizes, see `grader.worker.counting`. The
points come only with right numbers at all four.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import Series
from grader.judging import PLACEHOLDER, Loop, compare, find_loop
from grader.run import Run
from grader.running.check_run import CheckRun
from grader.verdict import CaseResult, Verdict

INSTEAD = " Do it for all examples at once, with operations on whole arrays."


def test_batching(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Count what runs at four sizes."""
    json_metadata["result"] = check_run.judge(_judge).to_json()


def _judge(
    check_run: CheckRun, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    unready = _unready(check_run, problem, run, expected)
    if unready is not None:
        return [replace(unready, name=case.name)]
    forbidden = [flag for flag in run.flags if flag in check_run.assignment.forbidden]
    if forbidden:
        message = f"The assignment does not allow this: {', '.join(forbidden)}."
        return [CaseResult(case.name, Verdict.FAILED, message)]
    loop = find_loop(run.counts, problem.sizes)
    if loop is None:
        return [CaseResult(case.name, Verdict.PASSED)]
    message = loop.message + INSTEAD
    return [CaseResult(case.name, Verdict.FAILED, message, evidence=_series(loop))]


def _unready(
    check_run: CheckRun, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> CaseResult | None:
    """Say why loops cannot be looked for yet; None if all numbers are right."""
    wrong = ""
    if run.failure is not None:
        if run.failure.verdict is not Verdict.FAILED or run.failure.tampered:
            return CaseResult("", run.failure.verdict, run.failure.message)
        wrong = run.failure.message
    for spec in problem.judged if run.failure is None else ():
        answer = run.answers[spec.name]
        if answer.is_placeholder:
            return CaseResult("", Verdict.NOT_IMPLEMENTED, PLACEHOLDER.format(spec.name))
        found = compare(spec, answer, expected[spec.name])
        wrong = wrong or (found.form if check_run.form_counts else "") or found.numbers
    if not wrong:
        return None
    shown = "" if check_run.target.secret else f" {wrong}"
    message = f"Loops are looked for once the numbers are right.{shown}"
    return CaseResult("", Verdict.BLOCKED, message)


def _series(loop: Loop) -> Series:
    return Series("counts", loop.what, loop.sizes, loop.counts)
