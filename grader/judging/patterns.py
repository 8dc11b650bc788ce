"""What all wrong entries of a result have in common, as facts.

One draw of the inputs has patterns by chance, so a fact is stated only if it also holds for other
inputs: `shared` keeps the facts that hold in both draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from grader.result import ResultSpec, Role

# The fraction of the entries satisfying a condition that must be wrong: less may be chance.
MOST = 0.5
_CONDITIONS = {
    "negative": "{} is negative",
    "positive": "{} is positive",
    "below": "{} is below {}",
    "above": "{} is above {}",
    "unlike": "{} and {} have different signs",
    "alike": "{} and {} have the same sign",
}
_PLACES = {
    "first": "all in the first {}",
    "last": "all in the last {}",
    "one": "all in {} {}",
    "others": "in every {} but the first",
    "diagonal": "exactly on the diagonal",
    "off": "exactly off the diagonal",
    "border": "all on the border of the images",
}
_COMMON = {
    "zero": "0 there",
    "sign": "the sign is reversed",
    "factor": "it is {:.6g} times the right one",
}


@dataclass(frozen=True)
class Fact:
    """Something that all wrong entries have in common.

    Args:
        kind: a key of the tables of words above.
        about: what the words refer to: names of inputs, an axis and an index, or a factor.
        exact: for a condition, whether it holds at no right entry.
    """

    kind: str
    about: tuple[str | int | float, ...] = ()
    exact: bool = True


def pattern(
    result: ResultSpec,
    found: np.ndarray,
    expected: np.ndarray,
    wrong: np.ndarray,
    inputs: Mapping[str, np.ndarray],
    cotangent: Mapping[str, np.ndarray] | None = None,
) -> tuple[Fact, ...]:
    """Return what all wrong entries have in common, the most informative facts first.

    Args:
        result: the wrong result.
        found: what the submission returned.
        expected: the right result, of the same shape.
        wrong: at which entries it is wrong, of the same shape.
        inputs: what it is computed from, by name; inputs of another shape are ignored.
        cotangent: the upstream gradient, in the same form; no input is compared with it.
    """
    if not wrong.any():
        return ()
    if wrong.all():
        return tuple(_numbers(found, expected, wrong))
    same, above = (
        {name: array for name, array in arrays.items() if array.shape == expected.shape}
        for arrays in (inputs, cotangent or {})
    )
    border = _border(wrong) if result.role is Role.OUTPUT else ()
    places = (*_conditions(wrong, same, above), *_lines(result, wrong), *_diagonal(wrong), *border)
    return (*places, *_numbers(found, expected, wrong))


def shared(facts: Sequence[Fact], others: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the facts that hold in two draws, in the order of the first."""
    return tuple(fact for fact in facts if fact in others)


def place(facts: Sequence[Fact]) -> str:
    """Describe where all wrong entries are; "" if no pattern is known."""
    for fact in facts:
        if fact.kind in _CONDITIONS:
            how = "exactly" if fact.exact else "only"
            return f"{how} where {_CONDITIONS[fact.kind].format(*fact.about)}"
        if fact.kind in _PLACES:
            return _PLACES[fact.kind].format(*fact.about)
    return ""


def common(facts: Sequence[Fact]) -> str:
    """Describe how the wrong numbers relate to the right ones; "" if no relation is known."""
    known = (fact for fact in facts if fact.kind in _COMMON)
    return next((_COMMON[fact.kind].format(*fact.about) for fact in known), "")


def _conditions(
    wrong: np.ndarray, inputs: Mapping[str, np.ndarray], cotangent: Mapping[str, np.ndarray]
) -> Iterator[Fact]:
    """Yield the conditions on inputs that hold wherever a result is wrong, exact ones first."""
    held = [
        (fact, there)
        for fact, there in _candidates(inputs, cotangent)
        if there.any() and not there.all() and not wrong[~there].any()
    ]
    yield from (fact for fact, there in held if wrong[there].all())
    for fact, there in held:
        if wrong[there].mean() > MOST:
            yield Fact(fact.kind, fact.about, exact=False)


def _candidates(
    inputs: Mapping[str, np.ndarray], cotangent: Mapping[str, np.ndarray]
) -> Iterator[tuple[Fact, np.ndarray]]:
    """Yield conditions, with where they hold.

    Of conditions that cannot be told apart, the first is reported. The sign of an input that is 0
    elsewhere, as in one-hot rows, selects entries and comes first; any other sign may be that of a
    difference, such as Y_hat - Y with a small Y.
    """
    arrays = {**inputs, **cotangent}
    signs = [
        (Fact(word, (name,)), there, not values[~there].any())
        for name, values in arrays.items()
        for word, there in (("negative", values < 0), ("positive", values > 0))
    ]
    yield from ((fact, there) for fact, there, chosen in signs if chosen)
    for b, a in combinations(inputs, 2):
        yield Fact("below", (a, b)), inputs[a] < inputs[b]
        yield Fact("above", (a, b)), inputs[a] > inputs[b]
    yield from ((fact, there) for fact, there, chosen in signs if not chosen)
    for a, b in combinations(arrays, 2):
        yield Fact("unlike", (a, b)), arrays[a] * arrays[b] < 0
        yield Fact("alike", (a, b)), arrays[a] * arrays[b] > 0


def _lines(result: ResultSpec, wrong: np.ndarray) -> Iterator[Fact]:
    """Yield the fact that all wrong entries are in one example, one row, or one column."""
    if wrong.ndim < 2:
        return
    rows = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
    columns = np.flatnonzero(wrong.reshape(-1, wrong.shape[-1]).any(axis=0))
    row = "example" if result.role is Role.OUTPUT else "row"
    if len(wrong) > 2 and len(rows) == 1:
        number = int(rows[0])
        ends = {0: Fact("first", (row,)), len(wrong) - 1: Fact("last", (row,))}
        yield ends.get(number, Fact("one", (row, number)))
    elif len(wrong) > 2 and len(rows) == len(wrong) - 1 and rows[0] == 1:
        yield Fact("others", (row,))
    if wrong.shape[-1] > 2 and len(columns) == 1:
        yield Fact("one", ("column" if wrong.ndim == 2 else "channel", int(columns[0])))


def _diagonal(wrong: np.ndarray) -> Iterator[Fact]:
    """Yield the fact that the entries with equal indices are wrong, or that all others are."""
    if wrong.ndim == 2 and min(wrong.shape) > 1:
        diagonal = np.eye(len(wrong), wrong.shape[1], dtype=bool)
        if np.array_equal(wrong, diagonal):
            yield Fact("diagonal")
        elif np.array_equal(wrong, ~diagonal):
            yield Fact("off")


# The fraction of an image that must lie inside for its border to count as a place.
INNER = 0.2


def _border(wrong: np.ndarray) -> Iterator[Fact]:
    """Yield the fact that all wrong entries are at the border of images (m, H, W, C).

    Small images are mostly border, which says nothing.
    """
    inner = wrong[:, 1:-1, 1:-1] if wrong.ndim == 4 else wrong
    if wrong.ndim == 4 and inner.size >= INNER * wrong.size and not inner.any():
        yield Fact("border")


def _numbers(found: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> Iterator[Fact]:
    """Yield how the wrong numbers relate to the right ones, where that is a simple fact."""
    if not np.isfinite(found).all():
        return
    if not np.any(found[wrong]):
        yield Fact("zero")
    factor = factor_of(found, expected)
    if factor is None or not factor:
        return
    if abs(factor + 1.0) < 1e-6:
        yield Fact("sign")
    # Any two single numbers differ by some factor.
    elif found.size > 1 or _whole(factor) or _whole(1.0 / factor):
        yield Fact("factor", (float(f"{factor:.6g}"),))


def factor_of(found: np.ndarray, expected: np.ndarray) -> float | None:
    """Return the factor by which all numbers differ from the right ones; None if there is none."""
    if not np.isfinite(found).all() or not np.any(expected):
        return None
    factor = float(np.sum(found * expected) / np.sum(expected * expected))
    least = 1e-9 * float(np.abs(found).max())
    return factor if np.allclose(found, factor * expected, rtol=1e-6, atol=least) else None


def _whole(number: float) -> bool:
    return bool(np.isfinite(number)) and abs(number - round(number)) < 1e-6 * abs(number)
