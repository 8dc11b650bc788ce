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
    # BEGIN SOLUTION 3.1
    return dY[i, j] if Z[i, j] > 0 else 0.0
    # END SOLUTION


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
    # BEGIN SOLUTION 3.2
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * (1.0 - y)
    # END SOLUTION


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
    # BEGIN SOLUTION 3.3
    return sum(dZ[i, k] * W[j, k] for k in range(W.shape[1]))
    # END SOLUTION


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
    # BEGIN SOLUTION 3.3
    return sum(X[k, i] * dZ[k, j] for k in range(X.shape[0]))
    # END SOLUTION


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
    # BEGIN SOLUTION 3.3
    return sum(dZ[k, j] for k in range(X.shape[0]))
    # END SOLUTION


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
    # BEGIN SOLUTION 3.4
    powers = np.exp(Z[i])
    y = powers / sum(powers)
    return sum(dY[i, k] * y[k] * ((k == j) - y[j]) for k in range(len(y)))
    # END SOLUTION


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
    # BEGIN SOLUTION 3.5
    return -Y[i, j] / (Y.shape[0] * Y_hat[i, j])
    # END SOLUTION


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
    # BEGIN SOLUTION 3.6
    return 2.0 * (Y_hat[i, j] - Y[i, j]) / Y.shape[0]
    # END SOLUTION


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
    # BEGIN SOLUTION 5.1
    _, rows, columns, n_out = dZ.shape
    kh, kw = W.shape[:2]
    summed = 0.0
    for r in range(rows):
        for s in range(columns):
            p, q = h + pad[0] - r * stride, w + pad[1] - s * stride
            if 0 <= p < kh and 0 <= q < kw:
                summed += sum(dZ[i, r, s, f] * W[p, q, c, f] for f in range(n_out))
    return summed
    # END SOLUTION


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
    # BEGIN SOLUTION 5.1
    m, height, width, _ = X.shape
    _, rows, columns, _ = dZ.shape
    summed = 0.0
    for i in range(m):
        for r in range(rows):
            for s in range(columns):
                h, w = r * stride + p - pad[0], s * stride + q - pad[1]
                if 0 <= h < height and 0 <= w < width:  # outside, X is zero
                    summed += dZ[i, r, s, f] * X[i, h, w, c]
    return summed
    # END SOLUTION


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
    # BEGIN SOLUTION 5.1
    m, rows, columns, _ = dZ.shape
    return sum(dZ[i, r, s, f] for i in range(m) for r in range(rows) for s in range(columns))
    # END SOLUTION


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
    # BEGIN SOLUTION 5.4
    m = X.shape[0]
    mu = sum(X[k, j] for k in range(m)) / m
    sigma = np.sqrt(sum((X[k, j] - mu) ** 2 for k in range(m)) / m + eps)
    x_hat = [(X[k, j] - mu) / sigma for k in range(m)]
    mean_dY = sum(dY[k, j] for k in range(m)) / m
    along = sum(dY[k, j] * x_hat[k] for k in range(m)) / m
    return gamma[0, j] / sigma * (dY[i, j] - mean_dY - x_hat[i] * along)
    # END SOLUTION
