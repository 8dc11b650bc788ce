"""Counting the operations on arrays during a call: the arguments are arrays that count."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np

from .places import Places


class OperationCounter:
    """Counts operations on `Watched` arrays while it is entered."""

    def __init__(self, places: Places) -> None:
        """Start at nothing."""
        self._places = places
        self.counts: Counter[str] = Counter()
        self.complex = False

    def __enter__(self) -> OperationCounter:  # noqa: PYI034 - Self is of Python 3.11
        """Let `Watched` count here."""
        Watched.counter = self
        return self

    def __exit__(self, *exc: object) -> None:
        """Let `Watched` count nowhere."""
        Watched.counter = None

    def add(self, number: int = 1) -> None:
        """Count for the submission's line that runs now, unless numpy only prints for it."""
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001
        while frame is not None:
            kind = self._places.kind(frame.f_code.co_filename)
            if kind == "ignored":
                return
            if kind == "student":
                break
            frame = frame.f_back
        self.counts[self._places.line(frame)] += number

    def report(self) -> dict[str, dict[str, int]]:
        """Return the counts as JSON values."""
        return {"arrays": dict(self.counts)}

    def flags(self) -> list[str]:
        """Return what looks like a derivative by the complex step."""
        return ["complex numbers"] if self.complex else []


class Watched(np.ndarray):
    """An ndarray that counts what is done with it."""

    counter: OperationCounter | None = None

    @classmethod
    def tally(cls, number: int = 1, result: Any = None) -> None:
        """Count for the line of the submission that runs now."""
        if cls.counter is not None:
            cls.counter.add(number)
            cls.counter.complex = cls.counter.complex or np.iscomplexobj(result)

    def __getitem__(self, key: Any) -> Any:
        """Count one access."""
        self.tally()
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[Any]:
        """Count one access a row."""
        plain = self.view(np.ndarray)
        for row in range(len(plain)):
            self.tally()
            yield plain[row].view(Watched) if plain.ndim > 1 else plain[row]

    @property
    def flat(self) -> Any:
        """Return a flat view whose iteration counts one access an entry."""
        return _Flat(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        self.view(np.ndarray).flat[:] = values

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Count one operation; a function made from Python's counts once an entry."""
        if "out" in options:
            options["out"] = tuple(map(_plain, options["out"]))
        result = getattr(ufunc, method)(*map(_plain, inputs), **options)
        python_made = all(set(types) <= set("O->") for types in ufunc.types)
        self.tally(max(np.size(x) for x in inputs) if python_made else 1, result)
        return _watched(result)


class _Flat:
    """`ndarray.flat`, with an iteration that counts."""

    def __init__(self, array: Watched) -> None:
        self._array = array
        self._flat = array.view(np.ndarray).flat

    def __array__(self, *args: Any, **options: Any) -> np.ndarray:
        return np.array(self._flat, *args, **options)

    def __getitem__(self, key: Any) -> Any:
        return self._flat[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._flat[key] = value

    def __len__(self) -> int:
        return len(self._flat)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._flat, name)

    def __iter__(self) -> Iterator[Any]:
        for value in self._flat:
            Watched.tally()
            yield value


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Watched) else value


def _watched(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_watched, value))
    return value.view(Watched) if isinstance(value, np.ndarray) else value


def watch(value: Any) -> Any:
    """Return arrays as `Watched` views, everything else as it is."""
    return value.view(Watched) if type(value) is np.ndarray else value
