"""Layers: maps with parameters, from a mini-batch X to Y, and from dL/dY back to dL/dX.

The first axis indexes the m examples; images are NHWC, (m, height, width, channels). The
activation is INSIDE FullyConnected and Conv2D. `backward` returns dL/dX and, for every parameter P,
stores dL/dP in `gradients`, with the same name and shape as P, replacing what was there. The 1/m is
already in the loss: layers sum over the examples and never divide by m.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from .activations import Activation, initialize_activation
from .weights import initialize_weights


class Layer(ABC):
    """A map with parameters, which are created at the first forward pass from the shape of X."""

    def __init__(self) -> None:
        """Start without parameters."""
        self.activation: Activation | None = None
        self.n_in: int | None = None
        self.n_out: int | None = None
        self.parameters: dict[str, np.ndarray] = {}
        self.cache: dict[str, Any] = {}
        self.gradients: dict[str, np.ndarray] = {}

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return `forward(X)`."""
        return self.forward(X)

    @abstractmethod
    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y for a mini-batch X, and keep in `cache` what `backward` needs."""

    @abstractmethod
    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX for the last mini-batch, and store dL/dP for every parameter P."""

    def clear_gradients(self) -> None:
        """Set every gradient to zero."""
        self.gradients = {name: np.zeros_like(value) for name, value in self.parameters.items()}


class FullyConnected(Layer):
    """A fully connected layer, Y = act(X W + b)."""

    def __init__(self, n_out: int, activation: str, weight_init: str = "xavier_uniform") -> None:
        """Store the settings; W and b are created at the first forward pass.

        Args:
            n_out: number of outputs.
            activation: name of the activation, for `initialize_activation`.
            weight_init: name of the initializer, for `initialize_weights`.
        """
        super().__init__()
        self.n_out = n_out
        self.activation: Activation = initialize_activation(activation)
        self.init_weights = initialize_weights(weight_init, activation=activation)

    def _init_parameters(self, X_shape: tuple[int, ...]) -> None:
        """Make W (n_in, n_out) and b (1, n_out); n_in is X_shape[1]."""
        assert self.n_out is not None
        self.n_in = X_shape[1]
        W = self.init_weights((self.n_in, self.n_out))
        self.parameters = {"W": W, "b": np.zeros((1, self.n_out))}
        self.clear_gradients()

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y = act(X W + b).

        Args:
            X: mini-batch, of shape (m, n_in).

        Returns:
            Y, of shape (m, n_out).
        """
        if self.n_in is None:
            self._init_parameters(X.shape)
        # BEGIN SOLUTION 3.3
        Z = X @ self.parameters["W"] + self.parameters["b"]
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)
        # END SOLUTION

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX; store gradients["W"] and gradients["b"].

        Args:
            dLdY: gradient with respect to the output Y, of shape (m, n_out).

        Returns:
            dL/dX, of shape (m, n_in).
        """
        # BEGIN SOLUTION 3.3
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = dZ.sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T
        # END SOLUTION


# BEGIN SOLUTION
def _pad(X: np.ndarray, pad: tuple[int, int]) -> np.ndarray:
    """Return X (m, H, W, C) with pad[0] rows and pad[1] columns of zeros on every side."""
    return np.pad(X, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1]), (0, 0)))


def _windows(X_pad: np.ndarray, kernel: tuple[int, int], stride: int) -> np.ndarray:
    """Return a view (m, H', W', C, kh, kw) of every window of a padded X (m, H, W, C)."""
    view = np.lib.stride_tricks.sliding_window_view(X_pad, kernel, axis=(1, 2))
    return view[:, ::stride, ::stride]


def _positions(
    kernel: tuple[int, int], out: tuple[int, int], stride: int
) -> list[tuple[int, int, slice, slice]]:
    """Return (i, j, rows, columns): the pixels under kernel position (i, j), one per window."""
    return [
        (i, j, slice(i, i + stride * out[0], stride), slice(j, j + stride * out[1], stride))
        for i in range(kernel[0])
        for j in range(kernel[1])
    ]


def _crop(X_pad: np.ndarray, pad: tuple[int, int]) -> np.ndarray:
    """Return X_pad (m, H, W, C) without the pixels that `_pad` added."""
    _, height, width, _ = X_pad.shape
    return X_pad[:, pad[0] : height - pad[0], pad[1] : width - pad[1]]


# END SOLUTION
def _padding(kernel_shape: tuple[int, int], pad: str | int) -> tuple[int, int]:
    """Return the rows and columns of zeros on every side, for "same", "valid" or a number."""
    if pad == "same":
        return (kernel_shape[0] - 1) // 2, (kernel_shape[1] - 1) // 2
    if pad == "valid":
        return 0, 0
    if isinstance(pad, int) and pad >= 0:
        return pad, pad
    raise ValueError(f"pad is {pad!r}; it must be 'same', 'valid', or a nonnegative integer.")


class Conv2D(Layer):
    """A convolutional layer: cross-correlation with zero padding, a bias, an activation.

    Z[i, r, c, o] = b[o] + sum_{u, v, k} X_pad[i, s r + u, s c + v, k] W[u, v, k, o]; Y = act(Z).
    """

    def __init__(
        self,
        n_out: int,
        kernel_shape: tuple[int, int],
        activation: str,
        stride: int = 1,
        pad: str | int = "same",
        weight_init: str = "xavier_uniform",
    ) -> None:
        """Store the settings; W and b are created at the first forward pass.

        Args:
            n_out: number of kernels, that is, of output channels.
            kernel_shape: (kh, kw), which may differ and may be even.
            activation: name of the activation, for `initialize_activation`.
            stride: step of the window, in rows and in columns.
            pad: zeros on every side: "same" for ((kh - 1) // 2, (kw - 1) // 2) whatever the
                stride, "valid" for none, or a number for both directions. It is kept in
                `self.pad` as (rows, columns).
            weight_init: name of the initializer, for `initialize_weights`.
        """
        super().__init__()
        self.n_out = n_out
        self.kernel_shape = kernel_shape
        self.stride = stride
        self.pad = _padding(kernel_shape, pad)
        self.activation: Activation = initialize_activation(activation)
        self.init_weights = initialize_weights(weight_init, activation=activation)

    def _init_parameters(self, X_shape: tuple[int, ...]) -> None:
        """Make W (kh, kw, C, n_out) and b (1, n_out); C is X_shape[3]."""
        assert self.n_out is not None
        self.n_in = X_shape[3]
        W = self.init_weights((*self.kernel_shape, self.n_in, self.n_out))
        self.parameters = {"W": W, "b": np.zeros((1, self.n_out))}
        self.clear_gradients()

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y; a last window that does not fit completely is dropped.

        Args:
            X: mini-batch, of shape (m, H, W, C).

        Returns:
            Y, of shape (m, H', W', n_out); H' = (H + 2 pad - kh) // stride + 1, and W' likewise.
        """
        if self.n_in is None:
            self._init_parameters(X.shape)
        # BEGIN SOLUTION 5.1
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = np.tensordot(windows, W, axes=((4, 5, 3), (0, 1, 2))) + b.reshape(-1)
        self.cache = {"X": X, "Z": Z}
        return self.activation.forward(Z)
        # END SOLUTION

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX; store gradients["W"] and gradients["b"].

        Args:
            dLdY: gradient with respect to the output Y, of shape (m, H', W', n_out).

        Returns:
            dL/dX, of shape (m, H, W, C).
        """
        # BEGIN SOLUTION 5.1
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        X_pad = _pad(X, self.pad)
        dX_pad, dW = np.zeros(X_pad.shape), np.zeros(W.shape)
        for i, j, rows, columns in _positions(self.kernel_shape, dZ.shape[1:3], self.stride):
            dX_pad[:, rows, columns] += dZ @ W[i, j].T
            dW[i, j] = np.tensordot(X_pad[:, rows, columns], dZ, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["W"] = dW
        self.gradients["b"] = dZ.sum(axis=(0, 1, 2)).reshape(1, -1)
        return _crop(dX_pad, self.pad)
        # END SOLUTION


class Pool2D(Layer):
    """A pooling layer: the maximum or the average of every window, channel by channel.

    The zeros of the padding count in both modes. If several pixels of a window share the maximum,
    which of them gets the gradient is up to you.
    """

    def __init__(
        self,
        kernel_shape: tuple[int, int],
        mode: str = "max",
        stride: int = 1,
        pad: str | int = 0,
    ) -> None:
        """Store the settings.

        Args:
            kernel_shape: (kh, kw), which may differ and may be even.
            mode: "max" or "average".
            stride: step of the window, in rows and in columns.
            pad: zeros on every side, as for Conv2D; kept in `self.pad` as (rows, columns).
        """
        super().__init__()
        if mode not in ("max", "average"):
            raise ValueError(f"mode is {mode!r}; it must be 'max' or 'average'.")
        self.kernel_shape = kernel_shape
        self.mode = mode
        self.stride = stride
        self.pad = _padding(kernel_shape, pad)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y; a last window that does not fit completely is dropped.

        Args:
            X: mini-batch, of shape (m, H, W, C).

        Returns:
            Y, of shape (m, H', W', C); H' = (H + 2 pad - kh) // stride + 1, and W' likewise.
        """
        # BEGIN SOLUTION 5.2
        windows = _windows(_pad(X, self.pad), self.kernel_shape, self.stride)
        flat = windows.reshape(*windows.shape[:4], -1)
        self.cache = {"X_shape": X.shape, "winner": flat.argmax(axis=4)}
        pooled: np.ndarray = flat.max(axis=4) if self.mode == "max" else flat.mean(axis=4)
        return pooled
        # END SOLUTION

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX.

        Args:
            dLdY: gradient with respect to the output Y, of shape (m, H', W', C).

        Returns:
            dL/dX, of shape (m, H, W, C).
        """
        # BEGIN SOLUTION 5.2
        (kh, kw), winner = self.kernel_shape, self.cache["winner"]
        dX_pad = _pad(np.zeros(self.cache["X_shape"]), self.pad)
        for i, j, rows, columns in _positions((kh, kw), dLdY.shape[1:3], self.stride):
            share = winner == i * kw + j if self.mode == "max" else 1.0 / (kh * kw)
            dX_pad[:, rows, columns] += dLdY * share
        return _crop(dX_pad, self.pad)
        # END SOLUTION


class BatchNorm1D(Layer):
    """Batch normalization (Ioffe & Szegedy 2015) of every column of X.

    In train mode, X_hat = (X - mu) / sqrt(var + eps) with the mean and the biased variance of the
    columns of this mini-batch, and Y = gamma * X_hat + beta.
    """

    def __init__(self, eps: float = 1e-8, momentum: float = 0.9) -> None:
        """Store the settings; the first forward pass creates parameters and running statistics.

        Args:
            eps: added to the variance.
            momentum: the weight that the running statistics keep when a mini-batch is averaged in.
        """
        super().__init__()
        self.eps = eps
        self.momentum = momentum

    def _init_parameters(self, X_shape: tuple[int, ...]) -> None:
        """Make gamma (ones), beta (zeros) and the running statistics (zeros), each (1, n)."""
        self.n_in = self.n_out = n = X_shape[1]
        self.parameters = {"gamma": np.ones((1, n)), "beta": np.zeros((1, n))}
        self.cache = {"running_mu": np.zeros((1, n)), "running_var": np.zeros((1, n))}
        self.clear_gradients()

    def forward(self, X: np.ndarray, mode: str = "train") -> np.ndarray:
        """Return Y; in train mode, also update the running statistics.

        running = momentum * running + (1 - momentum) * batch, kept in cache["running_mu"] and
        cache["running_var"]. In test mode, they replace the batch's mean and variance, and
        are left unchanged.

        Args:
            X: mini-batch, of shape (m, n).
            mode: "train" or "test".

        Returns:
            Y, of shape (m, n).
        """
        if self.n_in is None:
            self._init_parameters(X.shape)
        # BEGIN SOLUTION 5.4
        cache, keep = self.cache, self.momentum
        if mode == "train":
            mu, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
            cache["running_mu"] = keep * cache["running_mu"] + (1.0 - keep) * mu
            cache["running_var"] = keep * cache["running_var"] + (1.0 - keep) * var
        else:
            mu, var = cache["running_mu"], cache["running_var"]
        cache["deviation"] = np.sqrt(var + self.eps)
        cache["X_hat"] = (X - mu) / cache["deviation"]
        Y: np.ndarray = self.parameters["gamma"] * cache["X_hat"] + self.parameters["beta"]
        return Y
        # END SOLUTION

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return dL/dX for train mode; store gradients["gamma"] and gradients["beta"].

        Args:
            dLdY: gradient with respect to the output Y, of shape (m, n).

        Returns:
            dL/dX, of shape (m, n).
        """
        # BEGIN SOLUTION 5.4
        X_hat = self.cache["X_hat"]
        self.gradients["gamma"] = (dLdY * X_hat).sum(axis=0, keepdims=True)
        self.gradients["beta"] = dLdY.sum(axis=0, keepdims=True)
        dX_hat = dLdY * self.parameters["gamma"]
        along = (dX_hat * X_hat).mean(axis=0, keepdims=True)
        dX: np.ndarray = dX_hat - dX_hat.mean(axis=0, keepdims=True) - X_hat * along
        return dX / self.cache["deviation"]
        # END SOLUTION


class Flatten(Layer):
    """Make every example one row (keep_dim="first"), or every last-axis entry one column."""

    def __init__(self, keep_dim: str = "first") -> None:
        """Store the setting.

        Args:
            keep_dim: "first" for (m, -1), "last" for (-1, C).
        """
        super().__init__()
        if keep_dim not in ("first", "last"):
            raise ValueError(f"keep_dim is {keep_dim!r}; it must be 'first' or 'last'.")
        self.keep_dim = keep_dim

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X as a matrix."""
        self.cache["X_shape"] = X.shape
        shape = (X.shape[0], -1) if self.keep_dim == "first" else (-1, X.shape[-1])
        return X.reshape(shape)

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Return the gradient in the shape that X had."""
        return dLdY.reshape(self.cache["X_shape"])


def initialize_layer(name: str, **arguments: Any) -> Layer:
    """Return the layer with the given name.

    Args:
        name: "fully_connected", "conv2d", "pool2d", "batchnorm1d" or "flatten".
        **arguments: the arguments of that class's constructor.

    Raises:
        NotImplementedError: there is no layer with that name.
    """
    layers: dict[str, type[Layer]] = {
        "fully_connected": FullyConnected,
        "conv2d": Conv2D,
        "pool2d": Pool2D,
        "batchnorm1d": BatchNorm1D,
        "flatten": Flatten,
    }
    if name not in layers:
        raise NotImplementedError(
            f"There is no layer {name!r}; choose one of: {', '.join(layers)}."
        )
    return layers[name](**arguments)
