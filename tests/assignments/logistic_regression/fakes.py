"""Given objects that the targets are judged with: an activation, a model that only holds numbers.

They stand in for the submission's own, so that every target is judged with everything else correct.
Nothing here is a solution of any question.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Softsign:
    """The activation sigma(z) = z / (1 + |z|), which no question asks for."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return sigma(Z), of the shape of Z."""
        return np.asarray(Z / (1.0 + np.abs(Z)))

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ, of the shape of Z, from the pre-activation Z and dY = dL/dY.

        Raises:
            ValueError: the shapes of Z and dY differ.
        """
        if np.shape(Z) != np.shape(dY):
            raise ValueError(
                f"The activation's backward got Z of shape {np.shape(Z)} and dY of shape "
                f"{np.shape(dY)}; both have the same."
            )
        return np.asarray(dY / (1.0 + np.abs(Z)) ** 2)


class Holder:
    """Has parameters and gradients, as a model has after its backward."""

    def __init__(self, parameters: dict[str, np.ndarray], gradients: dict[str, np.ndarray]) -> None:
        """Keep both; the gradient of a parameter has its name and its shape."""
        self.parameters = parameters
        self.gradients = gradients


class Lesson:
    """A data set without its test labels."""

    def __init__(self, data: Any) -> None:
        """Keep everything of a `datasets.Dataset` but Y_test."""
        self.X_train, self.Y_train, self.X_test = data.X_train, data.Y_train, data.X_test


class Curve:
    """Holds what a training returned; gives it as an array, if it is a sequence of numbers."""

    def __init__(self, values: object) -> None:
        """Keep it."""
        self.values = values

    def array(self) -> np.ndarray:
        """Return the numbers, of shape (epochs,); anything else raises numpy's own error."""
        return np.asarray(self.values, float).reshape(-1)
