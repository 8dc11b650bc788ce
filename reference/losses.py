"""Loss functions: how far the predictions Y_hat are from the targets Y, as one number.

The TARGET comes FIRST in every call. Both arrays are of shape (m, k), one example per row. The
mean over the m examples is taken here, and nowhere else: layers never divide by m.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Loss(ABC):
    """A function of targets and predictions; calling it calls `forward`."""

    def __init__(self, name: str) -> None:
        """Store the name of the loss."""
        self.name = name

    def __call__(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return `forward(Y, Y_hat)`."""
        return self.forward(Y, Y_hat)

    @abstractmethod
    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the loss, a number."""

    @abstractmethod
    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return dL/dY_hat, of the same shape as Y_hat."""


class CrossEntropy(Loss):
    """The cross-entropy of predicted probabilities, L = -(1/m) sum_ij Y_ij ln(Y_hat_ij)."""

    def __init__(self, name: str = "cross_entropy") -> None:
        """Store the name of the loss."""
        super().__init__(name)

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the cross-entropy, averaged over the examples.

        Args:
            Y: targets, of shape (m, k): one-hot rows, or rows of probabilities.
            Y_hat: predicted probabilities, of shape (m, k), all of them positive.

        Returns:
            The loss, a number.
        """
        # BEGIN SOLUTION 3.5
        return float(-np.sum(Y * np.log(np.maximum(Y_hat, SMALLEST))) / Y.shape[0])
        # END SOLUTION

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss with respect to the PROBABILITIES Y_hat.

        Args:
            Y: targets, of shape (m, k).
            Y_hat: predicted probabilities, of shape (m, k), all of them positive.

        Returns:
            dL/dY_hat, of shape (m, k).
        """
        # BEGIN SOLUTION 3.5
        return -Y / np.maximum(Y_hat, SMALLEST) / Y.shape[0]
        # END SOLUTION


class MSE(Loss):
    """The mean squared error, L = (1/m) sum_i ||y_i - y_hat_i||^2."""

    def __init__(self, name: str = "mse") -> None:
        """Store the name of the loss."""
        super().__init__(name)

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the squared distance between target and prediction, averaged over the examples.

        Args:
            Y: targets, of shape (m, k).
            Y_hat: predictions, of shape (m, k).

        Returns:
            The loss, a number.
        """
        # BEGIN SOLUTION 3.6
        return float(np.sum((Y - Y_hat) ** 2) / Y.shape[0])
        # END SOLUTION

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss with respect to the predictions.

        Args:
            Y: targets, of shape (m, k).
            Y_hat: predictions, of shape (m, k).

        Returns:
            dL/dY_hat, of shape (m, k).
        """
        # BEGIN SOLUTION 3.6
        return 2.0 * (Y_hat - Y) / Y.shape[0]
        # END SOLUTION


# BEGIN SOLUTION
# Smaller probabilities are raised to this: ln and 1/y stay finite when softmax underflows.
SMALLEST = 1e-12
# END SOLUTION


def initialize_loss(name: str) -> Loss:
    """Return the loss with the given name.

    Args:
        name: "cross_entropy" or "mse".

    Raises:
        NotImplementedError: there is no loss with that name.
    """
    losses: dict[str, type[Loss]] = {"cross_entropy": CrossEntropy, "mse": MSE}
    if name not in losses:
        raise NotImplementedError(f"There is no loss {name!r}; choose one of: {', '.join(losses)}.")
    return losses[name](name)
