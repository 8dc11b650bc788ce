"""Cases of the fully connected layer and of batch normalization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grader.assignment import (
    WARM_UP,
    Builder,
    Case,
    Coupling,
    Example,
    LayerAdapter,
    Problem,
    batch_sizes,
    exercises,
    same_parameters,
    state_cases,
)
from grader.program import Call, New, Read, Step
from grader.result import ResultSpec, Role, outputs
from grader.sampler import Sampler

from .initial import SEEDED


def fully_connected() -> list[Case]:
    """Return the cases of FullyConnected."""
    adapter = LayerAdapter(
        "layers.FullyConnected",
        {"X": Coupling.SAMPLES, "W": Coupling.COLUMNS, "b": Coupling.COLUMNS},
    )

    def example(m: int, n_in: int, n_out: int, activation: str) -> Builder:
        return lambda rng: Example(
            {"n_out": n_out, "activation": activation},
            {"X": rng.signed(0.125, 1.0, (m, n_in))},
            {
                "W": rng.signed(0.125, 1.0, (n_in, n_out)),
                "b": rng.signed(0.125, 1.0, (1, n_out)),
            },
            rng.cotangent((m, n_out)),
            SEEDED,
        )

    def lent(m: int, n_in: int, n_out: int, activation: str) -> Builder:
        before = (*SEEDED, New("lent", "fakes.lend_activations"))
        return lambda rng: replace(
            example(m, n_in, n_out, activation)(rng),
            before=before,
            unnamed=frozenset({"activation"}),
        )

    cases = exercises(
        adapter,
        {
            "m = 1": example(1, 3, 4, "identity"),
            "m = 5": example(5, 3, 2, "identity"),
            "one output": example(4, 3, 1, "identity"),
        },
        {
            "identity": example(5, 3, 7, "identity"),
            "tanh": example(4, 6, 2, "tanh"),
            "one example, Y = 2 Z": lent(1, 5, 3, "double"),
            "an activation that mixes a row": lent(6, 4, 5, "mixing"),
        },
        lambda rng, m: same_parameters(adapter.target, example(m, 4, 3, "identity"))(rng),
    )
    batches = (example(m, 4, 3, "identity") for m in (5, 2, 7))
    return cases + state_cases(adapter, *batches)


_BATCH_NORM = "layers.BatchNorm1D"
_KEYS = ("running_mu", "running_var")
_STATISTICS = tuple(ResultSpec(f"cache[{key!r}]", Role.STATISTIC) for key in _KEYS)
_TESTED = outputs(("Y3",))


def _columns(m: int, n: int, eps: float = 1e-8) -> Builder:
    return lambda rng: Example(
        {"eps": eps, "momentum": 0.75},
        {"X": rng.columns((m, n))},
        {"gamma": rng.signed(0.5, 1.5, (1, n)), "beta": rng.signed(0.125, 1.0, (1, n))},
        rng.cotangent((m, n)),
    )


def _modes(
    modes: tuple[str, ...],
    judged: tuple[ResultSpec, ...],
    prerequisites: tuple[ResultSpec, ...] = (),
) -> Callable[[Sampler], Problem]:
    """Call forward in one mode after the other (Y1, Y2, ...), then read the statistics."""

    def build(rng: Sampler) -> Problem:
        steps: list[Step] = [New("it", _BATCH_NORM, {"eps": 0.125, "momentum": 0.75})]
        for number, mode in enumerate(modes, start=1):
            X = rng.columns((7 - number, 3))
            steps.append(Call("it", "forward", (X,), {"mode": mode}, out=(f"Y{number}",)))
        reads = [
            Read("it", "cache", key, (result.name,))
            for key, result in zip(_KEYS, _STATISTICS, strict=True)
        ]
        return Problem((*steps, *reads), judged, prerequisites)

    return build


def _counted_test_mode(rng: Sampler) -> Problem:
    """Count forward in test mode, after one batch in train mode."""
    sizes, made = batch_sizes(rng), New("it", _BATCH_NORM, {"eps": 0.125, "momentum": 0.75})
    train = Call("it", "forward", (rng.columns((WARM_UP, 3)),), {"mode": "train"})
    batches = [rng.columns((m, 3)) for m in (WARM_UP, *sizes)]
    steps: list[Step] = [made, train, Call("it", "forward", (batches[0],), {"mode": "test"})]
    for m, X in zip(sizes, batches[1:], strict=True):
        out = (f"Y (m = {m})",)
        steps.append(Call("it", "forward", (X,), {"mode": "test"}, out, count=True))
    judged = tuple(ResultSpec("Y").suffixed(f" (m = {m})") for m in sizes)
    return Problem(tuple(steps), judged, sizes=sizes)


def batch_norm() -> list[Case]:
    """Return the cases of BatchNorm1D."""
    coupling = {"X": Coupling.COLUMNS, "gamma": Coupling.COLUMNS, "beta": Coupling.COLUMNS}
    adapter = LayerAdapter(_BATCH_NORM, coupling)
    twice, tested = ("train", "train"), ("train", "train", "test")
    # By weight, a third each: that train mode moves the running statistics, that test mode uses
    # them and leaves them alone, and that nothing else is kept.
    behaviour = {
        "running statistics": (_modes(twice, _STATISTICS), 1.0),
        "test mode": (_modes(tested, _TESTED), 0.5),
        "test mode leaves the statistics unchanged": (_modes(tested, _STATISTICS, _TESTED), 0.5),
    }
    return [
        *exercises(
            adapter,
            {"m = 5": _columns(5, 3), "one column": _columns(6, 1)},
            {"m = 7": _columns(7, 5), "m = 4": _columns(4, 3), "eps = 0.5": _columns(6, 2, 0.5)},
            lambda rng, m: same_parameters(adapter.target, _columns(m, 3))(rng),
        ),
        Case(adapter.target, "batching", "forward, test mode", _counted_test_mode),
        *(Case(_BATCH_NORM, "behaviour", name, *how) for name, how in behaviour.items()),
        *state_cases(adapter, _columns(5, 3), _columns(3, 3), _columns(8, 3), weight=0.5),
    ]
