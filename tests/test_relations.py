"""Relations between wrong and right numbers: each kind is found, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from grader.judging import Sample, relate, verified
from grader.result import ResultSpec

# Makes a wrong result from the right one and known arrays.
Change = Callable[[np.ndarray, dict[str, np.ndarray]], np.ndarray]
MATRICES = ((5, 3), (4, 6), (2, 7))
IMAGES = ((2, 5, 4, 3), (3, 4, 6, 2), (4, 3, 5, 2))


def drawn(
    change: Change, shapes: Sequence[tuple[int, ...]] = MATRICES, seed: int = 0
) -> list[Sample]:
    """Return one sample for each shape, with the right numbers changed."""
    samples = []
    for number, shape in enumerate(shapes):
        rng = np.random.default_rng([seed, number])
        right = rng.normal(size=shape)
        arrays = {
            "X": rng.normal(size=shape),
            "dY": rng.normal(size=shape),
            "b": rng.normal(size=(1, shape[-1])),
        }
        settings = {
            "m": float(shape[0]),
            "the number of columns of X": float(shape[-1]),
            "lr": 0.25,
        }
        found = np.asarray(change(right, arrays))
        samples.append(
            Sample(str(number), ResultSpec("dX"), found, right, arrays, settings, (), (shape,))
        )
    return samples


def said(samples: Sequence[Sample]) -> list[str]:
    """Return the sentences of the relations."""
    return [relation.sentence for relation in relate(samples)]


KINDS: dict[str, Change] = {
    "dX is 2 times the right one.": lambda E, K: 2 * E,
    "dX is 0.5 times the right one.": lambda E, K: E / 2,
    "dX is minus the right one.": lambda E, K: -E,
    "dX is minus 1/3 times the right one.": lambda E, K: -E / 3,
    "dX is 0.434294 times the right one.": lambda E, K: E / np.log(10),
    "dX is 0.25 times the right one (0.25 is lr).": lambda E, K: E / 4,
    "dX is m times the right one (m is the batch size).": lambda E, K: E * len(E),
    "dX is the right one divided by m (m is the batch size).": lambda E, K: E / len(E),
    "dX is the right one divided by m squared (m is the batch size).": lambda E, K: E / len(E) ** 2,
    "dX is minus 2 times the right one divided by m (m is the batch size).": (
        lambda E, K: -2 * E / len(E)
    ),
    "dX is m times the right one divided by the number of columns of X (m is the batch size).": (
        lambda E, K: E * len(E) / E.shape[1]
    ),
    "dX is the right one divided by m and by the number of columns of X"
    " (m is the batch size).": lambda E, K: E / E.size,
    "dX is the right one times X.": lambda E, K: E * K["X"],
    "dX is the right one divided by dY.": lambda E, K: E / K["dY"],
    "dX is the right one times b.": lambda E, K: E * K["b"],
    "dX is the right one plus 0.01 times X.": lambda E, K: E + 0.01 * K["X"],
    "dX is the right one plus b.": lambda E, K: E + K["b"],
    "dX is the right one minus X.": lambda E, K: E - K["X"],
    "dX is the right one plus X divided by m (m is the batch size).": (
        lambda E, K: E + K["X"] / len(E)
    ),
    "dX is the right one plus 1.": lambda E, K: E + 1,
    "dX is the right one minus 0.1.": lambda E, K: E - 0.1,
    "dX is the absolute value of the right one.": lambda E, K: np.abs(E),
    "dX is 1 divided by the right one.": lambda E, K: 1 / E,
    "dX is the square of the right one.": lambda E, K: E * E,
    "dX is the square root of the right one's absolute value.": lambda E, K: np.sqrt(np.abs(E)),
    "dX is exp of the right one.": lambda E, K: np.exp(E),
    "dX is 1 minus the right one.": lambda E, K: 1 - E,
    "dX is the sign of the right one.": lambda E, K: np.sign(E),
    "dX is the right one truncated.": lambda E, K: np.trunc(E),
    "dX is the right one rounded to a whole number.": lambda E, K: np.round(E),
    "dX is the right one rounded to 2 decimals.": lambda E, K: np.round(E, 2),
    "dX is the right one where that is positive, and 0 elsewhere.": lambda E, K: np.maximum(E, 0),
    "dX is the right one where that is negative, and 0 elsewhere.": lambda E, K: np.minimum(E, 0),
    "dX is the right one, but never above 0.5.": lambda E, K: np.minimum(E, 0.5),
    "dX is the right one, but never below -0.3.": lambda E, K: np.maximum(E, -0.3),
    "dX is the right one, but never farther from 0 than 0.5.": lambda E, K: np.clip(E, -0.5, 0.5),
    "dX is the right one transposed.": lambda E, K: E.T,
    "dX is minus the right one transposed.": lambda E, K: -E.T,
    "dX is the right one, reversed along axis 0.": lambda E, K: E[::-1],
    "dX is the right one, reversed along axes 0 and 1.": lambda E, K: E[::-1, ::-1],
    "dX is the right one, rolled forward by one along axis 1.": lambda E, K: np.roll(E, 1, 1),
    "dX is the right one, moved back by one along axis 0 and filled with zeros.": (
        lambda E, K: np.vstack([E[1:], 0 * E[:1]])
    ),
    "dX is the right one, sorted along axis 1.": lambda E, K: np.sort(E, axis=1),
    "dX is the right one, its numbers read along the axes (1, 0) and put back in the usual"
    " order.": (lambda E, K: E.T.reshape(E.shape)),
    "dX is the right one in another shape.": lambda E, K: E.ravel(),
    "dX is the right one at the first index along axis 0 only.": lambda E, K: E[0],
    "dX is the right one at the last index along axis 1, repeated.": (
        lambda E, K: np.repeat(E[:, -1:], E.shape[1], axis=1)
    ),
    "dX is the right one summed over axis 0.": lambda E, K: E.sum(axis=0),
    "dX is the right one averaged over axis 1.": lambda E, K: E.mean(axis=1, keepdims=True),
    "dX is the right one summed over axis 1, repeated.": (
        lambda E, K: np.repeat(E.sum(axis=1, keepdims=True), E.shape[1], axis=1)
    ),
    "dX is the right one averaged over axes 0 and 1.": lambda E, K: E.mean(),
    "dX is the right one, cumulatively summed along axis 0.": lambda E, K: E.cumsum(axis=0),
    "dX is the right one minus its mean over axis 0.": lambda E, K: E - E.mean(axis=0),
    "dX is the right one divided by its sum over axis 1.": lambda E, K: E / E.sum(1, keepdims=True),
    "dX is the right one divided by its norm over axes 0 and 1.": (
        lambda E, K: E / np.linalg.norm(E)
    ),
    "dX has an extra axis: its sum over axis 2 is the right one.": (
        lambda E, K: np.stack([E - K["X"], K["X"]], axis=2)
    ),
    "dX is X.": lambda E, K: K["X"],
    "dX is 3 times X.": lambda E, K: 3 * K["X"],
    "dX is the square of X.": lambda E, K: K["X"] ** 2,
    "dX is 1 where X is positive, and 0 elsewhere.": lambda E, K: 1.0 * (K["X"] > 0),
    "dX is (X + dY).": lambda E, K: K["X"] + K["dY"],
    "dX is X times dY.": lambda E, K: K["X"] * K["dY"],
    "dX is dY times X times (1 minus X).": lambda E, K: K["dY"] * K["X"] * (1 - K["X"]),
    "dX is exp of X, divided by its sum over axis 0.": (
        lambda E, K: np.exp(K["X"]) / np.exp(K["X"]).sum(axis=0)
    ),
    "dX is 1 everywhere.": lambda E, K: np.ones(E.shape),
    "dX is 0.25 everywhere (0.25 is lr).": lambda E, K: np.full(E.shape, 0.25),
    "dX is right where X is positive; elsewhere it is dY.": (
        lambda E, K: np.where(K["X"] > 0, E, K["dY"])
    ),
    "dX is right where X is negative; elsewhere it is 0.": lambda E, K: np.where(K["X"] < 0, E, 0),
    "dX is right where X is positive; elsewhere it is 0.01 times X.": (
        lambda E, K: np.where(K["X"] > 0, E, 0.01 * K["X"])
    ),
    "dX is 1 where X is positive; elsewhere it is dY.": (
        lambda E, K: np.where(K["X"] > 0, 1.0, K["dY"])
    ),
    "dX is right where X is above about 0.5; elsewhere it is 0.": (
        lambda E, K: np.where(K["X"] > 0.5, E, 0)
    ),
    "dX is right at every index along axis 0 but the first; elsewhere it is 0.": (
        lambda E, K: np.vstack([0 * E[:1], E[1:]])
    ),
    "dX is right on the diagonal; elsewhere it is minus the right one.": (
        lambda E, K: np.where(np.eye(*E.shape, dtype=bool), E, -E)
    ),
}


@pytest.mark.parametrize("sentence", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_every_kind_is_found_and_holds_in_another_draw(sentence: str, seed: int) -> None:
    found = relate(drawn(KINDS[sentence], seed=seed))
    assert [relation.sentence for relation in found] == [sentence]
    assert verified(found, drawn(KINDS[sentence], seed=100 + seed)) == found
    assert verified(found, drawn(lambda E, K: E + 0.1 * K["X"] ** 3, seed=100 + seed)) == []


OF_IMAGES: dict[str, Change] = {
    "dX is the right one with axes 1 and 2 swapped.": lambda E, K: E.transpose(0, 2, 1, 3),
    "dX is the right one with its axes in the order (0, 3, 1, 2).": (
        lambda E, K: E.transpose(0, 3, 1, 2)
    ),
    "dX is the right one, its numbers read along the axes (1, 2, 0, 3) and put back in the usual"
    " order.": lambda E, K: E.transpose(1, 2, 0, 3).reshape(E.shape),
    "dX is the right one, reversed along axes 1 and 2.": lambda E, K: E[:, ::-1, ::-1],
    "dX is the right one averaged over axes 1 and 2.": lambda E, K: E.mean(axis=(1, 2)),
    "dX is the right one summed over axis 3, repeated.": (
        lambda E, K: np.broadcast_to(E.sum(axis=3, keepdims=True), E.shape)
    ),
    "dX is right in the interior of the images; elsewhere it is 0.": (
        lambda E, K: np.pad(E[:, 1:-1, 1:-1], ((0, 0), (1, 1), (1, 1), (0, 0)))
    ),
}


@pytest.mark.parametrize("sentence", OF_IMAGES)
def test_axes_of_images_are_told(sentence: str) -> None:
    assert said(drawn(OF_IMAGES[sentence], IMAGES)) == [sentence]


def _noise(size: float) -> Change:
    rng = np.random.default_rng(7)
    return lambda E, K: E + size * rng.normal(size=E.shape)


def _another_factor(rng: np.random.Generator) -> Change:
    return lambda E, K: E * rng.uniform(1.1, 3.0)


def _shuffled(rng: np.random.Generator) -> Change:
    return lambda E, K: rng.permutation(E.ravel()).reshape(E.shape)


NOTHING: dict[str, Callable[[np.random.Generator], Change]] = {
    "right": lambda rng: lambda E, K: E,
    "right up to rounding": lambda rng: lambda E, K: E + 1e-7 * rng.normal(size=E.shape),
    "almost right": lambda rng: lambda E, K: E + 3e-5 * rng.normal(size=E.shape),
    "noise": lambda rng: lambda E, K: E + 0.1 * rng.normal(size=E.shape),
    "another factor each time": _another_factor,
    "shuffled": _shuffled,
    "random": lambda rng: lambda E, K: rng.normal(size=E.shape),
    "whole numbers": lambda rng: lambda E, K: rng.integers(-2, 3, E.shape).astype(float),
    "signs": lambda rng: lambda E, K: E * rng.choice([-1.0, 1.0], E.shape),
    "a hole": lambda rng: lambda E, K: E * (rng.uniform(size=E.shape) < 0.7),
    "another shape": lambda rng: lambda E, K: rng.normal(size=(len(E), 2)),
    "NaN": lambda rng: lambda E, K: 2 * E + np.where(np.max(E) == E, np.nan, 0.0),
    "zeros": lambda rng: lambda E, K: 0 * E,
    "one entry off": lambda rng: lambda E, K: E + np.eye(1, E.size).reshape(E.shape),
    "nearly twice": lambda rng: lambda E, K: 2 * E + 1e-3 * rng.normal(size=E.shape),
}


@pytest.mark.parametrize("kind", NOTHING)
@pytest.mark.parametrize("shapes", [MATRICES, IMAGES, ((3, 1), (1, 4), (2, 2), (1, 2))])
def test_nothing_is_said_of_numbers_that_are_right_or_wrong_at_random(
    kind: str, shapes: Sequence[tuple[int, ...]]
) -> None:
    for seed in range(4):
        rng = np.random.default_rng([seed, len(kind)])
        assert said(drawn(NOTHING[kind](rng), shapes, seed)) == []


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_said_of_single_numbers_at_random(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = [_scalar(float(rng.normal()), float(rng.normal()), m) for m in (2, 3, 5, 7)]
    assert said(samples) == []


def _scalar(found: float, right: float, m: int) -> Sample:
    return Sample(
        str(m), ResultSpec("loss"), np.array(found), np.array(right), {}, {"m": float(m)}, (),
        ((m, 3),),
    )  # fmt: skip


def test_single_numbers_need_one_sample_more() -> None:
    samples = [_scalar(m * 1.5 * m, 1.5 * m, m) for m in (1, 2, 3, 5)]
    assert said(samples) == ["loss is m times the right one (m is the batch size)."]
    assert said(samples[1:]) == []


def test_three_sizes_have_to_agree_and_two_of_them_be_wrong() -> None:
    double = drawn(lambda E, K: 2 * E)
    assert said(double) == ["dX is 2 times the right one."]
    assert said(double[:2]) == []
    assert said([double[0], double[1], double[1], double[1]]) == []
    assert said([*double[:2], *drawn(lambda E, K: 2.1 * E)[2:]]) == []
    assert said([*double[:2], *drawn(lambda E, K: E)[2:]]) == []
    only_one = drawn(lambda E, K: E * (1 + (len(E) == 5)))
    assert said(only_one) == []


def test_a_right_sample_has_to_be_right_by_the_relation_too() -> None:
    samples = drawn(lambda E, K: E * len(E), ((1, 4), (3, 2), (4, 5), (2, 6)))
    assert said(samples) == ["dX is m times the right one (m is the batch size)."]
    right = replace(samples[1], found=samples[1].right)
    assert said([samples[0], right, *samples[2:]]) == []


def test_what_is_too_large_is_not_looked_at() -> None:
    large = drawn(lambda E, K: 2 * E, ((80, 80), (90, 90), (100, 100)))
    assert said(large) == []
    assert verified(relate(drawn(lambda E, K: 2 * E)), large) == []


def test_two_that_fit_equally_well_are_both_said() -> None:
    shapes = ((5, 3), (4, 6), (2, 7))

    def positive(E: np.ndarray, K: dict[str, np.ndarray]) -> np.ndarray:
        K["dY"][...] = np.abs(K["X"])
        return np.asarray(np.abs(K["X"]) * E)

    assert said(drawn(positive, shapes)) == ["dX is the right one times dY."]

    def equal(E: np.ndarray, K: dict[str, np.ndarray]) -> np.ndarray:
        K["dY"][...] = K["X"]
        return K["X"]

    assert said(drawn(equal, shapes)) == ["dX is X.", "dX is dY."]


def test_a_pattern_by_chance_does_not_survive_a_second_draw() -> None:
    """In the first draw, X is positive exactly where the right result is."""

    def first(E: np.ndarray, K: dict[str, np.ndarray]) -> np.ndarray:
        K["X"][...] = np.abs(K["X"]) * np.sign(E)
        return np.where(E > 0, E, 0.5 * K["dY"])

    def second(E: np.ndarray, K: dict[str, np.ndarray]) -> np.ndarray:
        return np.where(E > 0, E, 0.5 * K["dY"])

    found = relate(drawn(first))
    assert [x.sentence for x in found] == [
        "dX is right where X is positive; elsewhere it is 0.5 times dY."
    ]
    assert verified(found, drawn(second, seed=1)) == []


def _in_cases(settings: Sequence[dict[str, float]], changes: Sequence[Change]) -> list[Sample]:
    shapes = [(2 + i, 3 + (5 * i) % 7) for i in range(len(settings))]
    return [
        replace(drawn(change, [shape], seed=i)[0], settings=own, case=str(i))
        for i, (shape, own, change) in enumerate(zip(shapes, settings, changes, strict=True))
    ]


def _same(E: np.ndarray, K: dict[str, np.ndarray]) -> np.ndarray:
    return E


def _negative(E: np.ndarray, K: dict[str, np.ndarray]) -> np.ndarray:
    return -E


def test_cases_that_are_right_are_told_from_those_that_stand_in_a_relation() -> None:
    settings = [{"stride": s, "pad": p} for s, p in ((1, 0), (1, 2), (2, 0), (3, 2), (2, 2))]
    changes = [_same, _same, _negative, _negative, _negative]
    sentence = "dX is right where stride is 1; elsewhere it is minus the right one."
    found = relate(_in_cases(settings, changes))
    assert [x.sentence for x in found] == [sentence]
    assert verified(found, _in_cases(settings, changes)) == found
    assert verified(found, _in_cases(settings, [_negative] * 5)) == []
    named = [{"mode='average'": 1.0} if s["stride"] > 1 else {} for s in settings]
    assert said(_in_cases(named, changes)) == [
        "dX is right except where mode='average'; there it is minus the right one."
    ]
    # Both conditions fit, so neither is reported.
    both = [{**one, "pad": one["stride"]} for one in settings]
    assert said(_in_cases(both, changes)) == []


def test_what_earlier_calls_leave_behind() -> None:
    def sample(number: int, change: Callable[[list[np.ndarray]], np.ndarray]) -> Sample:
        rng = np.random.default_rng(number)
        rights = [rng.normal(size=(2 + number, 3)) for _ in range(3)]
        found, shape = change(rights), (2 + number, 3)
        spec = ResultSpec("gradients['W'] (m = 3)", repeats="gradients['W']")
        return Sample(str(number), spec, found, rights[-1], {}, {}, tuple(rights[:-1]), (shape,))

    changes = {
        "gradients['W'] is the previous call's right one.": lambda R: R[1],
        "gradients['W'] is the first call's right one.": lambda R: R[0],
        "gradients['W'] is the right one plus the previous call's.": lambda R: R[2] + R[1],
        "gradients['W'] is the right one plus 0.9 times the previous call's.": (
            lambda R: R[2] + 0.9 * R[1]
        ),
        "gradients['W'] is the right one plus those of all earlier calls.": sum,
    }
    for sentence, change in changes.items():
        assert said([sample(number, change) for number in range(3)]) == [sentence]


def test_numbers_of_float32_are_related_too_but_never_by_a_number_with_many_digits() -> None:
    def single(change: Change) -> list[Sample]:
        samples = drawn(lambda E, K: change(E, K).astype(np.float32))
        return [replace(sample, rtol=2e-4) for sample in samples]

    assert said(single(lambda E, K: 2 * E)) == ["dX is 2 times the right one."]
    assert said(single(lambda E, K: 0.995 * E)) == ["dX is 0.995 times the right one."]
    assert said(single(lambda E, K: 0.997531 * E)) == []


def test_a_row_that_is_dropped_makes_no_difference() -> None:
    samples = drawn(lambda E, K: 3 * E, ((1, 4), (1, 5), (1, 6)))
    dropped = [replace(sample, found=sample.found[0]) for sample in samples]
    assert said(dropped) == said(samples) == ["dX is 3 times the right one."]
