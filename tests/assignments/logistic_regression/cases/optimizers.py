"""Cases of gradient descent, on a model that only holds numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.assignment import Case, Problem
from grader.program import Call, New, Program, Read, Ref
from grader.result import outputs
from grader.sampler import Sampler

_TARGET = "optimizers.GradientDescent"
Shapes = Mapping[str, tuple[int, ...]]
_USUAL: Shapes = {"w": (3, 1), "b": (1, 1)}
_STEP = Call("it", "step", (Ref("model"),))


def _model(rng: Sampler, shapes: Shapes) -> New:
    parameters = {key: rng.signed(0.5, 1.0, shape) for key, shape in shapes.items()}
    gradients = {key: rng.cotangent(shape) for key, shape in shapes.items()}
    return New("model", "fakes.Holder", {"parameters": parameters, "gradients": gradients})


def _reads(store: str, shapes: Shapes, when: str) -> tuple[Read, ...]:
    return tuple(Read("model", store, key, (f"{store}[{key!r}] {when}",)) for key in shapes)


def _names(reads: tuple[Read, ...]) -> tuple[str, ...]:
    return tuple(name for read in reads for name in read.out)


def _ready(rng: Sampler, shapes: Shapes, lr: float) -> Program:
    return (New("it", _TARGET, {"lr": lr}), _model(rng, shapes))


def _one_step(shapes: Shapes) -> Callable[[Sampler], Problem]:
    def build(rng: Sampler) -> Problem:
        after = _reads("parameters", shapes, "after a step")
        return Problem((*_ready(rng, shapes, 0.25), _STEP, *after), outputs(_names(after)))

    return build


def _two_steps(rng: Sampler) -> Problem:
    """Take two steps with the same gradients; the second is judged once the first is right."""
    first = _reads("parameters", _USUAL, "after a step")
    second = _reads("parameters", _USUAL, "after two steps")
    program = (*_ready(rng, _USUAL, 0.5), _STEP, *first, _STEP, *second)
    return Problem(program, outputs(_names(second)), outputs(_names(first)))


def _gradients_stay(rng: Sampler) -> Problem:
    """Take a step and read the gradients, which are the model's."""
    after = _reads("parameters", _USUAL, "after a step")
    gradients = _reads("gradients", _USUAL, "after a step")
    program = (*_ready(rng, _USUAL, 0.5), _STEP, *after, *gradients)
    return Problem(program, outputs(_names(gradients)), outputs(_names(after)))


def gradient_descent() -> list[Case]:
    """Return the cases of GradientDescent."""
    values = {
        "w and b": _one_step(_USUAL),
        "one feature": _one_step({"w": (1, 1), "b": (1, 1)}),
        "parameters of other names": _one_step({"A": (2, 4), "c": (1, 4), "scale": (1, 1)}),
    }
    behaviour = {"two steps": _two_steps, "the gradients stay as they are": _gradients_stay}
    return [
        Case(_TARGET, check, name, build)
        for check, named in (("values", values), ("behaviour", behaviour))
        for name, build in named.items()
    ]
