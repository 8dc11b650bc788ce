"""What is said about wrong numbers: where they are, and what they have in common."""

from __future__ import annotations

import numpy as np
import pytest

from grader.assignment import ActivationAdapter, Example, Problem
from grader.judging.judge import compare, facts
from grader.judging.patterns import Fact, shared
from grader.result import ResultSpec, Role
from grader.run import Answer

RIGHT = np.arange(1.0, 21.0).reshape(5, 4) ** 2
IMAGES = np.arange(1.0, 97.0).reshape(2, 4, 4, 3) ** 2
SIGNS = np.where(np.arange(20).reshape(5, 4) % 7 == 0, -1.0, 1.0)  # negative in three entries


def _answer(found: np.ndarray) -> Answer:
    return Answer("ndarray", "an array", str(found.dtype), found)


def _facts(
    found: np.ndarray, expected: np.ndarray = RIGHT, role: Role = Role.OUTPUT, **inputs: np.ndarray
) -> tuple[Fact, ...]:
    problem = Problem((), (), example=Example({}, inputs))
    return facts(problem, ResultSpec("Y", role), _answer(found), expected)


def _said(found: np.ndarray, expected: np.ndarray = RIGHT, role=Role.OUTPUT, **inputs) -> str:
    """Return what is said about wrong numbers if their pattern holds in another draw, too."""
    known = _facts(found, expected, role, **inputs)
    return compare(ResultSpec("Y", role), _answer(found), expected, known).numbers


def _off(*places: object, of: np.ndarray = RIGHT) -> np.ndarray:
    """Return numbers that are wrong in some places, with no pattern that has a name."""
    found = of.copy()
    for place in places:
        found[place] += 1 + np.sqrt(found[place])
    return found


# Wrong only in places, with no pattern that has a name.
BORDER = np.pad(np.zeros((2, 2), bool), 1, constant_values=True)
PLACES = [
    (_off(...), " everywhere; the worst at [4, 3]: yours 421, expected 400."),
    (_off((0, 1)), " in 1 of 20 entries, all in the first example; the worst at [0, 1]"),
    (_off(4), " in 4 of 20 entries, all in the last example; the worst"),
    (_off(2), " in 4 of 20 entries, all in example 2; the worst"),
    (_off(np.s_[1:]), " in 16 of 20 entries, in every example but the first; the worst"),
    (_off(np.s_[:-1]), " in 16 of 20 entries; the worst"),
    (_off(np.s_[2:]), " in 12 of 20 entries; the worst"),
    (_off(np.s_[:, 2]), " in 5 of 20 entries, all in column 2; the worst"),
    (_off(np.s_[:, 2:]), " in 10 of 20 entries; the worst"),
    (_off((0, 1), (1, 2)), " in 2 of 20 entries; the worst"),
]


@pytest.mark.parametrize(("found", "where"), PLACES)
def test_where_numbers_are_wrong(found: np.ndarray, where: str) -> None:
    assert _said(found).startswith(f"Y is wrong{where}")
    of_parameter = where.replace("example", "row")
    assert _said(found, role=Role.PARAMETER_GRADIENT).startswith(f"Y is wrong{of_parameter}")


def test_of_two_rows_or_columns_none_is_said_to_be_the_only_one() -> None:
    small = RIGHT[:2, :2]
    for place in ((0, 0), (1, 0)):
        assert _said(_off(place, of=small), small).startswith("Y is wrong in 1 of 4 entries; the")
    three = RIGHT[:3, :3]
    assert "in 1 of 9 entries, all in the first example;" in _said(_off((0, 0), of=three), three)
    assert "in 3 of 9 entries, all in column 0;" in _said(_off(np.s_[:, 0], of=three), three)
    assert "in 2 of 9 entries, in every example but the first; the" in _said(
        _off((1, 0), (2, 1), of=three), three
    )
    line = RIGHT[0]
    assert _said(_off(0, of=line), line).startswith(
        "Y is wrong in 1 of 4 entries; the worst at [0]"
    )


def test_the_border_and_a_channel_of_images_are_told() -> None:
    at_border = _said(_off(np.s_[:, BORDER], of=IMAGES), IMAGES)
    assert " in 72 of 96 entries, all on the border of the images; the worst" in at_border
    inside = _said(_off(np.s_[:, ~BORDER], of=IMAGES), IMAGES)
    assert " in 24 of 96 entries; the worst" in inside
    for row, column in np.argwhere(~BORDER):
        assert "border" not in _said(_off(np.s_[:, row, column], of=IMAGES), IMAGES)
    small = IMAGES[:, :2, :2]  # all border
    assert "border" not in _said(_off((0, 0), of=small), small)
    in_channel = _said(_off(np.s_[..., 1], of=IMAGES), IMAGES)
    assert " in 32 of 96 entries, all in channel 1; the worst" in in_channel


NEGATIVE = np.argwhere(SIGNS < 0)


def test_the_sign_of_an_input_is_told_where_it_says_what_is_wrong() -> None:
    where = [tuple(place) for place in NEGATIVE]
    assert ", exactly where Z is negative; the" in _said(_off(*where), Z=SIGNS)
    assert ", only where Z is negative; the" in _said(_off(*where[:-1]), Z=SIGNS)
    assert "where Z is" not in _said(_off(where[0]), Z=SIGNS)  # a third of them is no pattern
    assert ", exactly where Z is positive; the" in _said(_off(*where), Z=-SIGNS)
    assert ", exactly where Z is negative; the" in _said(_off(*where), Z=3 * SIGNS)
    row = np.where(np.arange(5)[:, None] == 0, -1.0, np.ones((5, 4)))  # negative in four entries
    assert ", only where Z is negative; the" in _said(_off((0, 1), (0, 2), (0, 3)), Z=row)
    assert "where Z is" not in _said(_off((0, 1), (0, 2)), Z=row)  # nor is half of them
    assert "where Z is" not in _said(_off(*where, (4, 3)), Z=SIGNS)
    assert "where Z is" not in _said(_off(...), Z=-abs(SIGNS))
    assert "where Z is" not in _said(_off(*where), Z=SIGNS[:4])


def test_a_sign_of_a_product_or_a_difference_is_told_if_no_single_sign_says_it() -> None:
    Y, Y_hat = SIGNS, SIGNS * np.where(np.arange(20).reshape(5, 4) % 3 == 0, 2.0, 0.5)
    below = [tuple(place) for place in np.argwhere(Y_hat < Y)]
    told = _said(_off(*below), Y=Y, Y_hat=Y_hat)
    assert f" in {len(below)} of 20 entries, exactly where Y_hat is below Y; the" in told
    above = [tuple(place) for place in np.argwhere(Y_hat > Y)]
    assert ", exactly where Y_hat is above Y; the" in _said(_off(*above), Y=Y, Y_hat=Y_hat)
    other = np.where(np.arange(20).reshape(5, 4) % 2 == 0, -1.0, 1.0)
    for word, there in (
        ("different signs", SIGNS * other < 0),
        ("the same sign", SIGNS * other > 0),
    ):
        places = [tuple(place) for place in np.argwhere(there)]
        told = _said(_off(*places), Z=SIGNS, dY=other)
        assert f", exactly where Z and dY have {word}; the" in told


def test_of_a_sign_and_a_difference_that_say_the_same_one_is_told() -> None:
    """If all targets are 0.5, the difference is named; if they are 0 or 1, their sign is."""
    where = [tuple(place) for place in NEGATIVE]
    told = _said(_off(*where), Y=np.full((5, 4), 0.5), Y_hat=2 * SIGNS)
    assert ", exactly where Y_hat is below Y; the" in told
    assert "negative" not in told
    one_hot = (SIGNS < 0).astype(float)
    told = _said(_off(*where), Y=one_hot, Y_hat=np.full((5, 4), 0.5))
    assert ", exactly where Y is positive; the" in told
    assert "below" not in told


def test_an_input_is_not_compared_with_the_gradient_from_above() -> None:
    where, spec = [tuple(place) for place in NEGATIVE], ResultSpec("dZ", wrt="Z")
    example = Example({}, {"Z": 900.0 * SIGNS}, cotangent=np.ones((5, 4)))
    adapter = ActivationAdapter("activations.ReLU")
    problem = Problem((), (), adapter=adapter, example=example)
    known = facts(problem, spec, _answer(_off(*where)), RIGHT)
    told = compare(spec, _answer(_off(*where)), RIGHT, known).numbers
    assert ", exactly where Z is negative; the" in told
    assert not any(fact.kind in ("below", "above") for fact in known)


def test_what_holds_in_one_draw_alone_is_not_told() -> None:
    where = [tuple(place) for place in NEGATIVE]
    first = _facts(_off(*where), Z=SIGNS)
    assert _facts(RIGHT, Z=SIGNS) == ()
    assert shared(first, ()) == shared(first, _facts(_off((0, 0)), Z=SIGNS)) == ()
    only = _facts(_off(*where[:-1]), Z=SIGNS)
    for facts_of_both in (shared(first, only), shared(only, first)):
        assert facts_of_both == (Fact("negative", ("Z",), exact=False),)
    assert shared(first, first) == first
    last, other = _facts(_off(4)), _facts(_off(np.s_[:2]))
    assert shared(last, last) == (Fact("last", ("example",)),)
    assert shared(last, other) == ()
    factors = [_facts(factor * RIGHT) for factor in (0.5, 0.5 * (1 + 1e-9), 0.51)]
    assert shared(*factors[:2]) == (Fact("factor", (0.5,)),)
    assert shared(*factors[1:]) == ()
    plain = compare(ResultSpec("Y"), _answer(_off(4)), RIGHT).numbers
    assert plain.startswith("Y is wrong in 4 of 20 entries; the worst at [4, 3]: yours")


COMMON = [
    (0 * RIGHT, " everywhere (0 there)"),
    (np.where(RIGHT > 4, RIGHT, 0), " in 2 of 20 entries, all in the first example (0 there)"),
    (-RIGHT, " everywhere (the sign is reversed)"),
    (2 * RIGHT, " everywhere (it is 2 times the right one)"),
    (-2 * RIGHT, " everywhere (it is -2 times the right one)"),
    (RIGHT / -2, " everywhere (it is -0.5 times the right one)"),
    (RIGHT / 4, " everywhere (it is 0.25 times the right one)"),
    (RIGHT * 0.3, " everywhere (it is 0.3 times the right one)"),
    (RIGHT + 100, " everywhere"),
]


@pytest.mark.parametrize(("found", "what"), COMMON)
def test_what_wrong_numbers_have_in_common(found: np.ndarray, what: str) -> None:
    assert _said(found).startswith(f"Y is wrong{what}; the worst")


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_what_they_have_in_common_is_told_of_any_size(scale: float) -> None:
    right = np.where(RIGHT < 2, 0, RIGHT) * scale
    found = 2 * right
    found[0, 0] = 1e-10 * found.max()  # this much is rounding
    assert "(it is 2 times the right one)" in _said(found, right)
    found[0, 0] = 1e-4 * found.max()
    assert "times" not in _said(found, right)


def test_one_number_has_some_factor_and_is_told_only_a_plain_one() -> None:
    one = np.array(6.0)
    assert _said(np.array(3.0), one) == (
        "Y is wrong (it is 0.5 times the right one): yours 3, expected 6."
    )
    assert "(it is -2 times the right one)" in _said(np.array(-12.0), one)
    assert "(it is 10000 times the right one)" in _said(np.array(6.0 * 10_000.005), one)
    assert _said(np.array(2.5), one) == "Y is wrong: yours 2.5, expected 6."
    assert _said(np.array(-6.0), one).startswith("Y is wrong (the sign is reversed):")


def test_a_gradient_of_a_parameter_that_is_all_zeros_may_never_have_been_stored() -> None:
    told = _said(0 * RIGHT, role=Role.PARAMETER_GRADIENT)
    assert told.startswith("Y is wrong everywhere (all zeros: was it stored under this key?); the")


@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinite")])
def test_numbers_that_are_none_are_told_with_their_place(value: float, name: str) -> None:
    found = RIGHT.copy()
    found[0, :2] = value
    where = "in 2 of 20 entries, all in the first example; the first at [0, 0]"
    assert _said(found) == f"Y is {name} {where}."
    found[0, 0] = 1.0
    assert _said(found) == f"Y is {name} in 1 of 20 entries, all in the first example, at [0, 1]."
    assert _said(np.full_like(RIGHT, value)) == f"Y is {name} everywhere."
    assert _said(np.array(value), np.array(6.0)) == f"Y is {name}."


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-9, -1e9])
def test_how_far_off_numbers_may_be(scale: float) -> None:
    """The tolerance is relative to the largest right number, whatever its sign and size."""
    for factor, right in ((0.99, True), (1.01, False)):
        found = RIGHT * scale
        found[0, 0] += factor * 1e-5 * scale * RIGHT.max()
        assert (not _said(found, RIGHT * scale)) is right


@pytest.mark.parametrize("right", [0 * RIGHT, np.array(0.0), np.zeros((0, 4))])
def test_zeros_and_nothing_are_right_where_they_are_due(right: np.ndarray) -> None:
    with np.errstate(all="raise"):
        assert _said(right, right) == ""
        assert bool(_said(right + 1e-12, right)) is bool(right.size)


def test_no_zero_has_a_sign() -> None:
    assert _said(np.array(-0.0), np.array(6.0)) == "Y is wrong (0 there): yours 0, expected 6."
    assert _said(np.array(6.0), np.array(-0.0)).endswith("yours 6, expected 0.")


def test_float32_may_be_further_off() -> None:
    single = RIGHT.astype(np.float32)
    for factor, right in ((0.9, True), (1.1, False)):
        found = single.copy()
        found[0, 0] += np.float32(factor * 2e-4 * RIGHT.max())
        assert (not _said(found)) is right
