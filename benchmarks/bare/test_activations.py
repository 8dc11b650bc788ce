"""ReLU, sigmoid and softmax."""

from __future__ import annotations

import numpy as np
import pytest
from numeric import ATOL, RTOL, batch, difference
from numpy.testing import assert_allclose, assert_array_equal

from reference.activations import ReLU, Sigmoid, SoftMax


def relu(Z):
    return np.where(Z > 0, Z, 0.0)


def sigmoid(Z):
    return 0.5 * (1.0 + np.tanh(0.5 * Z))


def softmax(Z):
    Y = np.empty_like(Z)
    for i, z in enumerate(Z):
        for j in range(len(z)):
            Y[i, j] = 1.0 / np.sum(np.exp(z - z[j]))
    return Y


FORMULAS = {ReLU: relu, Sigmoid: sigmoid, SoftMax: softmax}
kinds = pytest.mark.parametrize("kind", FORMULAS)


@kinds
def test_forward(kind):
    Z = batch(0, 5, 8)
    assert_allclose(kind().forward(Z), FORMULAS[kind](Z), rtol=1e-7)


@kinds
def test_shape(kind):
    for m in (1, 5):
        Z = batch(1, m, 6)
        assert kind().forward(Z).shape == (m, 6)
        assert kind().backward(Z, Z).shape == (m, 6)


@kinds
def test_gradient(kind):
    Z, dY = batch(2, 5, 8), batch(3, 5, 8)
    numeric = difference(kind().forward, Z, dY)
    assert_allclose(kind().backward(Z, dY), numeric, rtol=RTOL, atol=ATOL)


@kinds
def test_second_batch(kind):
    activation, Z, dY = kind(), batch(4, 4, 3), batch(5, 4, 3)
    activation.forward(batch(6, 7, 3))
    assert_allclose(activation.forward(Z), FORMULAS[kind](Z), rtol=1e-7)
    activation.forward(batch(7, 4, 3))
    numeric = difference(kind().forward, Z, dY)
    assert_allclose(activation.backward(Z, dY), numeric, rtol=RTOL, atol=ATOL)


@kinds
def test_inputs_stay_as_they_are(kind):
    Z, dY = batch(8, 4, 3), batch(9, 4, 3)
    kind().forward(Z)
    kind().backward(Z, dY)
    assert_array_equal(Z, batch(8, 4, 3))
    assert_array_equal(dY, batch(9, 4, 3))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [Sigmoid, SoftMax])
def test_large_inputs(kind):
    Z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    assert_allclose(kind().forward(Z), [[1.0, 0.0], [0.0, 1.0]], atol=1e-12)
    assert np.isfinite(kind().backward(Z, np.ones((2, 2)))).all()
