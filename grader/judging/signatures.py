"""Signatures: what is kept of a result so that the numbers of two functions can be compared.

A result is reduced to its shape and three sums of its entries with fixed random weights. In
practice, no two different functions agree in all sums for inputs of three different sizes; and
signatures can be given to students, who cannot read a solution from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from grader.result import ResultSpec

from .gradcheck import is_single
from .judge import SINGLE_VALUE_RTOL

# Tolerance of the weighted sums, relative to the sum of the absolute values.
SIGNATURE_RTOL = 1e-6
SUMS = 3
# Largest result, in entries, whose weights are cached: a few thousand is typical, but a submission
# may answer with as many as fit into a reply.
KEPT = 2**14


@dataclass(frozen=True)
class Signature:
    """The parts of an array that are compared: its shape, weighted sums, and their scale."""

    shape: tuple[int, ...]
    sums: tuple[float, ...]
    scale: float

    def equals(self, other: Signature, rtol: float = SIGNATURE_RTOL) -> bool:
        """Tell whether both belong to the same numbers, up to rounding; overflow never matches."""
        scale = rtol * max(self.scale, other.scale)
        if not np.isfinite(scale):
            return False
        pairs = zip(self.sums, other.sums, strict=True)
        return self.shape == other.shape and all(abs(a - b) <= scale for a, b in pairs)


def signature_tolerance(array: np.ndarray) -> float:
    """Return how far off the signature of an array may be: float32 may be involved."""
    return SINGLE_VALUE_RTOL if is_single(array) else SIGNATURE_RTOL


def signature(result: ResultSpec, array: np.ndarray) -> Signature:
    """Return the signature of a named result; for a bias, (n,) and (1, n) are the same."""
    values = np.asarray(array, float)
    if result.may_drop_row and values.ndim == 2 and len(values) == 1:
        values = values[0]
    with np.errstate(invalid="ignore"):
        flat = np.nan_to_num(values.ravel(), nan=1.0e3, posinf=1.7e3, neginf=-1.9e3)
        weighted = _weights(flat.size) * flat
    sums = tuple(float(x) for x in weighted.sum(axis=1))
    return Signature(values.shape, sums, float(np.abs(weighted).sum(axis=1).max(initial=0.0)))


def _weights(size: int) -> np.ndarray:
    """Return the weights for this many entries; those for unusually large arrays are not kept."""
    return _drawn_weights(size) if size <= KEPT else _drawn_weights.__wrapped__(size)


@lru_cache(maxsize=64)
def _drawn_weights(size: int) -> np.ndarray:
    raw = np.random.PCG64(size).random_raw(SUMS * size)
    return 0.5 + (raw >> np.uint64(11)).reshape(SUMS, size) * 2.0**-53
