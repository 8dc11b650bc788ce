"""Which method is blamed for a wrong gradient: the messages for mistakes in known places."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grader.judging.blame import Blame, Circumstances, blame, is_apart, sentence
from grader.judging.gradcheck import Numeric
from tests.catalogue import reference_files, spliced
from tests.grading import UNHURRIED, examined
from tests.guilty import GUILTY, Guilty

RIGHT = "Your forward has the right derivative here: look at backward."
RIGHT_OR_KEPT = (
    "Your forward has the right derivative here: look at backward, and at what forward keeps "
    "for it."
)
VALUES_RIGHT = "Your forward is right in this case: look at backward."
VALUES_RIGHT_OR_KEPT = (
    "Your forward is right in this case: look at backward, and at what forward keeps for it."
)
OWN_FORWARD = "It is the derivative of your own forward, though: fix forward first."
OTHER_VALUES = "Your forward has the right derivative here, but wrong values: fix forward first."
BOTH_WRONG = "Your forward has a wrong derivative here, too: look at forward first."
UNRELATED = "Your forward has a wrong derivative here, too, but not this one: look at both."
WRONG_VALUES = "Your forward has wrong values in this case, too: look at forward first."
CHANGES = (
    "Your forward is wrong in this case, too, and gives different numbers when called again"
    " with the same input: look at forward first."
)
OF_ITS_OWN = "Your backward has a mistake of its own."
OF_ITS_OWN_OR_KEPT = (
    "Your backward has a mistake of its own, or forward keeps the wrong numbers for it."
)
AT_ENTRIES = (
    "Your backward has a mistake of its own: at N of the M wrong entries, your forward has "
    "the right derivative."
)
ELSEWHERE = (
    "Your backward has a mistake of its own: it is also wrong in cases where forward's values "
    "are right."
)
ELSEWHERE_OR_KEPT = (
    "Your backward has a mistake of its own, or forward keeps the wrong numbers for it: it is"
    " also wrong in cases where forward's values are right."
)
STALE_W = (
    "Your forward does not change with parameters['W']: the optimizer replaces that entry, so"
    " read it from there in every call."
)
STALE_B = (
    "Your forward does not change with parameters['b']: the optimizer replaces that entry, so"
    " read it from there in every call."
)

SAID = {
    ("activations.ReLU", "lets everything through"): [("dZ", RIGHT, 5), ("dZ", VALUES_RIGHT, 1)],
    ("activations.ReLU", "leaky, and cuts by dY"): [("dZ", OF_ITS_OWN, 6)],
    ("activations.ReLU", "leaky in both"): [("dZ", OWN_FORWARD, 6)],
    ("activations.Sigmoid", "the hyperbolic tangent"): [("dZ", BOTH_WRONG, 6)],
    ("activations.Sigmoid", "half too low"): [("dZ", OTHER_VALUES, 6)],
    ("activations.Sigmoid", "half too low, and backward without 1 - Y"): [("dZ", OF_ITS_OWN, 6)],
    ("activations.Sigmoid", "rounded forward, backward without Y"): [("dZ", VALUES_RIGHT, 6)],
    ("activations.Sigmoid", "a wrong helper in both"): [("dZ", BOTH_WRONG, 6)],
    ("activations.Sigmoid", "the hyperbolic tangent, and backward with Z for Y"): [
        ("dZ", OF_ITS_OWN, 6)
    ],
    ("activations.SoftMax", "over the wrong axis"): [("dZ", BOTH_WRONG, 6)],
    ("activations.SoftMax", "overflows"): [("dZ", WRONG_VALUES, 1)],
    ("activations.SoftMax", "random"): [("dZ", CHANGES, 6)],
    ("activations.SoftMax", "takes Y of the last forward"): [("dZ", RIGHT, 1)],
    ("activations.SoftMax", "the diagonal only"): [("dZ", RIGHT, 6)],
    ("losses.CrossEntropy", "a sum for a mean, and the fused gradient"): [
        ("dY_hat", OF_ITS_OWN, 5),
        ("dY_hat", RIGHT, 1),
    ],
    ("losses.CrossEntropy", "a constant in forward, no mean in backward"): [
        ("dY_hat", OF_ITS_OWN, 5)
    ],
    ("losses.MSE", "no mean in both"): [("dY_hat", OWN_FORWARD, 4)],
    ("losses.MSE", "half in forward, the sign in backward"): [("dY_hat", OF_ITS_OWN, 5)],
    ("losses.MSE", "where Y_hat is below Y: the sign"): [("dY_hat", RIGHT, 5)],
    ("layers.FullyConnected", "no bias"): [
        ("dX", OWN_FORWARD, 2),
        ("gradients['W']", OWN_FORWARD, 2),
        ("gradients['b']", STALE_B, 2),
    ],
    ("layers.FullyConnected", "db times b"): [("gradients['b']", RIGHT_OR_KEPT, 6)],
    ("layers.FullyConnected", "one more, and db times b"): [
        ("gradients['b']", OF_ITS_OWN_OR_KEPT, 6)
    ],
    ("layers.FullyConnected", "keeps Y for Z"): [
        ("dX", RIGHT_OR_KEPT, 2),
        ("gradients['W']", RIGHT_OR_KEPT, 2),
        ("gradients['b']", RIGHT_OR_KEPT, 2),
    ],
    ("layers.FullyConnected", "W is copied once"): [
        ("dX", BOTH_WRONG, 2),
        ("gradients['W']", STALE_W, 2),
        ("gradients['b']", OWN_FORWARD, 2),
    ],
    ("layers.FullyConnected", "X is kept once"): [("gradients['W']", RIGHT_OR_KEPT, 6)],
    ("layers.FullyConnected", "twice the bias, and dW divided by m"): [
        ("gradients['W']", OF_ITS_OWN_OR_KEPT, 5),
        ("dX", OWN_FORWARD, 2),
        ("gradients['b']", BOTH_WRONG, 2),
    ],
    ("layers.Conv2D", "crops the last rows and columns"): [("dX", RIGHT_OR_KEPT, 8)],
    ("layers.Conv2D", "forward one too high, crops the last rows and columns"): [
        ("dX", RIGHT_OR_KEPT, 6),
        ("dX", ELSEWHERE_OR_KEPT, 2),
    ],
    ("layers.Conv2D", "flips the kernel"): [
        ("dX", BOTH_WRONG, 2),
        ("gradients['W']", BOTH_WRONG, 2),
        ("gradients['b']", OWN_FORWARD, 2),
    ],
    ("layers.Pool2D", "adds up for the average"): [("dX", OWN_FORWARD, 6)],
    ("layers.Pool2D", "keeps the smallest"): [("dX", RIGHT_OR_KEPT, 8)],
    ("layers.BatchNorm1D", "train mode uses the running statistics"): [
        ("dX", CHANGES, 5),
        ("gradients['gamma']", CHANGES, 5),
    ],
    ("layers.BatchNorm1D", "the unbiased variance"): [
        ("dX", BOTH_WRONG, 5),
        ("gradients['gamma']", OWN_FORWARD, 5),
    ],
    ("layers.BatchNorm1D", "without the path through the variance"): [("dX", RIGHT_OR_KEPT, 5)],
    ("layers.BatchNorm1D", "a noisy forward, no path through the variance"): [
        ("dX", VALUES_RIGHT_OR_KEPT, 5)
    ],
    ("layers.BatchNorm1D", "the unbiased variance, and no path through it"): [
        ("dX", BOTH_WRONG, 5),
        ("gradients['gamma']", OWN_FORWARD, 5),
    ],
}
# Sentences that blame forward alone, and sentences that blame backward alone.
FORWARD_ALONE = {OWN_FORWARD, OTHER_VALUES, BOTH_WRONG, WRONG_VALUES, CHANGES, STALE_W, STALE_B}
BACKWARD_ALONE = {RIGHT, VALUES_RIGHT, OF_ITS_OWN, AT_ENTRIES, ELSEWHERE}
OR_KEPT = {OF_ITS_OWN_OR_KEPT, RIGHT_OR_KEPT, VALUES_RIGHT_OR_KEPT, ELSEWHERE_OR_KEPT}


def _said(guilty: Guilty) -> list[tuple[str, str, int]]:
    """Return the sentences about every wrong gradient, and in how many cases each appears."""
    files, module = reference_files(), f"{guilty.target.partition('.')[0]}.py"
    files[module] = spliced(files[module].decode(), guilty.code).encode()
    grade = examined(files, guilty.target, 3, limits=UNHURRIED)
    (line,) = (line for line in grade.lines if line.check == "gradient")
    found: dict[tuple[str, str], int] = {}
    for case in line.result.cases:
        if case.verdict.value != "passed":
            result = re.match(r"\w+(\[\S+\])?", case.message)
            assert result is not None
            said = case.message.partition(". ")[2]
            counted = re.sub(r"\d+ of the \d+", "N of the M", said)
            found[result[0], counted] = found.get((result[0], counted), 0) + 1
    return [(result, said, count) for (result, said), count in found.items()]


@pytest.mark.slow
@pytest.mark.parametrize("guilty", GUILTY, ids=lambda guilty: f"{guilty.target}, {guilty.what}")
def test_the_method_with_the_mistake_is_the_one_that_is_blamed(guilty: Guilty) -> None:
    said = _said(guilty)
    assert sorted(said) == sorted(SAID[guilty.target, guilty.what])
    blamed = {sentence for _, sentence, _ in said}
    if guilty.guilt == "forward":
        assert blamed <= FORWARD_ALONE
    elif guilty.guilt == "backward":
        assert blamed <= BACKWARD_ALONE | OR_KEPT
    elif guilty.guilt == "kept":
        assert blamed <= OR_KEPT


ONES = np.ones((2, 3))
RIGHT_GRADIENT = np.arange(1.0, 7.0).reshape(2, 3)


def _measured(value: np.ndarray, kink: np.ndarray | float = 0.0) -> Numeric:
    return Numeric(value, np.abs(value), kink * ONES, 0 * ONES)


def _wrong_at(*wrong: tuple[int, int], of: np.ndarray = RIGHT_GRADIENT) -> np.ndarray:
    found = of.copy()
    for place in wrong:
        found[place] += 0.5
    return found


def test_forward_is_held_against_every_entry() -> None:
    forward, backward = _wrong_at((0, 0), (0, 1)), _wrong_at((0, 1), (1, 1), (1, 2))
    assert blame(_measured(forward), backward, RIGHT_GRADIENT) == Blame(
        moves=True, forward_right=False, fits=False, wrong=3, own=2, own_beyond_zero=2,
        multiple=False,
    )  # fmt: skip
    assert blame(_measured(RIGHT_GRADIENT), backward, RIGHT_GRADIENT) == Blame(
        moves=True, forward_right=True, fits=False, wrong=3, own=3, own_beyond_zero=3,
        multiple=False,
    )  # fmt: skip
    own = blame(_measured(forward), forward, RIGHT_GRADIENT)
    assert own is not None
    assert (own.fits, own.forward_right, own.own) == (True, False, 0)


def test_what_could_not_be_measured_says_nothing() -> None:
    kink = np.array([[1.0, 0, 0], [0, 0, 0]])
    backward = _wrong_at((0, 0), (1, 1))
    said = blame(_measured(RIGHT_GRADIENT, kink), backward, RIGHT_GRADIENT)
    assert said is not None
    assert (said.wrong, said.own) == (2, 1)
    assert blame(_measured(RIGHT_GRADIENT, ONES), backward, RIGHT_GRADIENT) is None
    assert blame(None, backward, RIGHT_GRADIENT) is None
    assert blame(_measured(np.ones(6)), backward, RIGHT_GRADIENT) is None


def test_where_the_right_gradient_vanishes_a_wrong_forward_may_be_right_by_chance() -> None:
    right = np.where(np.arange(6).reshape(2, 3) < 2, 0.0, RIGHT_GRADIENT)
    forward = np.where(right > 0, right + 1, 0.0)
    said = blame(_measured(forward), right + 0.5, right)
    assert said is not None
    assert (said.wrong, said.own, said.own_beyond_zero) == (6, 2, 0)


@pytest.mark.parametrize(
    ("found", "right", "multiple"),
    [
        (0.2 * RIGHT_GRADIENT, RIGHT_GRADIENT, True),
        (-RIGHT_GRADIENT, RIGHT_GRADIENT, True),
        (RIGHT_GRADIENT + 1, RIGHT_GRADIENT, False),
        (RIGHT_GRADIENT * np.nan, RIGHT_GRADIENT, False),
        # A single number is a multiple of any other.
        (np.where(RIGHT_GRADIENT > 5, 2.0, 0.0), np.where(RIGHT_GRADIENT > 5, 3.0, 0.0), False),
    ],
)
def test_the_right_gradient_times_a_number(
    found: np.ndarray, right: np.ndarray, multiple: bool
) -> None:
    said = blame(_measured(_wrong_at((0, 0))), found, right)
    assert said is not None
    assert said.multiple is multiple


BOTH = Blame(True, False, False, 6, 0, 0, False)
DERIVATIVE_RIGHT = Blame(True, True, False, 6, 6, 6, False)
OWN = Blame(True, False, True, 6, 0, 0, False)
UNMOVED = Blame(False, False, False, 6, 0, 0, False)


def _known(
    values_right: bool | None = False,
    builds: bool | None = True,
    keeps: bool = True,
    parameter: str = "",
    repeats: bool = True,
    **others: bool,
) -> Circumstances:
    elsewhere, explained = others.get("elsewhere", False), others.get("explained", False)
    return Circumstances(
        values_right, keeps, parameter, elsewhere, lambda: builds, lambda: repeats, explained
    )


@pytest.mark.parametrize("said", [None, BOTH, DERIVATIVE_RIGHT])
def test_what_explains_backward_apart_from_forward_leaves_forward_out(said: Blame | None) -> None:
    assert sentence(said, _known(explained=True)) == f" {OF_ITS_OWN_OR_KEPT}"
    assert sentence(said, _known(keeps=False, explained=True)) == f" {OF_ITS_OWN}"
    assert is_apart(said, _known(explained=True))
    assert not is_apart(said, _known())


def test_entries_are_no_evidence_that_is_needed_where_something_explains_backward() -> None:
    some = Blame(True, False, False, 6, 2, 2, False)
    assert sentence(some, _known(keeps=False, explained=True)) == f" {OF_ITS_OWN}"
    assert sentence(some, _known(keeps=False)) == (
        " Your backward has a mistake of its own: at 2 of the 6 wrong entries, your forward has "
        "the right derivative."
    )


def test_a_forward_with_right_values_is_never_blamed() -> None:
    for said in (None, BOTH, UNMOVED, OWN, DERIVATIVE_RIGHT):
        for parameter in ("", "W"):
            text = sentence(said, _known(True, parameter=parameter, repeats=False))
            assert text in {
                " It is the derivative of your own forward, though.",
                f" {RIGHT_OR_KEPT}",
                f" {VALUES_RIGHT_OR_KEPT}",
            }
            assert ("though" in text) is (said is OWN)


def test_what_was_not_asked_is_not_said_to_be_wrong() -> None:
    assert sentence(None, _known(None, repeats=False)) == ""
    assert sentence(DERIVATIVE_RIGHT, _known(None)) == f" {RIGHT_OR_KEPT}"
    assert sentence(BOTH, _known(None)) == f" {BOTH_WRONG}"


def test_wrong_values_that_nothing_is_known_of() -> None:
    assert sentence(None, _known()) == f" {WRONG_VALUES}"
    assert sentence(None, _known(builds=None)) == sentence(None, _known(builds=False)) == ""
    assert sentence(None, _known(repeats=False)) == f" {CHANGES}"
    assert sentence(DERIVATIVE_RIGHT, _known(builds=None)) == f" {OTHER_VALUES}"
    assert sentence(DERIVATIVE_RIGHT, _known(builds=False)) == f" {RIGHT_OR_KEPT}"


def test_a_gradient_that_fits_both_says_nothing() -> None:
    assert sentence(Blame(True, True, True, 6, 0, 0, False), _known()) == ""


def test_a_parameter_that_forward_does_not_read_is_told() -> None:
    assert sentence(UNMOVED, _known(parameter="W")) == f" {STALE_W}"
    assert sentence(UNMOVED, _known()) == f" {BOTH_WRONG}"
