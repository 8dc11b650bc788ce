"""Training: the submission's own network learns from data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import Misread, Series, Training
from grader.run import Run
from grader.running.check_run import CheckRun
from grader.verdict import CaseResult, Verdict

NOT_FINITE = (
    "After training, the network's output for the test examples is NaN or infinite. Fix the "
    "earlier questions first; if all of them are right, look for a step that grows from update to "
    "update."
)


def test_training(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Train, then compare the predicted classes of the test examples with the true ones."""
    json_metadata["result"] = check_run.judge(_judge).to_json()


def _judge(
    check_run: CheckRun,
    case: Case,
    problem: Problem,
    run: Run,
    expected: Mapping[str, np.ndarray],
) -> list[CaseResult]:
    if run.failure is not None:
        return [CaseResult(case.name, run.failure.verdict, run.failure.message)]
    name, least = problem.judged[0].name, problem.accuracy
    found, truth = run.answers[name].array, expected[name]
    if found is None or found.shape != truth.shape:
        what = run.answers[name].about
        message = f"The network's output for the test examples is {what}; expected an array of "
        return [CaseResult(case.name, Verdict.FAILED, f"{message}shape {truth.shape}.")]
    right = _classes(truth)
    read = _classes(found) if np.isfinite(found).all() else None
    pictured = check_run.plan.pictured(case) if check_run.pictures else None
    shown = None if pictured is None else _evidence(run, read, right, least, pictured)
    if read is None:
        return [CaseResult(case.name, Verdict.FAILED, NOT_FINITE, evidence=shown)]
    accuracy = float(np.mean(read == right))
    verdict = Verdict.PASSED if accuracy >= least else Verdict.FAILED
    more = "" if verdict is Verdict.PASSED else " Fix the earlier questions first."
    message = f"The test accuracy is {accuracy:.3f}; expected at least {least}.{more}"
    return [CaseResult(case.name, verdict, message, figure=accuracy, evidence=shown)]


def _classes(output: np.ndarray) -> np.ndarray:
    """Return the class of every row of an output (m, k); for one column, whether it exceeds 1/2."""
    of_rows = output[:, 0] > 0.5 if output.shape[1] == 1 else output.argmax(axis=1)
    return of_rows.astype(int)


def _evidence(
    run: Run,
    read: np.ndarray | None,
    right: np.ndarray,
    least: float,
    pictured: Mapping[str, np.ndarray],
) -> Training:
    """Return what the pictures show about a training run.

    Args:
        run: the outcome of the training.
        read: the predicted class of every test example, (m,); None if there is none.
        right: the true classes (m,).
        least: the required accuracy.
        pictured: the oracle's output to show next to it.
    """
    answer = run.answers.get("losses")
    wrong = [] if read is None else [(i, int(read[i])) for i in np.flatnonzero(read != right)]
    images = pictured.get("images")
    return Training(
        losses=_series(None if answer is None else answer.array),
        expected=_series(pictured.get("losses")),
        misread=None if read is None else len(wrong),
        total=len(right),
        least=least,
        images=()
        if images is None
        else tuple(Misread(images[i], taken, int(right[i])) for i, taken in wrong),
    )


def _series(array: np.ndarray | None) -> Series | None:
    """Return the losses of all epochs; None if there are fewer than two."""
    if array is None or array.size < 2:
        return None
    values = array.astype(float).reshape(-1).tolist()
    return Series("losses", "", tuple(range(1, len(values) + 1)), tuple(values))
