"""Cases of the activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.assignment import (
    ActivationAdapter,
    Builder,
    Case,
    Coupling,
    Example,
    Problem,
    exercises,
)
from grader.program import Call
from grader.sampler import Sampler


def _activation(
    shape: tuple[int, ...], low: float = 0.125, high: float = 2.0, first: float = -1.0
) -> Builder:
    return lambda rng: _example(rng, rng.signed(low, high, shape, first))


def _example(rng: Sampler, Z: np.ndarray) -> Example:
    return Example({}, {"Z": Z}, cotangent=rng.crossed(Z))


def _saturated(shape: tuple[int, int]) -> Builder:
    """Half of the rows as usual, half with |z| between 700 and 1000, where exp overflows."""

    def build(rng: Sampler) -> Example:
        Z = rng.signed(0.125, 2.0, shape)
        Z[::2] = rng.signed(700.0, 1000.0, Z[::2].shape)
        return _example(rng, Z)

    return build


def _stale(adapter: ActivationAdapter, builder: Builder) -> Callable[[Sampler], Problem]:
    """Call forward and backward with another batch of the same shape first, which must not matter.

    The forward may fail: a right backward earns its points without one.
    """

    def build(rng: Sampler) -> Problem:
        other, example = builder(rng), builder(rng)
        forward = Call("it", "forward", (other.inputs["Z"],), optional=True)
        before = (forward, *adapter.once(other, "backward", False, " of the other batch"))
        program = (*adapter.ready(example), *before, *adapter.once(example, "backward"))
        return Problem(
            program, adapter.results(example, "backward"), adapter=adapter, example=example
        )

    return build


def _second(adapter: ActivationAdapter, builder: Builder) -> Callable[[Sampler], Problem]:
    """Call forward twice, with batches of the same shape; the second result counts."""

    def build(rng: Sampler) -> Problem:
        other, example = builder(rng), builder(rng)
        before = adapter.once(other, "forward", False, " of the other batch")
        program = (*adapter.ready(example), *before, *adapter.once(example, "forward"))
        return Problem(
            program, adapter.results(example, "forward"), adapter=adapter, example=example
        )

    return build


def _cases(
    adapter: ActivationAdapter,
    shape: Mapping[str, Builder],
    numbers: Mapping[str, Builder],
    sized: Callable[[Sampler, int], Example],
) -> list[Case]:
    first = next(iter(numbers.values()))
    return [
        *exercises(adapter, shape, numbers, sized),
        Case(adapter.target, "values", "after another batch", _second(adapter, first)),
        Case(adapter.target, "gradient", "after another batch", _stale(adapter, first)),
    ]


def _elementwise(target: str, large: Builder) -> list[Case]:
    adapter = ActivationAdapter(target, {"Z": Coupling.SAMPLES})
    return _cases(
        adapter,
        {
            "m = 1": _activation((1, 6)),
            "a matrix": _activation((5, 3)),
            "images": _activation((2, 3, 4, 2), first=1.0),
        },
        {
            "a matrix": _activation((5, 8)),
            "images": _activation((2, 4, 3, 2), first=1.0),
            "|z| up to 1000": large,
        },
        lambda rng, m: _activation((m, 6))(rng),
    )


def softmax() -> list[Case]:
    """Return the cases of SoftMax."""
    adapter = ActivationAdapter("activations.SoftMax", {"Z": Coupling.SAMPLES})
    return _cases(
        adapter,
        {"m = 1": _activation((1, 4)), "m = 5": _activation((5, 3))},
        {
            "three classes": _activation((5, 3)),
            "eight classes": _activation((4, 8)),
            "|z| up to 1000": _saturated((6, 4)),
        },
        lambda rng, m: _activation((m, 4))(rng),
    )


def relu() -> list[Case]:
    """Return the cases of ReLU."""
    return _elementwise("activations.ReLU", _activation((6, 4), 700.0, 1000.0))


def sigmoid() -> list[Case]:
    """Return the cases of Sigmoid."""
    return _elementwise("activations.Sigmoid", _saturated((6, 4)))
