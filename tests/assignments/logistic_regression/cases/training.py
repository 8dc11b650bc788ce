"""The case of the training run."""

from __future__ import annotations

from grader.assignment import Case, Problem
from grader.program import Call, New, Read, Ref
from grader.result import outputs
from grader.sampler import Sampler

# Of 34 test flowers, the reference gets all but two right; without any learning, half.
ACCURACY = 0.9
EPOCHS = 200


def _iris(_: Sampler) -> Problem:
    """Train on Iris; nothing is drawn, since the run starts at zeros and takes whole batches.

    The losses that `fit` returns are asked for, too, if they can be had: to be shown, not judged.
    A single column is judged by whether it exceeds 1/2, as a probability of class 1.
    """
    data = New("data", "datasets.load_iris")
    program = (
        New("it", "train.iris"),
        data,
        New("lesson", "fakes.Lesson", {"data": Ref("data")}),
        Call("it", "fit", (Ref("lesson"), EPOCHS), out=("history",)),
        Call("it", "predict", (Ref("data", "X_test"),), out=("predictions",)),
        New("curve", "fakes.Curve", {"values": Ref("history")}),
        Call("curve", "array", out=("losses",), optional=True),
    )
    truth = (data, Read("data", "Y_test", out=("predictions",)))
    judged = outputs(("predictions",))
    return Problem(
        program, judged, oracle_program=truth, picture_program=program, accuracy=ACCURACY
    )


def iris() -> Case:
    """Return the case of the training on Iris."""
    return Case("train.iris", "training", "test accuracy", _iris)
