"""What is true of this homework's checks beyond what every homework's checks ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.assignment import STANDARD, Explanation

from .cases.training import ACCURACY

EXPLANATIONS: Mapping[str, Explanation] = {
    **STANDARD,
    "values": replace(
        STANDARD["values"], asks="Does `forward`, or `step`, give the right numbers?"
    ),
    "behaviour": replace(
        STANDARD["behaviour"],
        asks="Do repeated calls work, with nothing left over and nothing lost?",
        how="A second batch of another size, backward twice, two steps in a row: the results have "
        "to be those of a fresh object, or of the right history.",
    ),
    "training": replace(
        STANDARD["training"],
        asks="Does your own model learn to tell two species of Iris apart?",
        how="All your files together are trained, always from the same start, and the share of "
        f"test flowers classified correctly has to reach {ACCURACY}.",
    ),
}

# What is true of the checks of some modules only.
NOTES: Mapping[tuple[str, str], str] = {
    ("activations", "values"): "Some inputs are extreme, such as |z| = 1000.",
    ("models", "values"): "The activation is a given one that is not the sigmoid.",
    ("models", "gradient"): "The activation is a given one that is not the sigmoid. The gradient "
    "from above, dY, is never all ones.",
}
