"""Heat maps of a wrong array: yours, what is expected, and the difference, on one page.

Zero has the colour of the paper; the two signs are blue and orange, which all common kinds of
colour blindness tell apart, and the more of it the further from zero. Yours and expected share a
scale; the difference has its own. What is no number is crossed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from markupsafe import Markup

from grader.evidence import Arrays, Index

from .svg import Drawing, short, shown

# Examples and channels that are drawn of an array of images; those with the largest errors.
MOST_PANELS = 4
# Entries in the table below the maps.
MOST_ROWS = 5
# Pixels: of a cell at the most, of a whole map, and beside and above the map for indices.
CELL, WIDTH, LEFT, TOP = 22.0, 260.0, 24.0, 15.0


@dataclass(frozen=True)
class Table:
    """Numbers as text: a caption, the headings, and rows whose first entry names them."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Labelled = tuple[str, Markup]


@dataclass(frozen=True)
class Figure:
    """What stands in one frame.

    Args:
        title: the case.
        strips: for every part that is drawn, which it is, and its maps with a word above each.
        scales: what the ends of the colours mean, and for which maps.
        charts: other pictures, with words above each.
        notes: sentences.
        table: the numbers.
    """

    title: str
    strips: tuple[tuple[str, tuple[Labelled, ...]], ...] = ()
    scales: tuple[tuple[str, str, str], ...] = ()
    charts: tuple[Labelled, ...] = ()
    notes: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class _Panel:
    """One map's worth of an array: everything but the drawn axes fixed at `fixed`."""

    fixed: tuple[int | None, ...]
    found: np.ndarray
    expected: np.ndarray

    @property
    def error(self) -> float:
        """Return the largest error; infinite where something is no number."""
        with np.errstate(all="ignore"):
            errors = np.abs(self.found - self.expected)
        return float(np.max(np.where(np.isfinite(errors), errors, np.inf)))


def heat_maps(key: str, title: str, arrays: Arrays) -> Figure:
    """Return the three heat maps of a result, for every example and channel that is shown."""
    panels = list(_panels(arrays))
    kept = sorted(panels, key=lambda panel: -panel.error)[:MOST_PANELS]
    kept = [panel for panel in panels if any(panel is one for one in kept)]
    scale, gap = _scale(arrays.found, arrays.expected), _scale(_difference(arrays))
    strips = tuple(
        (_about(arrays, panel), tuple(_strip(f"{key}-{i}", arrays, panel, scale, gap)))
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


def _panels(arrays: Arrays) -> Iterator[_Panel]:
    axes = range(len(arrays.shape))
    fixed = [[None] if a in arrays.drawn else range(arrays.found.shape[a]) for a in axes]
    for index in product(*fixed):
        cut = tuple(slice(None) if i is None else i for i in index)
        found, expected = (np.atleast_2d(a[cut]) for a in (arrays.found, arrays.expected))
        yield _Panel(index, found, expected)


def _about(arrays: Arrays, panel: _Panel) -> str:
    """Return which part of the whole a panel is, as numpy writes it and in words."""
    numbers = [None if i is None else arrays.origin[a] + i for a, i in enumerate(panel.fixed)]
    others = [number for number in numbers if number is not None]
    if not others:
        return ""
    index = ", ".join(":" if number is None else str(number) for number in numbers)
    kernels = arrays.name.startswith("gradients")
    words = ("channel", "kernel") if kernels else ("example", "channel")
    named = ", ".join(f"{word} {number}" for word, number in zip(words, others, strict=False))
    return f"{named}: [{index}]"


def _strip(key: str, arrays: Arrays, panel: _Panel, scale: float, gap: float) -> Iterator[Labelled]:
    maps = (
        ("yours", panel.found, scale),
        ("expected", panel.expected, scale),
        ("difference", _difference(panel), gap),
    )
    for i, (word, values, most) in enumerate(maps):
        yield word, _map(f"{key}-{i}", f"{arrays.name}: {word}", values, most, arrays, panel)


def _difference(of: Arrays | _Panel) -> np.ndarray:
    """Return yours minus expected; NaN where yours is no finite number."""
    finite = np.isfinite(of.found)
    with np.errstate(over="ignore"):
        return np.where(finite, np.where(finite, of.found, 0.0) - of.expected, np.nan)


def _scale(*arrays: np.ndarray) -> float:
    """Return the largest finite size of a number, 1 if all are zero."""
    sizes = [np.abs(array[np.isfinite(array)]).max(initial=0.0) for array in arrays]
    return float(max(sizes)) or 1.0


def _map(
    key: str, title: str, values: np.ndarray, scale: float, arrays: Arrays, panel: _Panel
) -> Markup:
    """Draw one map, with the indices of rows and columns, and a frame around the worst entry."""
    rows, columns = values.shape
    cell = min(CELL, WIDTH / columns)
    size = (LEFT + columns * cell + 2, TOP + rows * cell + 2)
    worst = _worst_in(arrays, panel)
    picture = Drawing(key, size, title, _description(values, arrays, panel, worst))
    picture.add("rect", "zero", x=LEFT, y=TOP, width=columns * cell, height=rows * cell)
    for (i, j), value in np.ndenumerate(values):
        about = f"{_place(arrays, panel, (i, j))}: {shown(float(value))}"
        _cell(picture, float(value) / scale, LEFT + j * cell, TOP + i * cell, cell, about)
    _indices(picture, arrays, cell, rows, columns)
    if worst is not None:
        x, y = LEFT + worst[1] * cell, TOP + worst[0] * cell
        about = f"the worst, {_place(arrays, panel, worst)}: {shown(float(values[worst]))}"
        picture.add("rect", "halo", x=x, y=y, width=cell, height=cell)
        picture.add("rect", "worst", about, x=x, y=y, width=cell, height=cell)
    return picture.markup()


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
    """Write the indices of every row and column, or of every second or fifth."""
    starts = [arrays.origin[axis] for axis in arrays.drawn]
    step = next(n for n in (1, 2, 5, 10) if n * cell >= 14 or n == 10)
    for j in range(0, columns, step):
        picture.write(str(starts[-1] + j), LEFT + (j + 0.5) * cell, TOP - 4, "tick")
    if len(starts) < 2:
        return
    for i in range(0, rows, step):
        y = TOP + (i + 0.5) * cell + 3.5
        picture.write(str(starts[0] + i), LEFT - 4, y, "tick", "end")


def _worst_in(arrays: Arrays, panel: _Panel) -> tuple[int, int] | None:
    """Return where in a panel the worst entry of all is, if it is there."""
    at = arrays.worst
    if any(fixed not in (None, at[axis]) for axis, fixed in enumerate(panel.fixed)):
        return None
    inside = [at[axis] for axis in arrays.drawn]
    return (0, inside[0]) if len(inside) == 1 else (inside[0], inside[1])


def _place(arrays: Arrays, panel: _Panel, at: tuple[int, int]) -> list[int]:
    """Return the index in the whole result of a cell."""
    index = [fixed or 0 for fixed in panel.fixed]
    for axis, i in zip(arrays.drawn, at[-len(arrays.drawn) :], strict=True):
        index[axis] = i
    return arrays.place(tuple(index))


def _description(
    values: np.ndarray, arrays: Arrays, panel: _Panel, worst: tuple[int, int] | None
) -> str:
    rows, columns = values.shape
    text = f"{rows} by {columns} entries."
    odd = int(np.sum(~np.isfinite(values)))
    text += f" {odd} of them no finite number." if odd else ""
    if worst is None:
        return text
    return f"{text} The worst, {_place(arrays, panel, worst)}, is {shown(float(values[worst]))}."


def worst_sentence(arrays: Arrays) -> str:
    """Say where the worst entry is, and both values."""
    found, expected = float(arrays.found[arrays.worst]), float(arrays.expected[arrays.worst])
    place = arrays.place(arrays.worst)
    return f"Outlined: the worst, {place}: yours {shown(found)}, expected {shown(expected)}."


def _notes(arrays: Arrays, kept: int) -> Iterator[str]:
    """Say where the worst entry is, what is cut off, and what is not shown."""
    yield worst_sentence(arrays)
    if not arrays.whole:
        part = ", ".join(
            f"{start}:{start + size}"
            for start, size in zip(arrays.origin, arrays.found.shape, strict=True)
        )
        yield f"The whole is {arrays.shape}; this is the part [{part}] around the worst entry."
    others = [size for axis, size in enumerate(arrays.shape) if axis not in arrays.drawn]
    total = prod(others)
    if total > kept:
        what = "channels and kernels" if arrays.name.startswith("gradients") else "images"
        yield f"{kept} of {total} {what} are shown, those with the largest errors; the others not."
    if not np.isfinite(arrays.found).all():
        yield "Cells with a broken border are no finite numbers: ? is NaN."


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
