"""The picture of a training: its losses, its accuracy, and the misclassified test examples."""

from __future__ import annotations

import numpy as np

from grader.evidence import Misread, Series, Training

from .axes import HEIGHT, WIDTH, Axes, draw_line, end_of, legend, steps_of
from .figures import Figure, Labelled
from .svg import Drawing, short, shown

NOT_CHECKED = "Your losses are what your own code returned; the grader has not checked them."
# Pixels: the height of the accuracy bar with its text, its side margins; the size of an image.
BAR, ASIDE, IMAGE = 56.0, 8.0, 64.0
# Shades of gray in an image, including white and black.
SHADES = 16


def training(key: str, title: str, data: Training) -> Figure:
    """Return the pictures of a training.

    Args:
        key: part of the ids in the pictures, unique on a page.
        title: its title.
        data: the outcome of the training.
    """
    charts: list[Labelled] = []
    notes: list[str] = []
    if data.losses is not None:
        charts.append(_losses(f"{key}-loss", data.losses, data))
        notes += [_words(data.losses, data.expected), NOT_CHECKED]
    if data.misread is not None:
        accuracy = 1.0 - data.misread / data.total
        charts.append(_bar(f"{key}-accuracy", accuracy, data))
    tiles = [_image(f"{key}-image-{i}", one) for i, one in enumerate(data.images)]
    if data.misread and tiles:
        notes.append(f"{len(tiles)} of {data.misread} misread test examples are shown.")
    return Figure(title, charts=tuple(charts), notes=tuple(notes), tiles=tuple(tiles))


def _losses(key: str, yours: Series, data: Training) -> Labelled:
    """Draw both losses over the epochs; epochs without a finite loss leave gaps."""
    rows = [yours, *filter(None, [data.expected])]
    finite = [loss for row in rows for loss in row.y if np.isfinite(loss)]
    last = max(row.x[-1] for row in rows) + 0.5
    most, least = end_of(max([*finite, 0.0]) * 1.08), -end_of(-min([*finite, 0.0]), 0.0)
    axes, marks = Axes((0.5, last), (least, most)), [("knot", "yours")]
    words = _words(yours, data.expected)
    picture = Drawing(key, (WIDTH, HEIGHT), "mean loss of each epoch", words)
    epochs = [x for x in steps_of(0.5, last, 8) if x == int(x)]
    axes.draw(picture, epochs, steps_of(least, most), ("epoch", ""))
    if data.expected is not None:
        marks.append(("diagonal", "reference solution"))
        draw_line(picture, axes, data.expected, name="diagonal")
    told = [f"epoch {int(x)}: {shown(y)}" for x, y in zip(yours.x, yours.y, strict=True)]
    draw_line(picture, axes, yours, told)
    legend(picture, marks)
    return "mean loss of each epoch", picture.markup()


def _words(yours: Series, expected: Series | None) -> str:
    """Say how the losses begin and end, and what part of them is not drawn."""
    odd = [int(x) for x, loss in zip(yours.x, yours.y, strict=True) if not np.isfinite(loss)]
    words = [f"Your loss is {_ends(yours)}"]
    words += [f"not finite in {len(odd)} epochs, first in {odd[0]}"] if odd else []
    drawn, epochs = len(yours.x), int(yours.x[-1])
    words += [f"{drawn} of {epochs} epochs are drawn"] if drawn < epochs else []
    words += [f"the reference solution's is {_ends(expected)}"] if expected else []
    return f"{'; '.join(words)}."


def _ends(data: Series) -> str:
    return f"{short(data.y[0])} in the first epoch, {short(data.y[-1])} in the last"


def _bar(key: str, accuracy: float, data: Training) -> Labelled:
    """Draw the accuracy as a bar from 0 to 1, with a line at the required value."""
    inner = WIDTH - 2 * ASIDE
    words = f"{accuracy:.3f}; expected at least {data.least}."
    picture = Drawing(key, (WIDTH, BAR), "test accuracy", words)
    for name, share in (("rest", 1.0), ("done", accuracy)):
        picture.add("rect", name, words, x=ASIDE, y=BAR / 2 - 6, width=inner * share, height=12)
    for share, text, y in (
        (data.least, f"expected at least {data.least}", 12.0),
        (accuracy, f"yours {accuracy:.3f}", BAR - 6),
    ):
        x = ASIDE + inner * share
        picture.write(text, x, y, "tick", "end" if share > 0.5 else "start")
    x = ASIDE + inner * data.least
    picture.add("line", "least", x1=x, y1=BAR / 2 - 12, x2=x, y2=BAR / 2 + 12)
    return f"accuracy on the {data.total} test examples", picture.markup()


def _image(key: str, one: Misread) -> Labelled:
    """Draw an image: ink where it is bright, one path per shade."""
    rows, columns = one.image.shape
    words = f"read as {one.read}, but is {one.truth}"
    size = f"an image of {rows} by {columns} pixels"
    picture = Drawing(key, (columns, rows), words, size, wide=IMAGE)
    shades = np.round(one.image / 255 * (SHADES - 1)).astype(int)
    for shade in range(1, SHADES):
        if (shades == shade).any():
            path = picture.add("path", "ink", fill_opacity=shade / (SHADES - 1))
            path.set("d", _path(shades == shade))
    return words, picture.markup()


def _path(pixels: np.ndarray) -> str:
    """Return the outlines of some pixels (H, W); neighbors in a row are merged."""
    steps = np.diff(np.pad(pixels.astype(int), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return "".join(
        f"M{x} {y}h{end - x}v1h{x - end}z" for (y, x), (_, end) in zip(starts, ends, strict=True)
    )
