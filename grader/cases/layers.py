"""Cases of the fully connected layer and of batch normalization."""

from __future__ import annotations

from collections.abc import Callable

from grader.draw import Draw
from grader.gradcheck import Coupling
from grader.kinds import Example, LayerKind
from grader.program import Call, New, Read, Step

from .problem import Builder, Case, Problem, exercises, same_parameters, state_cases


def fully_connected() -> list[Case]:
    """Return the cases of FullyConnected."""
    kind = LayerKind(
        "layers.FullyConnected",
        {"X": Coupling.SAMPLES, "W": Coupling.COLUMNS, "b": Coupling.COLUMNS},
    )

    def example(m: int, n_in: int, n_out: int, activation: str) -> Builder:
        return lambda draw: Example(
            {"n_out": n_out, "activation": activation},
            {"X": draw.signed(0.125, 1.0, (m, n_in))},
            {
                "W": draw.signed(0.125, 1.0, (n_in, n_out)),
                "b": draw.signed(0.125, 1.0, (1, n_out)),
            },
            draw.cotangent((m, n_out)),
        )

    cases = exercises(
        kind,
        {
            "m = 1": example(1, 3, 4, "identity"),
            "m = 5": example(5, 3, 2, "identity"),
            "one output": example(4, 3, 1, "identity"),
        },
        {
            "identity": example(5, 3, 7, "identity"),
            "tanh": example(4, 6, 2, "tanh"),
            "one example": example(1, 5, 3, "tanh"),
        },
        lambda draw, m: same_parameters(kind.target, example(m, 4, 3, "tanh"))(draw),
    )
    return cases + state_cases(
        kind, example(5, 4, 3, "tanh"), example(2, 4, 3, "tanh"), example(7, 4, 3, "tanh")
    )


def batch_norm() -> list[Case]:
    """Return the cases of BatchNorm1D."""
    coupling = {"X": Coupling.COLUMNS, "gamma": Coupling.COLUMNS, "beta": Coupling.COLUMNS}
    kind = LayerKind("layers.BatchNorm1D", coupling)

    def example(m: int, n: int, eps: float = 1e-8) -> Builder:
        return lambda draw: Example(
            {"eps": eps, "momentum": 0.75},
            {"X": draw.columns((m, n))},
            {
                "gamma": draw.signed(0.5, 1.5, (1, n)),
                "beta": draw.signed(0.125, 1.0, (1, n)),
            },
            draw.cotangent((m, n)),
        )

    def statistics(
        modes: str, judged: tuple[str, ...], shown: str = ""
    ) -> Callable[[Draw], Problem]:
        """Forward in the modes t(rain) and e(valuate), then read the running statistics."""

        def build(draw: Draw) -> Problem:
            steps: list[Step] = [New("it", kind.target, {"eps": 0.125, "momentum": 0.75})]
            for number, mode in enumerate(modes):
                name = "train" if mode == "t" else "test"
                X = draw.columns((6 - number, 3))
                steps.append(Call("it", "forward", (X,), {"mode": name}, out=(f"Y{number}",)))
            keys = ("running_mu", "running_var")
            steps += [Read("it", "cache", key, (f"cache[{key!r}]",)) for key in keys]
            return Problem(tuple(steps), judged, ground=(shown,) if shown else ())

        return build

    both = ("cache['running_mu']", "cache['running_var']")
    cases = exercises(
        kind,
        {"m = 5": example(5, 3), "one column": example(6, 1)},
        {"m = 7": example(7, 5), "m = 4": example(4, 3), "eps = 0.5": example(6, 2, eps=0.5)},
        lambda draw, m: same_parameters(kind.target, example(m, 3))(draw),
    )
    cases += [
        Case(kind.target, "behaviour", "running statistics", statistics("tt", both)),
        Case(kind.target, "behaviour", "test mode", statistics("tte", ("Y2",))),
        Case(
            kind.target,
            "behaviour",
            "test mode changes no statistics",
            statistics("tte", both, "Y2"),
        ),
    ]
    return cases + state_cases(kind, example(5, 3), example(3, 3), example(8, 3))
