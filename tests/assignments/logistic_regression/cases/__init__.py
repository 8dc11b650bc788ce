"""The cases: which inputs every check tries on every target, in the order of the rubric."""

from __future__ import annotations

from grader.assignment import Case

from .activations import sigmoid
from .formulas import sigmoid_formula
from .losses import binary_cross_entropy
from .models import logistic_regression
from .optimizers import gradient_descent
from .training import iris

CASES: tuple[Case, ...] = (
    *sigmoid(),
    *sigmoid_formula(),
    *binary_cross_entropy(),
    *logistic_regression(),
    *gradient_descent(),
    iris(),
)
