"""The derived gradients, one entry at a time. Loops and sums over indices are welcome."""

from __future__ import annotations

import numpy as np


def sigmoid_dZ(i: int, j: int, Z: np.ndarray, dY: np.ndarray) -> float:
    """Return [dL/dZ]_ij of Y = sigma(Z).

    Args:
        i: the row, an example.
        j: the column.
        Z: pre-activation, of shape (m, n).
        dY: dL/dY, of shape (m, n).

    Returns:
        [dL/dZ]_ij.
    """
    # BEGIN SOLUTION 1
    y = 1.0 / (1.0 + np.exp(-Z[i, j]))
    return dY[i, j] * y * (1.0 - y)
    # END SOLUTION
