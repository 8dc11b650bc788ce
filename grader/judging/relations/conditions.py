"""Conditions that hold in all right cases and in no wrong case, or vice versa."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .sample import Sample


@dataclass(frozen=True)
class Condition:
    """Something that either holds in a case or does not."""

    words: str
    of: Callable[[Sample], bool]


def separating(samples: Sequence[Sample], either: Sequence[bool]) -> tuple[Condition, bool] | None:
    """Return the one condition that is met by exactly the right samples, or exactly the wrong ones.

    Args:
        samples: both right and wrong ones.
        either: for every sample, whether it does not matter if it meets the condition.

    Returns:
        The condition, and whether the right samples meet it; None unless there is exactly one.
    """
    certain = [sample for sample, free in zip(samples, either, strict=True) if not free]
    right = [sample.is_right for sample in certain]
    found = []
    for condition in _conditions(samples):
        met = [condition.of(sample) for sample in certain]
        if met == right and any(right):
            found.append((condition, True))
        elif [not x for x in met] == right and any(right):
            found.append((condition, False))
    return found[0] if len(found) == 1 else None


def _conditions(samples: Sequence[Sample]) -> Iterator[Condition]:
    names = dict.fromkeys(name for sample in samples for name in sample.settings)
    for name in names:
        if "=" in name:
            yield Condition(name, _has(name))
            continue
        for value in (0.0, 1.0):
            yield Condition(f"{name} is {value:g}", _is(name, value))
        if name.endswith("[0]") and (other := f"{name[:-3]}[1]") in names:
            words = f"both numbers of {name[:-3]} are the same"
            yield Condition(words, _same(name, other))
    for name in dict.fromkeys(name for sample in samples for name in sample.arrays):
        yield Condition(f"{name} is one-hot", _one_hot(name))


def _has(name: str) -> Callable[[Sample], bool]:
    return lambda sample: name in sample.settings


def _is(name: str, value: float) -> Callable[[Sample], bool]:
    return lambda sample: sample.settings.get(name) == value


def _same(one: str, other: str) -> Callable[[Sample], bool]:
    return lambda sample: sample.settings.get(one) == sample.settings.get(other)


def _one_hot(name: str) -> Callable[[Sample], bool]:
    def of(sample: Sample) -> bool:
        array = sample.arrays.get(name)
        if array is None or array.ndim != 2:
            return False
        return bool(np.isin(array, (0.0, 1.0)).all() and (array.sum(axis=1) == 1.0).all())

    return of
