"""Values computed entry by entry from the right numbers and from known arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .ideas import Bound, Idea, Of, Value
from .sample import Sample

Function = Callable[[np.ndarray], np.ndarray]
_RIGHT = "{times}the right one{over}"
_OF_RIGHT: dict[str, Function] = {
    "{times}the absolute value of the right one{over}": np.abs,
    "{times}1 divided by the right one{over}": np.reciprocal,
    "{times}the square of the right one{over}": np.square,
    "{times}the square root of the right one{over}": np.sqrt,
    "{times}the square root of the right one's absolute value{over}": lambda E: np.sqrt(np.abs(E)),
    "{times}the logarithm of the right one{over}": np.log,
    "{times}exp of the right one{over}": np.exp,
    "{times}1 minus the right one{over}": lambda E: 1.0 - E,
    "{times}the sign of the right one{over}": np.sign,
    "{times}the right one where that is positive, and 0 elsewhere": lambda E: np.maximum(E, 0.0),
    "{times}the right one where that is negative, and 0 elsewhere": lambda E: np.minimum(E, 0.0),
    "{times}the right one rounded to a whole number{over}": np.round,
    "{times}the right one rounded down to a whole number{over}": np.floor,
    "{times}the right one truncated{over}": np.trunc,
    "{times}the right one rounded to 1 decimal{over}": lambda E: np.round(E, 1),
    "{times}the right one rounded to 2 decimals{over}": lambda E: np.round(E, 2),
    "{times}the right one rounded to 3 decimals{over}": lambda E: np.round(E, 3),
}
_OF_KNOWN: dict[str, Function] = {
    "the absolute value of {K}": np.abs,
    "1 divided by {K}": np.reciprocal,
    "the square of {K}": np.square,
    "exp of {K}": np.exp,
    "the logarithm of {K}": np.log,
    "the sign of {K}": np.sign,
    "{K} where that is positive, and 0 elsewhere": lambda K: np.maximum(K, 0.0),
    "{K} where that is negative, and 0 elsewhere": lambda K: np.minimum(K, 0.0),
    "1 where {K} is positive, and 0 elsewhere": lambda K: (K > 0).astype(float),
    "1 where {K} is negative, and 0 elsewhere": lambda K: (K < 0).astype(float),
    "{K} transposed": np.transpose,
}
# Functions of two known arrays that resemble slopes.
_OF_SECOND: dict[str, Callable[..., np.ndarray]] = {
    "{K} times the square of {L}": lambda K, L: K * L**2,
    "{K} times exp of {L}": lambda K, L: K * np.exp(L),
    "{K} times (1 minus {L})": lambda K, L: K * (1.0 - L),
    "{K} times {L} times (1 minus {L})": lambda K, L: K * L * (1.0 - L),
    "{K} times (1 minus the square of {L})": lambda K, L: K * (1.0 - L**2),
}


def right() -> Value:
    """Return the right numbers themselves."""
    return Value(_RIGHT, 0, lambda sample: sample.right)


def exactly_right() -> Value:
    """Return the right numbers themselves, worded as "is right"."""
    return Value("right", 0, lambda sample: sample.right, exact=True)


def _finite(of: Of) -> Of:
    def made(sample: Sample) -> np.ndarray | None:
        array = of(sample)
        return array if array is not None and np.isfinite(array).all() else None

    return made


def _of_right(function: Function) -> Of:
    return _finite(lambda sample: function(sample.right))


def _of_known(name: str, function: Function) -> Of:
    def of(sample: Sample) -> np.ndarray | None:
        array = sample.arrays.get(name)
        return None if array is None else function(array)

    return _finite(of)


def of_right() -> Iterator[Value]:
    """Yield functions of the right numbers."""
    for words, function in _OF_RIGHT.items():
        cost = 3 if function is np.reciprocal or "rounded" in words or "one's" in words else 2
        yield Value(words, cost, _of_right(function))


def constant(words: str) -> Value:
    """Return the same number everywhere."""
    return Value(words, 1, lambda sample: np.ones(sample.numbers.shape))


def zero() -> Value:
    """Return 0 everywhere."""
    return Value("0", 0, lambda sample: np.zeros(sample.numbers.shape), exact=True)


def known(pilot: Sample) -> Iterator[Value]:
    """Yield the known arrays themselves."""
    for name in pilot.arrays:
        yield Value(f"{{times}}{name}{{over}}", 1, _of_known(name, lambda K: K))


def of_known(pilot: Sample) -> Iterator[Value]:
    """Yield functions of known arrays, and products and quotients of two of them."""
    for name in pilot.arrays:
        for words, function in _OF_KNOWN.items():
            yield Value(f"{{times}}{words.format(K=name)}{{over}}", 3, _of_known(name, function))
    for one in pilot.arrays:
        for two in pilot.arrays:
            if one < two:
                yield _pair(one, two, "times", np.multiply)
                yield _pair(one, two, "+", np.add)
            if one != two:
                yield _pair(one, two, "-", np.subtract)
                yield _pair(one, two, "divided by", np.divide)
                for words, function in _OF_SECOND.items():
                    yield _pair(one, two, "times", function, words.format(K=one, L=two))


def _pair(
    one: str, two: str, how: str, function: Callable[..., np.ndarray], words: str = ""
) -> Value:
    def of(sample: Sample) -> np.ndarray | None:
        pair = [sample.arrays.get(name) for name in (one, two)]
        if pair[0] is None or pair[1] is None or pair[0].shape != pair[1].shape:
            return None
        return function(*pair)

    said = words or (f"({one} {how} {two})" if how in "+-" else f"{one} {how} {two}")
    return Value(f"{{times}}{said}{{over}}", 4, _finite(of))


def with_known(pilot: Sample) -> Iterator[Value]:
    """Yield the right numbers times or divided by a known array that broadcasts to their shape."""
    for name in pilot.arrays:
        for how, function in (("times", np.multiply), ("divided by", np.divide)):
            words = f"{{times}}the right one {how} {name}{{over}}"
            yield Value(words, 3, _broadcast(name, function))


def _broadcast(name: str, function: Callable[..., np.ndarray]) -> Of:
    def of(sample: Sample) -> np.ndarray | None:
        array, shape = sample.arrays.get(name), sample.right.shape
        if array is None or not shape or not _fits(array.shape, shape):
            return None
        return function(sample.right, array)

    return _finite(of)


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Tell whether an array of one shape broadcasts to another."""
    pairs = zip(reversed(shape), reversed(into), strict=False)
    return len(shape) <= len(into) and all(a in (1, b) for a, b in pairs)


def plus(pilot: Sample) -> Iterator[Idea]:
    """Yield the ideas that a multiple of a known array, or of ones, was added to the right one."""
    for name in pilot.arrays:
        yield _plus(name, _broadcast(name, lambda E, K: np.broadcast_to(K, E.shape)))
    words = "{name} is the right one {signed}"
    yield Idea(words, 2, _added(lambda sample: np.ones(sample.right.shape)))


def _plus(name: str, of: Of) -> Idea:
    return Idea(f"{{name}} is the right one {{plus}}{name}{{over}}", 2, _added(of))


def _added(of: Of) -> Callable[[Sample], tuple[np.ndarray, np.ndarray] | None]:
    def sides(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
        array = of(sample) if sample.in_form else None
        if array is None:
            return None
        rest = sample.numbers - sample.right
        noise = 1e-9 * np.abs(sample.right).max(initial=0.0)
        return (np.where(np.abs(rest) <= noise, 0.0, rest), array)

    return sides


def bounds() -> Iterator[Idea]:
    """Yield the ideas that the right numbers are clipped at one number."""
    yield Bound("{name} is the right one, but never above {value}", 2, _both, side=1)
    yield Bound("{name} is the right one, but never below {value}", 2, _both, side=-1)
    yield Bound("{name} is the right one, but never farther from 0 than {value}", 3, _both, side=0)


def _both(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    return sample.numbers, sample.right
