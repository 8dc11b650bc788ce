"""Python equivalents of functions that iterate in C, so that iteration leaves a trace.

`map(f, X)`, `sum(rows)`, and `functools.reduce` call Python code from C, item by item, without
executing a line of Python themselves. The submission's modules get equivalents written in Python
instead (`TRACED_BUILTINS`, `replace_c_iteration`): every item is then a line event, which
`LineCounter` adds to the submission's line that caused it.

This module knows nothing about the counts: code that reaches a function's globals finds no more.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _thread
import builtins
import functools
import itertools
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from .iterators import (
    Accumulate,
    CalledUntil,
    DropWhile,
    Each,
    Filter,
    FilterFalse,
    Map,
    Starmap,
    TakeWhile,
)

_REAL_ITER: Callable[..., Any] = iter


def _iter(*args: Any) -> Any:
    return CalledUntil(*args) if len(args) == 2 else _REAL_ITER(*args)


def _consumer(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose first argument is an iterable, with a line event for every item."""

    def _consuming(iterable: Iterable[Any], /, *args: Any, **options: Any) -> Any:
        return real(Each(iterable), *args, **options)

    _consuming.__name__ = _consuming.__qualname__ = real.__name__  # appears in messages
    return _consuming


def _distance(real: Callable[..., Any]) -> Callable[..., Any]:
    def _found(p: Iterable[Any], q: Iterable[Any], /) -> Any:
        return real(tuple(Each(p)), tuple(Each(q)))

    return _found


def _sum_of_products(real: Callable[..., Any]) -> Callable[..., Any]:
    def _found(p: Iterable[Any], q: Iterable[Any], /) -> Any:
        return real(Each(p), Each(q))

    return _found


def _extreme(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return `max` or `min` for the case of a single, iterable argument."""
    consuming = _consumer(real)

    def _found(*args: Any, **options: Any) -> Any:
        return (consuming if len(args) == 1 else real)(*args, **options)

    _found.__name__ = _found.__qualname__ = real.__name__
    return _found


_REAL_REDUCE: Callable[..., Any] = functools.reduce
_REAL_GROUPBY: Callable[..., Any] = itertools.groupby
_REAL_FROMITER: Callable[..., Any] = np.fromiter
_REAL_FROMPYFUNC: Callable[..., Any] = np.frompyfunc


def _reduce(function: Callable[[Any, Any], Any], iterable: Iterable[Any], /, *initial: Any) -> Any:
    return _REAL_REDUCE(function, Each(iterable), *initial)


def _grouped(iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> Any:
    return _REAL_GROUPBY(Each(iterable), key)


def _fromiter(iter: Iterable[Any], *args: Any, **options: Any) -> Any:  # noqa: A002
    return _REAL_FROMITER(Each(iter), *args, **options)


def _frompyfunc(func: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
    def _item(*items: Any) -> Any:
        return func(*items)

    return _REAL_FROMPYFUNC(_item if callable(func) else func, *args, **options)


# The event sent to the guard when a signal is unblocked or sent.
SIGNALED = "grader.signaled"
_REAL_AUDIT: Callable[..., Any] = sys.audit

# Modules that run compiled code of the submission's choice; importing them is recorded.
COMPILED = frozenset({"ctypes", "_ctypes", "cffi", "numba", "cython", "pythran", "numexpr"})
asked_for: set[str] = set()


def _import(name: str, *args: Any, **options: Any) -> Any:
    module = builtins.__import__(name, *args, **options)
    if name.partition(".")[0] in COMPILED:
        asked_for.add(name)
    return _PLAIN_MODULE if module is builtins else module


# Names of functions, here and in `iterators`, that run once for every item.
TRACED_FUNCTIONS = frozenset({"__next__", "_item"})

# The builtins that a module of the submission sees.
TRACED_BUILTINS: dict[str, Any] = {
    **vars(builtins),
    "map": Map,
    "filter": Filter,
    "sum": _consumer(sum),
    "sorted": _consumer(sorted),
    "any": _consumer(any),
    "all": _consumer(all),
    "max": _extreme(max),
    "min": _extreme(min),
    "iter": _iter,
    "__import__": _import,
}


def opaque(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an equivalent function from which Python code cannot find the original."""
    hidden = functools.lru_cache(maxsize=0)(function)
    del hidden.__wrapped__
    return hidden


def _traced_thread(start: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of `_thread` whose threads are traced like those of `threading`."""

    def _starting(function: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        def run(*items: Any, **named: Any) -> None:
            sys.settrace(threading.gettrace())
            function(*items, **named)

        return start(run if callable(function) else function, *args, **options)

    return opaque(_starting)


def _told(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that tells the guard of every call, which may cause a handler to run."""

    def _telling(*args: Any, **options: Any) -> Any:
        _REAL_AUDIT(SIGNALED)
        return real(*args, **options)

    return opaque(_telling)


def _wrapped(module: ModuleType, names: str, how: Callable[..., Any]) -> dict[str, Any]:
    """Return wrappers for those functions of a module that this version of Python has."""
    return {name: how(getattr(module, name)) for name in names.split() if hasattr(module, name)}


# Replacements of library functions that iterate in C, or that start something untraced.
TRACED_LIBRARIES: dict[ModuleType, dict[str, Any]] = {
    builtins: {"map": Map, "filter": Filter},
    functools: {"reduce": _reduce},
    itertools: {
        "starmap": Starmap,
        "accumulate": Accumulate,
        "filterfalse": FilterFalse,
        "takewhile": TakeWhile,
        "dropwhile": DropWhile,
        "groupby": _grouped,
    },
    math: {
        **_wrapped(math, "fsum prod", _consumer),
        **_wrapped(math, "dist", _distance),
        **_wrapped(math, "sumprod", _sum_of_products),  # Python 3.12 and later
    },
    np: {"fromiter": _fromiter, "frompyfunc": _frompyfunc},
    _thread: _wrapped(_thread, "start_new_thread start_new start_joinable_thread", _traced_thread),
    threading: _wrapped(threading, "_start_new_thread _start_joinable_thread", _traced_thread),
}

# Replacements of functions that unblock or send signals.
TOLD_LIBRARIES: dict[ModuleType, dict[str, Any]] = {
    _thread: _wrapped(_thread, "interrupt_main", _told),
    _signal: _wrapped(_signal, "raise_signal pthread_sigmask", _told),
    signal: _wrapped(signal, "raise_signal", _told),
}

# What the submission gets for `import builtins`.
_PLAIN_MODULE = ModuleType("builtins")
vars(_PLAIN_MODULE).update(TRACED_BUILTINS)


def replace_c_iteration() -> None:
    """Replace the library functions that iterate in C by Python equivalents."""
    for name, traced in TRACED_LIBRARIES[np].items():
        _replace_in_numpy(getattr(np, name), traced)
    for module, names in (*TRACED_LIBRARIES.items(), *TOLD_LIBRARIES.items()):
        vars(module).update(names)


def _replace_in_numpy(real: Any, traced: Any) -> None:
    """Replace a function under all names that numpy has for it."""
    for module in [m for name, m in sys.modules.items() if name.partition(".")[0] == "numpy"]:
        for name in [name for name, value in vars(module).items() if value is real]:
            setattr(module, name, traced)
