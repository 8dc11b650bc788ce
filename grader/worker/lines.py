"""Counting the lines of Python that run during a call, and on whose behalf."""

from __future__ import annotations

import gc
import inspect
import itertools
import sys
import threading
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

# Imported by name, because a submission may replace them in numpy. All are written in C.
from numpy import absolute, isfinite, logical_and, maximum, ndarray, subtract

from .guard import LOOKS, Tampered
from .iteration import TRACED_FUNCTIONS, opaque
from .objects import ObjectCounter, takes_callable
from .places import Places, plain

# Two evaluations of forward whose inputs are this close look like a finite difference.
NEAR = 1e-2
# Points further from zero than this are not compared.
_FAR = 1e100

# Attributes of a frame that switch off its events; no homework has a use for them.
_SWITCHES = frozenset({"f_trace", "f_trace_lines"})


_KINDS = (
    inspect.CO_OPTIMIZED | inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
)


def _arrays(frame: FrameType) -> list[ndarray]:
    """Return the plain numeric arrays among the variables of a call of a plain function.

    The variables of a class body can be of any kind; inspecting a generator's variables resets them
    to their previous values; and an array of objects asks its items for their numbers. All of these
    could run code of the submission inside the tracer.
    """
    if frame.f_code.co_flags & _KINDS != inspect.CO_OPTIMIZED:
        return []
    values = frame.f_locals.values()
    return [x for x in values if type(x) is ndarray and x.dtype.kind in "biufc"]


def _point(arrays: list[ndarray]) -> ndarray | None:
    """Return a copy of the last array that has entries, in float64, for comparison with another.

    None if there is none, or if its numbers are so extreme that numpy would call the submission's
    handler of floating-point errors (`np.seterrcall`) while computing with them.
    """
    arrays = [x for x in arrays if x.size]
    last = arrays[-1].real if arrays else None
    if last is None or last.dtype.itemsize > 8 or not logical_and.reduce(isfinite(last), axis=None):
        return None
    point = last.astype("<f8")
    return point if _size(point) < _FAR else None


def _size(array: ndarray) -> float:
    return float(maximum.reduce(absolute(array), axis=None))


class LineCounter:
    """Counts 'call' and 'line' events while it is entered, and the objects alive at each."""

    def __init__(self, places: Places) -> None:
        """Start with no counts."""
        self._places = places
        self.student: Counter[str] = Counter()
        self.libraries: Counter[str] = Counter()
        self._objects = ObjectCounter(places)
        # Running calls of numpy's Python code that were passed nothing to call.
        self._of_numpy: set[FrameType] = set()
        # The first function that is called, the last argument of a forward call in it, and whether
        # two of these arguments were almost the same.
        self._first = ""
        self._point: ndarray | None = None
        self._close_points = False
        self._complex = False
        self._looks = False
        self._open = 0
        self._untraced = False
        self._thread = threading.get_ident()
        self._total = itertools.count()
        self._tracer = opaque(self._on_call)

    def __enter__(self) -> Callable[[Any], tuple[dict[str, dict[str, int]], list[str]]]:
        """Set the tracer, for new threads too; return what reports, given the result of the call.

        Code that finds this function in the variables of a frame finds no counts.
        """
        self._places.forget()
        report = opaque(lambda result: (self.report(result), self.flags()))
        threading.settrace(self._tracer)
        self._objects.start()  # from here on, every call is an event
        sys.settrace(self._tracer)
        return report

    def __exit__(self, *exc: object) -> None:
        """Remove the tracer.

        Raises:
            Tampered: it had already been removed, temporarily or from a frame.
        """
        gc.collect()  # code that runs when objects are freed belongs to the call, too
        found = sys.gettrace()
        sys.settrace(None)
        threading.settrace(None)
        untouched = self._objects.stop() and found is self._tracer and not self._untraced
        if exc[0] is None and (not untouched or self._open > 0):
            raise Tampered("The tracer that counts what runs was switched off.")

    def _on_call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        """Decide once per call what its events count for."""
        file = frame.f_code.co_filename
        kind = self._places.kind(file)
        if kind == "student":
            self._untraced |= not _SWITCHES.isdisjoint(frame.f_code.co_names)
            return self._student_lines(f"{self._places.short(file)}:", frame)
        if kind == "harness" and plain(frame.f_code.co_name) in TRACED_FUNCTIONS:
            return self._items(frame)
        if kind == "library":
            return self._library_lines(frame)
        return None

    def _items(self, frame: FrameType) -> Callable[..., Any] | None:
        """Return a tracer that counts iteration for its caller, unless that is a library itself."""
        caller = self._places.outside(frame)
        kind = self._places.kind(caller.f_code.co_filename)
        if kind == "ignored" or (
            kind == "library" and self._places.entry(caller) in self._of_numpy
        ):
            return None
        return self._counting(self.student, self._places.line(frame))

    def _library_lines(self, frame: FrameType) -> Callable[..., Any] | None:
        """Return a tracer of one call of a library, unless what it runs is numpy's own business.

        It counts for the submission if the submission passed numpy something to call.
        """
        entry = self._places.entry(frame)
        if entry in self._of_numpy:
            return None
        is_numpys = entry is frame and self._places.is_of_numpy(frame.f_code.co_filename)
        if is_numpys and not takes_callable(frame):
            self._of_numpy.add(frame)
            frame.f_trace_lines = False
            return self._leave
        where = self._places.line(frame)
        return self._counting(self.libraries, f"{plain(frame.f_code.co_name)} {where}")

    def _leave(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event == "return":
            self._of_numpy.discard(frame)
        return self._leave

    def _student_lines(self, start: str, frame: FrameType) -> Callable[..., Any]:
        """Return a tracer of one call: its lines count, and its end is part of the balance."""
        own = 1 if threading.get_ident() == self._thread else 0

        def local(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            if event == "line":
                self._add(self.student, f"{start}{frame.f_lineno}")
                self._objects.note(frame)
            elif event == "return" and frame.f_trace_lines:
                self._open -= own
                self._look_for_complex(frame)
            return local

        self._open += own
        self._looks = self._looks or self._gets_a_frame(frame)
        name = plain(frame.f_code.co_name)
        self._first = self._first or name
        if name == "forward" and self._first == "backward":
            self._evaluated(frame)
        self._add(self.student, f"{start}{frame.f_lineno}")
        return local

    def _gets_a_frame(self, frame: FrameType) -> bool:
        """Tell whether a function that was just called was passed a frame, as signal handlers are.

        Some code of `inspect` has no file and is therefore taken for the submission's.
        """
        code, caller = frame.f_code, frame.f_back
        if code.co_flags & _KINDS != inspect.CO_OPTIMIZED or caller is None:
            return False
        named = self._places.label(plain(code.co_filename))
        if not named and plain(caller.f_code.co_filename).endswith("inspect.py"):
            return False
        return any(type(x) is FrameType for x in frame.f_locals.values())

    def _counting(self, counts: Counter[str], place: str) -> Callable[..., Any]:
        """Return a tracer of one call that counts it and its lines for one place."""

        def local(_frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            if event == "line":
                self._add(counts, place)
            return local

        self._add(counts, place)
        return local

    def _add(self, counts: Counter[str], place: str) -> None:
        counts[place] += 1
        next(self._total)

    def report(self, result: Any) -> dict[str, dict[str, int]]:
        """Return the counts as JSON values.

        Args:
            result: what the call returned.

        Raises:
            Tampered: they do not add up.
        """
        if next(self._total) != self.student.total() + self.libraries.total():
            raise Tampered("The counts of what runs were changed.")
        counts = {"student": dict(self.student), "library": dict(self.libraries)}
        return {**counts, "objects": self._objects.report(result)}

    def _look_for_complex(self, frame: FrameType) -> None:
        """Record complex numbers among the variables of a call."""
        if not self._complex:
            self._complex = any(x.dtype.kind == "c" for x in _arrays(frame))

    def _evaluated(self, frame: FrameType) -> None:
        """Record an evaluation of forward inside backward that is close to the one before it."""
        point, last = _point(_arrays(frame)), self._point
        if point is not None and last is not None and point.shape == last.shape:
            apart = _size(subtract(point, last))
            self._close_points |= 0 < apart < NEAR * (1 + _size(last))
        self._point = point

    def flags(self) -> list[str]:
        """Return signs that backward takes differences of forward or a complex step.

        Also report that the submission was given a frame.
        """
        close = ["forward inside backward"] if self._close_points else []
        looks = [LOOKS] if self._looks else []
        return close + looks + (["complex numbers"] if self._complex else [])
