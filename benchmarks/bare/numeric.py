"""What the bare tests share: random arrays, and derivatives by 2-point central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

STEP = 1e-5
# Of a 2-point difference with this step, for numbers near 1.
RTOL, ATOL = 1e-5, 1e-7


def batch(seed: int, *shape: int) -> np.ndarray:
    """Return normal random numbers, none of them near 0, where ReLU has a kink."""
    drawn = np.random.default_rng(seed).normal(size=shape)
    return drawn + 0.01 * np.sign(drawn)


def difference(
    function: Callable[[np.ndarray], Any], point: np.ndarray, dY: np.ndarray | float
) -> np.ndarray:
    """Return the gradient of sum(function(x) * dY) at a point, one entry at a time.

    Args:
        function: is called twice for every entry of the point.
        point: where, of any shape.
        dY: the gradient with respect to what the function returns.

    Returns:
        The gradient, of the shape of the point.
    """
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        plus, minus = point.copy(), point.copy()
        plus[index] += STEP
        minus[index] -= STEP
        gradient[index] = np.sum((function(plus) - function(minus)) * dY) / (2 * STEP)
    return gradient


def assert_gradients(layer: Any, X: np.ndarray, dY: np.ndarray, *names: str) -> None:
    """Compare dX, and the gradients of a layer's parameters, with those of its forward."""
    layer.forward(X)
    dX, gradients = layer.backward(dY), dict(layer.gradients)
    assert_allclose(dX, difference(layer.forward, X, dY), rtol=RTOL, atol=ATOL)
    for name in names:
        before = layer.parameters[name]

        def forward(value: np.ndarray, name: str = name) -> Any:
            layer.parameters[name] = value
            return layer.forward(X)

        numeric = difference(forward, before, dY)
        assert_allclose(gradients[name], numeric, rtol=RTOL, atol=ATOL)
        layer.parameters[name] = before
