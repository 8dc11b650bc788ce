"""Given layers, a loss and an optimizer that only do arithmetic: what a network is judged with.

They stand in for the submission's own, so that a network is judged with everything else correct.
The shapes of the matrices fix the order of the layers, the loss is not symmetric in its
arguments, and nothing here is a solution of any question.
"""

from __future__ import annotations

import numpy as np

from .layers import Layer
from .losses import Loss
from .optimizers import Optimizer


class Matrix(Layer):
    """Y = X A for a given A (n_in, n_out), its only parameter."""

    def __init__(self, A: np.ndarray) -> None:
        """Keep A."""
        super().__init__()
        self.n_in, self.n_out = A.shape
        self.parameters = {"A": A}
        self.gradients = {"A": np.zeros_like(A)}

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X A, for X (m, n_in)."""
        self.cache["X"] = X
        return X @ self.parameters["A"]

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX for dLdY (m, n_out); store gradients["A"]."""
        self.gradients["A"] = self.cache["X"].T @ dLdY
        return dLdY @ self.parameters["A"].T


class Skew(Loss):
    """L = (1/m) sum (2 Y - Y_hat)^2, which is another number with its arguments exchanged."""

    def __init__(self, name: str = "skew") -> None:
        """Keep the name."""
        super().__init__(name)

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the loss for arrays (m, k)."""
        return float(np.sum((2.0 * Y - Y_hat) ** 2) / len(Y))

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return dL/dY_hat, (m, k)."""
        return 2.0 * (Y_hat - 2.0 * Y) / len(Y)


class Quarter(Optimizer):
    """Takes a quarter of the gradient as its step."""

    def update(
        self, param_name: str, param: np.ndarray, param_grad: np.ndarray, epoch: int
    ) -> np.ndarray:
        """Return param_grad / 4."""
        return param_grad / 4.0


class Holder:
    """Holds an array, so that a change of it in place can be seen."""

    def __init__(self, value: np.ndarray) -> None:
        """Keep the array."""
        self.value = value
