"""The bundled data.

Iris, the two species that overlap: 50 flowers each of versicolor and virginica, 4 lengths in cm.
R. A. Fisher (1936), UCI Machine Learning Repository, CC BY 4.0; the rows are those of the copy in
scikit-learn 1.9.1, without the third species.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"


@dataclass
class Dataset:
    """Examples to train on and examples to test on.

    X_train (m, n), Y_train (m, 1), X_test (m', n), Y_test (m', 1); labels are 0 or 1.
    """

    X_train: np.ndarray
    Y_train: np.ndarray
    X_test: np.ndarray
    Y_test: np.ndarray


def load_iris() -> Dataset:
    """Return versicolor (0) and virginica (1), columns standardized; every third is for testing."""
    table = np.loadtxt(DATA / "iris_two_species.csv", delimiter=",")
    X, Y = table[:, :4], table[:, 4:]
    test = np.arange(len(X)) % 3 == 0
    X = (X - X[~test].mean(axis=0)) / X[~test].std(axis=0)
    return Dataset(X[~test], Y[~test], X[test], Y[test])
