"""Describing values of the submission, and what of them can cross the pipe as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import wire
from .interpreter import describe

# The header of a reply, and its arrays.
Reply = tuple[dict[str, Any], list[np.ndarray]]


def encoded(outputs: dict[str, Any], max_bytes: int) -> Reply:
    """Describe every output, and turn into arrays what can be, and has room in one frame."""
    described, arrays = [], []
    for name, value in outputs.items():
        array = _array(value, max_bytes)
        max_bytes -= array.nbytes if array is not None else 0
        entry: dict[str, Any] = {
            "name": name,
            "type": _type_name(value),
            "about": describe(value)[:200],
        }
        entry["dtype"] = str(value.dtype)[:80] if isinstance(value, np.ndarray | np.generic) else ""
        entry["array"] = array is not None
        described.append(entry)
        if array is not None:
            arrays.append(array)
    return {"outputs": described}, arrays


def _type_name(value: Any) -> str:
    """Return the name of a value's type; "ndarray" and "float" are what is called so by others."""
    name = type(value).__name__[:80]
    exact = {"ndarray": np.ndarray, "float": float, "int": int}
    return name if exact.get(name, type(value)) is type(value) else f"{name} of the submission"


def _array(value: Any, max_bytes: int) -> np.ndarray | None:
    """Return numbers as an array that can cross the pipe, or None."""
    if isinstance(value, bool | int | float):
        try:
            return np.array(float(value))
        except OverflowError:
            return None
    if not isinstance(value, np.ndarray | np.generic):
        return None
    if isinstance(value, np.ma.MaskedArray):
        value = value.filled(np.nan)
    fits = value.size * 8 <= max_bytes and value.ndim <= wire.MAX_DIMENSIONS
    if value.dtype.kind not in "fiub" or not fits:
        return None
    array = np.array(value, subok=False)
    return array if array.dtype.str in wire.DTYPES else array.astype("<f8")


def changed(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Tell whether an array differs from what it was."""
    return any(
        isinstance(old, np.ndarray) and not np.array_equal(old, new, equal_nan=True)
        for old, new in zip(before, after, strict=True)
    )
