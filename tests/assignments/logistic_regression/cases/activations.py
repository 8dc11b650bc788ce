"""Cases of the sigmoid."""

from __future__ import annotations

from collections.abc import Callable

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

_ADAPTER = ActivationAdapter("activations.Sigmoid", {"Z": Coupling.SAMPLES})


def _usual(m: int, n: int) -> Builder:
    def build(rng: Sampler) -> Example:
        Z = rng.signed(0.125, 2.0, (m, n))
        return Example({}, {"Z": Z}, cotangent=rng.cotangent((m, n)))

    return build


def _saturated(m: int, n: int) -> Builder:
    """Draw every other row as usual, and the rest with |z| up to 1000, where exp overflows."""

    def build(rng: Sampler) -> Example:
        Z = rng.signed(0.125, 2.0, (m, n))
        Z[::2] = rng.signed(700.0, 1000.0, Z[::2].shape)
        return Example({}, {"Z": Z}, cotangent=rng.cotangent((m, n)))

    return build


def _without_forward(rng: Sampler) -> Problem:
    """Call backward after a forward with another batch, which may fail and is to be forgotten."""
    other, example = _usual(5, 1)(rng), _usual(5, 1)(rng)
    forward = Call("it", "forward", (other.inputs["Z"],), optional=True)
    program = (*_ADAPTER.ready(example), forward, *_ADAPTER.once(example, "backward"))
    judged = _ADAPTER.results(example, "backward")
    return Problem(program, judged, adapter=_ADAPTER, example=example)


def sigmoid() -> list[Case]:
    """Return the cases of Sigmoid."""
    sized: Callable[[Sampler, int], Example] = lambda rng, m: _usual(m, 1)(rng)  # noqa: E731
    cases = exercises(
        _ADAPTER,
        {"m = 1": _usual(1, 1), "a column": _usual(6, 1), "a matrix": _usual(4, 3)},
        {"a column": _usual(7, 1), "a matrix": _usual(5, 3), "|z| up to 1000": _saturated(8, 2)},
        sized,
    )
    after = Case(_ADAPTER.target, "gradient", "after another batch", _without_forward)
    return [*cases, after]
