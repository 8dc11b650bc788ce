"""Counting the Python objects that a call keeps alive: numbers that left their array, rows cut out.

An operation of numpy makes as many objects for 3 examples as for 300: its numbers stay inside an
array. Whatever goes through them one by one in C (`tolist`, an array of dtype object, `zip(*rows)`,
`dict(enumerate(X))`) has made an object of each before, whichever array they were in. So the number
of blocks that Python has allocated is looked at wherever a line of the submission begins, calls
something in C that could go on computing with them, or comes back.
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
# So many more objects are looked at twice. Some may be garbage, or kept by Python to be used again,
# as thousands of tuples are after an array was printed; a collection gives both back.
_FEW = 50
# Objects of a result, which may be a list that holds itself.
_MOST = 100_000


class ObjectCounter:
    """Notes how many more objects than at the beginning are alive, at most, at every line."""

    def __init__(self, places: Places) -> None:
        """Start at nothing."""
        self._places = places
        self._most: Counter[str] = Counter()
        self._start = 0
        # Lists that numpy's own Python code gave back: their items are its own.
        self._of_numpy: list[Any] = []
        self._items_of_numpy = 0
        self._meddled = False
        self._profiler = opaque(self._on_event)

    def start(self) -> None:
        """Begin, in new threads, too."""
        gc.disable()
        gc.freeze()  # what is there already makes no collection longer
        gc.collect()
        self._start = _blocks()
        threading.setprofile(self._profiler)
        sys.setprofile(self._profiler)

    def stop(self) -> bool:
        """End; tell whether nothing looked for the counting."""
        sys.setprofile(None)
        threading.setprofile(None)
        gc.unfreeze()
        gc.enable()
        return not self._meddled

    def note(self, frame: FrameType) -> None:
        """Look at the number of objects, for the line of the submission that a frame is at.

        A profiler that somebody has put in the place of this one has seen its last call with that.
        """
        if sys.getprofile() is not self._profiler:
            sys.setprofile(self._profiler)
        place, live = self._places.line(frame), self._live()
        if live > self._most[place] + _FEW:
            sys.call_tracing(_collect, ())
            live = self._live()
        self._start += min(live, 0)  # what is given back makes no room for others
        self._most[place] = max(self._most[place], live)

    def _live(self) -> int:
        return _blocks() - self._start - self._items_of_numpy

    def report(self, result: Any) -> dict[str, int]:
        """Return the most objects of every line, but for those that are the result itself."""
        returned = _objects(result)
        return {place: max(most - returned, 0) for place, most in self._most.items()}

    def _on_event(self, frame: FrameType, event: str, arg: Any) -> None:
        file = frame.f_code.co_filename
        kind = self._places.kind(file)
        if kind == "student":
            if event in ("return", "c_call", "c_return") and not _writes_text(event, arg):
                self.note(frame)
            spies = event == "c_call" and arg in _SPIES
            self._meddled |= spies or self._lines_are_off(frame)
        elif event == "return" and _is_list(arg) and self._is_numpys(frame):
            self._of_numpy.append(arg)
            self._items_of_numpy += _objects(arg)

    def _lines_are_off(self, frame: FrameType) -> bool:
        """Tell whether the submission keeps lines of its own, or of its caller, from counting."""
        caller = frame.f_back
        if not frame.f_trace_lines or caller is None or caller.f_trace_lines:
            return not frame.f_trace_lines
        return self._places.kind(caller.f_code.co_filename) == "student"

    def _is_numpys(self, frame: FrameType) -> bool:
        """Tell whether a frame is of numpy's Python code, called by somebody else."""
        ours = self._places.is_of_numpy(frame.f_code.co_filename)
        return ours and self._places.entry(frame) is frame


def _collect() -> None:
    """Collect garbage, with tracing on: what the submission does when its objects go is counted."""
    sys.settrace(sys.gettrace())  # Python 3.11 has left it off
    gc.collect()


# What gives the counting itself away.
_SPIES = (sys.getprofile, sys.gettrace)
# Numbers may leave an array to be written down.
_TEXT = frozenset({"print", "repr", "format", "ascii", "write"})
_TEXT_MODULES = frozenset({"_pickle", "_json", "marshal"})


def _writes_text(event: str, function: Any) -> bool:
    """Tell whether a call in C is for making text or bytes of numbers.

    At the end of a call, those of numpy but `tolist` are looked at: they made an array.
    """
    name, module = (_text(function, name) for name in ("__name__", "__module__"))
    if event == "c_return":
        of_array = issubclass(type(getattr(function, "__self__", None)), ndarray)
        return name == "tolist" or not (of_array or module.startswith("numpy"))
    return event == "c_call" and (name in _TEXT or module in _TEXT_MODULES)


def _text(function: Any, name: str) -> str:
    """Return an attribute of a function in C, if it is plain text: somebody may have set it."""
    value = getattr(function, name, "")
    return value if type(value) is str else ""


def takes_callable(frame: FrameType) -> bool:
    """Tell whether a function that was just called got something that it could call."""
    values = [value for name, value in frame.f_locals.items() if name != "dtype"]
    inside = [x for value in values for x in _items(value)]
    return any(callable(value) for value in (*values, *inside))


def _is_list(value: Any) -> bool:
    """Tell whether a value is a plain list or tuple; a class may say what it is equal to."""
    return type(value) is list or type(value) is tuple


def _items(value: Any) -> list[Any]:
    """Return the first items of a plain container: functions that come in many are a few."""
    if _is_list(value):
        return list(value[:100])
    return list(value.values())[:100] if type(value) is dict else []


def _objects(value: Any) -> int:
    """Return how many objects a list, a tuple or an array of objects is; 0 for all else."""
    if type(value) is ndarray and value.dtype.kind == "O":
        return int(value.size)
    left, count = [value], 0
    while left and count < _MOST:
        item = left.pop()
        if _is_list(item):
            left += item[:_MOST]
            count += type(item) is list  # its items are in a block of their own
        count += 1
    return count if _is_list(value) else 0
