"""What checks ask, in a student's words: for `grader explain`, the pages, and reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What a check asks, how it finds out, and how to interpret its messages.

    Args:
        asks: the question, in one sentence.
        how: what the grader does.
        reading: what the messages mean, and what to look at.
    """

    asks: str
    how: str
    reading: str


# All checks, and what each one asks, in the one-line form used in reports.
CHECKS: Mapping[str, str] = {
    "shape": "results have the right shape and type",
    "values": "forward gives the right numbers",
    "gradient": "backward gives the right numbers",
    "batching": "no Python loop over the examples",
    "behaviour": "repeated calls, modes and state",
    "training": "learns from data",
    "element": "every entry is correct",
}

STANDARD: Mapping[str, Explanation] = {
    "shape": Explanation(
        "Do the results have the right shape and type for several batch sizes, including m = 1?",
        "Your code is called with batches of different sizes. Every result and every entry of "
        "`gradients` must be a plain numpy array of floats with the expected shape. A correct "
        "shape earns its points once its numbers are right, too; right numbers in another form, "
        "such as a list or an array with an extra axis of length one, cost points only here.",
        "The message names the result, its shape and the expected shape. A missing dimension is "
        "often a sum without keepdims; two swapped dimensions are often a missing transpose. If "
        "only m = 1 fails, look for a squeeze or for a shape that is compared with 1.",
    ),
    "values": Explanation(
        "Does `forward` give the right numbers?",
        "Your results are compared with the right ones, entry by entry, for several inputs. An "
        "error of up to 0.00001 times the largest entry is allowed.",
        "The message says how many entries are wrong, what they have in common, and which one is "
        "worst: its index, your number and the right one. Compute that entry by hand for a small "
        "input. NaN or infinity usually comes from an overflow: rewrite the formula so that exp "
        "never gets a large argument.",
    ),
    "gradient": Explanation(
        "Do the returned gradient and every entry of `gradients` have the right numbers?",
        "Your `backward` gets random numbers, and everything it returns or stores is compared with "
        "the right derivative. If a number is wrong, your own `forward` is also differentiated "
        "numerically, with central differences.",
        "If `backward` disagrees with your `forward`, the derivation or its code is wrong: derive "
        "the wrong entry on paper. If they agree, `backward` is the derivative of a `forward` that "
        "is itself wrong: fix `forward` first. A named mistake is what your numbers prove: each of "
        "them is exactly what that mistake gives.",
    ),
    "batching": Explanation(
        "Does your code work without a Python loop over the examples of a batch?",
        "Your code runs on four batches, each about four times as large as the one before, and "
        "every line that runs is counted. Other loops are fine: they run as often for 3 examples "
        "as for 129. A loop over the examples, in whatever form, runs more often. What counts is "
        "what runs, not how it is written. The loop check runs once your numbers are correct.",
        "The message names the line and how often it ran. Replace the loop with an operation on "
        "whole arrays: a matrix product for a sum over examples, broadcasting for doing the same "
        "to every row, a mask for an if.",
    ),
    "behaviour": Explanation(
        "Do repeated calls, modes and settings work, with nothing left over and nothing lost?",
        "For example, a second batch of another size, or two calls in a row: the results must be "
        "those of a new object, or of one with the right history.",
        "The message says which call gave wrong numbers. If the first is right and the second is "
        "wrong, something is kept that should not be: a gradient that accumulates, a cache of an "
        "earlier batch, an array that was changed in place.",
    ),
    "training": Explanation(
        "Can your code learn from real data?",
        "All your files are trained together, always from the same initial weights, and the test "
        "accuracy must be high enough.",
        "Get everything else right first: this is the only check where a mistake in another "
        "question costs points. `make train` prints the accuracy, and `report.html` plots the "
        "loss.",
    ),
    "element": Explanation(
        "Does your formula give the right number for every entry of the gradient?",
        "Your function is called for every entry of small arrays, with the indices of that entry, "
        "and each number is compared with the right one. Loops and sums are welcome here.",
        "The message has the indices of the worst entry, your number and the right one, and which "
        "inputs each depends on. Write out the sum for that entry by hand. If an input is missing, "
        "look for a sum that you left out; if there is an extra one, look for an index in the "
        "wrong place.",
    ),
}
