"""The loss: how far predicted probabilities are from labels."""

from __future__ import annotations

import numpy as np


class BinaryCrossEntropy:
    """The binary cross-entropy, L = -(1/m) sum_i (y_i ln y_hat_i + (1 - y_i) ln(1 - y_hat_i))."""

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the loss, averaged over the examples.

        Args:
            Y: labels, of shape (m, 1), each 0 or 1.
            Y_hat: predicted probabilities of the label 1, of shape (m, 1), between 0 and 1.

        Returns:
            The loss, a number.
        """
        # BEGIN SOLUTION 2
        Y_hat = _inside(Y_hat)
        return float(-np.mean(Y * np.log(Y_hat) + (1.0 - Y) * np.log(1.0 - Y_hat)))
        # END SOLUTION

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss with respect to the PROBABILITIES Y_hat.

        Args:
            Y: labels, of shape (m, 1), each 0 or 1.
            Y_hat: predicted probabilities of the label 1, of shape (m, 1), between 0 and 1.

        Returns:
            dL/dY_hat, of shape (m, 1).
        """
        # BEGIN SOLUTION 2
        Y_hat = _inside(Y_hat)
        return (Y_hat - Y) / (Y_hat * (1.0 - Y_hat)) / len(Y)
        # END SOLUTION


# BEGIN SOLUTION
# A sigmoid rounds to exactly 0 or 1 for large |z|; ln and the division stay finite this far inside.
SMALLEST = 1e-12


def _inside(Y_hat: np.ndarray) -> np.ndarray:
    """Return probabilities that are neither 0 nor 1, of the shape of Y_hat."""
    return np.clip(Y_hat, SMALLEST, 1.0 - SMALLEST)


# END SOLUTION
