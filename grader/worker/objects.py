"""Counting the Python objects that a call keeps alive: numbers taken out of arrays, rows cut out.

A numpy operation creates as many objects for 3 examples as for 300: its numbers stay inside an
array. Anything that visits them one by one in C (`tolist`, an array of dtype object, `zip(*rows)`,
`dict(enumerate(X))`) first creates an object for each, whichever array they were in. So the number
of blocks that Python has allocated is checked wherever a line of the submission begins, returns, or
calls something in C that could go on computing with them.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections import Counter
from types import FrameType
from typing import Any

from numpy import ndarray

from .iteration import opaque
from .places import Places

_blocks = sys.getallocatedblocks
# With this many more objects, count again. Some may be garbage, or kept by Python for reuse, as
# thousands of tuples are after an array was printed; a collection frees both.
_FEW = 50
# Objects to count in a result, which may be a list that contains itself.
_MOST = 100_000


class ObjectCounter:
    """Records, for every line, the most objects alive in addition to those at the beginning."""

    def __init__(self, places: Places) -> None:
        """Start with no counts."""
        self._places = places
        self._most: Counter[str] = Counter()
        self._start = 0
        # Lists returned by numpy's own Python code: their items belong to numpy.
        self._of_numpy: list[Any] = []
        self._items_of_numpy = 0
        self._tampered = False
        self._profiler = opaque(self._on_event)

    def start(self) -> None:
        """Begin, in new threads, too."""
        gc.disable()
        gc.freeze()  # existing objects do not make collections longer
        gc.collect()
        self._start = _blocks()
        threading.setprofile(self._profiler)
        sys.setprofile(self._profiler)

    def stop(self) -> bool:
        """End; tell whether nothing tried to find the counting."""
        sys.setprofile(None)
        threading.setprofile(None)
        gc.unfreeze()
        gc.enable()
        return not self._tampered

    def note(self, frame: FrameType) -> None:
        """Check the number of objects, for the submission's line that a frame is at.

        If someone has replaced this profiler by another, that was the last call it saw.
        """
        if sys.getprofile() is not self._profiler:
            sys.setprofile(self._profiler)
        place, live = self._places.line(frame), self._live()
        if live > self._most[place] + _FEW:
            sys.call_tracing(_collect, ())
            live = self._live()
        self._start += min(live, 0)  # freed objects make no room for others
        self._most[place] = max(self._most[place], live)

    def _live(self) -> int:
        return _blocks() - self._start - self._items_of_numpy

    def report(self, result: Any) -> dict[str, int]:
        """Return the most objects of every line, except for those that are the result itself."""
        returned = _objects(result)
        return {place: max(most - returned, 0) for place, most in self._most.items()}

    def _on_event(self, frame: FrameType, event: str, arg: Any) -> None:
        file = frame.f_code.co_filename
        kind = self._places.kind(file)
        if kind == "student":
            if event in ("return", "c_call", "c_return") and not _writes_text(event, arg):
                self.note(frame)
            spies = event == "c_call" and arg in _SPIES
            self._tampered |= spies or self._lines_are_off(frame)
        elif event == "return" and _is_list(arg) and self._is_numpys(frame):
            self._of_numpy.append(arg)
            self._items_of_numpy += _objects(arg)

    def _lines_are_off(self, frame: FrameType) -> bool:
        """Tell whether the submission keeps its own lines, or its caller's, from being counted."""
        caller = frame.f_back
        if not frame.f_trace_lines or caller is None or caller.f_trace_lines:
            return not frame.f_trace_lines
        return self._places.kind(caller.f_code.co_filename) == "student"

    def _is_numpys(self, frame: FrameType) -> bool:
        """Tell whether a frame is of numpy's Python code, called by other code."""
        ours = self._places.is_of_numpy(frame.f_code.co_filename)
        return ours and self._places.entry(frame) is frame


def _collect() -> None:
    """Collect garbage with tracing on, to count what the submission does when objects are freed."""
    sys.settrace(sys.gettrace())  # Python 3.11 has left it off
    gc.collect()


# Functions that reveal the counting itself.
_SPIES = (sys.getprofile, sys.gettrace)
# Numbers may leave an array to be written as text.
_TEXT = frozenset({"print", "repr", "format", "ascii", "write"})
_TEXT_MODULES = frozenset({"_pickle", "_json", "marshal"})


def _writes_text(event: str, function: Any) -> bool:
    """Tell whether a call in C turns numbers into text or bytes.

    At the end of a call, numpy's functions other than `tolist` are checked: they made an array.
    """
    name, module = (_text(function, name) for name in ("__name__", "__module__"))
    if event == "c_return":
        of_array = issubclass(type(getattr(function, "__self__", None)), ndarray)
        return name == "tolist" or not (of_array or module.startswith("numpy"))
    return event == "c_call" and (name in _TEXT or module in _TEXT_MODULES)


def _text(function: Any, name: str) -> str:
    """Return an attribute of a C function if it is plain text: code may have replaced it."""
    value = getattr(function, name, "")
    return value if type(value) is str else ""


def takes_callable(frame: FrameType) -> bool:
    """Tell whether a function that was just called was passed something that it could call."""
    values = [value for name, value in frame.f_locals.items() if name != "dtype"]
    inside = [x for value in values for x in _items(value)]
    return any(callable(value) for value in (*values, *inside))


def _is_list(value: Any) -> bool:
    """Tell whether a value is a plain list or tuple; a class may lie about what it equals."""
    return type(value) is list or type(value) is tuple


def _items(value: Any) -> list[Any]:
    """Return the first items of a plain container: functions to call are few."""
    if _is_list(value):
        return list(value[:100])
    return list(value.values())[:100] if type(value) is dict else []


def _objects(value: Any) -> int:
    """Return how many objects a list, a tuple, or an array of objects contains; 0 for all else."""
    if type(value) is ndarray and value.dtype.kind == "O":
        return int(value.size)
    left, count = [value], 0
    while left and count < _MOST:
        item = left.pop()
        if _is_list(item):
            left += item[:_MOST]
            count += type(item) is list  # its items are in a separate block
        count += 1
    return count if _is_list(value) else 0
