"""Python equivalents of what iterates in C, so that iteration leaves a trace.

`map(f, X)`, `sum(rows)`, `functools.reduce` call Python code from C, item by item, without a line
of Python of their own. The submission's modules get equivalents written in Python instead
(`TRACED_BUILTINS`, `replace_c_iteration`): every item is then a line event, which `LineCounter`
adds to the line of the submission that asked for it.

This module knows nothing of the counts: whoever reaches a function's globals finds no more.
"""

from __future__ import annotations

import _thread
import builtins
import functools
import itertools
import math
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

import numpy as np


class _Map:
    """`map`, driven by Python."""

    def __init__(self, function: Callable[..., Any], *iterables: Iterable[Any]) -> None:
        self._items = _mapped(function, iterables)

    def __iter__(self) -> _Map:
        return self

    def __next__(self) -> Any:
        return next(self._items)


class _Filter(_Map):
    """`filter`, driven by Python."""

    def __init__(self, function: Callable[..., Any] | None, iterable: Iterable[Any]) -> None:
        self._items = _filtered(function or bool, iterable)


def _mapped(function: Callable[..., Any], iterables: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for items in zip(*iterables, strict=False):
        yield function(*items)


def _starmapped(function: Callable[..., Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for items in iterable:
        yield function(*items)


def _filtered(function: Callable[..., Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if function(item):
            yield item


def _drawn(iterable: Iterable[Any]) -> list[Any]:
    items = []
    for item in iterable:
        items.append(item)  # noqa: PERF402 - every item is to be one line event
    return items


def _sum(iterable: Iterable[Any], /, start: Any = 0) -> Any:
    total = start
    for item in iterable:
        total = total + item
    return total


def _reduce(function: Callable[[Any, Any], Any], sequence: Iterable[Any], *initial: Any) -> Any:
    items = iter(sequence)
    total = initial[0] if initial else _first(items)
    for item in items:
        total = function(total, item)
    return total


def _first(items: Iterator[Any]) -> Any:
    for item in items:
        return item
    raise TypeError("reduce() of empty iterable with no initial value")


def _accumulate(iterable: Iterable[Any], func: Any = None, *, initial: Any = None) -> Iterator[Any]:
    missing = initial is None
    total = initial
    if not missing:
        yield total
    for item in iterable:
        total = item if missing else (func(total, item) if func else total + item)
        missing = False
        yield total


def _any(iterable: Iterable[Any], /) -> bool:
    for item in iterable:  # noqa: SIM110 - every item is to be one line event
        if item:
            return True
    return False


def _all(iterable: Iterable[Any], /) -> bool:
    for item in iterable:  # noqa: SIM110
        if not item:
            return False
    return True


def _fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **options: Any) -> Any:  # noqa: A002
    items = _drawn(itertools.islice(iter, count) if count >= 0 else iter)
    return _REAL_FROMITER(items, dtype, count, **options)


_REAL_FROMITER = np.fromiter
_REAL_FROMPYFUNC = np.frompyfunc


def _frompyfunc(func: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
    def _item(*items: Any) -> Any:
        return func(*items)

    return _REAL_FROMPYFUNC(_item, *args, **options)


def _iter(*args: Any) -> Any:
    return _REAL_ITER(*args) if len(args) == 1 else _called_until(*args)


_REAL_ITER = iter


def _called_until(function: Callable[[], Any], sentinel: Any) -> Iterator[Any]:
    while True:
        try:
            item = function()
        except StopIteration:
            return
        if item is sentinel or item == sentinel:
            return
        yield item


def _filtered_out(predicate: Callable[[Any], Any] | None, iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if not (predicate or bool)(item):
            yield item


def _taken_while(predicate: Callable[[Any], Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if not predicate(item):
            return
        yield item


def _dropped_while(predicate: Callable[[Any], Any], iterable: Iterable[Any]) -> Iterator[Any]:
    dropping = True
    for item in iterable:
        dropping = dropping and bool(predicate(item))
        if not dropping:
            yield item


def _grouped(
    iterable: Iterable[Any], key: Callable[[Any], Any] | None = None
) -> Iterator[tuple[Any, Iterator[Any]]]:
    return _REAL_GROUPBY(_drawn(iterable), key)


_REAL_GROUPBY = itertools.groupby


def _extreme(real: Callable[..., Any]) -> Callable[..., Any]:
    def _drawn_extreme(*args: Any, **options: Any) -> Any:
        return real(_drawn(args[0]), **options) if len(args) == 1 else real(*args, **options)

    return _drawn_extreme


def _consumer(real: Callable[..., Any]) -> Callable[..., Any]:
    def _drawn_consumer(iterable: Iterable[Any], /, *args: Any, **options: Any) -> Any:
        return real(_drawn(iterable), *args, **options)

    return _drawn_consumer


def _drawn_both(real: Callable[..., Any]) -> Callable[..., Any]:
    def _drawn_consumer(p: Iterable[Any], q: Iterable[Any], /) -> Any:
        return real(_drawn(p), _drawn(q))

    return _drawn_consumer


# Modules that run compiled code of the submission's choice; that they were asked for is noted.
COMPILED = {"ctypes", "_ctypes", "cffi", "numba", "cython", "pythran", "numexpr"}
asked_for: set[str] = set()


def _import(name: str, *args: Any, **options: Any) -> Any:
    if name.partition(".")[0] in COMPILED:
        asked_for.add(name)
    module = builtins.__import__(name, *args, **options)
    return _PLAIN_MODULE if module is builtins else module


# Names of the functions above that run once for every item.
TRACED_FUNCTIONS = {"_mapped", "_starmapped", "_filtered", "_drawn", "_sum", "_any", "_all",
                    "_reduce", "_accumulate", "__next__", "_item", "_called_until",
                    "_filtered_out", "_taken_while", "_dropped_while"}  # fmt: skip

# What a module of the submission finds as its builtins.
TRACED_BUILTINS: dict[str, Any] = {
    **vars(builtins),
    "map": _Map,
    "filter": _Filter,
    "sum": _sum,
    "sorted": _consumer(sorted),
    "any": _any,
    "all": _all,
    "max": _extreme(max),
    "min": _extreme(min),
    "iter": _iter,
    "__import__": _import,
}


_start_new_thread = _thread.start_new_thread


def _traced_thread(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> int:
    """`_thread.start_new_thread`, traced as `threading` traces its threads."""

    def run() -> None:
        sys.settrace(threading.gettrace())
        function(*args, **(kwargs or {}))

    return _start_new_thread(run, ())


# What the submission gets for `import builtins`.
_PLAIN_MODULE = ModuleType("builtins")
vars(_PLAIN_MODULE).update(TRACED_BUILTINS)


def replace_c_iteration() -> None:
    """Put Python equivalents in the place of the library functions that iterate in C."""
    _thread.start_new_thread = _traced_thread
    builtins.map = _Map  # type: ignore[assignment, misc]
    builtins.filter = _Filter  # type: ignore[assignment, misc]
    functools.reduce = _reduce
    itertools.starmap = _starmapped  # type: ignore[assignment, misc]
    itertools.accumulate = _accumulate  # type: ignore[assignment, misc]
    itertools.filterfalse = _filtered_out  # type: ignore[assignment, misc]
    itertools.takewhile = _taken_while  # type: ignore[assignment, misc]
    itertools.dropwhile = _dropped_while  # type: ignore[assignment, misc]
    itertools.groupby = _grouped  # type: ignore[assignment, misc]
    _replace_in_numpy(_REAL_FROMITER, _fromiter)
    _replace_in_numpy(_REAL_FROMPYFUNC, _frompyfunc)
    math.fsum = _consumer(math.fsum)
    math.prod = _consumer(math.prod)
    math.dist = _drawn_both(math.dist)
    if hasattr(math, "sumprod"):  # from Python 3.12 on
        math.sumprod = _drawn_both(math.sumprod)


def _replace_in_numpy(real: Any, traced: Any) -> None:
    """Put a function in the place of another one under all names that numpy has for it."""
    for module in [m for name, m in sys.modules.items() if name.partition(".")[0] == "numpy"]:
        for name in [name for name, value in vars(module).items() if value is real]:
            setattr(module, name, traced)
