"""Batching: neither forward nor backward iterates over the examples in Python.

What counts is what runs: events are counted at four batch sizes, see `grader.worker.counting`. The
points come only with right numbers at all four.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import Series
from grader.isolation import NOT_COUNTED
from grader.judging import Loop, compare, find_loop
from grader.run import Run
from grader.running.check_run import CheckRun, max_bytes
from grader.verdict import CaseResult, Verdict

INSTEAD = " Do it for all examples at once, with operations on whole arrays."


def test_batching(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Count what runs at four sizes, in two ways."""
    json_metadata["result"] = check_run.judge(_judge).to_json()


def _judge(
    check_run: CheckRun, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    if run.failure is not None:
        return [CaseResult(case.name, run.failure.verdict, run.failure.message)]
    compared = (
        compare(spec, run.answers[spec.name], expected[spec.name]) for spec in problem.judged
    )
    wrong = next((found for found in compared if not found.right), None)
    if wrong is not None:
        what = "" if check_run.target.secret else f" {wrong.form or wrong.numbers}"
        message = f"Loops are looked for once the numbers are right.{what}"
        return [CaseResult(case.name, Verdict.BLOCKED, message)]
    loop = find_loop(run.counts, problem.sizes)
    recounted = check_run.run(problem.recount, max_bytes(expected)) if loop is None else Run()
    forbidden = [
        flag for flag in (*run.flags, *recounted.flags) if flag in check_run.assignment.forbidden
    ]
    if forbidden:
        message = f"The assignment does not allow this: {', '.join(forbidden)}."
        return [CaseResult(case.name, Verdict.FAILED, message)]
    whole = len(recounted.counts) == len(problem.sizes)
    if loop is None and whole:
        loop = find_loop(recounted.counts, problem.sizes)
    if loop is not None:
        message = loop.message + INSTEAD
        return [CaseResult(case.name, Verdict.FAILED, message, evidence=_series(loop))]
    if not whole:
        check_run.flag(NOT_COUNTED)
    return [CaseResult(case.name, Verdict.PASSED)]


def _series(loop: Loop) -> Series:
    return Series("counts", loop.what, loop.sizes, loop.counts)
