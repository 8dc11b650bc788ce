"""The optimizer: from gradients to better parameters."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Model(Protocol):
    """What has parameters, and under the same names a gradient of the same shape for each."""

    parameters: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]


class GradientDescent:
    """Gradient descent with a fixed learning rate."""

    def __init__(self, lr: float) -> None:
        """Keep the learning rate, a positive number."""
        self.lr = lr

    def step(self, model: Model) -> None:
        """Move every parameter of a model, whatever its name, one step downhill.

        Only `model.parameters` changes; the gradients stay as they are.

        Args:
            model: has parameters and their gradients, of any shapes.
        """
        # YOUR CODE HERE
        raise NotImplementedError("Question 4: write GradientDescent.step.")
