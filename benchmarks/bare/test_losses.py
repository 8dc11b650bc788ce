"""Cross-entropy and the mean squared error."""

from __future__ import annotations

import numpy as np
import pytest
from numeric import ATOL, RTOL, batch, difference
from numpy.testing import assert_allclose

from reference.losses import MSE, CrossEntropy


def cross_entropy(Y, Y_hat):
    m, k = Y.shape
    return -sum(Y[i, j] * np.log(Y_hat[i, j]) for i in range(m) for j in range(k)) / m


def mse(Y, Y_hat):
    m, k = Y.shape
    return sum((Y[i, j] - Y_hat[i, j]) ** 2 for i in range(m) for j in range(k)) / m


def probabilities(seed, m, k):
    drawn = np.random.default_rng(seed).uniform(0.1, 1.0, (m, k))
    return drawn / drawn.sum(axis=1, keepdims=True)


FORMULAS = {CrossEntropy: cross_entropy, MSE: mse}
DRAWS = {CrossEntropy: probabilities, MSE: batch}
kinds = pytest.mark.parametrize("kind", FORMULAS)


@kinds
def test_forward(kind):
    Y, Y_hat = DRAWS[kind](0, 5, 3), DRAWS[kind](1, 5, 3)
    assert_allclose(kind().forward(Y, Y_hat), FORMULAS[kind](Y, Y_hat), rtol=1e-7)


@kinds
def test_one_hot_targets(kind):
    Y, Y_hat = np.eye(4)[[0, 2, 1]], DRAWS[kind](2, 3, 4)
    assert_allclose(kind().forward(Y, Y_hat), FORMULAS[kind](Y, Y_hat), rtol=1e-7)


@kinds
def test_shape(kind):
    for m in (1, 5):
        Y, Y_hat = DRAWS[kind](3, m, 3), DRAWS[kind](4, m, 3)
        assert np.ndim(kind().forward(Y, Y_hat)) == 0
        assert kind().backward(Y, Y_hat).shape == (m, 3)


@kinds
def test_gradient(kind):
    Y, Y_hat = DRAWS[kind](5, 5, 4), DRAWS[kind](6, 5, 4)
    numeric = difference(lambda y: kind().forward(Y, y), Y_hat, 1.0)
    assert_allclose(kind().backward(Y, Y_hat), numeric, rtol=RTOL, atol=ATOL)


@kinds
def test_second_batch(kind):
    loss = kind()
    for seed, m in ((7, 2), (8, 6)):
        Y, Y_hat = DRAWS[kind](seed, m, 3), DRAWS[kind](seed + 10, m, 3)
        assert_allclose(loss.forward(Y, Y_hat), FORMULAS[kind](Y, Y_hat), rtol=1e-7)
        numeric = difference(lambda y, Y=Y: FORMULAS[kind](Y, y), Y_hat, 1.0)
        assert_allclose(loss.backward(Y, Y_hat), numeric, rtol=RTOL, atol=ATOL)
