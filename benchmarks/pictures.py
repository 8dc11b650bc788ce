"""Measure and draw the pictures for the students' pages: `make pictures`.

- docs/pictures/differences.svg: how far difference quotients are from the derivative of a fully
  connected tanh layer, plotted over the step size.
- docs/pictures/loops.svg: the time of a loop over the examples, relative to the time of the same
  work on whole arrays, plotted over the batch size; the median of several rounds.
- docs/pictures/writeup.png: the tops of two pages of the PDF that docs/writeup.md makes.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pypdfium2
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from PIL import Image

from grader.assignment import load, write_files
from grader.assignment.stubs import given_files
from grader.paths import HOMEWORK
from grader.writeup.making import write_up
from reference.activations import ReLU, SoftMax
from reference.layers import FullyConnected

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
ROUNDS = 21
# Readable on white and on black, and also distinguished by their marks.
BLUE, ORANGE, GREY = "#3b7dd8", "#d9730d", "#767676"
SETTINGS = {
    "svg.hashsalt": "pictures",
    "svg.fonttype": "none",
    "font.size": 10,
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), GREY),
    "axes.edgecolor": GREY,
}
Work = Callable[[np.ndarray], object]


def main() -> None:
    """Write all pictures, and print what they show."""
    mpl.rcParams.update(SETTINGS)
    FOLDER.mkdir(exist_ok=True)
    draw_writeup()
    draw_differences()
    draw_loops()


def draw_writeup() -> None:
    """Draw the tops of the pages that the example in docs/writeup.md makes."""
    page = (FOLDER.parent / "writeup.md").read_text("utf-8")
    (text,) = re.findall(r"```markdown\n(.*?)```", page, re.DOTALL)
    assignment = load(HOMEWORK)
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), {**given_files(assignment), "writeup.md": text.encode()})
        made = write_up(assignment, Path(folder))
    numbers = [one.derivation[0] for one in made.entries if one.derivation]
    pages = [pypdfium2.PdfDocument(made.pdf)[n - 1].render(scale=1.5).to_pil() for n in numbers]
    width, top, height = pages[0].width * 2 // 3, 80, 150
    picture = Image.new("RGB", (width, height * len(pages)), "white")
    for i, page in enumerate(pages):
        picture.paste(page.crop((70, top, 70 + width, top + height)), (0, i * height))
    picture.save(FOLDER / "writeup.png", optimize=True)


def draw_differences() -> None:
    """Draw the error of the 2-point and the 4-point difference over the step size."""
    steps = 2.0 ** np.arange(-28, 0)
    two, four = np.array([_errors(h) for h in steps]).T
    axes = _axes("step h", "largest error of an entry of dX, relative")
    axes.loglog(steps, two, "o-", color=ORANGE, label="2 points, f(x ± h)", markersize=4)
    axes.loglog(steps, four, "s-", color=BLUE, label="4 points, f(x ± h), f(x ± 2h)", markersize=4)
    axes.axvline(2.0**-11, color=GREY, linestyle=":", label="the grader's step")
    _save(axes, "differences.svg")
    print("| | smallest error | at h |\n|---|---|---|")
    for name, errors in (("2 points", two), ("4 points", four)):
        best = int(np.argmin(errors))
        print(f"| {name} | {errors[best]:.0e} | 2^{np.log2(steps[best]):.0f} |")


def _errors(h: float) -> tuple[float, float]:
    rng = np.random.default_rng(7)
    layer, X, dY = FullyConnected(4, "tanh"), rng.normal(size=(5, 6)), rng.normal(size=(5, 4))
    layer.forward(X)
    analytic = layer.backward(dY)
    scale = np.abs(analytic).max()

    def slope(h: float) -> np.ndarray:
        found = np.empty_like(X)
        for i in np.ndindex(X.shape):
            step = np.zeros_like(X)
            step[i] = h
            found[i] = np.sum((layer.forward(X + step) - layer.forward(X - step)) * dY) / (2 * h)
        return found

    near, far = slope(h), slope(2 * h)
    quotients = (near, (4 * near - far) / 3)
    first, second = (float(np.abs(q - analytic).max() / scale) for q in quotients)
    return first, second


def draw_loops() -> None:
    """Draw how many times longer a loop over the rows takes."""
    relu, softmax, layer = ReLU(), SoftMax(), FullyConnected(32, "identity")
    layer.forward(np.zeros((1, 64)))
    kinds: dict[str, Work] = {
        "ReLU": relu.forward, "softmax": softmax.forward, "fully connected": layer.forward,
    }  # fmt: skip
    sizes = [1, 4, 16, 64, 256, 1024]
    axes = _axes("examples in the batch, m", "time of the loop / time at once")
    print(
        "\n| | " + " | ".join(f"m = {m}" for m in sizes) + " |\n" + "|---" * (len(sizes) + 1) + "|"
    )
    for (name, work), mark, color in zip(kinds.items(), "os^", (BLUE, ORANGE, GREY), strict=True):
        ratios = [_ratio(work, np.random.default_rng(m).normal(size=(m, 64))) for m in sizes]
        axes.loglog(sizes, ratios, f"{mark}-", color=color, label=name, markersize=5)
        print(f"| {name} | " + " | ".join(f"{ratio:.1f}" for ratio in ratios) + " |")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.set_xticks(sizes)
    axes.set_yticks([1, 2, 5, 10, 20, 50])
    axes.minorticks_off()
    _save(axes, "loops.svg")


def _ratio(work: Work, X: np.ndarray) -> float:
    def loop(X: np.ndarray) -> object:
        return np.concatenate([work(X[i : i + 1]) for i in range(len(X))])  # type: ignore[misc]

    pairs = [(_seconds(loop, X), _seconds(work, X)) for _ in range(ROUNDS)]
    return statistics.median(slow / quick for slow, quick in pairs)


def _seconds(work: Work, X: np.ndarray) -> float:
    start = time.perf_counter()
    for _ in range(3):
        work(X)
    return time.perf_counter() - start


def _axes(x: str, y: str) -> Axes:
    axes = Figure(figsize=(6.4, 3.6), layout="constrained").add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.patch.set_alpha(0)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _save(axes: Axes, name: str) -> None:
    axes.legend(frameon=False, labelcolor=GREY)
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    figure.savefig(FOLDER / name, transparent=True, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
