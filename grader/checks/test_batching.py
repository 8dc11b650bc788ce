"""Batching: neither forward nor backward iterates over the examples in Python.

What counts is what runs: events are counted at four batch sizes, see `grader.counting`. The
points come only with right numbers at all four.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.batching import Loop, find_loop
from grader.cases import Case, Problem
from grader.evidence import Series
from grader.exam import Exam, room
from grader.judge import compare
from grader.replies import NOT_COUNTED
from grader.rubric import FORBIDDEN
from grader.sandbox import Run
from grader.verdict import CaseResult, Verdict

INSTEAD = " Do it for all examples at once, with operations on whole arrays."


def test_batching(exam: Exam, json_metadata: dict[str, Any]) -> None:
    """Count what runs at four sizes, in two ways."""
    json_metadata["result"] = exam.judge(_judge).plain()


def _judge(
    exam: Exam, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    if run.failure is not None:
        return [CaseResult(case.name, run.failure.verdict, run.failure.message)]
    compared = (compare(name, run.answers[name], expected[name]) for name in problem.judged)
    wrong = next((found for found in compared if not found.right), None)
    if wrong is not None:
        what = "" if exam.target.secret else f" {wrong.form or wrong.numbers}"
        message = f"Loops are looked for once the numbers are right.{what}"
        return [CaseResult(case.name, Verdict.BLOCKED, message)]
    loop = find_loop(run.counts, problem.sizes)
    recounted = exam.run(problem.recount, room(expected)) if loop is None else Run()
    forbidden = [flag for flag in (*run.flags, *recounted.flags) if flag in FORBIDDEN]
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
        exam.flag(NOT_COUNTED)
    return [CaseResult(case.name, Verdict.PASSED)]


def _series(loop: Loop) -> Series:
    return Series("counts", loop.what, loop.sizes, loop.counts)
