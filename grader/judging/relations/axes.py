"""Values made of the right numbers by moving, repeating or summing them along axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations

import numpy as np

from .ideas import Idea, Value
from .sample import Sample


def _right(
    words: str, cost: int, ndim: int, function: Callable[..., np.ndarray], *arguments: object
) -> Value:
    """Return a value made of the right numbers, if they have at least that many axes."""

    def of(sample: Sample) -> np.ndarray | None:
        return function(sample.right, *arguments) if sample.right.ndim >= ndim else None

    return Value(f"{{times}}the right one{{over}}{words}", cost, of)


def _axes(axes: Sequence[int]) -> str:
    """Return axes in words: axis 0; axes 0 and 1; axes 0, 1 and 2."""
    if len(axes) == 1:
        return f"axis {axes[0]}"
    return f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"


def _some(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of one or more axes that have more than one number."""
    axes = [axis for axis, length in enumerate(shape) if length > 1]
    for count in range(1, len(axes) + 1):
        yield from combinations(axes, count)


def arranged(pilot: Sample) -> Iterator[Value]:
    """Yield the right numbers in a different arrangement."""
    ndim, shape = pilot.right.ndim, pilot.numbers.shape
    yield from _in_another_order(ndim)
    for axes in _some(pilot.right.shape):
        yield _right(f", reversed along {_axes(axes)}", 2, ndim, np.flip, axes)
    for axis in range(ndim):
        yield from _moved(axis)
        for end, word in ((0, "first"), (-1, "last")):
            where = f" at the {word} index along axis {axis}"
            yield _right(f"{where} only", 2, axis + 1, _take, axis, end)
            yield _right(f"{where}, repeated", 2, axis + 1, _repeat, axis, end)
        yield _right(f", sorted along axis {axis}", 3, axis + 1, np.sort, axis)
    if shape != pilot.right.shape:
        yield Value("the right one in another shape", 1, _in_shape)


def _in_shape(sample: Sample) -> np.ndarray | None:
    same = sample.numbers.size == sample.right.size
    return sample.right.reshape(sample.numbers.shape) if same else None


def _in_another_order(ndim: int) -> Iterator[Value]:
    yield _right(" transposed", 1, 2, np.transpose)
    for order in permutations(range(ndim)):
        changed = [axis for axis in range(ndim) if order[axis] != axis]
        words = f" with its axes in the order {order}"
        if len(changed) == 2:
            words = f" with axes {changed[0]} and {changed[1]} swapped"
        if changed and ndim > 2:
            yield _right(words, 2, ndim, _transposed, order)
        if changed:
            words = f", its numbers read along the axes {order} and put back in the usual order"
            yield _right(words, 3, ndim, _reread, order)


def _transposed(E: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    return E.transpose(order) if E.ndim == len(order) else E


def _reread(E: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    return _transposed(E, order).reshape(E.shape)


def _moved(axis: int) -> Iterator[Value]:
    """Yield the right numbers shifted by one along an axis."""
    for step, word in ((1, "forward"), (-1, "back")):
        where = f"{word} by one along axis {axis}"
        yield _right(f", rolled {where}", 2, axis + 1, np.roll, step, axis)
        yield _right(f", moved {where} and filled with zeros", 2, axis + 1, _shift, axis, step)


def _shift(E: np.ndarray, axis: int, step: int) -> np.ndarray:
    moved = np.roll(E, step, axis)
    np.moveaxis(moved, axis, 0)[0 if step > 0 else -1] = 0.0
    return moved


def _take(E: np.ndarray, axis: int, index: int) -> np.ndarray:
    return np.asarray(np.take(E, index, axis))


def _repeat(E: np.ndarray, axis: int, index: int) -> np.ndarray:
    return np.broadcast_to(np.take(E, [index], axis), E.shape)


def reduced(pilot: Sample) -> Iterator[Value]:
    """Yield sums, means, and so on of the right numbers, and values computed with them."""
    ndim, shape = pilot.right.ndim, pilot.numbers.shape
    for axes in _some(pilot.right.shape):
        where = f" over {_axes(axes)}" if ndim > 1 else " over all entries"
        for word, function in (("summed", np.sum), ("averaged", np.mean), ("maximum", np.max)):
            made = f"{{times}}the right one {word}{where}{{over}}"
            if word == "maximum":
                made = f"{{times}}the maximum of the right one{where}{{over}}"
            yield Value(made, 3, _reduction(function, axes, ndim, keep=False))
            yield Value(f"{made}, repeated", 3, _reduction(function, axes, ndim, keep=True))
        if shape == pilot.right.shape:
            yield from _made_with(axes, where)
    for axis in range(ndim):
        words = f", cumulatively summed along axis {axis}"
        yield _right(words, 3, axis + 1, np.cumsum, axis)


def _reduction(
    function: Callable[..., np.ndarray], axes: tuple[int, ...], ndim: int, keep: bool
) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        if sample.right.ndim != ndim:
            return None
        made = np.asarray(function(sample.right, axis=axes, keepdims=keep))
        if keep:
            return np.broadcast_to(made, sample.right.shape)
        same = [n for n in made.shape if n != 1] == [n for n in sample.numbers.shape if n != 1]
        return made.reshape(sample.numbers.shape) if same else None

    return of


def _made_with(axes: tuple[int, ...], where: str) -> Iterator[Value]:
    """Yield the right numbers minus their mean, over their sum or norm, and their softmax."""

    def without_mean(E: np.ndarray) -> np.ndarray:
        return np.asarray(E - E.mean(axis=axes, keepdims=True))

    def of_sum(E: np.ndarray) -> np.ndarray:
        return _divided(E, E.sum(axis=axes, keepdims=True))

    def of_norm(E: np.ndarray) -> np.ndarray:
        return _divided(E, np.sqrt((E * E).sum(axis=axes, keepdims=True)))

    def of_largest(E: np.ndarray) -> np.ndarray:
        return _divided(E, np.abs(E).max(axis=axes, keepdims=True))

    def softmax(E: np.ndarray) -> np.ndarray:
        powers = np.exp(E - E.max(axis=axes, keepdims=True))
        return _divided(powers, powers.sum(axis=axes, keepdims=True))

    least = max(axes) + 1
    yield _right(f" minus its mean{where}", 3, least, without_mean)
    yield _right(f" divided by its sum{where}", 3, least, of_sum)
    yield _right(f" divided by its norm{where}", 3, least, of_norm)
    yield _right(f" divided by its largest absolute value{where}", 3, least, of_largest)
    yield _right(f" after softmax{where}", 4, least, softmax)


def _divided(E: np.ndarray, by: np.ndarray) -> np.ndarray:
    return E / by if np.all(by) else np.full(E.shape, np.nan)


def normalized(pilot: Sample) -> Iterator[Value]:
    """Yield the exponentials of a known array, normalized along an axis."""
    for name, array in pilot.arrays.items():
        if array.shape != pilot.numbers.shape:
            continue
        for axes in _some(array.shape):
            words = f"{{times}}exp of {name}, divided by its sum over {_axes(axes)}{{over}}"
            yield Value(words, 3, _softmax(name, axes))


def _softmax(name: str, axes: tuple[int, ...]) -> Callable[[Sample], np.ndarray | None]:
    def of(sample: Sample) -> np.ndarray | None:
        array = sample.arrays.get(name)
        if array is None or array.ndim <= max(axes):
            return None
        powers = np.exp(array - array.max(axis=axes, keepdims=True))
        return np.asarray(powers / powers.sum(axis=axes, keepdims=True))

    return of


def sums_of_found(pilot: Sample) -> Iterator[Idea]:
    """Yield the ideas that an axis was kept that should have been summed or averaged over."""
    if pilot.in_form:
        return
    for axis in range(pilot.numbers.ndim):
        for word, function in (("sum", np.sum), ("mean", np.mean)):
            made = f"its {word} over axis {axis} is {{times}}the right one{{over}}"
            yield Idea(f"{{name}} has an extra axis: {made}", 2, _sides(function, axis))


def _sides(
    function: Callable[..., np.ndarray], axis: int
) -> Callable[[Sample], tuple[np.ndarray, np.ndarray] | None]:
    def sides(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
        if sample.in_form:
            return sample.numbers, sample.right
        if sample.numbers.ndim <= axis:
            return None
        made = np.asarray(function(sample.numbers, axis=axis))
        lengths = [[n for n in shape if n != 1] for shape in (made.shape, sample.right.shape)]
        return (
            (made.reshape(sample.right.shape), sample.right) if lengths[0] == lengths[1] else None
        )

    return sides
