"""Optimizers: how far a parameter moves, given its gradient."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Optimizer(ABC):
    """Turns gradients into steps, and remembers what it needs for each parameter."""

    @abstractmethod
    def update(
        self, param_name: str, param: np.ndarray, param_grad: np.ndarray, epoch: int
    ) -> np.ndarray:
        """Return delta, of the same shape as `param`; the caller subtracts it from `param`."""


class SGD(Optimizer):
    """Stochastic gradient descent with momentum (Polyak 1964)."""

    def __init__(self, lr: float, momentum: float = 0.0) -> None:
        """Store the settings.

        Args:
            lr: learning rate, positive.
            momentum: the fraction of the previous step that is added to this one, in [0, 1).
        """
        self.lr = lr
        self.momentum = momentum
        self.cache: dict[str, np.ndarray] = {}

    def update(
        self, param_name: str, param: np.ndarray, param_grad: np.ndarray, epoch: int
    ) -> np.ndarray:
        """Return this step's delta for one parameter; leave `param` itself unchanged.

        delta = momentum * (previous delta of the SAME parameter) + lr * param_grad, where the
        previous delta of a parameter that was never updated is 0. `NeuralNetwork.update` then
        decreases the parameter by delta.

        Args:
            param_name: the name of the parameter, unique in the network.
            param: the parameter, of any shape.
            param_grad: dL/dparam, of the same shape.
            epoch: number of the epoch, for optimizers whose learning rate changes; not used here.

        Returns:
            delta, of the same shape.
        """
        # YOUR CODE HERE
        raise NotImplementedError("Question 4.2: write SGD.update.")
