"""Cases of the fully connected layer and of batch normalization."""

from __future__ import annotations

from collections.abc import Callable

from grader.draw import Draw
from grader.gradcheck import Coupling
from grader.kinds import Example, LayerKind
from grader.program import Call, New, Read, Step

from .problem import (
    WARM_UP,
    Builder,
    Case,
    Problem,
    batch_sizes,
    exercises,
    same_parameters,
    state_cases,
)


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


_BATCH_NORM = "layers.BatchNorm1D"
_STATISTICS = ("running_mu", "running_var")


def _columns(m: int, n: int, eps: float = 1e-8) -> Builder:
    return lambda draw: Example(
        {"eps": eps, "momentum": 0.75},
        {"X": draw.columns((m, n))},
        {"gamma": draw.signed(0.5, 1.5, (1, n)), "beta": draw.signed(0.125, 1.0, (1, n))},
        draw.cotangent((m, n)),
    )


def _modes(
    modes: tuple[str, ...], judged: tuple[str, ...], ground: tuple[str, ...] = ()
) -> Callable[[Draw], Problem]:
    """Call forward in one mode after the other (Y1, Y2, ...), then read the statistics."""

    def build(draw: Draw) -> Problem:
        steps: list[Step] = [New("it", _BATCH_NORM, {"eps": 0.125, "momentum": 0.75})]
        for number, mode in enumerate(modes, start=1):
            X = draw.columns((7 - number, 3))
            steps.append(Call("it", "forward", (X,), {"mode": mode}, out=(f"Y{number}",)))
        reads = [Read("it", "cache", key, (f"cache[{key!r}]",)) for key in _STATISTICS]
        return Problem((*steps, *reads), judged, ground)

    return build


def _counted_test_mode(draw: Draw) -> Problem:
    """Count forward in test mode, after one batch in train mode."""
    sizes, made = batch_sizes(draw), New("it", _BATCH_NORM, {"eps": 0.125, "momentum": 0.75})
    train = Call("it", "forward", (draw.columns((WARM_UP, 3)),), {"mode": "train"})
    batches = [draw.columns((m, 3)) for m in (WARM_UP, *sizes)]
    programs = []
    for count in ("lines", "arrays"):
        steps: list[Step] = [made, train, Call("it", "forward", (batches[0],), {"mode": "test"})]
        for m, X in zip(sizes, batches[1:], strict=True):
            out = (f"Y (m = {m})",)
            steps.append(Call("it", "forward", (X,), {"mode": "test"}, out, count))
        programs.append(tuple(steps))
    judged = tuple(f"Y (m = {m})" for m in sizes)
    return Problem(programs[0], judged, recount=programs[1], sizes=sizes)


def batch_norm() -> list[Case]:
    """Return the cases of BatchNorm1D."""
    coupling = {"X": Coupling.COLUMNS, "gamma": Coupling.COLUMNS, "beta": Coupling.COLUMNS}
    kind = LayerKind(_BATCH_NORM, coupling)
    statistics = tuple(f"cache[{key!r}]" for key in _STATISTICS)
    twice, tested = ("train", "train"), ("train", "train", "test")
    behaviour = {
        "running statistics": _modes(twice, statistics),
        "test mode": _modes(tested, ("Y3",)),
        "test mode changes no statistics": _modes(tested, statistics, ("Y3",)),
    }
    return [
        *exercises(
            kind,
            {"m = 5": _columns(5, 3), "one column": _columns(6, 1)},
            {"m = 7": _columns(7, 5), "m = 4": _columns(4, 3), "eps = 0.5": _columns(6, 2, 0.5)},
            lambda draw, m: same_parameters(kind.target, _columns(m, 3))(draw),
        ),
        Case(kind.target, "batching", "forward, test mode", _counted_test_mode),
        *(Case(kind.target, "behaviour", name, build) for name, build in behaviour.items()),
        *state_cases(kind, _columns(5, 3), _columns(3, 3), _columns(8, 3)),
    ]
