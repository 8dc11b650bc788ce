"""The line of a submission on which an exception was raised: its arrays and its variables.

Only what has already been evaluated is inspected, in ways that run no code of the submission: no
property and no `__getattr__`, no `repr` of a value. Attributes are read from the plain dict of an
instance, entries from plain dicts, lists and tuples. All of it is short, and a claim like any text.
"""

from __future__ import annotations

import inspect
import itertools
import linecache
import re
from collections.abc import Iterator, Mapping
from types import FrameType, GetSetDescriptorType, ModuleType, TracebackType
from typing import Any

import numpy as np

from .places import GIVEN_MARK, Places

# Limit for one line.
MOST_VALUES = 6
MOST_LINES = 8
MAX_EXPRESSION = 60
# Limit for a list, a tuple, or a dict.
_MOST_ENTRIES = 1000
# "self.cache['X']": a name, attributes, and entries keyed by a string, a number or another name.
_EXPRESSION = re.compile(
    r"(?<![\w.'\"])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:'[^'\[\]]*'|\"[^\"\[\]]*\"|\w+)\])*"
)
_STEP = re.compile(r"\.(\w+)|\[(?:'([^']*)'|\"([^\"]*)\"|(\w+))\]")
_ASSIGNED = re.compile(r"\s*[-+*/@]?=")
_KINDS = {"b": "of booleans", "i": "of integers", "u": "of integers", "c": "of complex numbers",
          "O": "of Python objects", "U": "of strings", "S": "of strings"}  # fmt: skip
# These matter if something has the wrong type.
_PLAIN = {str: "a string", dict: "a dict", bool: "a bool", int: "an int", float: "a float"}
_OF_TYPES = (TypeError,)

# A class may have a metaclass that misreports it.
_mro: Any = type.__dict__["__mro__"].__get__
_names: Any = type.__dict__["__dict__"].__get__
_shape: Any = np.ndarray.__dict__["shape"].__get__
_dtype: Any = np.ndarray.__dict__["dtype"].__get__


class Scene:
    """A line of the submission on which an exception was raised.

    Args:
        frame: the frame that was running; the innermost one of the submission.
        text: the expression that failed, if Python reports it, or else the line.
        line: the whole line, up to its end.
    """

    def __init__(self, frame: FrameType, text: str, line: str) -> None:
        """Keep them, together with the variables."""
        self.code, self.text, self.line = frame.f_code, text, line
        is_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED
        plain = is_function or type(frame.f_locals) is dict
        self.variables: dict[str, Any] = dict(frame.f_locals) if plain else {}
        self.globals: dict[str, Any] = frame.f_globals if type(frame.f_globals) is dict else {}

    def values(self, error: BaseException) -> list[list[Any]]:
        """Return [expression, description, its shape or None] for every value worth describing."""
        by_type = issubclass(type(error), _OF_TYPES)
        return self._values(self.text, by_type) or self._values(self.line, by_type)

    def _values(self, text: str, by_type: bool) -> list[list[Any]]:
        found: dict[str, list[Any]] = {}
        expressions = [match[0] for match in _EXPRESSION.finditer(text)]
        # Names in brackets are expressions, too.
        inner = (step[4] for one in expressions for step in _STEP.finditer(one) if step[4])
        for expression in (*expressions, *inner):
            name, value, _ = self.find(expression)
            about, shape = _described(value, by_type)
            if name and len(name) <= MAX_EXPRESSION and (about or shape is not None):
                found.setdefault(name, [name, about, shape])
        return list(found.values())[:MOST_VALUES]

    def owner(self) -> Any:
        """Return the first argument of the method, `self`."""
        names = self.code.co_varnames[: self.code.co_argcount]
        return self.variables.get(names[0]) if names else None

    def find(self, expression: str) -> tuple[str, Any, bool]:
        """Return how far an expression can be followed, what is there, and if that is all of it.

        The first is "" if the expression's first name is unknown.
        """
        head = re.match(r"\w*", expression)
        name = head[0] if head else ""
        known = next((x for x in (self.variables, self.globals) if name in x), None)
        if known is None:
            return "", ..., False
        value = known[name]
        for step in _STEP.finditer(expression, len(name)):
            attribute, single, double, key = step.groups()
            if attribute is not None:
                value_there = own(value).get(attribute, ...)
            else:
                value_there = self._entry(value, single or double, key)
            if value_there is ...:
                return name, value, False
            name, value = expression[: step.end()], value_there
        return name, value, True

    def _entry(self, value: Any, text: str | None, name: str | None) -> Any:
        """Return the entry of a plain container; `...` if there is none."""
        key: Any = text
        if name is not None:
            key = int(name) if name.isdecimal() else self.variables.get(name)
        if type(value) is dict and type(key) is str:
            return entries(value).get(key, ...)
        if type(value) in (list, tuple) and type(key) is int:
            return value[key] if -len(value) <= key < len(value) else ...
        return ...

    def dicts(self) -> Iterator[tuple[str, dict[Any, Any]]]:
        """Yield the plain dicts from which the line reads an entry."""
        for match in _EXPRESSION.finditer(self.line):
            for step in _STEP.finditer(match[0]):
                name, value, whole = self.find(match[0][: step.start()])
                if step[1] is None and whole and type(value) is dict:
                    yield name, value


def scene_of(traceback: TracebackType | None, places: Places) -> Scene | None:
    """Return where the submission was when an exception occurred; None if it was not running."""
    found = None
    while traceback is not None:
        label = places.label(traceback.tb_frame.f_code.co_filename)
        if label and not label.endswith(GIVEN_MARK):
            found = traceback
        traceback = traceback.tb_next
    return None if found is None else Scene(found.tb_frame, *_texts(found))


def _texts(traceback: TracebackType) -> tuple[str, str]:
    """Return the expression that failed, and the line; Python 3.10 does not tell them apart."""
    code, first = traceback.tb_frame.f_code, traceback.tb_lineno
    positions = getattr(code, "co_positions", None)
    last = start = end = None
    if positions is not None:
        at = itertools.islice(positions(), traceback.tb_lasti // 2, None)
        _, last, start, end = next(at, (None, None, None, None))
    numbers = range(first, min(last or first, first + MOST_LINES) + 1)
    line = "".join(linecache.getline(code.co_filename, number) for number in numbers)
    if len(numbers) > 1 or start is None or end is None:
        return line, line
    whole = line.encode()
    is_target = _ASSIGNED.match(whole[end:].decode(errors="replace"))
    return (line if is_target else whole[start:end].decode(errors="replace")), line


def own(value: Any) -> Mapping[str, Any]:
    """Return the attributes stored in an instance, {} for anything without a plain dict."""
    for kind in _mro(type(value)):
        found = _names(kind).get("__dict__")
        if found is not None:
            plain = type(found) is GetSetDescriptorType and type(value) is not ModuleType
            kept = found.__get__(value, type(value)) if plain else {}
            return entries(kept) if type(kept) is dict else {}
    return {}


def entries(value: dict[Any, Any]) -> dict[str, Any]:
    """Return the entries of a plain dict whose keys are plain strings."""
    some = itertools.islice(value.items(), _MOST_ENTRIES)
    return {key: item for key, item in some if type(key) is str}


def members(kind: type) -> dict[str, Any]:
    """Return what a class and its bases define, except for `object`."""
    found: dict[str, Any] = {}
    for one in reversed(_mro(kind)[:-1]):
        found |= {name: value for name, value in _names(one).items() if type(name) is str}
    return found


def _described(value: Any, by_type: bool) -> tuple[str, list[int] | None]:
    """Describe a value in words, with its shape if it is an array; "" if that is uninformative.

    Args:
        value: of any kind.
        by_type: describe numbers and texts, too.
    """
    kind = type(value)
    if kind is np.ndarray:
        return _KINDS.get(_dtype(value).kind, ""), list(_shape(value))
    if value is None:
        return "None", None
    if kind is list or kind is tuple:
        return f"a {kind.__name__} of length {len(value)}", None
    return (_PLAIN.get(kind, "") if by_type else ""), None
