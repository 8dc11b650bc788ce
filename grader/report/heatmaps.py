"""Heat maps of a wrong array: yours, the expected one, and the difference, side by side.

Zero has the color of the paper; the two signs are blue and orange, which all common kinds of color
blindness can tell apart, and more saturated further from zero. Yours and expected share a scale;
the difference has its own. NaN and infinity are crossed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from markupsafe import Markup

from grader.evidence import Arrays, Index

from .figures import Figure, Labelled, Table
from .panels import Panel, difference, panels_of
from .svg import Drawing, short, shown

# How many examples and channels of an array of images are drawn: those with the largest errors.
MOST_PANELS = 4
# Entries in the table below the maps.
MOST_ROWS = 5
# Pixels: the largest cell, a whole map, and the margins beside and above the map for indices.
CELL, WIDTH, LEFT, TOP = 22.0, 260.0, 24.0, 15.0
# Pixels right of and below a map, so that the frame around the worst entry is not cut off.
EDGE = 3.0
# From this many pixels, a map is wide: three side by side do not fit on a phone.
WIDE = 130.0


def heat_maps(key: str, title: str, arrays: Arrays) -> Figure:
    """Return the three heat maps of a result, for every example and channel shown."""
    panels = list(panels_of(arrays))
    largest = sorted(panels, key=lambda panel: -panel.error)[:MOST_PANELS]
    kept = [panel for panel in panels if panel in largest]
    scale, gap = _scale(arrays.found, arrays.expected), _scale(difference(arrays))
    strips = tuple(
        (panel.about, tuple(_strip(f"{key}-{i}", panel, scale, gap)))
        for i, panel in enumerate(kept)
    )
    scales = (("yours and expected", scale), ("difference", gap))
    return Figure(
        title,
        strips,
        tuple((word, short(-most), short(most)) for word, most in scales),
        notes=tuple(_notes(arrays, len(kept))),
        table=_table(arrays),
    )


def _scale(*arrays: np.ndarray) -> float:
    """Return the largest finite absolute value, 1 if all are zero."""
    sizes = [np.abs(array[np.isfinite(array)]).max(initial=0.0) for array in arrays]
    return float(max(sizes)) or 1.0


def _strip(key: str, panel: Panel, scale: float, gap: float) -> Iterator[Labelled]:
    maps = (
        ("yours", panel.found, scale),
        ("expected", panel.expected, scale),
        ("difference", difference(panel), gap),
    )
    for i, (word, values, most) in enumerate(maps):
        yield word, _map(f"{key}-{i}", f"{panel.arrays.name}: {word}", values, most, panel)


def _map(key: str, title: str, values: np.ndarray, scale: float, panel: Panel) -> Markup:
    """Draw one map, with the indices of rows and columns, and a frame around the worst entry."""
    rows, columns = values.shape
    cell = min(CELL, WIDTH / columns)
    size = (LEFT + columns * cell + EDGE, TOP + rows * cell + EDGE)
    picture = Drawing(key, size, title, _description(values, panel))
    picture.add("rect", "zero", x=LEFT, y=TOP, width=columns * cell, height=rows * cell)
    for (i, j), value in np.ndenumerate(values):
        about = f"{panel.place((i, j))}: {shown(float(value))}"
        _cell(picture, float(value) / scale, LEFT + j * cell, TOP + i * cell, cell, about)
    _indices(picture, panel.arrays, cell, rows, columns)
    _outline(picture, values, cell, panel)
    return picture.markup()


def _outline(picture: Drawing, values: np.ndarray, cell: float, panel: Panel) -> None:
    """Draw the frame around the worst entry, if it is in this map."""
    worst = panel.worst
    if worst is None:
        return
    box = {"x": LEFT + worst[1] * cell, "y": TOP + worst[0] * cell, "width": cell, "height": cell}
    about = f"the worst, {panel.place(worst)}: {shown(float(values[worst]))}"
    picture.add("rect", "halo", "", **box)
    picture.add("rect", "worst", about, **box)


def _cell(picture: Drawing, share: float, x: float, y: float, cell: float, about: str) -> None:
    box = {"x": x, "y": y, "width": cell, "height": cell}
    if np.isfinite(share):
        sign = "more" if share > 0 else "less"
        picture.add("rect", sign, about, **box, fill_opacity=min(abs(share), 1.0))
        return
    picture.add("rect", "odd", about, **box)
    mark = "?" if np.isnan(share) else "\N{INFINITY}" if share > 0 else "-\N{INFINITY}"
    picture.write(mark, x + cell / 2, y + cell * 0.68, "mark")


def _indices(picture: Drawing, arrays: Arrays, cell: float, rows: int, columns: int) -> None:
    """Write the indices of every row and column, or of every second or fifth.

    A wide map is shrunk on a narrow page, so it gets larger and fewer indices.
    """
    starts = [arrays.origin[axis] for axis in arrays.drawn]
    step, few = (next(n for n in (1, 2, 5, 10) if n * cell >= s or n == 10) for s in (14, 26))

    def name(i: int) -> str:
        return "tick" if columns * cell < WIDE else "tick wide" if i % few == 0 else "tick fine"

    for j in range(0, columns, step):
        picture.write(str(starts[-1] + j), LEFT + (j + 0.5) * cell, TOP - 4, name(j))
    if len(starts) < 2:
        return
    for i in range(0, rows, step):
        y = TOP + (i + 0.5) * cell + 3.5
        picture.write(str(starts[0] + i), LEFT - 4, y, name(i), "end")


def _description(values: np.ndarray, panel: Panel) -> str:
    rows, columns = values.shape
    text = f"{rows} by {columns} entries."
    odd = int(np.sum(~np.isfinite(values)))
    text += f" {odd} of them not finite." if odd else ""
    worst = panel.worst
    if worst is None:
        return text
    return f"{text} The worst, {panel.place(worst)}, is {shown(float(values[worst]))}."


def _notes(arrays: Arrays, kept: int) -> Iterator[str]:
    """Say where the worst entry is, what is cut off, and what is not shown."""
    yield _worst_sentence(arrays)
    if not arrays.whole:
        part = ", ".join(
            f"{start}:{start + size}"
            for start, size in zip(arrays.origin, arrays.found.shape, strict=True)
        )
        yield f"The array is {arrays.shape}; this is the part [{part}] around the worst entry."
    others = [size for axis, size in enumerate(arrays.shape) if axis not in arrays.drawn]
    total = prod(others)
    if total > kept:
        what = "channels and kernels" if arrays.result.is_of_parameter else "images"
        yield f"{kept} of {total} {what} are shown: those with the largest errors."
    if not np.isfinite(arrays.found).all():
        yield "Cells with a dashed border are not finite: ? is NaN."


def _worst_sentence(arrays: Arrays) -> str:
    """Say where the worst entry is, and both values."""
    found, expected = float(arrays.found[arrays.worst]), float(arrays.expected[arrays.worst])
    place = arrays.place(arrays.worst)
    return f"Outlined: the worst, {place}: yours {shown(found)}, expected {shown(expected)}."


def _table(arrays: Arrays) -> Table:
    """Return the largest errors as numbers."""
    with np.errstate(all="ignore"):
        errors = np.abs(arrays.found - arrays.expected)
    errors[~np.isfinite(errors)] = np.inf
    order = np.argsort(-errors, axis=None, kind="stable")[:MOST_ROWS]
    indices = [np.unravel_index(int(i), errors.shape) for i in order if errors.flat[i] > 0]
    rows = [_row(arrays, tuple(int(i) for i in index)) for index in indices]
    caption = "The largest error in numbers" if len(rows) == 1 else "The largest errors in numbers"
    return Table(caption, ("index", "yours", "expected", "difference"), tuple(rows))


def _row(arrays: Arrays, index: Index) -> tuple[str, ...]:
    found, expected = float(arrays.found[index]), float(arrays.expected[index])
    place = str(arrays.place(index))
    return (place, shown(found), shown(expected), shown(found - expected))
