"""Two kinds of charts: gradients plotted against each other, and counts over the batch size."""

from __future__ import annotations

import numpy as np

from grader.evidence import Arrays, Series

from .axes import HEIGHT, WIDTH, Axes, draw_line, end_of, legend, mark, steps_of
from .figures import Figure, Labelled, Table
from .svg import Drawing, short, shown

# What the marks of a gradient mean.
_MARKS = {"right": "right", "numeric": "numeric (of your forward)"}


def scatter(key: str, arrays: Arrays) -> tuple[Labelled, str]:
    """Return the chart of a wrong gradient, and a sentence: yours against the right one.

    If it was measured, the numeric derivative of the submission's own forward is plotted, too. A
    correct gradient has all its points on the diagonal.
    """
    others = {"right": arrays.expected}
    if arrays.numeric is not None:
        others = {"numeric": arrays.numeric, **others}
    values = np.concatenate([a[np.isfinite(a)] for a in (arrays.found, *others.values())])
    most = end_of(float(np.abs(values).max(initial=0.0)) * 1.06)
    axes, steps, words = (
        Axes((-most, most), (-most, most)),
        steps_of(-most, most, 4),
        _words(arrays),
    )
    picture = Drawing(key, (WIDTH, HEIGHT), f"{arrays.name}: yours against the right one", words)
    axes.draw(
        picture, steps, steps, (f"{' or '.join(others)} {arrays.name}", f"your {arrays.name}")
    )
    picture.trace([axes.at(-most, -most), axes.at(most, most)], "diagonal")
    for name, other in others.items():
        _points(picture, axes, arrays, other, name)
    legend(picture, [*((name, _MARKS[name]) for name in others), ("diagonal", "equal to yours")])
    return ("every entry, yours against the right one", picture.markup()), words


def _points(picture: Drawing, axes: Axes, arrays: Arrays, other: np.ndarray, name: str) -> None:
    for index in np.ndindex(*arrays.found.shape):
        x, y = float(other[index]), float(arrays.found[index])
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        left, top = axes.at(x, y)
        about = f"{arrays.place(index)}: yours {shown(y)}, {name} {shown(x)}"
        mark(picture, name, left, top, about)


def _words(arrays: Arrays) -> str:
    """Say how many entries agree with the right gradient and with the numeric one."""
    total = arrays.found.size
    agreeing = _agreeing(arrays.found, arrays.expected)
    text = f"A correct gradient lies on the diagonal. {agreeing} of {total} entries agree with it"
    if arrays.numeric is None:
        return f"{text}."
    measured = np.isfinite(arrays.numeric)
    near = _agreeing(arrays.found[measured], arrays.numeric[measured])
    return f"{text}, {near} of {int(measured.sum())} with the numeric derivative of your forward."


def _agreeing(found: np.ndarray, other: np.ndarray) -> int:
    """Count entries that look the same; the verdict is stricter."""
    scale = float(np.abs(other).max(initial=0.0))
    with np.errstate(all="ignore"):
        return int(np.sum(np.abs(found - other) <= 1e-4 * scale))


# What is counted, the sentence for a larger count, and the heading of the picture.
_WORDS = {
    "counts": ("times", "more often", "how often it ran"),
    "objects": ("objects", "more Python objects", "how many objects there were"),
}


def series(key: str, title: str, data: Series) -> Figure:
    """Return the chart of counts over the batch size, and the counts as a table.

    Both axes are logarithmic, so work per example shows as a slope.
    """
    powers = min(data.y) > 0
    low, high = min(data.y), max(data.y)
    bounds = (low / 1.6, high * 1.6) if powers else (0.0, high * 1.1)
    ends = (min(data.x) / 1.2, max(data.x) * 1.2) if powers else (0.0, max(data.x) * 1.05)
    axes = Axes(ends, bounds, powers)
    rows = tuple((short(m), shown(n)) for m, n in zip(data.x, data.y, strict=True))
    unit, more, what = _WORDS[data.kind]
    said = "; ".join(f"{n} {unit} for a batch of {m}" for m, n in rows)
    picture = Drawing(key, (WIDTH, HEIGHT), title, f"{said}.")
    heights = _decades(*bounds) if powers else steps_of(*bounds)
    axes.draw(picture, data.x, heights, ("examples in the batch", ""))
    flat = [axes.at(end, data.y[0]) for end in ends] if powers else []
    picture.trace(flat or [axes.at(0, low), axes.at(ends[1], low)], "diagonal")
    draw_line(picture, axes, data, [f"{n} {unit} for {m} examples" for m, n in rows])
    legend(picture, [("knot", "yours"), ("diagonal", "without a loop")])
    table = Table("Counts", ("examples", unit), rows)
    note = f"{data.place} {more} for larger batches; without a loop, it stays on the dashed line"
    drawn = ((what, picture.markup()),)
    return Figure(title, charts=drawn, notes=(f"{note}.",), table=table)


def _decades(low: float, high: float) -> list[float]:
    """Return the powers of ten within bounds, with their doubles and fives if there are few."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    factors = (1,) if np.log10(high / low) > 2.5 else (1, 2, 5)
    values = [factor * 10.0**power for power in powers for factor in factors]
    return [value for value in values if low <= value <= high]
