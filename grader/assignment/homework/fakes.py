"""Given layers, a loss and an optimizer that only do arithmetic: what a network is judged with.

They stand in for the submission's own, so that a network is judged with everything else correct.
The shapes of the matrices fix the order of the layers, the loss is not symmetric in its
arguments, and nothing here is a solution of any question. They have the interface of the
homework's classes but do not derive from them: those are the submission's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


class Matrix:
    """A layer Y = X A for a given A (n_in, n_out), its only parameter."""

    def __init__(self, A: np.ndarray) -> None:
        """Keep A."""
        self.activation = None
        self.n_in, self.n_out = A.shape
        self.parameters = {"A": A}
        self.cache: dict[str, np.ndarray] = {}
        self.clear_gradients()

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return `forward(X)`."""
        return self.forward(X)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X A, for X (m, n_in)."""
        self.cache["X"] = X
        return np.asarray(X @ self.parameters["A"])

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX for dLdY (m, n_out); store gradients["A"]."""
        if "X" not in self.cache:
            raise ValueError("backward of a layer was called before its forward.")
        due = (len(self.cache["X"]), self.n_out)
        if np.shape(dLdY) != due:
            raise ValueError(
                f"backward of a layer got a gradient of shape {np.shape(dLdY)}; the output of this "
                f"layer has shape {due}, and the gradient with respect to it must match."
            )
        self.gradients["A"] = self.cache["X"].T @ dLdY
        return np.asarray(dLdY @ self.parameters["A"].T)

    def clear_gradients(self) -> None:
        """Set the gradient to zeros."""
        self.gradients = {"A": np.zeros_like(self.parameters["A"])}


class Pixels:
    """A layer Y = X A for images X (m, H, W, C): every pixel by itself, for a given A (C, n_out).

    Its outputs are in Fortran order, as results of numpy may be.
    """

    def __init__(self, A: np.ndarray) -> None:
        """Keep A."""
        self.activation = None
        self.n_in, self.n_out = A.shape
        self.parameters = {"A": A}
        self.cache: dict[str, np.ndarray] = {}
        self.clear_gradients()

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return `forward(X)`."""
        return self.forward(X)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y, of shape (m, H, W, n_out)."""
        if np.ndim(X) != 4 or np.shape(X)[3] != self.n_in:
            raise ValueError(
                f"a layer for images got an array of shape {np.shape(X)} from the network instead "
                f"of (m, H, W, {self.n_in}): a network passes arrays on unchanged."
            )
        self.cache["X"] = X
        return np.asfortranarray(X @ self.parameters["A"])

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX for dLdY (m, H, W, n_out); store gradients["A"]."""
        due = (*self.cache["X"].shape[:3], self.n_out)
        if np.shape(dLdY) != due:
            raise ValueError(
                f"backward of a layer for images got a gradient of shape {np.shape(dLdY)} instead "
                f"of {due}: a network passes gradients on unchanged."
            )
        self.gradients["A"] = np.tensordot(self.cache["X"], dLdY, axes=((0, 1, 2), (0, 1, 2)))
        return np.asfortranarray(dLdY @ self.parameters["A"].T)

    def clear_gradients(self) -> None:
        """Set the gradient to zeros."""
        self.gradients = {"A": np.zeros_like(self.parameters["A"])}


class Double:
    """The activation Y = 2 Z: leaving its slope out shows, and a wrong Z does not change it."""

    def __call__(self, Z: np.ndarray) -> np.ndarray:
        """Return `forward(Z)`."""
        return self.forward(Z)

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return Y, of the shape of Z."""
        return np.asarray(2.0 * Z)

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ for dL/dY, all of one shape."""
        if np.shape(Z) != np.shape(dY):
            raise ValueError(
                f"backward of the activation got a Z of shape {np.shape(Z)} and a gradient of "
                f"shape {np.shape(dY)}: both must have the shape of the layer's output."
            )
        return np.asarray(2.0 * dY)


class Mixing:
    """An activation that mixes the entries of a row, or the channels of a pixel.

    Y = Z (2 + mean of Z), with the mean over the last axis.
    """

    def __call__(self, Z: np.ndarray) -> np.ndarray:
        """Return `forward(Z)`."""
        return self.forward(Z)

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return Y, of the shape of Z."""
        return np.asarray(Z * self._factor(Z))

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ for dL/dY, all of one shape."""
        return np.asarray(dY * self._factor(Z) + (self._factor(dY * Z) - 2.0))

    @staticmethod
    def _factor(Z: np.ndarray) -> np.ndarray:
        return 2.0 + (np.mean(Z, axis=-1, keepdims=True) if np.ndim(Z) else Z)


def lend_activations() -> None:
    """Let `initialize_activation` know "mixing" and "double"; only where it is given, too."""
    from .activations import ACTIVATIONS  # type: ignore[import-not-found]  # noqa: PLC0415

    ACTIVATIONS.update(mixing=Mixing, double=Double)


class Skew:
    """The loss L = (1/m) sum (2 Y - Y_hat)^2, which changes if its arguments are swapped."""

    name = "skew"

    def __call__(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return `forward(Y, Y_hat)`."""
        return self.forward(Y, Y_hat)

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the loss for arrays (m, k)."""
        return float(np.sum((2.0 * Y - Y_hat) ** 2) / len(Y))

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return dL/dY_hat, (m, k)."""
        return np.asarray(2.0 * (Y_hat - 2.0 * Y) / len(Y))


class Quarter:
    """An optimizer that takes a quarter of the gradient as its step."""

    def update(
        self, param_name: str, param: np.ndarray, param_grad: np.ndarray, epoch: int
    ) -> np.ndarray:
        """Return param_grad / 4, whatever else is given."""
        del param_name, param, epoch
        return param_grad / 4.0


class Holder:
    """Holds an array, so that a change of it in place can be seen."""

    def __init__(self, value: np.ndarray) -> None:
        """Keep the array."""
        self.value = value


def generator(seed: int) -> np.random.Generator:
    """Return the generator from which a network and its data draw."""
    return np.random.default_rng(seed)


class Curve:
    """Holds what `train` returned, to hand it over as an array, if it is a sequence of numbers."""

    MOST = 200  # epochs; a homework takes twenty

    def __init__(self, values: object) -> None:
        """Keep it."""
        self.values = values

    def array(self) -> np.ndarray:
        """Return the first numbers; anything else raises numpy's own error."""
        return np.asarray(self.values, float).reshape(-1)[: self.MOST]


class Lesson:
    """A data set without its test labels."""

    def __init__(self, data: Any) -> None:
        """Keep everything of a `datasets.Dataset` but Y_test."""
        self.X_train, self.Y_train, self.X_test = data.X_train, data.Y_train, data.X_test
        self.batch_size, self.seed, self.rng = data.batch_size, data.seed, data.rng

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield every training example once, in a new order, as mini-batches (X, Y)."""
        order = self.rng.permutation(len(self.X_train))
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            yield self.X_train[rows], self.Y_train[rows]
