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
        # YOUR CODE HERE
        raise NotImplementedError("Question 2: write BinaryCrossEntropy.forward.")

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss with respect to the PROBABILITIES Y_hat.

        Args:
            Y: labels, of shape (m, 1), each 0 or 1.
            Y_hat: predicted probabilities of the label 1, of shape (m, 1), between 0 and 1.

        Returns:
            dL/dY_hat, of shape (m, 1).
        """
        # YOUR CODE HERE
        raise NotImplementedError("Question 2: write BinaryCrossEntropy.backward.")
