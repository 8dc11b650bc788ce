"""Running an edit: one function of the reference is compiled, in a copy of its module's names.

Edits run in the grader's own process, so that none may run for ever or fill the memory. Functions
with `while` or that call themselves have no edits, nothing is taken for the size of an array, and
what loops count with `range` is limited for a whole program.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from .finding import Edit

# The end of the name of the package in which an edit is found while it runs.
EDITED = "edited"
# Steps of all loops of one program: what asks for more is no known mistake.
MOST_STEPS = 100_000


class _Steps:
    """What loops count with, in the place of `range`."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def range(self, *bounds: int) -> range:
        counted = range(*bounds)
        self.left -= len(counted)
        if self.left < 0:
            raise OverflowError("too many steps")
        return counted


_STEPS = _Steps()


@contextlib.contextmanager
def edited(
    package: str, modules: Mapping[str, types.ModuleType], module: str, edit: Edit
) -> Iterator[str]:
    """Give the name of a package that is the reference with an edit in it, as long as it lasts.

    Args:
        package: the name of the reference's package.
        modules: of the reference, by name.
        module: the name of the one that the edit changes.
        edit: the change.
    """
    name = f"{package}.{EDITED}"
    found = {**modules, module: _changed(modules[module], edit)}
    there = {f"{name}.{own}": one for own, one in found.items()}
    _STEPS.left = MOST_STEPS
    sys.modules.update(there)
    try:
        yield name
    finally:
        for own in there:
            del sys.modules[own]


@cache
def _changed(module: types.ModuleType, edit: Edit) -> types.ModuleType:
    """Return a copy of a module with an edit in it."""
    name = edit.function.name
    copy = types.ModuleType(module.__name__)
    names = vars(copy)
    names |= {**vars(module), "range": _STEPS.range}
    written = vars(names[edit.owner]) if edit.owner else vars(module)
    function = _rebound(written[name], names, edit.code())
    if edit.owner:
        names[edit.owner] = _subclass(names[edit.owner], {name: function})
        return copy
    names[name] = function
    for other, value in vars(module).items():
        if getattr(value, "__module__", "") != module.__name__ or other == name:
            continue
        if isinstance(value, types.FunctionType):
            names[other] = _rebound(value, names)
        elif isinstance(value, type):
            methods = _methods(value, module).items()
            names[other] = _subclass(value, {key: _rebound(x, names) for key, x in methods})
    return copy


def _subclass(base: type, methods: Mapping[str, Any]) -> type:
    return type(base)(base.__name__, (base,), {**methods, "__module__": base.__module__})


def _methods(owner: type, module: types.ModuleType) -> dict[str, types.FunctionType]:
    """Return the methods of a class that are written in a module, inherited ones too."""
    found: dict[str, types.FunctionType] = {}
    for base in reversed(owner.__mro__):
        if base.__module__ == module.__name__:
            found |= {k: x for k, x in vars(base).items() if isinstance(x, types.FunctionType)}
    return found


def _rebound(
    function: types.FunctionType, names: dict[str, Any], code: types.CodeType | None = None
) -> types.FunctionType:
    """Return a function that looks its names up elsewhere, perhaps with other code."""
    own, closure = function.__code__, function.__closure__
    copy = types.FunctionType(code or own, names, function.__name__, closure=closure)
    copy.__defaults__, copy.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return copy
