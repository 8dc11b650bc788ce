"""Training: the submission's own network learns real data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.assignment import Case, Problem
from grader.evidence import Series
from grader.run import Run
from grader.running.check_run import CheckRun
from grader.verdict import CaseResult, Verdict

NOT_FINITE = (
    "After the training, the network's output for the test examples is NaN or infinite. Mend the "
    "questions before this one first; if all of them are right, look for a step that grows from "
    "update to update."
)


def test_training(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Train, then compare the predicted classes of the test examples with the true ones."""
    json_metadata["result"] = check_run.judge(_judge).to_json()


def _judge(
    _: CheckRun, case: Case, problem: Problem, run: Run, expected: Mapping[str, np.ndarray]
) -> list[CaseResult]:
    if run.failure is not None:
        return [CaseResult(case.name, run.failure.verdict, run.failure.message)]
    name, due = problem.judged[0].name, problem.accuracy
    found, truth = run.answers[name].array, expected[name]
    if found is None or found.shape != truth.shape:
        what = run.answers[name].about
        message = f"The network's output for the test examples is {what}; an array of shape "
        return [CaseResult(case.name, Verdict.FAILED, f"{message}{truth.shape} is due.")]
    if not np.isfinite(found).all():
        return [CaseResult(case.name, Verdict.FAILED, NOT_FINITE, evidence=_losses(run))]
    accuracy = float(np.mean(_classes(found) == _classes(truth)))
    verdict = Verdict.PASSED if accuracy >= due else Verdict.FAILED
    more = "" if verdict is Verdict.PASSED else " Mend the questions before this one first."
    message = f"The test accuracy is {accuracy:.3f}; {due} is due.{more}"
    shown = _losses(run)
    return [CaseResult(case.name, verdict, message, figure=accuracy, evidence=shown)]


def _classes(output: np.ndarray) -> np.ndarray:
    """Return the class of every row of an output (m, k); of one column, whether it exceeds 1/2."""
    return output[:, 0] > 0.5 if output.shape[1] == 1 else output.argmax(axis=1)


def _losses(run: Run) -> Series | None:
    """Return the loss of every epoch as the submission's `train` returned it, if it did."""
    answer = run.answers.get("losses")
    if answer is None or answer.array is None or answer.array.size < 2:
        return None
    losses = answer.array.astype(float).reshape(-1).tolist()
    return Series("losses", "", tuple(range(1, len(losses) + 1)), tuple(losses))
