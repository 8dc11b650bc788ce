"""The layers on images: convolution and pooling."""

from __future__ import annotations

import numpy as np
import pytest
from numeric import assert_gradients, batch
from numpy.testing import assert_allclose

from reference.layers import Conv2D, Pool2D


def windows(X, kernel, stride, pad):
    """Yield every window (kh, kw, C) of zero-padded images, with its place in Y."""
    X = np.pad(X, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1]), (0, 0)))
    for i in range(X.shape[0]):
        for r, top in enumerate(range(0, X.shape[1] - kernel[0] + 1, stride)):
            for c, left in enumerate(range(0, X.shape[2] - kernel[1] + 1, stride)):
                yield (i, r, c), X[i, top : top + kernel[0], left : left + kernel[1]]


def convolution(X, kernel=(3, 3), stride=1, pad="same", activation="identity"):
    """Return a layer whose bias is not zero."""
    layer = Conv2D(3, kernel, activation, stride, pad)
    layer.forward(X)
    layer.parameters["b"] = batch(1, 1, 3)
    return layer


@pytest.mark.parametrize(
    ("kernel", "stride", "pad"),
    [((3, 3), 1, "same"), ((3, 2), 1, "valid"), ((2, 3), 2, 1)],
)
def test_convolution_forward(kernel, stride, pad):
    X = batch(0, 2, 5, 6, 2)
    layer = convolution(X, kernel, stride, pad)
    W, b, Y = layer.parameters["W"], layer.parameters["b"], layer.forward(X)
    count = 0
    for place, window in windows(X, kernel, stride, layer.pad):
        for o in range(3):
            assert_allclose(Y[(*place, o)], np.sum(window * W[..., o]) + b[0, o], rtol=1e-7)
            count += 1
    assert count == Y.size


def test_convolution_shapes():
    for m in (1, 3):
        X = batch(2, m, 4, 5, 2)
        layer = convolution(X)
        assert layer.forward(X).shape == (m, 4, 5, 3)
        assert layer.backward(batch(3, m, 4, 5, 3)).shape == X.shape
        assert layer.gradients["W"].shape == (3, 3, 2, 3)
        assert layer.gradients["b"].shape == (1, 3)


def test_convolution_gradient():
    X, dY = batch(4, 3, 4, 5, 2), batch(5, 3, 4, 5, 3)
    assert_gradients(convolution(X, activation="tanh"), X, dY, "W", "b")


def test_convolution_second_batch_with_stride():
    X, dY = batch(6, 2, 5, 6, 2), batch(7, 2, 3, 3, 3)
    layer = convolution(batch(8, 4, 5, 6, 2), (2, 3), 2, 1)
    layer.backward(batch(9, 4, 3, 3, 3))
    assert_gradients(layer, X, dY, "W", "b")


modes = pytest.mark.parametrize("mode", ["max", "average"])


@modes
def test_pooling_forward(mode):
    X = batch(10, 2, 5, 6, 3)
    layer, pooled = Pool2D((3, 2), mode, 2, 1), np.max if mode == "max" else np.mean
    Y = layer.forward(X)
    for place, window in windows(X, (3, 2), 2, (1, 1)):
        assert_allclose(Y[place], pooled(window, axis=(0, 1)), rtol=1e-7)


@modes
def test_pooling_shapes(mode):
    for m in (1, 3):
        layer = Pool2D((2, 2), mode, 2)
        assert layer.forward(batch(11, m, 5, 6, 2)).shape == (m, 2, 3, 2)
        assert layer.backward(batch(12, m, 2, 3, 2)).shape == (m, 5, 6, 2)


@modes
@pytest.mark.parametrize(("kernel", "stride", "pad"), [((2, 2), 2, 0), ((3, 2), 1, 1)])
def test_pooling_gradient(mode, kernel, stride, pad):
    X, layer = batch(13, 2, 4, 6, 2), Pool2D(kernel, mode, stride, pad)
    assert_gradients(layer, X, batch(14, *layer.forward(X).shape))
