"""The derived gradients, one entry at a time.

Every question first asks you to derive a gradient element by element. Here you write the formula
that you found as a function: it is given the indices of one entry, then the arrays of the formula,
and returns that entry, a number. Indices count from 0. Loops and sums over indices are welcome:
write the sums of your derivation as they stand on paper. Nothing has to be fast.

The grader compares every entry of small arrays. `.shape`, `range`, `np.exp`, `np.sqrt` are enough.
"""

from __future__ import annotations

import numpy as np


def relu_dZ(i: int, j: int, Z: np.ndarray, dY: np.ndarray) -> float:
    """Return [dL/dZ]_ij for Y = ReLU(Z).

    Args:
        i: the row, an example.
        j: the column.
        Z: pre-activation, of shape (m, n).
        dY: dL/dY, of shape (m, n).

    Returns:
        [dL/dZ]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.1: write relu_dZ.")


def sigmoid_dZ(i: int, j: int, Z: np.ndarray, dY: np.ndarray) -> float:
    """Return [dL/dZ]_ij for Y = sigma(Z), where sigma is the logistic function.

    Args:
        i: the row, an example.
        j: the column.
        Z: pre-activation, of shape (m, n).
        dY: dL/dY, of shape (m, n).

    Returns:
        [dL/dZ]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.2: write sigmoid_dZ.")


def fully_connected_dX(i: int, j: int, X: np.ndarray, W: np.ndarray, dZ: np.ndarray) -> float:
    """Return [dL/dX]_ij for Z = XW + b.

    Args:
        i: the row, an example.
        j: the column, a feature of the input.
        X: input, of shape (m, n_in).
        W: weights, of shape (n_in, n_out).
        dZ: dL/dZ, the gradient at XW + b, of shape (m, n_out).

    Returns:
        [dL/dX]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.3: write fully_connected_dX.")


def fully_connected_dW(i: int, j: int, X: np.ndarray, W: np.ndarray, dZ: np.ndarray) -> float:
    """Return [dL/dW]_ij for Z = XW + b.

    Args:
        i: the row of W, a feature of the input.
        j: the column of W, a unit.
        X: input, of shape (m, n_in).
        W: weights, of shape (n_in, n_out).
        dZ: dL/dZ, the gradient at XW + b, of shape (m, n_out).

    Returns:
        [dL/dW]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.3: write fully_connected_dW.")


def fully_connected_db(j: int, X: np.ndarray, W: np.ndarray, dZ: np.ndarray) -> float:
    """Return [dL/db]_j for Z = XW + b, where every row of XW gets the same b.

    Args:
        j: a unit.
        X: input, of shape (m, n_in).
        W: weights, of shape (n_in, n_out).
        dZ: dL/dZ, the gradient at XW + b, of shape (m, n_out).

    Returns:
        [dL/db]_j.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.3: write fully_connected_db.")


def softmax_dZ(i: int, j: int, Z: np.ndarray, dY: np.ndarray) -> float:
    """Return [dL/dZ]_ij, where every row of Y is the softmax of that row of Z.

    Args:
        i: the row, an example.
        j: the column, a class.
        Z: pre-activation, of shape (m, k).
        dY: dL/dY, of shape (m, k).

    Returns:
        [dL/dZ]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.4: write softmax_dZ.")


def cross_entropy_dY_hat(i: int, j: int, Y: np.ndarray, Y_hat: np.ndarray) -> float:
    """Return [dL/dY_hat]_ij for L = -(1/m) sum of Y ln Y_hat over all entries.

    Args:
        i: the row, an example.
        j: the column, a class.
        Y: target probabilities, of shape (m, k).
        Y_hat: predicted probabilities, of shape (m, k).

    Returns:
        [dL/dY_hat]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.5: write cross_entropy_dY_hat.")


def mse_dY_hat(i: int, j: int, Y: np.ndarray, Y_hat: np.ndarray) -> float:
    """Return [dL/dY_hat]_ij for L = (1/m) sum of (Y - Y_hat)^2 over all entries.

    Args:
        i: the row, an example.
        j: the column.
        Y: targets, of shape (m, k).
        Y_hat: predictions, of shape (m, k).

    Returns:
        [dL/dY_hat]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 3.6: write mse_dY_hat.")


def conv2d_dX(
    i: int, h: int, w: int, c: int,
    X: np.ndarray, W: np.ndarray, dZ: np.ndarray,
    stride: int, pad: tuple[int, int],
) -> float:  # fmt: skip
    """Return [dL/dX]_ihwc for a convolutional layer without its activation.

    Args:
        i: an image.
        h: its row.
        w: its column.
        c: its channel.
        X: images, of shape (m, H, W, C), before padding.
        W: kernels, of shape (kh, kw, C, n_out).
        dZ: dL/dZ, the gradient at the pre-activation Z, of shape (m, H', W', n_out).
        stride: how far the window moves each time, in rows and in columns.
        pad: how many rows of zeros are added above and below, and columns left and right.

    Returns:
        [dL/dX]_ihwc.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 5.1: write conv2d_dX.")


def conv2d_dW(
    p: int, q: int, c: int, f: int,
    X: np.ndarray, W: np.ndarray, dZ: np.ndarray,
    stride: int, pad: tuple[int, int],
) -> float:  # fmt: skip
    """Return [dL/dW]_pqcf for a convolutional layer without its activation.

    Args:
        p: the row in the kernel.
        q: the column in the kernel.
        c: the channel of the input.
        f: the kernel.
        X: images, of shape (m, H, W, C), before padding.
        W: kernels, of shape (kh, kw, C, n_out).
        dZ: dL/dZ, the gradient at the pre-activation Z, of shape (m, H', W', n_out).
        stride: how far the window moves each time, in rows and in columns.
        pad: how many rows of zeros are added above and below, and columns left and right.

    Returns:
        [dL/dW]_pqcf.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 5.1: write conv2d_dW.")


def conv2d_db(f: int, X: np.ndarray, W: np.ndarray, dZ: np.ndarray) -> float:
    """Return [dL/db]_f for a convolutional layer without its activation.

    Args:
        f: the kernel.
        X: images, of shape (m, H, W, C), before padding.
        W: kernels, of shape (kh, kw, C, n_out).
        dZ: dL/dZ, the gradient at the pre-activation Z, of shape (m, H', W', n_out).

    Returns:
        [dL/db]_f.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 5.1: write conv2d_db.")


def batch_norm_dX(
    i: int, j: int, X: np.ndarray, gamma: np.ndarray, dY: np.ndarray, eps: float
) -> float:
    """Return [dL/dX]_ij for Y = gamma (X - mu) / sqrt(var + eps) + beta, in train mode.

    The mean mu and the biased variance var of every column are taken over the batch.

    Args:
        i: the row, an example.
        j: the column, a feature.
        X: input, of shape (m, n).
        gamma: scale, of shape (1, n).
        dY: dL/dY, of shape (m, n).
        eps: added to the variance.

    Returns:
        [dL/dX]_ij.
    """
    # YOUR CODE HERE
    raise NotImplementedError("Question 5.4: write batch_norm_dX.")
