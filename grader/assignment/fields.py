"""Whether a value has the type that a field declares, and what to say if it does not."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

# More than any number of points, hours or seeds; this rejects numbers that are not finite.
_LARGE = 1e12
_WORDS = {str: "a string", bool: "True or False", int: "a whole number", float: "a number"}


def misfits(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every field of a dataclass whose value has the wrong type, and what is wrong."""
    for field, hint in _hints(value.__class__).items():
        for wrong in _misfits(getattr(value, field), hint, field):
            yield field, wrong


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


@cache
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the kind of a type, such as a tuple, and the types of its contents."""
    return get_origin(hint) or hint, get_args(hint)


def _misfits(value: Any, hint: Any, name: str) -> Iterator[str]:
    """Yield what is wrong with a value, for the types that occur in an assignment's fields."""
    kind, inner = _parts(hint)
    if kind in (Union, UnionType):
        found = [list(_misfits(value, one, name)) for one in inner]
        yield from [] if [] in found else found[0]
    elif kind is tuple and inner[-1] is ... and isinstance(value, str):
        yield f'{name} is a string; a tuple of one name is written with a comma: ("name",).'
    elif not _is(value, kind):
        yield f"{name} is {reprlib.repr(value)}; expected {_words(kind)}."
    else:
        yield from _misfits_inside(value, kind, inner, name)


def _misfits_inside(value: Any, kind: Any, inner: tuple[Any, ...], name: str) -> Iterator[str]:
    """Yield what is wrong with the parts of a tuple, a dictionary or a set."""
    if kind is tuple and inner[-1] is not ... and len(inner) != len(value):
        yield f"{name} is {reprlib.repr(value)}; expected {len(inner)} values."
    elif kind is tuple:
        hints = inner[:1] * len(value) if inner[-1] is ... else inner
        for number, (item, hint) in enumerate(zip(value, hints, strict=True)):
            yield from _misfits(item, hint, f"{name}[{number}]")
    elif kind is Mapping:
        for key, item in value.items():
            yield from _misfits(key, inner[0], f"the key {reprlib.repr(key)} of {name}")
            yield from _misfits(item, inner[1], f"{name}[{key!r}]")
    elif kind is frozenset:
        for item in value:
            yield from _misfits(item, inner[0], f"{reprlib.repr(item)} in {name}")


def _is(value: Any, kind: Any) -> bool:
    """Tell whether a value, contents aside, has a type; a list is a tuple, True is no number."""
    if kind is Callable:
        return callable(value)
    if kind in (int, float):
        numbers = (int, float) if kind is float else (int,)
        return isinstance(value, numbers) and not isinstance(value, bool) and abs(value) < _LARGE
    return isinstance(value, {tuple: (tuple, list), frozenset: (frozenset, set)}.get(kind, kind))


def _words(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(map(str, kind))
    names = {tuple: "a tuple", Mapping: "a dictionary", frozenset: "a set", Callable: "a function"}
    return _WORDS.get(kind) or names.get(kind) or f"{kind.__name__}(...)"
