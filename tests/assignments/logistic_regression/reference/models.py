"""The model: a probability for every example, from a weighted sum of its features."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .activations import Sigmoid


class Activation(Protocol):
    """What stands between the weighted sum Z and the output Y_hat, both of shape (m, 1)."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return Y_hat."""

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ from Z and dY = dL/dY_hat."""


class LogisticRegression:
    """Logistic regression, Y_hat = activation(X w + b)."""

    def __init__(self, n: int, activation: Activation | None = None) -> None:
        """Start with w and b of zeros: the loss is convex, so any start will do.

        Args:
            n: number of features.
            activation: what makes Y_hat of Z; the sigmoid, if no other one is given.
        """
        self.activation: Activation = Sigmoid() if activation is None else activation
        self.parameters = {"w": np.zeros((n, 1)), "b": np.zeros((1, 1))}
        self.gradients: dict[str, np.ndarray] = {}
        self.cache: dict[str, np.ndarray] = {}

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y_hat, and keep in `cache` what `backward` needs.

        Args:
            X: a batch, of shape (m, n).

        Returns:
            Y_hat, of shape (m, 1).
        """
        # BEGIN SOLUTION 3
        Z = X @ self.parameters["w"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)
        # END SOLUTION

    def backward(self, dY: np.ndarray) -> None:
        """Store the gradients of w and b in `gradients`, under the names of the parameters.

        They replace those of an earlier batch. The loss has its 1/m already.

        Args:
            dY: dL/dY_hat for the batch of the last `forward`, of shape (m, 1).
        """
        # BEGIN SOLUTION 3
        dZ = self.activation.backward(self.cache["Z"], dY)
        self.gradients = {"w": self.cache["X"].T @ dZ, "b": dZ.sum(axis=0, keepdims=True)}
        # END SOLUTION
