"""The effects of edits, packed for the file of recorded answers: numbers, and sentences.

A row is one result of one case that an edit makes wrong. Sums are stored in single precision, whose
error is an eighth of what distinguishes two signatures; scales, which are tolerances, are stored to
an eighth of a power of two. Edits that give the same rows share them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.judging import SUMS, Signature

# The case, the group of edits, the result, its shape, the sums, and the scale.
_ROW = np.dtype(
    [("case", "<u2"), ("group", "<u2"), ("result", "u1"), ("shape", "<u2"),
     ("sums", "<f4", (SUMS,)), ("scale", "<i2")]
)  # fmt: skip
# Steps of the scale per power of two.
_STEPS = 8
# Stored instead of a shape if there are no numbers.
_NONE = 2**16 - 1
# Edits whose numbers agree to this many digits are the same.
_DIGITS = 8

# For one result of one case: the case, the result, and the signature that an edit gives it.
Row = tuple[int, int, Signature | None]


@dataclass(frozen=True)
class Packed:
    """The edits of a target.

    Args:
        sentences: by id, each with the number of the group that contains the edit's rows.
        shapes: the shapes of results, as numbered in the rows.
        cases: the keys of cases, as numbered in the rows.
    """

    sentences: Mapping[str, tuple[str, int]]
    shapes: Sequence[tuple[int, ...]]
    cases: Sequence[str]


def grouped(
    sentences: Mapping[str, str], rows: Mapping[str, Sequence[Row]]
) -> tuple[dict[str, tuple[str, int]], list[str]]:
    """Return the edits to keep, with the numbers of their groups, and the first edit of each group.

    An edit is dropped if it makes no number wrong, if it equals another one with the same sentence,
    or if it equals an earlier edit of different code: one way to say it is enough.

    Args:
        sentences: by id; an id names the code that is edited, and has a number.
        rows: by id, for one seed.
    """
    kept: dict[str, tuple[str, int]] = {}
    groups: dict[str, int] = {}
    first: list[str] = []
    for edit, sentence in sentences.items():
        if all(made is None for _, _, made in rows[edit]):
            continue
        group = groups.setdefault(json.dumps([*map(_rounded, rows[edit])]), len(first))
        if group == len(first):
            first.append(edit)
        same_code = _edited(first[group]) == _edited(edit)
        if same_code and (sentence, group) not in kept.values():
            kept[edit] = sentence, group
    return kept, first


def _edited(edit: str) -> str:
    """Return the part of an edit's id that says which code is edited."""
    return edit.rpartition(" ")[0]


def _rounded(row: Row) -> list[object]:
    case, result, made = row
    if made is None:
        return [case, result]
    return [case, result, made.shape, *(f"{x:.{_DIGITS}g}" for x in (*made.sums, made.scale))]


def table(groups: Sequence[Sequence[Row]], shapes: list[tuple[int, ...]]) -> np.ndarray:
    """Return rows as bytes, for `Rows`.

    Args:
        groups: the rows of each group.
        shapes: the shapes that rows number; missing ones are added.
    """
    lines = [_line(row, group, shapes) for group, rows in enumerate(groups) for row in rows]
    found = np.array(lines, _ROW)
    found = found[np.lexsort((found["group"], found["case"]))]
    # Byte by byte: bytes in the same position compress well.
    return np.ascontiguousarray(found.view(np.uint8).reshape(-1, _ROW.itemsize).T)


def _line(row: Row, group: int, shapes: list[tuple[int, ...]]) -> tuple[object, ...]:
    case, result, made = row
    if made is None or not np.isfinite([*made.sums, made.scale]).all():
        return case, group, result, _NONE, (0.0,) * SUMS, 0
    if made.shape not in shapes:
        shapes.append(made.shape)
    with np.errstate(over="ignore"):
        sums = tuple(np.asarray(made.sums, np.float32).tolist())
    scale = round(_STEPS * float(np.log2(max(made.scale, np.finfo(float).tiny))))
    return case, group, result, shapes.index(made.shape), sums, scale


class Rows:
    """The effects of a target's edits for one seed."""

    def __init__(self, packed: np.ndarray) -> None:
        """Take the bytes returned by `table`."""
        self._table = np.ascontiguousarray(packed.T).view(_ROW).ravel()
        self._keys = self._table["case"].astype(np.int64) * 2**16 + self._table["group"]

    def of(self, edits: Packed, case: str, edit: str) -> Iterator[tuple[int, Signature | None]]:
        """Yield the numbers of the results that an edit makes wrong, and their signatures."""
        key = edits.cases.index(case) * 2**16 + edits.sentences[edit][1]
        first, last = np.searchsorted(self._keys, [key, key + 1])
        for row in self._table[first:last]:
            if row["shape"] == _NONE:
                yield int(row["result"]), None
            else:
                sums = tuple(float(x) for x in row["sums"])
                scale = 2.0 ** (float(row["scale"]) / _STEPS)
                yield int(row["result"]), Signature(edits.shapes[row["shape"]], sums, scale)


def as_text(edits: Mapping[str, Packed]) -> bytes:
    """Return everything except the rows of all targets' edits, as bytes."""
    return json.dumps({target: vars(packed) for target, packed in edits.items()}).encode()


def from_text(text: bytes) -> dict[str, Packed]:
    """Return what was passed to `as_text`."""
    return {
        target: Packed(
            {edit: (sentence, group) for edit, (sentence, group) in x["sentences"].items()},
            [tuple(shape) for shape in x["shapes"]],
            x["cases"],
        )
        for target, x in json.loads(text).items()
    }
