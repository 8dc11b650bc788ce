"""The functions that answering and counting rest on, as they were before a submission came.

Of the worker's own modules, the constants, too.

A submission can reach them (through the subclasses of `object`, or by `import json`) and put others
in their places. What has changed is put back after every step, so it changes no count.
"""

from __future__ import annotations

import builtins
import collections
import functools
import gc
import json
import json.decoder
import json.encoder
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from .iteration import TOLD_LIBRARIES, TRACED_BUILTINS, TRACED_LIBRARIES
from .iterators import Iterating

# All code of these, and some of modules in which a submission may set hooks of its own.
_WHOLE = (builtins, functools, gc, json, json.decoder, json.encoder)
_CLASSES = (socket.socket, collections.Counter)
_SOME = {
    sys: ("settrace", "gettrace", "setprofile", "getprofile", "getallocatedblocks", "call_tracing"),
    **TRACED_LIBRARIES,
    threading: (*TRACED_LIBRARIES[threading], "settrace", "setprofile", "get_ident"),
    # What is still called when counting is over.
    np: (
        *TRACED_LIBRARIES[np],
        "array_equal",
        "ascontiguousarray",
        "dtype",
        "frombuffer",
        "ndarray",
    ),
}
_NAMED = (*_SOME.items(), *TOLD_LIBRARIES.items())
_FUNCTIONS = (FunctionType, BuiltinFunctionType, type, property, staticmethod, classmethod)


class Originals:
    """Keeps functions and classes by where they are found, and puts them back."""

    def __init__(self) -> None:
        """Keep those of the worker's own modules, and of the libraries that these call."""
        own = [m for name, m in sorted(sys.modules.items()) if name.startswith("grader.")]
        classes = {c for module in own for c in vars(module).values() if _is_ours(c)}
        self._own = [*map(_Names, own), *map(_Names, classes), *map(_Names, _CLASSES)]
        self._kept = [
            *(entry for names in self._own for entry in names.entries(object)),
            *(entry for owner in _WHOLE for entry in _Names(owner).entries()),
            *((o, vars(o), x, getattr(o, x)) for o, names in _NAMED for x in names),
        ]
        self._builtins = dict(TRACED_BUILTINS)
        functions = {value for *_, value in self._kept if isinstance(value, FunctionType)}
        self._codes = [(function, function.__code__) for function in functions]

    def restore(self) -> str:
        """Put back what has changed; return the name of one such thing, "" if there is none."""
        changed = ""
        for owner, names, name, value in self._kept:
            if names.get(name) is not value:
                changed = f"{getattr(owner, '__name__', '')}.{name}"
                _set(owner, name, value)
        for own in self._own:
            changed = own.without_new() or changed
        for name, value in self._builtins.items():
            if TRACED_BUILTINS.get(name) is not value:
                changed, TRACED_BUILTINS[name] = name, value
        for function, code in self._codes:
            if function.__code__ is not code:
                changed, function.__code__ = function.__qualname__, code
        return changed


class _Names:
    """The names of a module or a class that stand for code."""

    def __init__(self, owner: ModuleType | type) -> None:
        self._owner = owner
        self._names: Mapping[str, Any] = vars(owner)
        self._known = frozenset(self._names)

    def entries(self, *kinds: type) -> Iterator[tuple[Any, Mapping[str, Any], str, Any]]:
        for name, value in self._names.items():
            if isinstance(value, kinds or (*_FUNCTIONS, ModuleType)):
                yield self._owner, self._names, name, value

    def without_new(self) -> str:
        """Take away code under names that were not there; return one of them, or ""."""
        if len(self._names) == len(self._known):
            return ""
        new = [name for name in self._names.keys() - self._known
               if isinstance(self._names[name], _FUNCTIONS)]  # fmt: skip
        for name in new:
            _delete(self._owner, name)
        return f"{self._owner.__name__}.{new[0]}" if new else ""


def _is_ours(value: Any) -> bool:
    """Tell whether a value is a class of the worker's: its iterators go by other names."""
    return isinstance(value, type) and (
        value.__module__.startswith("grader.") or issubclass(value, Iterating)
    )


def _set(owner: ModuleType | type, name: str, value: Any) -> None:
    if isinstance(owner, type):
        type.__setattr__(owner, name, value)
    else:
        vars(owner)[name] = value


def _delete(owner: ModuleType | type, name: str) -> None:
    if isinstance(owner, type):
        type.__delattr__(owner, name)
    else:
        del vars(owner)[name]
