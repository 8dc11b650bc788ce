"""Cases of the optimizer and of the training runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.draw import Draw
from grader.program import Call, New, Read, Ref, Step

from .problem import Case, Problem


def sgd() -> list[Case]:
    """Return the cases of SGD."""
    target = "optimizers.SGD"

    def updates(
        momentum: float, names: str, judged: Mapping[int, str], ground: tuple[int, ...] = ()
    ) -> Callable[[Draw], Problem]:
        """One call of update for every letter of `names`; `judged` names the deltas that count."""

        def build(draw: Draw) -> Problem:
            steps: list[Step] = [New("it", target, {"lr": 0.25, "momentum": momentum})]
            for i, name in enumerate(names):
                shape = (3, 2) if name == "W" else (1, 5)
                args = (name, draw.signed(0.5, 1.0, shape), draw.cotangent(shape), i)
                steps.append(Call("it", "update", args, out=(judged.get(i, f"delta {i + 1}"),)))
            first = tuple(f"delta {i + 1}" for i in ground)
            return Problem(tuple(steps), tuple(judged.values()), ground=first)

        return build

    def in_place(draw: Draw) -> Problem:
        value = draw.signed(0.5, 1.0, (4, 3))
        held = New("parameter", "standins.Holder", {"value": value})
        args = ("W", Ref("parameter", "value"), draw.cotangent((4, 3)), 0)
        steps = (
            New("it", target, {"lr": 0.25, "momentum": 0.5}),
            held,
            Call("it", "update", args, out=("delta",)),
            Read("parameter", "value", out=("the parameter after update",)),
        )
        return Problem(steps, ("the parameter after update",), ground=("delta",))

    return [
        Case(target, "values", "a matrix", updates(0.0, "W", {0: "delta"})),
        Case(target, "values", "a row", updates(0.0, "b", {0: "delta"})),
        Case(target, "values", "no momentum: no memory", updates(0.0, "WW", {1: "delta"}, (0,))),
        Case(
            target,
            "behaviour",
            "momentum",
            updates(0.5, "WWW", {1: "second delta", 2: "third delta"}, (0,)),
        ),
        Case(
            target,
            "behaviour",
            "each parameter has its own memory",
            updates(0.5, "WbWb", {2: "second delta of W", 3: "second delta of b"}, (0,)),
        ),
        Case(target, "behaviour", "the caller changes the parameter", in_place),
    ]


def training(run: str, dataset: str, epochs: int) -> Case:
    """Return the case of one training run, named as the rubric names it."""

    def build(draw: Draw) -> Problem:
        seed = int(draw.integers(0, 2**31, (1,))[0])
        data = New("data", f"datasets.load_{dataset}", {"seed": seed})
        program = (
            New("it", f"train.{dataset}_network", {"seed": seed}),
            data,
            Call("it", "train", (Ref("data"), epochs)),
            Call("it", "forward", (Ref("data", "X_test"),), out=("predictions",)),
        )
        truth = (data, Read("data", "Y_test", out=("predictions",)))
        return Problem(program, ("predictions",), truth=truth)

    return Case(run, "training", "test accuracy", build)
