"""The fully connected layer and batch normalization."""

from __future__ import annotations

import numpy as np
import pytest
from numeric import assert_gradients, batch
from numpy.testing import assert_allclose

from reference.layers import BatchNorm1D, FullyConnected


def fully_connected(X, activation="tanh"):
    """Return a layer whose bias is not zero."""
    layer = FullyConnected(3, activation)
    layer.forward(X)
    layer.parameters["b"] = batch(1, 1, 3)
    return layer


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_fully_connected_forward(activation):
    X = batch(0, 5, 4)
    layer = fully_connected(X, activation)
    W, b = layer.parameters["W"], layer.parameters["b"]
    Z = np.array([[sum(x * W[:, j]) + b[0, j] for j in range(3)] for x in X])
    assert_allclose(layer.forward(X), np.tanh(Z) if activation == "tanh" else Z, rtol=1e-7)


def test_fully_connected_shapes():
    for m in (1, 5):
        X = batch(2, m, 4)
        layer = fully_connected(X)
        assert layer.forward(X).shape == (m, 3)
        assert layer.backward(batch(3, m, 3)).shape == (m, 4)
        assert layer.gradients["W"].shape == (4, 3)
        assert layer.gradients["b"].shape == (1, 3)


def test_fully_connected_gradient():
    X, dY = batch(4, 5, 4), batch(5, 5, 3)
    assert_gradients(fully_connected(X), X, dY, "W", "b")


def test_fully_connected_second_batch():
    X, dY = batch(6, 2, 4), batch(7, 2, 3)
    layer = fully_connected(batch(8, 7, 4))
    layer.backward(batch(9, 7, 3))
    assert_gradients(layer, X, dY, "W", "b")


def batch_norm(X, eps=0.01):
    """Return a layer whose parameters are not ones and zeros."""
    layer = BatchNorm1D(eps=eps, momentum=0.75)
    layer.forward(X)
    layer.parameters = {"gamma": batch(10, 1, X.shape[1]), "beta": batch(11, 1, X.shape[1])}
    return layer


def test_batch_norm_forward():
    X = 3.0 * batch(12, 6, 4) + 1.0
    layer = batch_norm(X)
    Y, gamma, beta = layer.forward(X), layer.parameters["gamma"], layer.parameters["beta"]
    for j, x in enumerate(X.T):
        mean = sum(x) / 6
        variance = sum((x - mean) ** 2) / 6
        right = gamma[0, j] * (x - mean) / np.sqrt(variance + 0.01) + beta[0, j]
        assert_allclose(Y[:, j], right, rtol=1e-7)


def test_batch_norm_shapes():
    X = batch(13, 5, 3)
    layer = batch_norm(X)
    assert layer.forward(X).shape == (5, 3)
    assert layer.backward(X).shape == (5, 3)
    assert layer.gradients["gamma"].shape == (1, 3)
    assert layer.gradients["beta"].shape == (1, 3)


def test_batch_norm_gradient():
    X, dY = batch(14, 6, 4), batch(15, 6, 4)
    assert_gradients(batch_norm(X), X, dY, "gamma", "beta")


def test_batch_norm_second_batch():
    X, dY = batch(19, 3, 4), batch(20, 3, 4)
    layer = batch_norm(batch(21, 7, 4))
    layer.backward(batch(22, 7, 4))
    assert_gradients(layer, X, dY, "gamma", "beta")


def test_batch_norm_running_statistics():
    layer, mean, variance = BatchNorm1D(momentum=0.75), np.zeros(3), np.zeros(3)
    for seed in (16, 17):
        X = batch(seed, 5, 3)
        layer.forward(X)
        mean = 0.75 * mean + 0.25 * X.mean(axis=0)
        variance = 0.75 * variance + 0.25 * X.var(axis=0)
    assert_allclose(layer.cache["running_mu"], [mean], rtol=1e-7)
    assert_allclose(layer.cache["running_var"], [variance], rtol=1e-7)
    X = batch(18, 2, 3)
    right = (X - mean) / np.sqrt(variance + 1e-8)
    assert_allclose(layer.forward(X, mode="test"), right, rtol=1e-7)
