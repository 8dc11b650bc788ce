"""Counting what runs during a call, inside the worker: the evidence of the no-loop check.

Two instruments, each blind where the other sees:

- `Lines` traces Python: a 'call' or 'line' event of the submission's code counts for its line;
  an event in a library's code counts for the library's function and the submission's line that
  led there. Iteration that C code drives (map, sum, functools.reduce, ...) is made visible by
  Python equivalents (`iteration`) put in place before the import.
- `Arrays` hands the inputs over as `Watched`, an ndarray that counts operations and row accesses.

The counts are a claim of the submission's process; `batching` judges how they grow with m. Code
that meddles with them is looked for (`Guard`, and the balance that `Lines` keeps); finding it is a
failed check. Code that is clever enough in the same process cannot be kept from lying.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from .iteration import DRIVEN

Counts = Counter[str]
# Library code whose work does not depend on iteration by the caller: printing, warnings, locks,
# and the search for a contraction order.
_IGNORED = ("arrayprint", "warnings", "logging", "einsumfunc", "linecache", "traceback",
            "threading", "queue", "contextlib", "importlib")  # fmt: skip


# Two evaluations of forward this close to each other look like a finite difference.
NEAR = 1e-2


class Tampered(Exception):
    """The submission meddled with the counting."""


class Places:
    """Tells the submission's frames from the libraries' and the harness's."""

    def __init__(self, submission: str, given: str) -> None:
        """Keep the folders of the submission's package and of the handout's."""
        self._folder = submission.rstrip("/\\")
        self._given = given.rstrip("/\\")
        self._harness = _folder(__file__)
        self._kinds: dict[str, str] = {}
        packages = str(np.__path__[0]).removesuffix("numpy")
        lent = "/proc/self/fd/"  # a library that the launcher has another name for
        self._library = (sys.prefix, sys.base_prefix, packages, lent, self._given, "<frozen",
                         "<__array")  # fmt: skip

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
        if not file.startswith(self._library):
            return "student"
        return "ignored" if any(name in file for name in _IGNORED) else "library"

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


class Guard:
    """Listens to what Python audits, and notes when the submission meddles with the counting.

    An audit hook cannot be taken away, and it hears of every change of the tracer, of code made
    under a false file name, and of looks into frames and memory that no homework needs.
    """

    # Whoever is asked to do it for the submission: a context manager, say.
    _TRACING = ("sys.settrace",)
    _ALWAYS = ("sys.setprofile", "sys._getframe", "gc.get_objects", "gc.get_referrers",
               "marshal.loads")  # fmt: skip
    _NAMES = ("tb_frame", "gi_frame", "cr_frame", "ag_frame")

    def __init__(self, places: Places) -> None:
        """Start listening, for good."""
        self._places = places
        self.noted = ""
        self._busy = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._busy:  # looking at the caller is an event, too
            return
        if event in self._TRACING:
            self._note(event, anywhere=True)
        elif event in self._ALWAYS:
            self._note(event)
        elif event == "object.__getattr__" and args[1] in self._NAMES:
            self._note(str(args[1]))
        elif event in ("compile", "code.__new__"):
            file = args[1] if isinstance(args[1], str) else ""
            if self._places.kind(file) in ("harness", "ignored"):
                self._note(f"code under the file name {file}", anywhere=True)

    def _note(self, what: str, anywhere: bool = False) -> None:
        """Note what the submission's own code does.

        Args:
            what: it does.
            anywhere: also through a library; not what libraries do while they are imported.
        """
        self._busy = True
        caller: FrameType | None = sys._getframe(2)  # noqa: SLF001
        self._busy = False
        while caller is not None:
            file = caller.f_code.co_filename
            kind = self._places.kind(file)
            if kind == "student":
                self.noted = what
            if kind in ("student", "harness") or not anywhere or "<frozen importlib" in file:
                return
            caller = caller.f_back


# Attributes of a frame that switch its events off; no homework has a use for them.
_SWITCHES = {"f_trace", "f_trace_lines"}


class Lines:
    """Counts 'call' and 'line' events while it is entered."""

    def __init__(self, places: Places) -> None:
        """Start at nothing."""
        self._places = places
        self.student: Counts = Counter()
        self.libraries: Counts = Counter()
        # The first function that is called, the last argument of a forward in it, and whether two
        # of these were almost the same.
        self._first = ""
        self._point: np.ndarray | None = None
        self._close_points = False
        self._open = 0
        self._untraced = False
        self._thread = threading.get_ident()
        self._total = itertools.count()

    def __enter__(self) -> Lines:  # noqa: PYI034 - Self is of Python 3.11
        """Set the tracer, for new threads too."""
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)
        return self

    def __exit__(self, *exc: object) -> None:
        """Take the tracer away.

        Raises:
            Tampered: it was taken away already, for a while or from a frame.
        """
        found = sys.gettrace()
        sys.settrace(None)
        threading.settrace(None)
        if exc[0] is None and (found != self._on_call or self._open > 0 or self._untraced):
            raise Tampered("The tracer that counts what runs was switched off.")

    def _on_call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        """Decide once a call what its events count for."""
        file = frame.f_code.co_filename
        kind = self._places.kind(file)
        if kind == "student":
            self._untraced |= not _SWITCHES.isdisjoint(frame.f_code.co_names)
            return self._student_lines(f"{self._places.short(file)}:", frame)
        if kind == "harness" and frame.f_code.co_name in DRIVEN:
            return self._counting(self.student, self._places.line(frame))
        if kind == "library":
            where = self._places.line(frame)
            return self._counting(self.libraries, f"{frame.f_code.co_name} {where}")
        return None

    def _student_lines(self, start: str, frame: FrameType) -> Callable[..., Any]:
        """Return a tracer of one call: its lines count; that it ends is part of the balance."""
        own = 1 if threading.get_ident() == self._thread else 0

        def local(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            if event == "line":
                self._add(self.student, f"{start}{frame.f_lineno}")
            elif event == "return" and frame.f_trace_lines:
                self._open -= own
            return local

        self._open += own
        self._first = self._first or frame.f_code.co_name
        if frame.f_code.co_name == "forward" and self._first == "backward":
            self._evaluated(frame)
        self._add(self.student, f"{start}{frame.f_lineno}")
        return local

    def _counting(self, counts: Counts, place: str) -> Callable[..., Any]:
        """Return a tracer of one call that counts it and its lines for one place."""

        def local(_frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            if event == "line":
                self._add(counts, place)
            return local

        self._add(counts, place)
        return local

    def _add(self, counts: Counts, place: str) -> None:
        counts[place] += 1
        next(self._total)

    def report(self) -> dict[str, dict[str, int]]:
        """Return the counts as JSON values.

        Raises:
            Tampered: they do not add up.
        """
        if next(self._total) != self.student.total() + self.libraries.total():
            raise Tampered("The counts of what runs were changed.")
        return {"student": dict(self.student), "library": dict(self.libraries)}

    def _evaluated(self, frame: FrameType) -> None:
        """Note an evaluation of forward inside backward, close to the one before it."""
        arrays = [x for x in frame.f_locals.values() if isinstance(x, np.ndarray) and x.size]
        point, last = np.array(arrays[-1], float) if arrays else None, self._point
        if point is not None and last is not None and point.shape == last.shape:
            apart = np.max(np.abs(point - last))
            self._close_points |= bool(0 < apart < NEAR * (1 + np.max(np.abs(last))))
        self._point = point

    def flags(self) -> list[str]:
        """Return what looks as if backward were finite differences of forward."""
        return ["forward inside backward"] if self._close_points else []


class Arrays:
    """Counts operations on `Watched` arrays while it is entered."""

    def __init__(self, places: Places) -> None:
        """Start at nothing."""
        self._places = places
        self.counts: Counts = Counter()
        self.complex = False

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

    def flags(self) -> list[str]:
        """Return what looks like a derivative by the complex step."""
        return ["complex numbers"] if self.complex else []


class Watched(np.ndarray):
    """An ndarray that counts what is done with it."""

    counter: Arrays | None = None

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
