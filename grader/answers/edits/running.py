"""Running an edit: one function of the reference is compiled, in a copy of its module's names.

Edits run in the grader's own process, so none may run forever or fill the memory. Functions that
contain `while` or call themselves have no edits, the size of an array is never replaced, and the
total number of steps of `range` loops is limited for a whole program.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from .finding import Edit

# The end of the name of the package that contains an edit while it runs.
EDITED = "edited"
# Steps of all loops in one program: anything that needs more is not a known mistake.
MOST_STEPS = 100_000


class _Steps:
    """Replaces `range` in loops, to count steps."""

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
    """Provide the name of a package that is the reference with an edit, inside this context.

    Args:
        package: the name of the reference's package.
        modules: the reference's modules, by name.
        module: the name of the module that the edit changes.
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
    """Return a copy of a module with an edit applied."""
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
    """Return the methods of a class that are defined in a module, including inherited ones."""
    found: dict[str, types.FunctionType] = {}
    for base in reversed(owner.__mro__):
        if base.__module__ == module.__name__:
            found |= {k: x for k, x in vars(base).items() if isinstance(x, types.FunctionType)}
    return found


def _rebound(
    function: types.FunctionType, names: dict[str, Any], code: types.CodeType | None = None
) -> types.FunctionType:
    """Return a function that looks up its names elsewhere, optionally with other code."""
    own, closure = function.__code__, function.__closure__
    copy = types.FunctionType(code or own, names, function.__name__, closure=closure)
    copy.__defaults__, copy.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return copy
