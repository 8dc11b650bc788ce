"""Random inputs that are the same on every machine, given a seed and a key.

Everything is derived from the raw output of PCG64, whose stream numpy promises to keep; the
distributions of `numpy.random.Generator` may change between versions. All numbers are multiples
of 2^-10, so that steps of 2^-11 and sums of a few numbers are exact in float64.
"""

from __future__ import annotations

import math
import secrets
import zlib

import numpy as np

GRID = 1024


def fresh_seed() -> int:
    """Return a seed that nobody can predict."""
    return secrets.randbelow(2**32)


class Sampler:
    """A stream of numbers, fixed by a seed and a key such as "module.Class/values/a matrix"."""

    def __init__(self, seed: int, key: str) -> None:
        """Start the stream."""
        self.seed = seed
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(key.encode())]))

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
        """Return integers in [low, high)."""
        raw = self._bits.random_raw(math.prod(shape))
        steps: np.ndarray = (raw >> np.uint64(16)) % np.uint64(high - low)
        return low + steps.astype(np.int64).reshape(shape)

    def uniform(self, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray:
        """Return numbers in [low, high)."""
        return self.integers(round(low * GRID), round(high * GRID), shape) / GRID

    def signs(self, shape: tuple[int, ...], first: float = -1.0) -> np.ndarray:
        """Return -1.0 and 1.0; both occur in every column, and alternate in a single row.

        The first one is given, because some code derives the type of all results from the first.
        """
        signs: np.ndarray = 2.0 * self.integers(0, 2, shape) - 1.0
        rows = signs.reshape(shape[0], -1)
        m, n = rows.shape
        if m == 1:
            rows[0] = rows[0, 0] * (-1.0) ** np.arange(n)
        else:
            start, columns = self.integers(0, m, (n,)), np.arange(n)
            rows[start, columns] = 1.0
            rows[(start + 1) % m, columns] = -1.0
        return signs if rows[0, 0] == first else -signs

    def signed(
        self, low: float, high: float, shape: tuple[int, ...], first: float = -1.0
    ) -> np.ndarray:
        """Return numbers with low <= |x| < high, both signs per column, and a given first sign."""
        return np.asarray(self.signs(shape, first) * self.uniform(low, high, shape))

    def cotangent(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return dL/dY with 1/2 <= |x| < 3/2: never ones, never near zero."""
        return self.signed(0.5, 1.5, shape)

    def crossed(self, Z: np.ndarray) -> np.ndarray:
        """Return a cotangent for Z that has both signs where Z > 0, and both where Z < 0."""
        dY = self.cotangent(Z.shape)
        flat = dY.reshape(-1)
        for where in (Z > 0, Z < 0):
            ones, others = np.split(np.flatnonzero(where)[:2], [1])
            flat[ones], flat[others] = np.abs(flat[ones]), -np.abs(flat[others])
        return dY

    def distinct(self, spacing: float, shape: tuple[int, ...]) -> np.ndarray:
        """Return numbers around zero, `spacing` apart, with distinct absolute values."""
        size = math.prod(shape)
        order = np.argsort(self._bits.random_raw(size), kind="stable")
        centred: np.ndarray = (order - size // 2 + 0.25) * spacing
        return centred.reshape(shape)

    def columns(self, shape: tuple[int, int]) -> np.ndarray:
        """Return a matrix with spread-out columns, each with a standard deviation above 1/2."""
        ranks = np.argsort(self._bits.random_raw(shape[0] * shape[1]).reshape(shape), axis=0)
        return np.asarray(
            ranks * 0.75 + self.uniform(-1.0, -0.75, (1, shape[1])) + self.uniform(0, 0.25, shape)
        )

    def one_hot(self, shape: tuple[int, int]) -> np.ndarray:
        """Return one-hot rows; consecutive classes differ where possible."""
        start = int(self.integers(0, shape[1], (1,))[0])
        return np.eye(shape[1])[(start + np.arange(shape[0])) % shape[1]]

    def probabilities(self, shape: tuple[int, int]) -> np.ndarray:
        """Return rows of probabilities of at least 0.05 each, for up to five classes."""
        weights = self.uniform(0.5, 1.5, shape)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))
