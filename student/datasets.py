"""The bundled data and its mini-batches.

- Iris: 150 flowers, 4 measurements in cm, 3 species. R. A. Fisher (1936), UCI Machine Learning
  Repository, CC BY 4.0.
- Digits: 1,797 images of 8x8 pixels with values 0 to 16, 10 classes. E. Alpaydin and C. Kaynak
  (1998), "Optical Recognition of Handwritten Digits", test part, UCI Machine Learning
  Repository, CC BY 4.0.

Both were taken from the copies in scikit-learn 1.9.1; its Iris data follow Fisher's paper,
while the UCI file differs from it in two rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return one-hot rows, of shape (m, classes), for labels (m,) from 0 to classes - 1."""
    return np.eye(classes)[labels.astype(int)]


@dataclass
class Dataset:
    """Examples to train on and examples to test on, with one-hot targets.

    X_train (m, ...), Y_train (m, k), X_test (m', ...), Y_test (m', k). `seed` fixes the order of
    the mini-batches; it may be a generator that other parts draw from, too.
    """

    X_train: np.ndarray
    Y_train: np.ndarray
    X_test: np.ndarray
    Y_test: np.ndarray
    batch_size: int
    seed: int | np.random.Generator = 0

    def __post_init__(self) -> None:
        """Make the generator."""
        self.rng = np.random.default_rng(self.seed)

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield every training example once, in a new order, as mini-batches (X, Y)."""
        order = self.rng.permutation(len(self.X_train))
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            yield self.X_train[rows], self.Y_train[rows]


def load_iris(seed: int | np.random.Generator = 0) -> Dataset:
    """Return Iris with standardized columns; every third flower is for testing."""
    table = np.loadtxt(DATA / "iris.csv", delimiter=",")
    X = (table[:, :4] - table[:, :4].mean(axis=0)) / table[:, :4].std(axis=0)
    return _split(X, one_hot(table[:, 4], 3), 10, seed)


def load_digits(seed: int | np.random.Generator = 0) -> Dataset:
    """Return the digits as images (m, 8, 8, 1), values in [0, 1]; every third is for testing."""
    table = np.loadtxt(DATA / "digits.csv.gz", delimiter=",")
    X = table[:, :64].reshape(-1, 8, 8, 1) / 16.0
    return _split(X, one_hot(table[:, 64], 10), 64, seed)


def _split(
    X: np.ndarray, Y: np.ndarray, batch_size: int, seed: int | np.random.Generator
) -> Dataset:
    test = np.arange(len(X)) % 3 == 0
    return Dataset(X[~test], Y[~test], X[test], Y[test], batch_size, seed)
