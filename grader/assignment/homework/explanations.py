"""What is true of this homework's checks beyond what every homework's checks ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.assignment import STANDARD, Explanation

from .cases.training import ACCURACY

EXPLANATIONS: Mapping[str, Explanation] = {
    **STANDARD,
    "batching": replace(
        STANDARD["batching"],
        how="Your code runs on four batches, each about four times as large as the one before, and "
        "every line that runs is counted. Loops over kernel positions, channels, layers or epochs "
        "are fine: they run as often for 3 examples as for 129. A loop over the examples, in "
        "whatever form, runs more often. What counts is what runs, not how it is written. The loop "
        "check runs once your numbers are correct.",
    ),
    "behaviour": replace(
        STANDARD["behaviour"],
        how="A second batch of another size, two calls in a row, train and test mode, momentum "
        "over several steps: the results must be those of a new object, or of one with the right "
        "history.",
    ),
    "training": replace(
        STANDARD["training"],
        asks="Can your network learn from real data?",
        how="All your files are trained together, always from the same initial weights, and the "
        f"test accuracy must be at least {ACCURACY}.",
    ),
}

# What is true of the checks of some modules only.
NOTES: Mapping[tuple[str, str], str] = {
    ("activations", "values"): "Some inputs are extreme, such as |z| = 1000.",
    ("activations", "gradient"): "The gradient from above, dY, is never all ones.",
    ("layers", "gradient"): "The gradient from above, dLdY, is never all ones. The gradient of a "
    "parameter of shape (1, n) may have the shape (n,).",
}
