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
        how="Your code runs on four batches, each about four times as large as the last, and every "
        "line that runs is counted. Loops over kernel positions, channels, layers or epochs are "
        "fine: they run as often for 3 examples as for 129. A loop over the examples, in whatever "
        "form, runs more often. What counts is what runs, not how it is written. The points wait "
        "for right numbers.",
    ),
    "behaviour": replace(
        STANDARD["behaviour"],
        how="A second batch of another size, two calls in a row, train and test mode, momentum "
        "over several steps: the results have to be those of a fresh object, or of the right "
        "history.",
    ),
    "training": replace(
        STANDARD["training"],
        asks="Does your own network learn real data?",
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
