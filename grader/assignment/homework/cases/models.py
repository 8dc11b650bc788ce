"""Cases of the network, judged with fakes for its layers, loss and optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grader.assignment import (
    LAYOUT_WEIGHT,
    OTHER_LAYOUTS,
    WARM_UP,
    Case,
    Problem,
    batch_sizes,
    laid_out,
)
from grader.program import Call, New, Program, Read, Ref, Step
from grader.result import outputs
from grader.sampler import Sampler

_NETWORK = "models.NeuralNetwork"
_MATRICES = ((4, 6), (6, 3), (3, 5))
# These can follow each other in any order, and each order gives numbers of its own.
_SQUARES = ((4, 4), (4, 4), (4, 4))


def _network(
    rng: Sampler, layer: str = "fakes.Matrix", shapes: tuple[tuple[int, int], ...] = _MATRICES
) -> Program:
    """Return the steps that build "it": three matrices, in an order fixed by their shapes."""
    layers = [
        New(f"layer {i}", layer, {"A": rng.signed(0.125, 1.0, shape)})
        for i, shape in enumerate(shapes)
    ]
    arguments = {
        "loss": Ref("loss"),
        "layers": [Ref(layer.into) for layer in layers],
        "optimizer": Ref("optimizer"),
        "seed": 0,
    }
    ends = (New("loss", "fakes.Skew"), New("optimizer", "fakes.Quarter"))
    return (*layers, *ends, New("it", _NETWORK, arguments))


def _batch(rng: Sampler, m: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.signed(0.125, 1.0, (m, 4)), rng.signed(0.125, 1.0, (m, 5))


def _through_layers(X: np.ndarray) -> Program:
    """Return forward calls of the layers one by one, which do not need the network's forward."""
    calls: list[Step] = []
    passed: object = X
    for i in range(len(_MATRICES)):
        calls.append(Call(f"layer {i}", "forward", (passed,), out=(f"H{i}",)))
        passed = Ref(f"H{i}")
    return tuple(calls)


def _ready_for_backward(X: np.ndarray) -> Program:
    """Return what comes before backward; a network whose forward fails can still be asked."""
    return (Call("it", "forward", (X,), optional=True), *_through_layers(X))


def _network_backward(target: np.ndarray, suffix: str = "", count: bool = False) -> Program:
    back = Call("it", "backward", (target, Ref("H2")), out=("loss" + suffix,), count=count)
    reads = [
        Read(f"layer {i}", "gradients", "A", (f"gradient of layer {i + 1}{suffix}",))
        for i in range(len(_MATRICES))
    ]
    return (back, *reads)


_GRADIENTS = tuple(f"gradient of layer {i + 1}" for i in range(len(_MATRICES)))


def _forward(m: int) -> Callable[[Sampler], Problem]:
    def build(rng: Sampler) -> Problem:
        X, _ = _batch(rng, m)
        call = Call("it", "forward", (X,), out=("Y_hat",))
        return Problem((*_network(rng), call), outputs(call.out))

    return build


def _predict(rng: Sampler) -> Problem:
    call = Call("it", "predict", _batch(rng, 5), out=("Y_hat", "loss"))
    return Problem((*_network(rng), call), outputs(call.out))


def _on_images(method: str) -> Callable[[Sampler], Problem]:
    """Call a network whose layers take images (m, H, W, C) and give images."""

    def build(rng: Sampler) -> Problem:
        network = _network(rng, "fakes.Pixels")
        X, Y = rng.signed(0.125, 1.0, (5, 3, 2, 4)), rng.signed(0.125, 1.0, (5, 3, 2, 5))
        if method == "backward":
            program = network + _ready_for_backward(X) + _network_backward(Y)
            return Problem(program, outputs((*_GRADIENTS, "loss")))
        predict = Call("it", "predict", (X, Y), out=("Y_hat", "loss"))
        call = predict if method == "predict" else Call("it", "forward", (X,), out=("Y_hat",))
        return Problem((*network, call), outputs(call.out))

    return build


def _in_layout(build: Callable[[Sampler], Problem], layout: str) -> Callable[[Sampler], Problem]:
    """Call the network with arrays that have another memory layout."""

    def other(rng: Sampler) -> Problem:
        problem = build(rng)
        return replace(problem, program=laid_out(problem.program, layout))

    return other


def _backward(m: int) -> Callable[[Sampler], Problem]:
    def build(rng: Sampler) -> Problem:
        X, Y = _batch(rng, m)
        program = _network(rng) + _ready_for_backward(X) + _network_backward(Y)
        return Problem(program, outputs((*_GRADIENTS, "loss")))

    return build


def _second_batch(rng: Sampler) -> Problem:
    program = _network(rng, shapes=_SQUARES)
    for m, suffix in ((5, ""), (2, " of the second batch")):
        X, Y = (rng.signed(0.125, 1.0, (m, 4)) for _ in range(2))
        call = Call("it", "forward", (X,), out=("Y_hat" + suffix,))
        program += (call, *_through_layers(X), *_network_backward(Y, suffix))
    first = outputs(("Y_hat", *_GRADIENTS, "loss"))
    second = tuple(result.suffixed(" of the second batch") for result in first)
    return Problem(program, second, prerequisites=first)


def _update(rng: Sampler) -> Problem:
    X, Y = _batch(rng, 6)
    first = Call("it", "forward", (X,), out=("Y_hat",))
    update = Call("it", "update", (0,))
    again = Call("it", "forward", (X,), out=("Y_hat after one step",))
    backward = _through_layers(X) + _network_backward(Y)
    program = (*_network(rng), first, *backward, update, again)
    return Problem(program, outputs(again.out), outputs(("Y_hat", *_GRADIENTS)))


def _predict_twice(rng: Sampler) -> Problem:
    arguments = _batch(rng, 4)
    calls = tuple(
        Call("it", "predict", arguments, out=(f"Y_hat{suffix}", f"loss{suffix}"))
        for suffix in ("", " of the second call")
    )
    first, second = (outputs(call.out) for call in calls)
    return Problem((*_network(rng), *calls), second, prerequisites=first)


def _counted_forward(X: np.ndarray, _: np.ndarray, suffix: str, count: bool) -> Program:
    return (Call("it", "forward", (X,), out=("Y_hat" + suffix,), count=count),)


def _counted_predict(X: np.ndarray, Y: np.ndarray, suffix: str, count: bool) -> Program:
    out = ("Y_hat" + suffix, "loss" + suffix)
    return (Call("it", "predict", (X, Y), out=out, count=count),)


def _counted_backward(X: np.ndarray, Y: np.ndarray, suffix: str, count: bool) -> Program:
    return _ready_for_backward(X) + _network_backward(Y, suffix, count)


def _counted(
    turn: Callable[[np.ndarray, np.ndarray, str, bool], Program], names: tuple[str, ...]
) -> Callable[[Sampler], Problem]:
    def build(rng: Sampler) -> Problem:
        network, sizes = _network(rng), batch_sizes(rng)
        warm_up, *batches = [_batch(rng, m) for m in (WARM_UP, *sizes)]
        program = network + turn(*warm_up, " (warm-up)", False)
        for m, (X, Y) in zip(sizes, batches, strict=True):
            program += turn(X, Y, f" (m = {m})", True)
        specs = outputs(names)
        judged = tuple(spec.suffixed(f" (m = {m})") for m in sizes for spec in specs)
        return Problem(program, judged, sizes=sizes)

    return build


def _in_other_layouts(check: str, name: str, build: Callable[[Sampler], Problem]) -> list[Case]:
    return [
        Case(_NETWORK, check, f"{name}, {words}", _in_layout(build, layout), LAYOUT_WEIGHT)
        for layout, words in OTHER_LAYOUTS.items()
    ]


def network() -> list[Case]:
    """Return the cases of NeuralNetwork."""
    counted_back = _counted(_counted_backward, (*_GRADIENTS, "loss"))
    return [
        Case(_NETWORK, "values", "forward", _forward(5)),
        Case(_NETWORK, "values", "forward, m = 1", _forward(1)),
        Case(_NETWORK, "values", "predict", _predict),
        Case(_NETWORK, "values", "forward, images", _on_images("forward")),
        Case(_NETWORK, "values", "predict, images", _on_images("predict")),
        *_in_other_layouts("values", "predict", _predict),
        Case(_NETWORK, "gradient", "backward", _backward(5)),
        Case(_NETWORK, "gradient", "backward, m = 1", _backward(1)),
        Case(_NETWORK, "gradient", "backward, images", _on_images("backward")),
        *_in_other_layouts("gradient", "backward", _backward(5)),
        Case(_NETWORK, "batching", "forward", _counted(_counted_forward, ("Y_hat",))),
        Case(_NETWORK, "batching", "backward", counted_back),
        Case(_NETWORK, "batching", "predict", _counted(_counted_predict, ("Y_hat", "loss"))),
        Case(_NETWORK, "behaviour", "batches of different sizes", _second_batch),
        Case(_NETWORK, "behaviour", "one update step", _update),
        Case(_NETWORK, "behaviour", "predict does not train", _predict_twice),
    ]
