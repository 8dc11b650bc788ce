"""The functions that answering and counting rest on, as they were before a submission was loaded.

For the worker's own modules, the constants as well.

A submission can reach them (through the subclasses of `object`, or by `import json`) and replace
them. Whatever has changed is restored after every step, so it changes no count.
"""

from __future__ import annotations

import builtins
import collections
import functools
import gc
import json
import json.decoder
import json.encoder
import operator
import socket
import sys
import threading
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from .iteration import TOLD_LIBRARIES, TRACED_BUILTINS, TRACED_LIBRARIES
from .iterators import Iterating

# All code of these, and some code of modules in which a submission may legitimately set hooks.
_WHOLE = (builtins, functools, gc, json, json.decoder, json.encoder)
_CLASSES = (socket.socket, collections.Counter)
_SOME = {
    sys: ("settrace", "gettrace", "setprofile", "getprofile", "getallocatedblocks", "call_tracing"),
    **TRACED_LIBRARIES,
    threading: (*TRACED_LIBRARIES[threading], "settrace", "setprofile", "get_ident"),
    # What is still called after counting has ended.
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
# Python's own `map`, which `iteration` has replaced by the time this is used.
_MAP = map
_FUNCTIONS = (FunctionType, BuiltinFunctionType, type, property, staticmethod, classmethod)


class Originals:
    """Keeps functions and classes, with the places where they are found, and restores them."""

    def __init__(self) -> None:
        """Keep those of the worker's own modules, and of the libraries that these call."""
        own = [m for name, m in sorted(sys.modules.items()) if name.startswith("grader.")]
        classes = {c for module in own for c in vars(module).values() if _is_ours(c)}
        self._own = [*map(_Names, own), *map(_Names, classes), *map(_Names, _CLASSES)]
        self._kept = [
            *(_Kept(names.owner, names.entries(object)) for names in self._own),
            *(_Kept(owner, _Names(owner).entries()) for owner in _WHOLE),
            *(_Kept(owner, {x: getattr(owner, x) for x in names}) for owner, names in _NAMED),
        ]
        self._builtins = _Kept(None, dict(TRACED_BUILTINS), TRACED_BUILTINS)
        values = {value for kept in self._kept for value in kept.functions()}
        self._codes = [(function, function.__code__) for function in values]

    def restore(self, codes: bool = True) -> str:
        """Restore what has changed; return the name of one such thing, "" if there is none.

        Args:
            codes: whether a function's code may have been replaced; checking each is slow.
        """
        changed = ""
        for kept in (*self._kept, self._builtins):
            if kept.differs():
                changed = kept.restore()
        for own in self._own:
            changed = own.without_new() or changed
        for function, code in self._codes if codes else ():
            if function.__code__ is not code:
                changed, function.__code__ = function.__qualname__, code
        return changed


class _Kept:
    """Names of a module or a class, and what they refer to."""

    def __init__(
        self, owner: Any, entries: Mapping[str, Any], names: Mapping[str, Any] | None = None
    ) -> None:
        self._owner = owner
        self._entries = dict(entries)
        self._keys, self._values = tuple(self._entries), tuple(self._entries.values())
        # Looks up the current value: bound in C, so that nothing that can be replaced is called.
        self._get = (vars(owner) if names is None else names).get
        self._map, self._is, self._all = _MAP, operator.is_, all

    def functions(self) -> list[FunctionType]:
        return [value for value in self._values if isinstance(value, FunctionType)]

    def differs(self) -> bool:
        """Tell whether any name refers to something else now; it takes microseconds."""
        found = self._map(self._get, self._keys)
        return not self._all(self._map(self._is, found, self._values))

    def restore(self) -> str:
        """Restore everything; return one name that referred to something else."""
        changed = ""
        for name, value in self._entries.items():
            if self._get(name) is not value:
                changed = name if self._owner is None else f"{_name(self._owner)}.{name}"
                self._set(name, value)
        return changed

    def _set(self, name: str, value: Any) -> None:
        if isinstance(self._owner, type):
            type.__setattr__(self._owner, name, value)
        elif self._owner is None:
            TRACED_BUILTINS[name] = value
        else:
            vars(self._owner)[name] = value


class _Names:
    """The names of a module or a class that refer to code."""

    def __init__(self, owner: ModuleType | type) -> None:
        self.owner = owner
        self._names: Mapping[str, Any] = vars(owner)
        self._known = frozenset(self._names)

    def entries(self, *kinds: type) -> dict[str, Any]:
        kept = kinds or (*_FUNCTIONS, ModuleType)
        return {name: value for name, value in self._names.items() if isinstance(value, kept)}

    def without_new(self) -> str:
        """Remove code under names that did not exist before; return one of them, or ""."""
        if len(self._names) == len(self._known):
            return ""
        new = [name for name in self._names.keys() - self._known
               if isinstance(self._names[name], _FUNCTIONS)]  # fmt: skip
        for name in new:
            _delete(self.owner, name)
        return f"{_name(self.owner)}.{new[0]}" if new else ""


def _is_ours(value: Any) -> bool:
    """Tell whether a value is one of the worker's classes, whose iterators go by other names."""
    return isinstance(value, type) and (
        value.__module__.startswith("grader.") or issubclass(value, Iterating)
    )


def _name(owner: Any) -> str:
    return str(getattr(owner, "__name__", ""))


def _delete(owner: ModuleType | type, name: str) -> None:
    if isinstance(owner, type):
        type.__delattr__(owner, name)
    else:
        del vars(owner)[name]
