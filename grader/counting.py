"""Counting what runs during a call, inside the worker: the evidence of the no-loop check.

Two instruments, each blind where the other sees:

- `Lines` traces Python: a 'call' or 'line' event of the submission's code counts for its line;
  an event in a library's code counts for the library's function and the submission's line that
  led there. Iteration that C code drives (map, sum, functools.reduce, ...) is made visible by
  Python equivalents (`PLAIN_BUILTINS`, `replace_c_iteration`) put in place before the import.
- `Arrays` hands the inputs over as `Watched`, an ndarray that counts operations and row accesses.

The counts are a claim of the submission's process; `batching` judges how they grow with m.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import math
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

import numpy as np

Counts = Counter[str]
# Library code whose work does not depend on iteration by the caller: printing, warnings, locks,
# and the search for a contraction order.
_IGNORED = ("arrayprint", "warnings", "logging", "einsumfunc", "linecache", "traceback",
            "threading", "queue", "contextlib", "importlib")  # fmt: skip


class Tampered(Exception):
    """The tracer that was set is not there any more."""


class Places:
    """Tells the submission's frames from the libraries' and the harness's."""

    def __init__(self, submission: str, given: str) -> None:
        """Keep the folders of the submission's package and of the handout's."""
        self._folder = submission.rstrip("/\\")
        self._given = given.rstrip("/\\")
        self._harness = _folder(__file__)
        self._kinds: dict[str, str] = {}
        packages = str(np.__path__[0]).removesuffix("numpy")
        self._library = (sys.prefix, sys.base_prefix, packages, self._given, "<frozen", "<__array")

    def kind(self, file: str) -> str:
        """Return whose a file is: "student", "harness", "library", or "ignored".

        Code without a file, as `exec` makes it, is the student's.
        """
        if file not in self._kinds:
            self._kinds[file] = self._find_kind(file)
        return self._kinds[file]

    def _find_kind(self, file: str) -> str:
        if file.startswith(self._folder):
            return "student"
        if _folder(file) == self._harness:
            return "harness"
        if any(name in file for name in _IGNORED):
            return "ignored"
        return "library" if file.startswith(self._library) else "student"

    def line(self, frame: FrameType | None) -> str:
        """Return "file.py:line" of the nearest frame of the submission, from here outwards."""
        while frame is not None:
            if self.kind(frame.f_code.co_filename) == "student":
                return f"{self.short(frame.f_code.co_filename)}:{frame.f_lineno}"
            frame = frame.f_back
        return "?"

    def short(self, file: str) -> str:
        """Return a file's path inside the submission, or the file as it is."""
        inside = file.removeprefix(self._folder)
        return inside.replace("\\", "/").lstrip("/")

    def label(self, file: str) -> str:
        """Return how a student knows a file, "" for what is neither theirs nor the handout's."""
        if file.startswith(self._folder):
            return self.short(file)
        if file.startswith(self._given):
            return f"{file[len(self._given) + 1 :]} of the handout"
        return ""


def _folder(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[0]


class Lines:
    """Counts 'call' and 'line' events while it is entered."""

    def __init__(self, places: Places) -> None:
        """Start at nothing."""
        self._places = places
        self.student: Counts = Counter()
        self.libraries: Counts = Counter()

    def __enter__(self) -> Lines:  # noqa: PYI034 - Self is of Python 3.11
        """Set the tracer, for new threads too."""
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)
        return self

    def __exit__(self, *exc: object) -> None:
        """Take the tracer away.

        Raises:
            Tampered: it was taken away already.
        """
        found = sys.gettrace()
        sys.settrace(None)
        threading.settrace(None)
        if found != self._on_call and exc[0] is None:
            raise Tampered("The tracer that counts what runs was switched off.")

    def _on_call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        """Decide once a call what its events count for."""
        file = frame.f_code.co_filename
        kind = self._places.kind(file)
        if kind == "student":
            return self._student_lines(f"{self._places.short(file)}:", frame)
        if kind == "harness" and frame.f_code.co_name in _SHIMS:
            return _counting(self.student, self._places.line(frame))
        if kind == "library":
            where = self._places.line(frame)
            return _counting(self.libraries, f"{frame.f_code.co_name} {where}")
        return None

    def _student_lines(self, start: str, frame: FrameType) -> Callable[..., Any]:
        def local(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            if event == "line":
                self.student[f"{start}{frame.f_lineno}"] += 1
            return local

        self.student[f"{start}{frame.f_lineno}"] += 1
        return local

    def report(self) -> dict[str, dict[str, int]]:
        """Return the counts as JSON values."""
        return {"student": dict(self.student), "library": dict(self.libraries)}


def _counting(counts: Counts, place: str) -> Callable[..., Any]:
    """Return a tracer of one call that counts it and its lines for one place."""

    def local(_frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event == "line":
            counts[place] += 1
        return local

    counts[place] += 1
    return local


class Arrays:
    """Counts operations on `Watched` arrays while it is entered."""

    def __init__(self, places: Places) -> None:
        """Start at nothing."""
        self._places = places
        self.counts: Counts = Counter()

    def __enter__(self) -> Arrays:  # noqa: PYI034 - Self is of Python 3.11
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


class Watched(np.ndarray):
    """An ndarray that counts what is done with it."""

    counter: Arrays | None = None

    @classmethod
    def tally(cls, number: int = 1) -> None:
        """Count for the line of the submission that runs now."""
        if cls.counter is not None:
            cls.counter.add(number)

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
        self.tally(max(np.size(x) for x in inputs) if python_made else 1)
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


class _Map:
    """`map`, driven by Python."""

    def __init__(self, function: Callable[..., Any], *iterables: Iterable[Any]) -> None:
        self._items = _mapped(function, iterables)

    def __iter__(self) -> _Map:
        return self

    def __next__(self) -> Any:
        return next(self._items)


class _Filter(_Map):
    """`filter`, driven by Python."""

    def __init__(self, function: Callable[..., Any] | None, iterable: Iterable[Any]) -> None:
        self._items = _filtered(function or bool, iterable)


def _mapped(function: Callable[..., Any], iterables: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for items in zip(*iterables, strict=False):
        yield function(*items)


def _starmapped(function: Callable[..., Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for items in iterable:
        yield function(*items)


def _filtered(function: Callable[..., Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if function(item):
            yield item


def _drawn(iterable: Iterable[Any]) -> list[Any]:
    items = []
    for item in iterable:
        items.append(item)  # noqa: PERF402 - every item is to be one line event
    return items


def _sum(iterable: Iterable[Any], /, start: Any = 0) -> Any:
    total = start
    for item in iterable:
        total = total + item
    return total


def _reduce(function: Callable[[Any, Any], Any], sequence: Iterable[Any], *initial: Any) -> Any:
    items = iter(sequence)
    total = initial[0] if initial else _first(items)
    for item in items:
        total = function(total, item)
    return total


def _first(items: Iterator[Any]) -> Any:
    for item in items:
        return item
    raise TypeError("reduce() of empty iterable with no initial value")


def _accumulate(iterable: Iterable[Any], func: Any = None, *, initial: Any = None) -> Iterator[Any]:
    missing = initial is None
    total = initial
    if not missing:
        yield total
    for item in iterable:
        total = item if missing else (func(total, item) if func else total + item)
        missing = False
        yield total


def _any(iterable: Iterable[Any], /) -> bool:
    for item in iterable:  # noqa: SIM110 - every item is to be one line event
        if item:
            return True
    return False


def _all(iterable: Iterable[Any], /) -> bool:
    for item in iterable:  # noqa: SIM110
        if not item:
            return False
    return True


def _fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **options: Any) -> Any:  # noqa: A002
    items = _drawn(itertools.islice(iter, count) if count >= 0 else iter)
    return _REAL_FROMITER(items, dtype, count, **options)


_REAL_FROMITER = np.fromiter


def _extreme(real: Callable[..., Any]) -> Callable[..., Any]:
    def _drawn_extreme(*args: Any, **options: Any) -> Any:
        return real(_drawn(args[0]), **options) if len(args) == 1 else real(*args, **options)

    return _drawn_extreme


def _consumer(real: Callable[..., Any]) -> Callable[..., Any]:
    def _drawn_consumer(iterable: Iterable[Any], /, *args: Any, **options: Any) -> Any:
        return real(_drawn(iterable), *args, **options)

    return _drawn_consumer


# Names of the functions above that run once for every item.
_SHIMS = {"_mapped", "_starmapped", "_filtered", "_drawn", "_sum", "_any", "_all", "_reduce",
          "_accumulate", "__next__"}  # fmt: skip

# What a module of the submission finds as its builtins.
PLAIN_BUILTINS: dict[str, Any] = {
    **vars(builtins),
    "map": _Map,
    "filter": _Filter,
    "sum": _sum,
    "sorted": _consumer(sorted),
    "any": _any,
    "all": _all,
    "max": _extreme(max),
    "min": _extreme(min),
}


def replace_c_iteration() -> None:
    """Put Python equivalents in the place of the library functions that iterate in C."""
    functools.reduce = _reduce
    itertools.starmap = _starmapped  # type: ignore[assignment, misc]
    itertools.accumulate = _accumulate  # type: ignore[assignment, misc]
    np.fromiter = _fromiter  # type: ignore[assignment]
    math.fsum = _consumer(math.fsum)
    math.prod = _consumer(math.prod)
