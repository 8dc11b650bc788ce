"""What a failure looked like, for pictures: arrays side by side, a data series, a training.

A judge returns evidence with its verdict; `running.check_run` keeps that of the first few cases,
cut to what a picture can show, and only if pictures were requested. It never gets into
results.json.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .result import ResultSpec, Role

# Cases per check whose evidence is kept: more pictures of the same mistake help nobody.
MOST = 4
# Maximum size of what is kept: rows and columns of a map that is still readable in a text column;
# the side of images and kernels, and how many examples and channels of them are drawn.
ROWS, COLUMNS = 16, 24
SIDE, COPIES = 12, 4
# Points in a series: a training has tens of epochs, but a submission may return any number.
POINTS = 200
# Misclassified images of a training, and the pixels on their sides.
MISREAD, PIXELS = 12, 32

Index = tuple[int, ...]


@dataclass(frozen=True)
class Arrays:
    """A wrong result with at least one dimension, or the part of it around the worst entry.

    Args:
        result: which result it is.
        found: the submission's answer.
        expected: the right answer, of the same shape.
        numeric: for a gradient, the derivative of the submission's own forward; NaN where it could
            not be measured, at a kink.
        shape: that of the whole result.
        origin: where in the whole result the part begins.
    """

    result: ResultSpec
    found: np.ndarray
    expected: np.ndarray
    numeric: np.ndarray | None
    shape: Index
    origin: Index

    @property
    def name(self) -> str:
        """Return the name of the result, such as "dZ"."""
        return self.result.name

    @property
    def whole(self) -> bool:
        """Tell whether nothing was cut off."""
        return self.found.shape == self.shape

    @property
    def worst(self) -> Index:
        """Return the part's index of the first NaN or infinity, or else of the largest error."""
        finite = np.isfinite(self.found)
        with np.errstate(over="ignore"):
            errors = np.abs(self.found - self.expected) if finite.all() else ~finite
        return tuple(int(i) for i in np.unravel_index(int(np.argmax(errors)), self.found.shape))

    def place(self, index: Index) -> list[int]:
        """Return the index in the whole result for an entry of the part."""
        return [start + i for start, i in zip(self.origin, index, strict=True)]

    @property
    def drawn(self) -> Index:
        """Return the axes that are drawn as rows and columns.

        For images (m, H, W, C) these are H and W; for the gradient of kernels (k, k, C, n), the
        first two.
        """
        dimensions = len(self.shape)
        if dimensions < 3:
            return tuple(range(dimensions))
        return (0, 1) if self.result.is_of_parameter else (1, 2)

    def cut(self) -> Arrays:
        """Return the part around the worst entry that is small enough to draw."""
        window = tuple(
            _around(at, size, self._longest(axis))
            for axis, (at, size) in enumerate(zip(self.worst, self.shape, strict=True))
        )
        return replace(
            self,
            found=self.found[window],
            expected=self.expected[window],
            numeric=None if self.numeric is None else self.numeric[window],
            origin=tuple(part.start for part in window),
        )

    def _longest(self, axis: int) -> int:
        if len(self.shape) < 3:
            return COLUMNS if axis == len(self.shape) - 1 else ROWS
        return SIDE if axis in self.drawn else COPIES


def _around(at: int, size: int, most: int) -> slice:
    """Return at most `most` indices of an axis, centered on `at` if possible."""
    start = max(0, min(at - most // 2, size - most))
    return slice(start, min(size, start + most))


def pair(result: ResultSpec, found: np.ndarray | None, expected: np.ndarray) -> Arrays | None:
    """Return the evidence of a wrong result; None for scalars, and for arrays of another shape."""
    if found is None or expected.ndim == 0 or found.size != expected.size or not found.size:
        return None
    if found.shape not in (expected.shape, expected.shape[1:]):
        return None
    same = np.asarray(found, float).reshape(expected.shape)
    return Arrays(result, same, expected, None, expected.shape, (0,) * expected.ndim)


@dataclass(frozen=True)
class Series:
    """A data series: `kind` is "counts" or "objects" (by batch size) or "losses" (by epoch).

    A submission's values are what its process reports: they are shown and labeled as such.
    """

    kind: str
    place: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    def cut(self) -> Series:
        """Return at most `POINTS` values, evenly spaced, including the first and the last."""
        if len(self.y) <= POINTS:
            return self
        kept = np.linspace(0, len(self.y) - 1, POINTS).round().astype(int).tolist()
        x, y = (tuple(row[i] for i in kept) for row in (self.x, self.y))
        return replace(self, x=x, y=y)


@dataclass(frozen=True)
class Table:
    """Numbers side by side: a wrong result at some entries, or one small case in full.

    Args:
        columns: headings, such as ("Z", "dY", "yours", "expected").
        rows: pairs of a label, such as "[0, 2]", and the numbers, one per column; NaN for none.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Table:
        """Return a table from JSON, which turned tuples into lists."""
        rows = ((label, tuple(map(float, numbers))) for label, numbers in plain["rows"])
        return cls(tuple(plain["columns"]), tuple(rows))


@dataclass(frozen=True)
class Misread:
    """A test example that a trained network misclassifies.

    Args:
        image: the example as bytes (H, W).
        read: the predicted class.
        truth: the true class.
    """

    image: np.ndarray
    read: int
    truth: int


@dataclass(frozen=True)
class Training:
    """The outcome of a training.

    Args:
        losses: one per epoch, as reported by the submission's process; None if it gave none.
        expected: those of the correct computation, on the same examples; None if unknown.
        misread: how many test examples are misclassified; None if the outputs are not finite.
        total: the number of test examples.
        least: the required accuracy.
        images: the misclassified examples, if they are images.
    """

    losses: Series | None
    expected: Series | None
    misread: int | None
    total: int
    least: float
    images: tuple[Misread, ...]

    def cut(self) -> Training:
        """Return it with as many values and images as are displayed; large images are dropped."""
        small = [one for one in self.images if max(one.image.shape) <= PIXELS]
        losses, expected = (one and one.cut() for one in (self.losses, self.expected))
        return replace(self, losses=losses, expected=expected, images=tuple(small[:MISREAD]))


@dataclass(frozen=True)
class WrongNumbers:
    """A wrong result of one case, as a few sums: two of them agree if the numbers are equal.

    Args:
        case: the case's key.
        name: the result's name, such as "gradients['W']".
        shape: that of the answer.
        sums: with fixed weights; see `judging.diagnosis`.
        scale: the scale on which to compare them.
        rtol: how far off they may be, relative to the scale.
    """

    case: str
    name: str
    shape: tuple[int, ...]
    sums: tuple[float, ...]
    scale: float
    rtol: float


Evidence = Arrays | Series | Training


def to_json(evidence: Evidence | None) -> dict[str, Any] | None:
    """Return evidence as JSON values."""
    if evidence is None:
        return None
    return {
        "type": type(evidence).__name__,
        **{name: _value_to_json(value) for name, value in vars(evidence).items()},
    }


def _value_to_json(value: Any) -> Any:
    if isinstance(value, ResultSpec):
        return {"name": value.name, "role": value.role.value, "wrt": value.wrt}
    if isinstance(value, Series):
        return to_json(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Misread):
        return [[one.image.tolist(), one.read, one.truth] for one in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def from_json(values: dict[str, Any] | None) -> Evidence | None:
    """Return the evidence that `to_json` encoded."""
    if values is None:
        return None
    rest = {name: value for name, value in values.items() if name != "type"}
    if values["type"] == "Series":
        return _series(values)
    if values["type"] == "Training":
        rest |= {name: _series(rest[name]) for name in ("losses", "expected")}
        images = (Misread(np.array(i, np.uint8), read, truth) for i, read, truth in rest["images"])
        return Training(**rest | {"images": tuple(images)})
    arrays = ("found", "expected", "numeric")
    rest |= {name: None if rest[name] is None else np.array(rest[name], float) for name in arrays}
    rest["result"] = ResultSpec(**rest["result"] | {"role": Role(rest["result"]["role"])})
    return Arrays(**rest | {name: tuple(rest[name]) for name in ("shape", "origin")})


def _series(values: dict[str, Any] | None) -> Series | None:
    if values is None:
        return None
    return Series(values["kind"], values["place"], tuple(values["x"]), tuple(values["y"]))
