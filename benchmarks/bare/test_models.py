"""The neural network and its optimizer."""

from __future__ import annotations

import numpy as np
from numeric import ATOL, RTOL, batch, difference
from numpy.testing import assert_allclose, assert_array_equal

from reference.layers import FullyConnected
from reference.losses import MSE
from reference.models import NeuralNetwork
from reference.optimizers import SGD


def network(seed=0):
    layers = [FullyConnected(4, "tanh"), FullyConnected(2, "identity")]
    return NeuralNetwork(MSE(), layers, SGD(lr=0.1), seed)


def outputs(net, X):
    (W1, b1), (W2, b2) = ([layer.parameters[name] for name in "Wb"] for layer in net.layers)
    return np.tanh(X @ W1 + b1) @ W2 + b2


def test_network_forward():
    net, X = network(), batch(0, 5, 3)
    Y = net.forward(X)
    assert Y.shape == (5, 2)
    assert_allclose(Y, outputs(net, X), rtol=1e-7)


def test_network_predict():
    net, X, Y = network(), batch(1, 6, 3), batch(2, 6, 2)
    Y_hat, loss = net.predict(X, Y)
    assert_allclose(Y_hat, outputs(net, X), rtol=1e-7)
    assert_allclose(loss, np.sum((Y - Y_hat) ** 2) / 6, rtol=1e-7)


def test_network_backward_returns_the_loss():
    net, X, Y = network(), batch(3, 4, 3), batch(4, 4, 2)
    assert_allclose(net.backward(Y, net.forward(X)), net.predict(X, Y)[1], rtol=1e-7)


def test_network_gradient():
    net, X, Y = network(), batch(5, 5, 3), batch(6, 5, 2)
    net.backward(Y, net.forward(X))
    for layer in net.layers:
        for name, before in dict(layer.parameters).items():

            def loss(value, layer=layer, name=name):
                layer.parameters[name] = value
                return net.predict(X, Y)[1]

            numeric = difference(loss, before, 1.0)
            assert_allclose(layer.gradients[name], numeric, rtol=RTOL, atol=ATOL)
            layer.parameters[name] = before


def test_network_second_batch():
    net, X, Y = network(), batch(7, 2, 3), batch(8, 2, 2)
    net.backward(batch(9, 5, 2), net.forward(batch(10, 5, 3)))
    net.backward(Y, net.forward(X))
    fresh = network()
    fresh.backward(Y, fresh.forward(X))
    for layer, other in zip(net.layers, fresh.layers, strict=True):
        for name in "Wb":
            assert_allclose(layer.gradients[name], other.gradients[name], rtol=1e-7)


def test_sgd_first_step():
    delta = SGD(lr=0.5).update("W", batch(11, 3, 2), batch(12, 3, 2), 0)
    assert delta.shape == (3, 2)
    assert_allclose(delta, 0.5 * batch(12, 3, 2), rtol=1e-7)


def test_sgd_without_momentum():
    optimizer = SGD(lr=0.5)
    optimizer.update("W", batch(13, 3, 2), batch(14, 3, 2), 0)
    delta = optimizer.update("W", batch(13, 3, 2), batch(15, 3, 2), 1)
    assert_allclose(delta, 0.5 * batch(15, 3, 2), rtol=1e-7)


def test_sgd_momentum():
    optimizer, right = SGD(lr=0.5, momentum=0.75), np.zeros((3, 2))
    for epoch in range(4):
        gradient = batch(16 + epoch, 3, 2)
        right = 0.75 * right + 0.5 * gradient
        assert_allclose(optimizer.update("W", gradient, gradient, epoch), right, rtol=1e-7)


def test_sgd_keeps_parameters_apart():
    optimizer = SGD(lr=0.5, momentum=0.75)
    optimizer.update("W0", batch(20, 3, 2), batch(21, 3, 2), 0)
    delta = optimizer.update("W1", batch(22, 3, 2), batch(23, 3, 2), 0)
    assert_allclose(delta, 0.5 * batch(23, 3, 2), rtol=1e-7)


def test_sgd_leaves_its_inputs_as_they_are():
    parameter, gradient = batch(24, 3, 2), batch(25, 3, 2)
    SGD(lr=0.5, momentum=0.75).update("W", parameter, gradient, 0)
    assert_array_equal(parameter, batch(24, 3, 2))
    assert_array_equal(gradient, batch(25, 3, 2))
