"""Gradient: backward gives the derivative of the right function.

Two roads. The verdict comes from the oracle: the returned gradient and every parameter's must be
those of the right function, for a random cotangent. Beside it, the submission's own forward is
differentiated numerically: whether backward agrees with that says where to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.cases import Case, Problem
from grader.evidence import Arrays
from grader.exam import Exam
from grader.gradcheck import Numeric, numeric_gradient
from grader.judge import judge_numbers
from grader.sandbox import Run
from grader.verdict import CaseResult, Verdict

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


def test_gradient(exam: Exam, json_metadata: dict[str, Any]) -> None:
    """Compare every gradient with the oracle, and with the submission's own forward."""
    json_metadata["result"] = exam.judge(_both_roads).plain()


def _both_roads(
    exam: Exam, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    results = judge_numbers(case, problem, run, expected)
    if problem.kind is None or problem.example is None or problem.advice:
        return results
    return [
        _second_road(exam, case, problem, name, run, expected, result)
        if result.verdict is Verdict.FAILED and name in run.answers
        else result
        for name, result in zip(problem.judged, results, strict=True)
    ]


def _second_road(
    exam: Exam,
    case: Case,
    problem: Problem,
    name: str,
    run: Run,
    expected: Mapping[str, np.ndarray],
    result: CaseResult,
) -> CaseResult:
    """Say whether a wrong gradient is at least that of the submission's own forward."""
    analytic = run.answers[name].array
    if analytic is None or analytic.shape != expected[name].shape:
        return result
    numeric = differentiate(exam, problem, name)
    if numeric is None or numeric.agrees(analytic) is None:
        return result
    said = _hint(exam, case, numeric, name, (analytic, expected[name]))
    shown = result.evidence
    if isinstance(shown, Arrays) and numeric.value.shape == shown.shape:
        measured = np.where(numeric.usable, numeric.value, np.nan)
        shown = replace(shown, numeric=measured)
    return replace(result, message=result.message + said, evidence=shown)


def _hint(
    exam: Exam, case: Case, numeric: Numeric, name: str, pair: tuple[np.ndarray, np.ndarray]
) -> str:
    """Say what a numeric gradient, and those of backward and of the oracle, tell together."""
    fits_own, fits_right = (numeric.agrees(gradient) for gradient in pair)
    if not numeric.value.any() and name.startswith("gradients") and not fits_right:
        return STALE.format(name=name.split("'")[1])
    if fits_own and fits_right:  # too close to tell
        return ""
    if fits_right and exam.failed("values", case.name):
        return OTHER_VALUES
    if fits_right:
        return FORWARD_RIGHT.format(kept=KEPT if exam.target.module == "layers" else "")
    return OWN_FORWARD if fits_own else BOTH_WRONG


def differentiate(exam: Exam, problem: Problem, name: str) -> Numeric | None:
    """Return the numeric gradient of the submission's own forward, if it can be had."""
    kind, example = problem.kind, problem.example
    assert kind is not None
    assert example is not None
    wrt = kind.results(example, "backward")[name]
    point = {**example.inputs, **example.parameters}[wrt]
    dY = np.array(1.0) if example.cotangent is None else example.cotangent

    def evaluate(values: Sequence[np.ndarray]) -> list[np.ndarray]:
        batches = max(len(value) for value in values) // len(point) + 1 if point.ndim else 1
        space = SMALL + 2 * batches * dY.nbytes
        answers = exam.run(kind.evaluations(example, wrt, values), space).answers
        found = [answers[str(i)].array for i in range(len(values)) if str(i) in answers]
        plain = [np.nan if array is None else array for array in found]
        return [np.asarray(array, float) for array in plain] or [np.array([])]

    try:
        return numeric_gradient(evaluate, point, dY, kind.coupling[wrt], kind.step)
    except (ValueError, IndexError):
        return None
