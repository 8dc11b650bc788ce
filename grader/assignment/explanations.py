"""What checks ask, in a student's words: `grader explain`, the pages, the lines of reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What a check asks, how it finds out, and how to read what it says.

    Args:
        asks: the question, in one sentence.
        how: what the grader does.
        reading: what the messages mean, and what to look at.
    """

    asks: str
    how: str
    reading: str


# The checks that there are, and what each asks, as a report says it in one line.
CHECKS: Mapping[str, str] = {
    "shape": "results have the right shape and type",
    "values": "forward gives the right numbers",
    "gradient": "backward gives the right numbers",
    "batching": "no Python loop over the examples",
    "behaviour": "repeated calls, modes and state",
    "training": "learns real data",
    "element": "every entry is the right number",
}

STANDARD: Mapping[str, Explanation] = {
    "shape": Explanation(
        "Have the results the right shape and type, for several batch sizes, m = 1 among them?",
        "Your code is called with batches of different sizes, and every result and every entry of "
        "`gradients` has to be a plain numpy array of floats of the shape that is due. A right "
        "shape earns its points once the numbers in it are right, too; right numbers in another "
        "form, such as a list, or with an axis of length one too many, cost points here alone.",
        "The message names the result, its shape and the shape that is due. A dimension too few is "
        "often a sum without keepdims; two that are swapped, a transpose. If only m = 1 fails, "
        "look for a squeeze, or for a shape that is compared with 1.",
    ),
    "values": Explanation(
        "Does `forward` give the right numbers?",
        "Your results are compared with the right ones, entry by entry, for several inputs. The "
        "error may be 0.00001 of the largest entry.",
        "The message says how many entries are wrong, what they have in common, and the worst "
        "one: its index, your number, the right one. Compute that one by hand, with small numbers. "
        "NaN or infinity come from an overflow: rewrite the formula so that no exp gets a large "
        "argument.",
    ),
    "gradient": Explanation(
        "Do the returned gradient and every entry of `gradients` have the right numbers?",
        "Your `backward` gets random numbers, and all it returns or stores is compared with the "
        "right derivative. When a number is wrong, your `forward` is differentiated numerically, "
        "too: a small step to both sides of every entry.",
        "If `backward` disagrees with your `forward`, the derivation or its code is wrong: derive "
        "the wrong entry on paper. If they agree, `backward` fits a `forward` that is wrong, too: "
        "mend `forward` first. A named mistake is what your numbers prove: every one of them is "
        "what that mistake gives.",
    ),
    "batching": Explanation(
        "Does nothing iterate over the examples of a batch in Python?",
        "Your code runs on four batches, each about four times as large as the last, and every "
        "line that runs is counted. Other loops are fine: they run as often for 3 examples as for "
        "129. A loop over the examples, in whatever form, runs more often. What counts is what "
        "runs, not how it is written. The points wait for right numbers.",
        "The message names the line and its counts. Replace the loop by an operation on whole "
        "arrays: a product of matrices for a sum over examples, broadcasting for doing the same to "
        "every row, a mask for an if.",
    ),
    "behaviour": Explanation(
        "Do repeated calls, modes and settings work, with nothing left over and nothing lost?",
        "A second batch of another size, say, or two calls in a row: the results have to be those "
        "of a fresh object, or of the right history.",
        "The message says which call gave wrong numbers. If the first is right and the second is "
        "not, something is kept that should not be: a gradient that adds up, a cache that belongs "
        "to the last batch, an array that was changed in place.",
    ),
    "training": Explanation(
        "Does your own code learn real data?",
        "All your files together are trained, always from the same start, and enough of the test "
        "examples have to be classified right.",
        "Everything else should be right first: this is the only check in which a mistake of "
        "another question costs points. `make train` prints the accuracy, and `report.html` shows "
        "the loss as it falls.",
    ),
    "element": Explanation(
        "Does your formula give the right number for every entry of the gradient?",
        "Your function is called for every entry of small arrays, with the indices of that entry, "
        "and each number is compared with the right one. Loops and sums are welcome.",
        "The message has the indices of the worst entry, your number and the right one, and on "
        "which inputs the two depend. Write the sum for that entry out by hand. If an input is "
        "missing, look for a sum that you left out; if there is one too many, for an index in the "
        "wrong place.",
    ),
}
