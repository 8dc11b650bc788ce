"""Cases of the derivations: every entry of small arrays whose sizes differ pairwise.

A mistake is named only if it explains results of three sizes, so each function has three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.assignment import Case, Elements, element_case
from grader.sampler import Sampler

_MATRICES = ((4, 3), (2, 5), (3, 6))
# Shapes of X and W.
_LAYERS = (((4, 3), (3, 5)), ((2, 5), (5, 3)), ((3, 6), (6, 2)))
# Shapes of X and W, the stride and the padding; the second has a last partial window.
_IMAGES = (
    ((2, 5, 4, 3), (2, 4, 3, 5), 1, (0, 1)),
    ((4, 6, 5, 1), (3, 2, 1, 5), 2, (1, 0)),
    ((3, 5, 4, 2), (1, 3, 2, 4), 2, (2, 1)),
)
Arguments = Mapping[str, Any]


def derivations() -> Iterator[Case]:
    """Yield the cases of all derivations, in the order of the rubric."""
    for prefix in ("relu", "sigmoid"):
        yield from _of_matrices(prefix, "Z", _activation)
    yield from _of_layers("fully_connected", _LAYERS, _fully_connected)
    yield from _of_matrices("softmax", "Z", _activation)
    yield from _of_matrices("cross_entropy", "Y_hat", _cross_entropy)
    yield from _of_matrices("mse", "Y_hat", _mse)
    yield from _of_layers("conv2d", _IMAGES, _conv2d)
    yield from _of_matrices("batch_norm", "X", _batch_norm)


def _of_matrices(
    prefix: str, wrt: str, draw_arguments: Callable[[Sampler, tuple[int, int]], Arguments]
) -> Iterator[Case]:
    """Yield the cases of a gradient that has the shape of a matrix."""
    for shape in _MATRICES:

        def build(rng: Sampler, shape: tuple[int, int] = shape) -> Elements:
            return _elements(prefix, wrt, draw_arguments(rng, shape))

        yield element_case(f"derivations.{prefix}", f"d{wrt} of shape {shape}", build)


def _of_layers(
    prefix: str, sizes: tuple[Any, ...], draw_arguments: Callable[..., Arguments]
) -> Iterator[Case]:
    """Yield the cases of the gradients of a layer: of its input, weights and biases."""
    for size in sizes:  # a report shows the first few cases: one of every function
        for wrt in ("X", "W", "b"):

            def build(rng: Sampler, wrt: str = wrt, size: Any = size) -> Elements:
                arguments = draw_arguments(rng, *size)
                if wrt == "b":  # its formula has no need of these
                    arguments = {k: arguments[k] for k in ("X", "W", "dZ")}
                return _elements(prefix, wrt, arguments)

            yield element_case(f"derivations.{prefix}", f"d{wrt}, X of shape {size[0]}", build)


def _elements(prefix: str, wrt: str, arguments: Arguments) -> Elements:
    shape = arguments["W"].shape[-1:] if wrt == "b" else arguments[wrt].shape
    function = f"derivations.{prefix}_d{wrt}"
    return Elements(function, f"d{wrt}", shape, arguments, wrt, of_parameter=wrt in ("W", "b"))


def _activation(rng: Sampler, shape: tuple[int, int]) -> Arguments:
    Z = rng.signed(0.25, 2.0, shape)
    return {"Z": Z, "dY": rng.crossed(Z)}


def _cross_entropy(rng: Sampler, shape: tuple[int, int]) -> Arguments:
    return {"Y": rng.probabilities(shape), "Y_hat": rng.probabilities(shape)}


def _mse(rng: Sampler, shape: tuple[int, int]) -> Arguments:
    return {"Y": rng.signed(0.25, 2.0, shape), "Y_hat": rng.signed(0.25, 2.0, shape)}


def _fully_connected(rng: Sampler, batch: tuple[int, int], weights: tuple[int, int]) -> Arguments:
    X, W = rng.signed(0.25, 1.5, batch), rng.signed(0.25, 1.5, weights)
    return {"X": X, "W": W, "dZ": rng.cotangent((batch[0], weights[1]))}


def _conv2d(
    rng: Sampler,
    images: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: int,
    pad: tuple[int, int],
) -> Arguments:
    rows, columns = (
        (images[axis + 1] + 2 * pad[axis] - kernel[axis]) // stride + 1 for axis in (0, 1)
    )
    return {
        "X": rng.signed(0.25, 1.5, images),
        "W": rng.signed(0.25, 1.5, kernel),
        "dZ": rng.cotangent((images[0], rows, columns, kernel[-1])),
        "stride": stride,
        "pad": pad,
    }


def _batch_norm(rng: Sampler, shape: tuple[int, int]) -> Arguments:
    X, dY = rng.columns(shape), rng.cotangent(shape)
    # As large as the variance, so that it shows where it stands.
    return {"X": X, "gamma": rng.signed(0.5, 1.5, (1, shape[1])), "dY": dY, "eps": 0.5}
