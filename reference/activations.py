"""Activation functions: the element-wise (or row-wise) nonlinear last step of a layer.

Every class maps a pre-activation Z to Y = sigma(Z) in `forward` and the gradient dL/dY to
dL/dZ in `backward`. `backward` is given the PRE-activation Z and must not rely on an earlier
call to `forward`. The first axis of Z indexes the examples of the mini-batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Activation(ABC):
    """A nonlinear map without parameters; calling it calls `forward`."""

    def __call__(self, Z: np.ndarray) -> np.ndarray:
        """Return `forward(Z)`."""
        return self.forward(Z)

    @abstractmethod
    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return Y = sigma(Z), of the same shape as Z."""

    @abstractmethod
    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ, of the same shape as Z, from the pre-activation Z and dY = dL/dY."""


class Identity(Activation):
    """The identity, sigma(z) = z."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return Z itself."""
        return Z

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dY: the slope is 1 everywhere."""
        return dY


class TanH(Activation):
    """The hyperbolic tangent, sigma(z) = tanh(z)."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return tanh(Z), element by element."""
        return np.tanh(Z)

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ = dY * (1 - tanh(Z)^2)."""
        return dY * (1.0 - np.tanh(Z) ** 2)


class ReLU(Activation):
    """The rectified linear unit, sigma(z) = 0 if z < 0, and z otherwise."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return ReLU(Z), element by element.

        Args:
            Z: pre-activation, of any shape.

        Returns:
            Y, of the same shape as Z.
        """
        # BEGIN SOLUTION 3.1
        return np.maximum(Z, 0.0)
        # END SOLUTION

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ. At exactly z = 0, you may choose any slope in [0, 1].

        Args:
            Z: pre-activation, of any shape.
            dY: dL/dY, of the same shape as Z.

        Returns:
            dL/dZ, of the same shape as Z.
        """
        # BEGIN SOLUTION 3.1
        return dY * (Z > 0)
        # END SOLUTION


class Sigmoid(Activation):
    """The logistic function, sigma(z) = 1 / (1 + exp(-z))."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return sigma(Z), element by element, without overflow for |z| up to 1000.

        Args:
            Z: pre-activation, of any shape.

        Returns:
            Y, of the same shape as Z.
        """
        # BEGIN SOLUTION 3.2
        decay = np.exp(-np.abs(Z))  # in (0, 1]: never overflows
        return np.where(Z >= 0, 1.0, decay) / (1.0 + decay)
        # END SOLUTION

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ, without overflow for |z| up to 1000.

        Args:
            Z: pre-activation, of any shape.
            dY: dL/dY, of the same shape as Z.

        Returns:
            dL/dZ, of the same shape as Z.
        """
        # BEGIN SOLUTION 3.2
        return dY * self.forward(Z) * self.forward(-Z)  # 1 - sigma(z) = sigma(-z)
        # END SOLUTION


class SoftMax(Activation):
    """The softmax over each row, sigma(z)_j = exp(z_j) / sum_l exp(z_l)."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return the softmax of every row, stable for |z| up to 1000.

        Args:
            Z: pre-activation, of shape (m, k); each row is one example.

        Returns:
            Y, of shape (m, k); every row is non-negative and sums to 1.
        """
        # BEGIN SOLUTION 3.4
        powers = np.exp(Z - Z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
        # END SOLUTION

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ through the full Jacobian of every row (not fused with a loss).

        Args:
            Z: pre-activation, of shape (m, k).
            dY: dL/dY, of shape (m, k).

        Returns:
            dL/dZ, of shape (m, k).
        """
        # BEGIN SOLUTION 3.4
        Y = self.forward(Z)
        return Y * (dY - (dY * Y).sum(axis=1, keepdims=True))
        # END SOLUTION


ACTIVATIONS: dict[str, type[Activation]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": TanH,
    "relu": ReLU,
    "softmax": SoftMax,
}


def initialize_activation(name: str) -> Activation:
    """Return the activation with the given name.

    Args:
        name: "identity", "sigmoid", "tanh", "relu" or "softmax".

    Raises:
        NotImplementedError: there is no activation with that name.
    """
    if name not in ACTIVATIONS:
        raise NotImplementedError(
            f"There is no activation {name!r}; choose one of: {', '.join(ACTIVATIONS)}."
        )
    return ACTIVATIONS[name]()
