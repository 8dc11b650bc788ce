"""The activation, which turns any number into a probability."""

from __future__ import annotations

import numpy as np


class Sigmoid:
    """The logistic function, sigma(z) = 1 / (1 + exp(-z)), entry by entry."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return sigma(Z), with neither overflow nor NaN for |z| up to 1000.

        Args:
            Z: pre-activation, of shape (m, n).

        Returns:
            Y, of shape (m, n), between 0 and 1.
        """
        # BEGIN SOLUTION 1
        return 0.5 * (1.0 + np.tanh(0.5 * Z))
        # END SOLUTION

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ. It may be called without a `forward` before it.

        Args:
            Z: pre-activation, of shape (m, n).
            dY: dL/dY, of shape (m, n).

        Returns:
            dL/dZ, of shape (m, n).
        """
        # BEGIN SOLUTION 1
        Y = self.forward(Z)
        return dY * Y * (1.0 - Y)
        # END SOLUTION
