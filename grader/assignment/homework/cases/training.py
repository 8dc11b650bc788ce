"""Cases of the optimizer and of the training runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.assignment import LAYOUT_WEIGHT, OTHER_LAYOUTS, Case, Problem
from grader.program import Call, New, Read, Ref, Step
from grader.result import outputs
from grader.sampler import Sampler

_SGD = "optimizers.SGD"
# The reference reaches 0.98 to 1.00 on Iris and 0.95 to 0.98 on digits, for the seeds 0 to 39 of
# `reference.train.train(name, seed)`. The seed that is graded is 0, as `make train` takes it.
ACCURACY = 0.93


def _updates(
    momentum: float,
    names: Sequence[str],
    judged: Mapping[int, str],
    prerequisites: tuple[str, ...] = (),
    per_epoch: int = 1,
    layout: str = "C",
    matrix: tuple[int, int] = (3, 2),
) -> Callable[[Sampler], Problem]:
    """Call update for every parameter named; `judged` names the deltas that count.

    With mini-batches, there are several updates per epoch, in epoch 0 as well.
    """

    def build(rng: Sampler) -> Problem:
        steps: list[Step] = [New("it", _SGD, {"lr": 0.25, "momentum": momentum})]
        for i, name in enumerate(names):
            shape = matrix if name.startswith("W") else (1, 5)
            epoch = i // per_epoch
            args = (name, rng.signed(0.5, 1.0, shape), rng.cotangent(shape), epoch)
            out = judged.get(i, f"delta {i + 1}")
            steps.append(Call("it", "update", args, out=(out,), layout=layout))
        return Problem(tuple(steps), outputs(judged.values()), outputs(prerequisites))

    return build


def _in_place(rng: Sampler) -> Problem:
    value = rng.signed(0.5, 1.0, (4, 3))
    args = ("W", Ref("parameter", "value"), rng.cotangent((4, 3)), 0)
    steps = (
        New("it", _SGD, {"lr": 0.25, "momentum": 0.5}),
        New("parameter", "fakes.Holder", {"value": value}),
        Call("it", "update", args, out=("delta",)),
        Read("parameter", "value", out=("the parameter after update",)),
    )
    return Problem(steps, outputs(("the parameter after update",)), outputs(("delta",)))


def sgd() -> list[Case]:
    """Return the cases of SGD."""
    first = ("delta 1",)
    deltas = {1: "second delta", 2: "third delta"}
    twins, others = ["W0", "W1"], ["W0", "b0"]  # W0 and W1 have the same shape
    of_twins, of_others = (
        {i + 2: f"second delta of {name}" for i, name in enumerate(names)}
        for names in (twins, others)
    )
    cases = {
        "values": {
            "a matrix": _updates(0.0, ["W0"], {0: "delta"}),
            "a row": _updates(0.0, ["b0"], {0: "delta"}),
            **{
                f"a matrix {words}": _updates(0.0, ["W0"], {0: "delta"}, layout=layout)
                for layout, words in OTHER_LAYOUTS.items()
            },
            "no momentum: no memory": _updates(0.0, ["W0"] * 2, {1: "delta"}, first),
            "the first step with momentum": _updates(0.5, ["W0"], {0: "delta"}, matrix=(4, 3)),
        },
        "behaviour": {
            "momentum": _updates(0.5, ["W0"] * 3, deltas, first, per_epoch=2),
            "each of two equal shapes has its own velocity": _updates(
                0.5, twins * 2, of_twins, first
            ),
            "each of two shapes has its own velocity": _updates(0.5, others * 2, of_others, first),
            "the caller changes the parameter": _in_place,
        },
    }
    layouts = tuple(OTHER_LAYOUTS.values())
    return [
        Case(_SGD, check, name, build, LAYOUT_WEIGHT if name.endswith(layouts) else 1.0)
        for check, named in cases.items()
        for name, build in named.items()
    ]


def training(run: str, dataset: str, epochs: int) -> Case:
    """Return the case of one training run, named as the rubric names it.

    It is the run of `make train`, from the same seed whatever is drawn: there is nothing to hide
    (the data is the students'), and an accuracy near the threshold passes here as it does there.
    The losses that `train` returns are requested as well, if available: to be shown, not judged.
    Only the oracle is asked for the images.
    """

    def build(_: Sampler) -> Problem:
        data = New("data", f"datasets.load_{dataset}", {"seed": Ref("generator")})
        program = (
            New("generator", "fakes.generator", {"seed": 0}),
            New("it", f"train.{dataset}_network", {"seed": Ref("generator")}),
            data,
            New("lesson", "fakes.Lesson", {"data": Ref("data")}),
            Call("it", "train", (Ref("lesson"), epochs), out=("history",)),
            Call("it", "forward", (Ref("data", "X_test"),), out=("predictions",)),
            New("curve", "fakes.Curve", {"values": Ref("history")}),
            Call("curve", "array", out=("losses",), optional=True),
        )
        truth = (program[0], data, Read("data", "Y_test", out=("predictions",)))
        images = [Read("data", "X_test", out=("images",))] if dataset == "digits" else []
        judged = outputs(("predictions",))
        return Problem(
            program,
            judged,
            oracle_program=truth,
            picture_program=(*program, *images),
            accuracy=ACCURACY,
        )

    return Case(run, "training", "test accuracy", build)
