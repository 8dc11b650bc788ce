"""Gradient: backward gives the derivative of the right function.

Two roads. The verdict comes from the oracle: the returned gradient and every parameter's must be
those of the right function, for a random cotangent. Beside it, the submission's own forward is
differentiated numerically: whether backward agrees with that says where to look.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.assignment import Case, Coupling, Problem
from grader.evidence import Arrays
from grader.judging import Numeric, numeric_gradient
from grader.result import ResultSpec
from grader.running.asked import CaseRun
from grader.running.check_run import CheckRun
from grader.running.judges import by_numbers
from grader.verdict import CaseResult

OWN_FORWARD = " It is the derivative of your own forward, though: look at forward first."
FORWARD_RIGHT = " Your forward has the right derivative here: look at backward{kept}."
KEPT = ", and at what forward keeps for it"
OTHER_VALUES = " Your forward has the right derivative here, but wrong values: mend forward first."
STALE = (
    " Your forward does not change with parameters[{name!r}]: the optimizer replaces that entry, "
    "so read it from there in every call."
)
BOTH_WRONG = " Your forward has a wrong derivative here, too: look at forward first."


# Bytes for every evaluation of forward, beside the result that is due: there are hundreds of them.
SMALL = 4096


def test_gradient(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Compare every gradient with the oracle; explain wrong ones by the submission's forward."""
    json_metadata["result"] = check_run.judge(by_numbers, _second_road).to_json()


def _second_road(
    check_run: CheckRun, one: CaseRun, spec: ResultSpec, result: CaseResult
) -> CaseResult:
    """Say whether a wrong gradient is at least that of the submission's own forward."""
    problem, right = one.question.problem, one.question.answers[spec.name]
    if problem.adapter is None or problem.example is None or spec.name not in one.run.answers:
        return result
    analytic = one.run.answers[spec.name].array
    if analytic is None or analytic.shape != right.shape:
        return result
    numeric = differentiate(check_run, problem, spec)
    if numeric is None or numeric.agrees(analytic) is None:
        return result
    said = _hint(check_run, one.question.case, problem, numeric, spec, (analytic, right))
    shown = result.evidence
    if isinstance(shown, Arrays) and numeric.value.shape == shown.shape:
        measured = np.where(numeric.usable, numeric.value, np.nan)
        shown = replace(shown, numeric=measured)
    return replace(result, message=result.message + said, evidence=shown)


def _hint(
    check_run: CheckRun,
    case: Case,
    problem: Problem,
    numeric: Numeric,
    spec: ResultSpec,
    pair: tuple[np.ndarray, np.ndarray],
) -> str:
    """Say what a numeric gradient, and those of backward and of the oracle, tell together."""
    fits_own, fits_right = (numeric.agrees(gradient) for gradient in pair)
    if not numeric.value.any() and spec.is_of_parameter and not fits_right:
        return STALE.format(name=spec.wrt)
    if fits_own and fits_right:  # too close to tell
        return ""
    if fits_right and check_run.failed("values", case.name):
        return OTHER_VALUES
    if fits_right:
        keeps = problem.adapter is not None and problem.adapter.keeps_state
        return FORWARD_RIGHT.format(kept=KEPT if keeps else "")
    return OWN_FORWARD if fits_own else BOTH_WRONG


def differentiate(check_run: CheckRun, problem: Problem, spec: ResultSpec) -> Numeric | None:
    """Return the numeric gradient of the submission's own forward, if it can be had."""
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
