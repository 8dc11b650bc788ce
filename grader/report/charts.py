"""Two kinds of charts: gradients against each other, and figures in a row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from grader.evidence import Arrays, Series

from .figures import Figure, Labelled, Table
from .svg import Drawing, short, shown

# Pixels: of the whole chart, and from its edges to the axes.
WIDTH, HEIGHT = 340.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 20.0, 40.0
# The end of an axis: twice as much is still a number, and so is its share of an entry. What is
# smaller is drawn as 0.
FURTHEST, NEAREST = 8e307, 1e-290
# Steps of round numbers on an axis.
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class _Axes:
    """The frame of a chart: turns values into places. With `powers`, both axes are logarithmic."""

    def __init__(
        self, x: tuple[float, float], y: tuple[float, float], powers: bool = False
    ) -> None:
        self._bounds = [[_power(v) for v in pair] if powers else list(pair) for pair in (x, y)]
        self._powers = powers

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies."""
        (left, right), (low, high) = self._bounds
        x, y = (_power(x), _power(y)) if self._powers else (x, y)
        # Halves, so that no difference of two huge numbers is infinite.
        across = (x / 2 - left / 2) / (right / 2 - left / 2)
        up = (y / 2 - low / 2) / (high / 2 - low / 2)
        inner = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        return LEFT + across * inner[0], HEIGHT - BOTTOM - up * inner[1]

    def draw(
        self, picture: Drawing, xs: Sequence[float], ys: Sequence[float], names: tuple[str, str]
    ) -> None:
        """Draw the grid with its numbers, and write what the axes are."""
        left, right, floor = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
        (x0, _), (y0, _) = self._bounds if not self._powers else ((1, 0), (1, 0))
        for value in ys:
            y = self.at(x0, value)[1]
            picture.add("line", "grid", x1=left, y1=y, x2=right, y2=y)
            picture.write(shown(value), left - 6, y + 3.5, "tick", "end")
        for value in xs:
            x = self.at(value, y0)[0]
            picture.add("line", "grid", x1=x, y1=TOP, x2=x, y2=floor)
            picture.write(shown(value), x, floor + 14, "tick")
        picture.add("line", "axis", x1=left, y1=floor, x2=right, y2=floor)
        picture.add("line", "axis", x1=left, y1=TOP, x2=left, y2=floor)
        picture.write(names[0], (left + right) / 2, HEIGHT - 8, "label")
        picture.write(names[1], 4, 10, "label", "start")


def _end(size: float, none: float = 1.0) -> float:
    """Return the end of an axis that numbers of a size reach; `none` for those that are nothing."""
    return min(size, FURTHEST) if size > NEAREST else none


def _power(value: float) -> float:
    return float(np.log10(value))


def _steps(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers from low to high, at most so many and one."""
    raw = (high - low) / most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(power * factor for factor in ROUND if power * factor >= raw * (1 - 1e-9))
    first = np.ceil(low / step - 1e-9)
    return [float(i * step) for i in np.arange(first, high / step + 1e-9)]


def scatter(key: str, arrays: Arrays) -> tuple[Labelled, str]:
    """Return the chart of a wrong gradient, and a sentence: yours against the right one.

    Where it was measured, also against the numeric derivative of the submission's own forward. A
    gradient that is right has all its points on the diagonal.
    """
    others = {"right": arrays.expected}
    if arrays.numeric is not None:
        others = {"numeric": arrays.numeric, **others}
    values = np.concatenate([a[np.isfinite(a)] for a in (arrays.found, *others.values())])
    most = _end(float(np.abs(values).max(initial=0.0)) * 1.06)
    axes, steps, words = _Axes((-most, most), (-most, most)), _steps(-most, most, 4), _words(arrays)
    picture = Drawing(key, (WIDTH, HEIGHT), f"{arrays.name}: yours against the right one", words)
    below = "numeric (squares) and right (dots)" if len(others) > 1 else "right"
    axes.draw(picture, steps, steps, (f"{below} {arrays.name}", f"your {arrays.name}"))
    picture.trace([axes.at(-most, -most), axes.at(most, most)], "diagonal")
    for name, other in others.items():
        _points(picture, axes, arrays, other, name)
    return ("every entry, yours against the right one", picture.markup()), words


def _points(picture: Drawing, axes: _Axes, arrays: Arrays, other: np.ndarray, name: str) -> None:
    for index in np.ndindex(*arrays.found.shape):
        x, y = float(other[index]), float(arrays.found[index])
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        left, top = axes.at(x, y)
        about = f"{arrays.place(index)}: yours {shown(y)}, {name} {shown(x)}"
        if name == "numeric":
            picture.add("rect", name, about, x=left - 4, y=top - 4, width=8, height=8)
        else:
            picture.add("circle", name, about, cx=left, cy=top, r=2.2)


def _words(arrays: Arrays) -> str:
    """Say how many entries agree with the right gradient and with the numeric one."""
    total = arrays.found.size
    text = f"A right gradient lies on the diagonal. {_agreeing(arrays.found, arrays.expected)} of "
    text += f"{total} entries agree with the right one"
    if arrays.numeric is None:
        return f"{text}."
    measured = np.isfinite(arrays.numeric)
    near = _agreeing(arrays.found[measured], arrays.numeric[measured])
    return f"{text}, {near} of {int(measured.sum())} with the numeric derivative of your forward."


def _agreeing(found: np.ndarray, other: np.ndarray) -> int:
    """Count entries that no eye tells apart: the verdict is a stricter one."""
    scale = float(np.abs(other).max(initial=0.0))
    with np.errstate(all="ignore"):
        return int(np.sum(np.abs(found - other) <= 1e-4 * scale))


def series(key: str, title: str, data: Series) -> Figure:
    """Return the chart of figures in a row, and the figures as a table."""
    return _losses(key, title, data) if data.kind == "losses" else _counts(key, title, data)


# What is counted, how a larger count is told, and the heading of the picture.
_WORDS = {
    "counts": ("times", "more often", "how often it ran"),
    "objects": ("objects", "more Python objects", "how many objects there were"),
}


def _counts(key: str, title: str, data: Series) -> Figure:
    """Draw counts over the batch size: both as powers, where work for each example is a slope."""
    powers = min(data.y) > 0
    low, high = min(data.y), max(data.y)
    bounds = (low / 1.6, high * 1.6) if powers else (0.0, high * 1.1)
    ends = (min(data.x) / 1.2, max(data.x) * 1.2) if powers else (0.0, max(data.x) * 1.05)
    axes = _Axes(ends, bounds, powers)
    rows = tuple((short(m), shown(n)) for m, n in zip(data.x, data.y, strict=True))
    unit, more, what = _WORDS[data.kind]
    said = "; ".join(f"{n} {unit} for a batch of {m}" for m, n in rows)
    picture = Drawing(key, (WIDTH, HEIGHT), title, f"{said}.")
    heights = _decades(*bounds) if powers else _steps(*bounds)
    axes.draw(picture, data.x, heights, ("examples in the batch", ""))
    flat = [axes.at(end, data.y[0]) for end in ends] if powers else []
    picture.trace(flat or [axes.at(0, low), axes.at(ends[1], low)], "diagonal")
    _draw_line(picture, axes, data, [f"{n} {unit} for {m} examples" for m, n in rows])
    table = Table("Counts", ("examples", unit), rows)
    note = f"{data.place} {more} for larger batches; without a loop it would stay on the dashes"
    drawn = ((what, picture.markup()),)
    return Figure(title, charts=drawn, notes=(f"{note}.",), table=table)


def _decades(low: float, high: float) -> list[float]:
    """Return the powers of ten within bounds; also their doubles and fives if they are few."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    factors = (1,) if np.log10(high / low) > 2.5 else (1, 2, 5)
    values = [factor * 10.0**power for power in powers for factor in factors]
    return [value for value in values if low <= value <= high]


def _losses(key: str, title: str, data: Series) -> Figure:
    """Draw the loss over the epochs; epochs without a finite loss are gaps, and said."""
    finite, last = [loss for loss in data.y if np.isfinite(loss)], data.x[-1] + 0.5
    most, least = _end(max([*finite, 0.0]) * 1.08), -_end(-min([*finite, 0.0]), 0.0)
    axes = _Axes((0.5, last), (least, most))
    odd = [int(x) for x, loss in zip(data.x, data.y, strict=True) if not np.isfinite(loss)]
    words = [f"{short(data.y[0])} in the first epoch, {short(data.y[-1])} in the last"]
    words += [f"no finite number in epoch {odd[0]} and {len(odd) - 1} more"] if odd else []
    words += [f"{len(data.x)} of {data.x[-1]} epochs are drawn"] if len(data.x) < data.x[-1] else []
    picture = Drawing(key, (WIDTH, HEIGHT), title, f"{'; '.join(words)}.")
    epochs = [x for x in _steps(0.5, last, 8) if x == int(x)]
    axes.draw(picture, epochs, _steps(least, most), ("epoch", ""))
    _draw_line(picture, axes, data, [f"epoch {int(x)}: {shown(y)}"
               for x, y in zip(data.x, data.y, strict=True)])  # fmt: skip
    note = "These are the numbers that your own train returned; the grader has not checked them."
    drawn = (("mean loss of each epoch", picture.markup()),)
    return Figure(title, charts=drawn, notes=(f"{'; '.join(words).capitalize()}.", note))


def _draw_line(picture: Drawing, axes: _Axes, data: Series, about: Sequence[str]) -> None:
    points = list(zip(data.x, data.y, strict=True))
    for one, two in pairwise(points):
        if np.isfinite([one[1], two[1]]).all():
            picture.trace([axes.at(*one), axes.at(*two)], "curve")
    for point, text in zip(points, about, strict=True):
        if np.isfinite(point[1]):
            x, y = axes.at(*point)
            picture.add("circle", "knot", text, cx=x, cy=y, r=3)
