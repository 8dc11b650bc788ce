"""The frame of a chart: axes, a grid with numbers, lines, and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from grader.evidence import Series

from .svg import Drawing, shown

# Pixels: the size of the whole chart, and from its edges to the axes.
WIDTH, HEIGHT = 340.0, 272.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 20.0, 20.0, 62.0
# The largest and smallest end of an axis: doubling the one, or dividing by the other, does not
# overflow. Smaller numbers are drawn as 0.
FURTHEST, NEAREST = 8e307, 1e-290
# Approximate width of a letter in the legend.
LETTER = 5.6
# Round steps for an axis.
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class Axes:
    """The frame of a chart: maps values to places. With `powers`, both axes are logarithmic."""

    def __init__(
        self, x: tuple[float, float], y: tuple[float, float], powers: bool = False
    ) -> None:
        self._bounds = [[_power(v) for v in pair] if powers else list(pair) for pair in (x, y)]
        self._powers = powers

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the position of a point."""
        (left, right), (low, high) = self._bounds
        x, y = (_power(x), _power(y)) if self._powers else (x, y)
        # Halves, so that no difference of two huge numbers overflows.
        across = (x / 2 - left / 2) / (right / 2 - left / 2)
        up = (y / 2 - low / 2) / (high / 2 - low / 2)
        inner = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        return LEFT + across * inner[0], HEIGHT - BOTTOM - up * inner[1]

    def draw(
        self, picture: Drawing, xs: Sequence[float], ys: Sequence[float], names: tuple[str, str]
    ) -> None:
        """Draw the grid with its numbers, and label the axes."""
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
        picture.write(names[0], (left + right) / 2, HEIGHT - 30, "label")
        picture.write(names[1], 4, 10, "label", "start")


def legend(picture: Drawing, marks: Sequence[tuple[str, str]]) -> None:
    """Explain the marks below a chart, as the last step: pairs of a class and its label."""
    picture.group("legend")
    x, y = 8.0, HEIGHT - 10
    for name, words in marks:
        mark(picture, name, x + 6, y - 3.5)
        picture.write(words, x + 18, y, "tick", "start")
        x += 32 + LETTER * len(words)


def mark(picture: Drawing, name: str, x: float, y: float, about: str = "") -> None:
    """Draw one mark of a class at a position: a square, a short line, or a dot."""
    if name == "numeric":
        picture.add("rect", name, about, x=x - 4, y=y - 4, width=8, height=8)
    elif name == "diagonal":
        picture.trace([(x - 7, y), (x + 7, y)], name)
    else:
        picture.add("circle", name, about, cx=x, cy=y, r=2.2 if name == "right" else 3)


def end_of(size: float, none: float = 1.0) -> float:
    """Return the end of an axis for numbers of a given size; `none` if they are all zero."""
    return min(size, FURTHEST) if size > NEAREST else none


def _power(value: float) -> float:
    return float(np.log10(value))


def steps_of(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers from low to high, at most `most` + 1 of them."""
    raw = (high - low) / most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(power * factor for factor in ROUND if power * factor >= raw * (1 - 1e-9))
    first = np.ceil(low / step - 1e-9)
    return [float(i * step) for i in np.arange(first, high / step + 1e-9)]


def draw_line(
    picture: Drawing, axes: Axes, data: Series, about: Sequence[str] = (), name: str = "curve"
) -> None:
    """Draw a series as a line with gaps; if `about` is given, with a labeled mark at each point."""
    points = list(zip(data.x, data.y, strict=True))
    for one, two in pairwise(points):
        if np.isfinite([one[1], two[1]]).all():
            picture.trace([axes.at(*one), axes.at(*two)], name)
    for point, text in zip(points, about, strict=False):
        if np.isfinite(point[1]):
            mark(picture, "knot", *axes.at(*point), text)
