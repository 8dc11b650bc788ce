"""Ideas about results that are right in some places, and something simple in all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.result import Role

from .ideas import Idea, Value
from .sample import Sample

# What it costs that only a part is explained by a value.
PART = 10


@dataclass(frozen=True)
class Place:
    """A part of an array: where it is, in words, and as True in an array of the right shape."""

    words: str
    of: Callable[[Sample], np.ndarray | None]


def in_parts(pilot: Sample, values: Sequence[Value]) -> Iterator[Idea]:
    """Yield the ideas that a result is right in a place, and one of some values elsewhere."""
    if not pilot.in_form:
        return
    errors = np.abs(pilot.numbers - pilot.right)
    good = errors <= pilot.rtol * np.abs(pilot.numbers).max(initial=0.0)
    if not good.any() or good.all():
        return
    for place in _places(pilot):
        there = place.of(pilot)
        if there is not None and there.any() and good[there].all() and not good[~there].all():
            for value in values:
                words = f"{{name}} is right where {place.words}; elsewhere it is {value.words}"
                yield Idea(words, PART + value.cost, _sides(place, value), value.exact)


def _sides(place: Place, value: Value) -> Callable[[Sample], tuple[np.ndarray, np.ndarray] | None]:
    def sides(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
        if not sample.in_form:
            return None
        there, of = place.of(sample), value.of(sample)
        if there is None or of is None or of.shape != sample.right.shape:
            return None
        if not sample.near(sample.numbers[there], sample.right[there]):
            return None
        return sample.numbers[~there], of[~there]

    return sides


def _places(pilot: Sample) -> Iterator[Place]:
    for name, array in pilot.arrays.items():
        if array.shape == pilot.right.shape:
            for sign, word in ((1.0, "positive"), (-1.0, "negative")):
                yield Place(f"{name} is {word}", _signed(name, sign))
    if pilot.right.ndim == 2:
        yield Place("the row is not the column", lambda s: ~_diagonal(s.right))
        yield Place("the row is the column", lambda s: _diagonal(s.right))
    if pilot.right.ndim == 4 and pilot.spec.role is Role.OUTPUT:
        yield Place("the pixel is not at the border", _inside)
    for axis in range(pilot.right.ndim):
        for end, word in ((0, "first"), (-1, "last")):
            where = f"the index along axis {axis} is"
            yield Place(f"{where} the {word}", _at(axis, end))
            yield Place(f"{where} not the {word}", _at(axis, end, outside=True))


def _signed(name: str, sign: float) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        array = sample.arrays.get(name)
        if array is None or array.shape != sample.right.shape:
            return None
        return np.asarray(sign * array > 0)

    return of


def _diagonal(array: np.ndarray) -> np.ndarray:
    return np.eye(len(array), array.shape[-1], dtype=bool) if array.ndim == 2 else array > np.inf


def _inside(sample: Sample) -> np.ndarray:
    there = np.zeros(sample.right.shape, bool)
    there[:, 1:-1, 1:-1] = True
    return there


def _at(axis: int, end: int, outside: bool = False) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        if sample.right.ndim <= axis:
            return None
        there = np.zeros(sample.right.shape, bool)
        np.moveaxis(there, axis, 0)[end] = True
        return ~there if outside else there

    return of
