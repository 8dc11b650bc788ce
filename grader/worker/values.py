"""Describing values of the submission, and finding those that can cross the pipe as numbers."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import wire
from .interpreter import describe

_FLOAT64 = np.dtype(float)
# The header of a reply, and its arrays.
Reply = tuple[dict[str, Any], list[np.ndarray]]


def encoded(outputs: dict[str, Any], max_bytes: int) -> Reply:
    """Describe every output, and convert to arrays those that can be and fit into one frame."""
    described: list[dict[str, Any]] = []
    arrays = []
    for name, value in outputs.items():
        is_usual = (
            type(value) is np.ndarray
            and value.dtype is _FLOAT64
            and value.size * 8 <= max_bytes
            and value.ndim <= wire.MAX_DIMENSIONS
        )
        if is_usual:  # uses few calls, because each is an event while lines are counted
            array, kind, dtype = value.copy(), "ndarray", "float64"
            about = f"an array of shape {value.shape}"
        else:
            array, kind, about = numbers(value, max_bytes), _type_name(value), describe(value)
            dtype = _dtype_name(value) if isinstance(value, np.ndarray | np.generic) else ""
        max_bytes -= array.nbytes if array is not None else 0
        entry = {"name": name, "type": kind, "about": about[:200], "dtype": dtype}
        described.append({**entry, "array": array is not None})
        if array is not None:
            arrays.append(array)
    return {"outputs": described}, arrays


def gathered(
    name: str, values: Sequence[Any], indices: np.ndarray, shape: tuple[int, ...]
) -> Reply:
    """Describe the entries of a gradient as one output: their numbers, and the first odd one.

    An array of one number contains a number; a list of one is a list.
    """
    found = [None if _is_list(value) else _number(value) for value in values]
    lacking = [i for i, array in enumerate(found) if array is None or array.size != 1]
    odd = lacking or [i for i, value in enumerate(values) if not _is_number(value)]
    entry: dict[str, Any] = {"name": name, "type": "float", "about": "a float", "dtype": ""}
    if odd:
        (entry,) = encoded({name: values[odd[0]]}, wire.MAX_BODY)[0]["outputs"]
        entry["entry"] = indices[odd[0]].tolist()
    entry["array"] = not lacking
    if lacking:
        return {"outputs": [entry]}, []
    plain = np.array([float(array.reshape(())) for array in found if array is not None])
    return {"outputs": [entry]}, [plain.reshape(shape)]


def _number(value: Any) -> np.ndarray | None:
    """Return a number as an array; None if there is none in it, or if its own code fails."""
    try:
        return numbers(_plain(value), wire.MAX_BODY)
    except Exception:  # noqa: BLE001 - from a class of the submission
        return None


def _is_number(value: Any) -> bool:
    try:
        plain = _plain(value)
    except Exception:  # noqa: BLE001 - a fraction may be too large
        return False
    return _is_plain(plain) or (type(plain) is np.ndarray and plain.ndim == 0)


def _plain(value: Any) -> Any:
    """Return an exact number of Python's as a float, because it is a real number, too."""
    exact = {"Fraction": "fractions", "Decimal": "decimal"}.get(type(value).__name__, "")
    kind = getattr(sys.modules.get(exact), type(value).__name__, None)
    return float(value) if kind is not None and type(value) is kind else value


def _type_name(value: Any) -> str:
    """Return a value's type name, marking a submission's type that is named like a standard one."""
    name = type(value).__name__[:80]
    exact = {"ndarray": np.ndarray, "float": float, "int": int, "ellipsis": type(...)}
    return name if exact.get(name, type(value)) is type(value) else f"{name} of the submission"


def numbers(value: Any, max_bytes: int) -> np.ndarray | None:
    """Return numbers as an array that can cross the pipe, or None.

    Plain lists of numbers, arrays of Python numbers, and complex numbers that are real count as
    numbers, too: what is wrong with their form is for a check to say.
    """
    if isinstance(value, complex) and not value.imag:
        value = value.real
    if isinstance(value, bool | int | float):
        try:
            return np.array(float(value))
        except OverflowError:
            return None
    if _is_list(value):
        most = max_bytes // 8
        return _of_list(value) if _entries(value, most) <= most else None
    if not isinstance(value, np.ndarray | np.generic):
        return None
    if isinstance(value, np.ma.MaskedArray):
        value = value.filled(np.nan)
    fits = value.size * 8 <= max_bytes and value.ndim <= wire.MAX_DIMENSIONS
    array = _real(np.array(value, subok=False)) if fits else None
    return array if array is None or array.dtype.str in wire.DTYPES else array.astype("<f8")


def _real(array: np.ndarray) -> np.ndarray | None:
    """Return an array of numpy's real numbers, or None."""
    if array.dtype.kind == "c" and not array.imag.any():
        array = array.real.copy()
    if array.dtype.kind == "O" and all(_is_plain(x) for x in array.ravel().tolist()):
        with contextlib.suppress(OverflowError, ValueError, TypeError):
            array = array.astype(float)
    return array if array.dtype.kind in "fiub" else None


def _is_plain(value: Any) -> bool:
    """Tell whether a value is a Python or numpy number, which runs no code of a submission."""
    return type(value) in (float, int, bool) or type(value) in _NUMBERS


_NUMBERS = frozenset(kind for kind in np.sctypeDict.values() if np.dtype(kind).kind in "fiub")


# numpy builds a name in Python, which is slow, and even slower while lines are counted.
_DTYPE_NAMES = {np.dtype(kind): str(np.dtype(kind)) for kind in _NUMBERS}
_DTYPES = frozenset(map(type, _DTYPE_NAMES))


def _dtype_name(value: Any) -> str:
    dtype = value.dtype  # in a class of the submission, it may be anything
    known = _DTYPE_NAMES.get(dtype) if type(dtype) in _DTYPES else None
    return known or str(dtype)[:80]


def _is_list(value: Any) -> bool:
    return type(value) in (list, tuple)


def _entries(value: Any, most: int) -> int:
    """Return how many numbers a nested list has; more than `most` if it has anything else."""
    left, count = [value], 0
    while left and count <= most:
        item = left.pop()
        if _is_list(item):
            left += item[: most + 1]
            count += 1 if item else 0  # lists count, too, because they may contain themselves
        elif type(item) is np.ndarray and item.dtype.kind in "fiub":
            count += item.size
        else:
            count += 1 if _is_plain(item) else most + 1
    return count


def _of_list(value: Any) -> np.ndarray | None:
    try:
        array = np.array(value, float)
    except (ValueError, OverflowError, TypeError):
        return None  # its rows have different lengths, or are nested too deeply
    return array if array.ndim <= wire.MAX_DIMENSIONS else None


def changed(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Tell whether an array differs from what it was before."""
    return any(
        isinstance(old, np.ndarray) and not _is_equal(old, new)
        for old, new in zip(before, after, strict=True)
    )


def _is_equal(old: np.ndarray, new: np.ndarray) -> bool:
    """Tell whether two arrays are equal; fastest if every byte is the same."""
    if (old.shape, old.dtype) == (new.shape, new.dtype) and old.tobytes() == new.tobytes():
        return True
    return np.array_equal(old, new, equal_nan=True)
