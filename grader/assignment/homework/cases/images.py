"""Cases of the layers on images: convolution and pooling."""

from __future__ import annotations

import numpy as np

from grader.assignment import (
    Builder,
    Case,
    Coupling,
    Example,
    LayerAdapter,
    counted_calls,
    exercises,
    same_parameters,
    state_cases,
)
from grader.program import New
from grader.sampler import Sampler

from .initial import SEEDED

Size = tuple[int, int]


def _out(size: Size, kernel: Size, stride: int, pad: Size) -> Size:
    height, width = ((size[i] + 2 * pad[i] - kernel[i]) // stride + 1 for i in range(2))
    return height, width


def _zeros(kernel: Size, pad: str | int) -> Size:
    """Return the rows and columns of zeros on every side."""
    if pad == "same":
        return (kernel[0] - 1) // 2, (kernel[1] - 1) // 2
    return (0, 0) if isinstance(pad, str) else (pad, pad)


def _convolution(
    shape: tuple[int, int, int, int],
    kernel: Size,
    n_out: int,
    stride: int,
    pad: str | int,
    activation: str = "identity",
) -> Builder:
    m, height, width, channels = shape
    out = _out((height, width), kernel, stride, _zeros(kernel, pad))
    arguments = {
        "n_out": n_out,
        "kernel_shape": kernel,
        "activation": activation,
        "stride": stride,
        "pad": pad,
    }

    def build(rng: Sampler) -> Example:
        W = rng.signed(0.125, 1.0, (*kernel, channels, n_out))
        b = rng.signed(0.125, 1.0, (1, n_out))
        X = rng.signed(0.125, 1.0, shape)
        dY = rng.cotangent((m, *out, n_out))
        given = activation in ("identity", "tanh")
        lent = () if given else (New("lent", "fakes.lend_activations"),)
        unnamed = frozenset() if given else frozenset({"activation"})
        return Example(arguments, {"X": X}, {"W": W, "b": b}, dY, (*SEEDED, *lent), unnamed)

    return build


def conv() -> list[Case]:
    """Return the cases of Conv2D."""
    adapter = LayerAdapter(
        "layers.Conv2D", {"X": Coupling.SAMPLES, "W": Coupling.COLUMNS, "b": Coupling.COLUMNS}
    )

    def small(m: int) -> Builder:
        # The plainest geometry: what is wrong with others is charged where it is asked for.
        return _convolution((m, 4, 3, 2), (3, 3), 3, 1, "same")

    cases = exercises(
        adapter,
        {
            "m = 1": _convolution((1, 4, 5, 2), (3, 3), 3, 1, "same"),
            "stride 2": _convolution((3, 6, 5, 1), (2, 3), 2, 2, 1),
            "pad='valid'": _convolution((2, 5, 4, 3), (3, 2), 1, 1, "valid"),
        },
        {
            # Every geometry has an activation with a slope. That of Y = 2 Z does not depend on Z:
            # a wrong forward is not charged again where backward is asked for.
            "pad='same'": _convolution((2, 5, 4, 2), (3, 3), 3, 1, "same"),
            "pad='same', tanh": _convolution((3, 4, 5, 2), (3, 3), 2, 1, "same", "tanh"),
            "pad='valid', Y = 2 Z": _convolution((3, 5, 4, 2), (3, 2), 2, 1, "valid", "double"),
            "pad=1, stride=2, Y = 2 Z": _convolution((2, 5, 6, 2), (2, 3), 3, 2, 1, "double"),
            "pad=0, the last partial window dropped, Y = 2 Z": _convolution(
                (2, 6, 4, 1), (3, 3), 2, 2, 0, "double"
            ),
            "pad='same', kernel 5x2, Y = 2 Z": _convolution(
                (2, 6, 5, 2), (5, 2), 3, 1, "same", "double"
            ),
            "pad=2, stride=3, Y = 2 Z": _convolution((2, 5, 4, 3), (2, 2), 2, 3, 2, "double"),
            "pad='same', an activation that mixes channels": _convolution(
                (3, 4, 5, 2), (3, 3), 4, 1, "same", "mixing"
            ),
        },
        lambda rng, m: same_parameters(adapter.target, small(m))(rng),
    )
    return cases + state_cases(adapter, small(3), small(2), small(5))


def _pooling(
    shape: tuple[int, int, int, int], kernel: Size, mode: str, stride: int, pad: str | int
) -> Builder:
    m, height, width, channels = shape
    zeros = _zeros(kernel, pad)
    out = _out((height, width), kernel, stride, zeros)
    arguments = {"kernel_shape": kernel, "mode": mode, "stride": stride, "pad": pad}

    def build(rng: Sampler) -> Example:
        # Numbers 1/8 apart: no two maxima tie, and no step of the stencil changes a winner.
        X = rng.distinct(0.125, shape)
        # The first pixel of the last window is the maximum of that and, where windows overlap, of
        # others, so that gradients of several windows meet.
        last = [max((out[i] - 1) * stride - zeros[i], 0) for i in range(2)]
        X[:, last[0], last[1]] += X.max() - X.min() + 0.125
        if any(zeros):
            corner = X[:, : kernel[0] - zeros[0], : kernel[1] - zeros[1]]
            corner[...] = -np.abs(corner)  # here the zeros of the padding are the maximum
        return Example(arguments, {"X": X}, cotangent=rng.cotangent((m, *out, channels)))

    return build


def _poolings(mode: str) -> dict[str, Builder]:
    return {
        f"{mode}, 2x2, stride 2": _pooling((2, 4, 6, 3), (2, 2), mode, 2, 0),
        f"{mode}, 3x2, overlapping": _pooling((2, 5, 4, 2), (3, 2), mode, 1, 0),
        f"{mode}, padded": _pooling((2, 5, 4, 2), (3, 3), mode, 2, 1),
        f"{mode}, the last partial window dropped": _pooling((3, 5, 6, 1), (2, 3), mode, 2, 0),
        f"{mode}, pad='same', 3x5": _pooling((2, 4, 6, 2), (3, 5), mode, 1, "same"),
        f"{mode}, pad='same', 4x2": _pooling((2, 6, 5, 1), (4, 2), mode, 2, "same"),
    }


def pool() -> list[Case]:
    """Return the cases of Pool2D."""
    adapter = LayerAdapter("layers.Pool2D", {"X": Coupling.SAMPLES})

    def small(m: int, mode: str = "max") -> Builder:
        return _pooling((m, 4, 4, 2), (2, 2), mode, 2, 0)

    cases = exercises(
        adapter,
        {
            "m = 1": _pooling((1, 4, 6, 2), (2, 2), "max", 2, 0),
            "m = 3, average": _pooling((3, 5, 4, 2), (3, 2), "average", 1, 1),
        },
        {**_poolings("max"), **_poolings("average")},
        lambda rng, m: small(m)(rng),
    )
    for direction in ("forward", "backward"):
        build = counted_calls(adapter, direction, lambda rng, m: small(m, "average")(rng))
        cases.append(Case(adapter.target, "batching", f"{direction}, average", build))
    return cases + state_cases(adapter, small(3), small(2), small(5))
