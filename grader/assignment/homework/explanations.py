"""What is true of this homework's checks beyond what every homework's checks ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.assignment import STANDARD, Explanation

from .cases.training import ACCURACY

EXPLANATIONS: Mapping[str, Explanation] = {
    **STANDARD,
    "training": replace(
        STANDARD["training"],
        how="All your files together are trained, always from the same start, and the share of "
        f"test examples that are classified right has to reach {ACCURACY}.",
    ),
}

# What is true of the checks of some modules only.
NOTES: Mapping[tuple[str, str], str] = {
    ("activations", "values"): "Some inputs are extreme, such as |z| = 1000.",
    ("activations", "gradient"): "The gradient from above, dY, is never all ones.",
    ("layers", "gradient"): "The gradient from above, dLdY, is never all ones. The gradient of a "
    "parameter of shape (1, n) may have the shape (n,).",
}
