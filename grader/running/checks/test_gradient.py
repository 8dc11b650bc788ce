"""Gradient: backward gives the derivative of the right function.

There are two approaches. The verdict comes from the oracle: the returned gradient and every
parameter's gradient must be those of the right function, for a random cotangent. In addition, the
submission's own forward is differentiated numerically: whether backward agrees with that derivative
shows where to look.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from grader.assignment import Coupling, Problem
from grader.evidence import Arrays
from grader.judging import Numeric, blame, is_apart, numeric_gradient, sentence
from grader.result import ResultSpec
from grader.running.asked import CaseRun
from grader.running.check_run import CheckRun
from grader.running.confirming import confirmed
from grader.running.forwards import SMALL, circumstances
from grader.running.judges import by_numbers
from grader.verdict import CaseResult


def test_gradient(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Compare every gradient with the oracle; explain wrong ones using the submission's forward."""
    json_metadata["result"] = check_run.judge(by_numbers, partial(_second_road, set())).to_json()


def _second_road(
    apart: set[str], check_run: CheckRun, one: CaseRun, spec: ResultSpec, plain: CaseResult
) -> CaseResult:
    """Say what the submission's own forward reveals about a wrong gradient.

    Args:
        apart: the gradients that earlier cases found to be wrong independently of forward.
        check_run: runs the queries.
        one: the case.
        spec: the result in question.
        plain: what has been said already.
    """
    result = confirmed(check_run, one, spec, plain)
    problem, right = one.question.problem, one.question.answers[spec.name]
    if problem.adapter is None or problem.example is None or spec.name not in one.run.answers:
        return result
    analytic = one.run.answers[spec.name].array
    if analytic is None or analytic.shape != right.shape:
        return result
    numeric = differentiate(check_run, problem, spec)
    known = circumstances(check_run, one, spec, spec.name in apart)
    found = blame(numeric, analytic, right)
    apart.update([spec.name] if is_apart(found, known) else [])
    said = sentence(found, known)
    shown = result.evidence
    if isinstance(shown, Arrays) and numeric is not None and numeric.value.shape == shown.shape:
        measured = np.where(numeric.usable, numeric.value, np.nan)
        shown = replace(shown, numeric=measured)
    return replace(result, message=result.message + said, evidence=shown)


def differentiate(check_run: CheckRun, problem: Problem, spec: ResultSpec) -> Numeric | None:
    """Return the numeric gradient of the submission's own forward, if it can be computed."""
    adapter, example = problem.adapter, problem.example
    assert adapter is not None
    assert example is not None
    point = {**example.inputs, **example.parameters}[spec.wrt]
    dY = np.array(1.0) if example.cotangent is None else example.cotangent

    until = time.monotonic() + check_run.limits.explanation

    def evaluate(values: Sequence[np.ndarray]) -> list[np.ndarray]:
        batches = max(len(value) for value in values) // len(point) + 1 if point.ndim else 1
        space = SMALL + 2 * batches * dY.nbytes
        program = adapter.evaluations(example, spec.wrt, values)
        answers = check_run.run(program, space, until).answers
        found = [answers[str(i)].array for i in range(len(values)) if str(i) in answers]
        plain = [np.nan if array is None else array for array in found]
        return [np.asarray(array, float) for array in plain] or [np.array([])]

    try:
        coupling = adapter.coupling.get(spec.wrt, Coupling.ENTRIES)
        return numeric_gradient(evaluate, point, dY, coupling, adapter.step)
    except (ValueError, IndexError):
        return None
