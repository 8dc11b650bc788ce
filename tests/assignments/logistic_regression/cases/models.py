"""Cases of logistic regression, judged with a given activation in the place of the sigmoid."""

from __future__ import annotations

from typing import ClassVar

from grader.assignment import (
    Builder,
    Case,
    Coupling,
    Example,
    LayerAdapter,
    exercises,
    same_parameters,
    state_cases,
)
from grader.program import Call, New, Program, Read, Ref
from grader.result import ResultSpec, Role


class ModelAdapter(LayerAdapter):
    """forward(X), then backward(dY), which stores gradients; what it returns is not judged."""

    names: ClassVar = {"forward": ("X",), "backward": ("dY",)}

    def ready(self, example: Example) -> Program:
        """Build the activation, and the model with it."""
        return (New("activation", "fakes.Softsign"), *super().ready(example))

    def once(
        self, example: Example, direction: str, count: bool = False, suffix: str = ""
    ) -> Program:
        """Return forward, or forward, backward and the reading of every gradient."""
        if direction == "forward":
            X, out = example.inputs["X"], ("Y_hat" + suffix,)
            return (Call("it", "forward", (X,), out=out, count=count),)
        return super().once(example, direction, count, suffix)

    def turn(self, example: Example, count: bool = False, suffix: str = "") -> Program:
        """Return the call of backward, and the reading of every gradient."""
        call = Call("it", "backward", (example.cotangent,), count=count)
        reads = [
            Read("it", "gradients", key, (f"gradients[{key!r}]{suffix}",))
            for key in example.parameters
        ]
        return (call, *reads)

    def results(self, example: Example, direction: str) -> tuple[ResultSpec, ...]:
        """Return Y_hat, or the gradient of every parameter."""
        if direction == "forward":
            return (ResultSpec("Y_hat"),)
        return tuple(
            ResultSpec(f"gradients[{key!r}]", Role.PARAMETER_GRADIENT, key)
            for key in example.parameters
        )


_ADAPTER = ModelAdapter(
    "models.LogisticRegression",
    {"X": Coupling.SAMPLES, "w": Coupling.COLUMNS, "b": Coupling.COLUMNS},
)


def _batch(m: int, n: int) -> Builder:
    return lambda rng: Example(
        {"n": n, "activation": Ref("activation")},
        {"X": rng.signed(0.125, 1.0, (m, n))},
        {"w": rng.signed(0.125, 1.0, (n, 1)), "b": rng.signed(0.125, 1.0, (1, 1))},
        rng.cotangent((m, 1)),
    )


def logistic_regression() -> list[Case]:
    """Return the cases of LogisticRegression."""
    cases = exercises(
        _ADAPTER,
        {"m = 1": _batch(1, 3), "m = 5": _batch(5, 4), "one feature": _batch(4, 1)},
        {
            "three features": _batch(5, 3),
            "more features than examples": _batch(4, 6),
            "one example": _batch(1, 5),
        },
        lambda rng, m: same_parameters(_ADAPTER.target, _batch(m, 3))(rng),
    )
    return cases + state_cases(_ADAPTER, _batch(5, 3), _batch(2, 3), _batch(7, 3))
