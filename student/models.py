"""The neural network: a chain of layers, a loss at its end, and an optimizer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .datasets import Dataset
from .layers import Layer, initialize_layer
from .losses import Loss, initialize_loss
from .optimizers import Optimizer
from .weights import seed_weights

Progress = Callable[[Iterable[int]], Iterable[int]]


class NeuralNetwork:
    """A feed-forward network, trained with mini-batches."""

    def __init__(
        self,
        loss: Loss | str,
        layers: Sequence[Layer | Mapping[str, Any]],
        optimizer: Optimizer,
        seed: int | np.random.Generator = 0,
    ) -> None:
        """Build the network.

        Args:
            loss: the loss, or its name for `initialize_loss`.
            layers: the layers from first to last, each a layer or the arguments for
                `initialize_layer`, such as {"name": "flatten"}.
            optimizer: what turns gradients into steps.
            seed: fixes the initial weights, which are drawn at the first forward pass.
        """
        self.loss = initialize_loss(loss) if isinstance(loss, str) else loss
        self.layers = [initialize_layer(**x) if isinstance(x, Mapping) else x for x in layers]
        self.optimizer = optimizer
        seed_weights(seed)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Run one forward pass through all layers, and return the output of the last one.

        Args:
            X: a mini-batch, of shape (m, ...).

        Returns:
            The output of the last layer, of shape (m, ...).
        """
        # YOUR CODE HERE
        raise NotImplementedError("Question 4.1: write NeuralNetwork.forward.")

    def backward(self, target: np.ndarray, out: np.ndarray) -> float:
        """Send the gradient of the loss back through every layer, from the last to the first.

        Every layer then holds the gradients of its parameters in `gradients`.

        Args:
            target: the targets Y, of shape (m, k).
            out: what `forward` returned for this mini-batch, of shape (m, k).

        Returns:
            The value of the loss.
        """
        # YOUR CODE HERE
        raise NotImplementedError("Question 4.1: write NeuralNetwork.backward.")

    def predict(self, X: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the predictions for X, and their loss.

        Args:
            X: examples, of shape (m, ...).
            Y: their targets, of shape (m, k).

        Returns:
            (Y_hat, loss): the predictions, of shape (m, k), and a number.
        """
        # YOUR CODE HERE
        raise NotImplementedError("Question 4.1: write NeuralNetwork.predict.")

    def update(self, epoch: int) -> None:
        """Take one step with every parameter of every layer, then clear the gradients."""
        for number, layer in enumerate(self.layers):
            for name, parameter in layer.parameters.items():
                gradient = layer.gradients[name]
                delta = self.optimizer.update(f"{name}{number}", parameter, gradient, epoch)
                layer.parameters[name] = parameter - delta
            layer.clear_gradients()

    def error(self, target: np.ndarray, out: np.ndarray) -> float:
        """Return the fraction of examples whose largest output is not at the target's class."""
        return float(np.mean(np.argmax(target, axis=1) != np.argmax(out, axis=1)))

    def train(self, dataset: Dataset, epochs: int, progress: Progress | None = None) -> list[float]:
        """Train on the training examples of a data set.

        Args:
            dataset: provides the mini-batches.
            epochs: the number of passes through the training examples.
            progress: wraps the range of epochs, for example to show a progress bar.

        Returns:
            The mean loss over the mini-batches of each epoch.
        """
        history = []
        for epoch in (progress or iter)(range(epochs)):
            losses = []
            for X, Y in dataset.batches():
                losses.append(self.backward(Y, self.forward(X)))
                self.update(epoch)
            history.append(float(np.mean(losses)))
        return history
