"""Places in an array where a result may be right or something simple."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.result import Role

from .ideas import Idea, Sides, Value
from .sample import Sample


@dataclass(frozen=True)
class Place:
    """A part of an array.

    Args:
        words: where it is.
        of: for a sample, a mask of the right answer's shape that is True there; None if there is no
            such place.
        is_sign: whether it is where an array is positive: elsewhere may be something simple as
            well.
    """

    words: str
    of: Callable[[Sample], np.ndarray | None]
    is_sign: bool = False

    def holds(self, value: Value) -> Idea:
        """Return the idea that the result has a value here."""
        return Idea(value.words, value.cost, self._sides(value, inside=True), value.exact)

    def elsewhere(self, value: Value) -> Idea:
        """Return the idea that the result has a value everywhere except here."""
        return Idea(value.words, value.cost, self._sides(value, inside=False), value.exact)

    def _sides(self, value: Value, inside: bool) -> Sides:
        def sides(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
            if not sample.in_form:
                return None
            there, of = self.of(sample), value.of(sample)
            if there is None or of is None or of.shape != sample.right.shape:
                return None
            part = there if inside else ~there
            return sample.numbers[part], of[part]

        return sides


def places(pilot: Sample) -> Iterator[Place]:
    """Yield the places in a sample that are neither empty nor the whole array."""
    for place in _places(pilot):
        there = place.of(pilot)
        if there is not None and there.any() and not there.all():
            yield place


def _places(pilot: Sample) -> Iterator[Place]:
    for name, array in pilot.arrays.items():
        if array.shape == pilot.right.shape:
            yield Place(f"where {name} is positive", _signed(name, 1.0), is_sign=True)
            yield Place(f"where {name} is negative", _signed(name, -1.0))
    if pilot.right.ndim == 2:
        yield Place("on the diagonal", _diagonal)
        yield Place("off the diagonal", _not(_diagonal))
    if pilot.right.ndim == 4 and pilot.spec.role is Role.OUTPUT:
        yield Place("in the interior of the images", _inner)
    for axis in range(pilot.right.ndim):
        for end, word in ((0, "first"), (-1, "last")):
            where = f"index along axis {axis}"
            yield Place(f"at the {word} {where}", _at(axis, end))
            yield Place(f"at every {where} but the {word}", _not(_at(axis, end)))


def _signed(name: str, sign: float) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        array = sample.arrays.get(name)
        if array is None or array.shape != sample.right.shape:
            return None
        return np.asarray(sign * array > 0)

    return of


def _not(of: Callable[[Sample], np.ndarray | None]) -> Callable[[Sample], np.ndarray | None]:
    def outside(sample: Sample) -> np.ndarray | None:
        there = of(sample)
        return None if there is None else ~there

    return outside


def _diagonal(sample: Sample) -> np.ndarray | None:
    shape = sample.right.shape
    return np.eye(shape[0], shape[1], dtype=bool) if len(shape) == 2 else None


def _inner(sample: Sample) -> np.ndarray | None:
    there = np.zeros(sample.right.shape, bool)
    if there.ndim != 4:
        return None
    there[:, 1:-1, 1:-1] = True
    return there


def _at(axis: int, end: int) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        there = np.zeros(sample.right.shape, bool)
        if there.ndim <= axis:
            return None
        np.moveaxis(there, axis, 0)[end] = True
        return there

    return of


def beyond(samples: Sequence[Sample], values: Sequence[Value]) -> Iterator[Place]:
    """Yield places where a known array is above or below a number, and the result is right.

    Args:
        samples: the samples, in all of which this must hold.
        values: what the result may be elsewhere.
    """
    if not all(sample.in_form for sample in samples):
        return
    for name, array in samples[0].arrays.items():
        if array.shape != samples[0].right.shape:
            continue
        for sign, word in ((1.0, "above"), (-1.0, "below")):
            ends = {_between(samples, name, sign, value) for value in values} - {None, 0.0}
            for end in ends:
                if end is not None:
                    words = f"where {name} is {word} about {sign * end:g}"
                    yield Place(words, _above(name, sign, end))


def _above(name: str, sign: float, end: float) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        array = sample.arrays.get(name)
        if array is None or array.shape != sample.right.shape:
            return None
        return np.asarray(sign * array > end)

    return of


def _between(samples: Sequence[Sample], name: str, sign: float, value: Value) -> float | None:
    """Return a threshold that `sign` times an array exceeds exactly where a result is right.

    Where the value equals the right one, both sides are possible. None if there is no threshold.
    """
    low, high = -np.inf, np.inf
    for sample in samples:
        array, of = sample.arrays.get(name), value.of(sample)
        if array is None or of is None or not array.shape == of.shape == sample.right.shape:
            return None
        least = sample.rtol * np.abs(sample.numbers).max(initial=0.0)
        right = np.abs(sample.numbers - sample.right) <= least
        other = np.abs(of - sample.right) > least
        low = max(low, (sign * array)[~right].max(initial=-np.inf))
        high = min(high, (sign * array)[right & other].min(initial=np.inf))
    return _short(low, high) if np.isfinite([low, high]).all() and low < high else None


def _short(low: float, high: float) -> float:
    """Return a number between two others that has as few digits as possible."""
    for digits in range(-3, 6):
        number = round((low + high) / 2, digits)
        if low < number < high:
            return number
    return (low + high) / 2
