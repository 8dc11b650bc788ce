"""What replaces Python's own iteration returns, raises, and defers exactly the same."""

from __future__ import annotations

import _thread
import builtins
import operator
import queue
import random
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from grader.worker import iteration
from grader.worker.iteration import TRACED_BUILTINS, TRACED_FUNCTIONS, TRACED_LIBRARIES

# One way to call a library function: takes that function, something to iterate over, and a wrapper
# that logs the calls of another function.
Form = Callable[[Any, Any, Any], Any]
REPLACED = {
    **{name: (builtins, traced) for name, traced in TRACED_BUILTINS.items()
       if traced is not getattr(builtins, name)},
    **{name: (module, traced) for module, names in TRACED_LIBRARIES.items()
       for name, traced in names.items()},
}  # fmt: skip
WORKER = Path(iteration.__file__).parent
THREADS = TRACED_LIBRARIES[_thread] | TRACED_LIBRARIES[threading]
NOT_ITERATING = {"__import__", *THREADS}


class Source:
    """Gives items, and logs every step; an item that is an exception is raised."""

    def __init__(self, items: list[Any], log: list[Any]) -> None:
        self.items, self.log = list(items), log

    def __iter__(self) -> Cursor:
        self.log.append("iter")
        return Cursor(self)

    def __getitem__(self, key: slice) -> list[Any]:
        return self.items[key]


class Cursor:
    """An iterator without `__iter__`: Python lets the `__iter__` of another object return one."""

    def __init__(self, source: Source) -> None:
        self.source, self.left = source, list(source.items)

    def __next__(self) -> Any:
        self.source.log.append("drawn")
        if not self.left:
            raise StopIteration
        item = self.left.pop(0)
        if isinstance(item, Exception):
            raise item
        return item


class Noted:
    """A function that logs its calls, and always has the same repr."""

    def __init__(self, log: list[Any], called: Callable[..., Any]) -> None:
        self.log, self.called = log, called

    def __call__(self, *args: Any) -> Any:
        self.log.append(("called", repr(args)))
        return self.called(*args)

    def __repr__(self) -> str:
        return "a function"


def _trace(form: Form, function: Any, items: list[Any]) -> list[Any]:
    """Return what can be seen of a call: what is drawn, called, returned, and raised, in order."""
    log: list[Any] = []

    try:
        found = form(function, Source(items, log), partial(Noted, log))
        log.append("returned")
        if hasattr(found, "__next__"):
            assert iter(found) is found
            log += _items(found, log)
        else:
            log.append(repr(found))
    except Exception as error:
        log.append(type(error))
    return log


def _items(found: Iterator[Any], log: list[Any]) -> Iterator[Any]:
    """Log all items, whatever is raised between them, and what comes after the end."""
    ends = 0
    while ends < 3:
        try:
            item = next(found)
            log.append(repr([*item[1]] if _is_group(item) else item))
        except Exception as error:
            ends += 1
            log.append(type(error))
    yield "end"


def _is_group(item: Any) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and hasattr(item[1], "__next__")


def _odd(x: Any) -> Any:
    return x % 2


def _stop(x: Any) -> Any:
    if x > 3:
        raise StopIteration
    return x


PREDICATES: tuple[Any, ...] = (_odd, lambda x: x < 4, bool, lambda x: np.zeros(2), _stop)
# For what is called with a function and something to iterate over.
WITH_A_FUNCTION: dict[str, Form] = {
    f"predicate {i}": lambda f, items, noted, p=p: f(noted(p), items)
    for i, p in enumerate(PREDICATES)
} | {
    "None": lambda f, items, _: f(None, items),
    "no items": lambda f, items, noted: f(noted(_odd)),
    "nothing": lambda f, items, _: f(),
    "a number": lambda f, items, noted: f(noted(_odd), 3),
    "one argument more": lambda f, items, noted: f(noted(_odd), items, items, 1),
    "by name": lambda f, items, noted: f(function=noted(_odd), iterable=items),
    "a number as the function": lambda f, items, _: f(3, items),
    "a text": lambda f, items, noted: f(noted(str.isdigit), "1a2"),
}
# For what is called with something to iterate over, and returns one value.
CONSUMING: dict[str, Form] = {
    "plain": lambda f, items, _: f(items),
    "an iterator": lambda f, items, _: f(map(_stop, [1, 2, 3, 4, 5])),
    "empty": lambda f, items, _: f([]),
    "a number": lambda f, items, _: f(3),
    "nothing": lambda f, items, _: f(),
    "two": lambda f, items, _: f(items, 2),
    "two things to iterate over": lambda f, items, _: f(items, [1, 2]),
    "two numbers": lambda f, items, _: f(3, 2),
    "three": lambda f, items, _: f(5, 3, 4),
    "texts": lambda f, items, _: f(["b", "a", ""]),
    "fractions": lambda f, items, _: f([0.1] * 10),
    "large numbers": lambda f, items, _: f([1e16, 1.0, -1e16]),
    "an array": lambda f, items, _: f(np.arange(6.0)),
    "rows": lambda f, items, _: f(np.arange(6.0).reshape(3, 2)),
    "start": lambda f, items, _: f(items, start=2),
    "start as a text": lambda f, items, _: f(["a"], start=""),
    "start as a list": lambda f, items, _: f([[1], [2]], start=[]),
    "start as an array": lambda f, items, _: f(items, start=np.zeros(2)),
    "key": lambda f, items, noted: f(items, key=noted(_odd)),
    "no key": lambda f, items, _: f(items, key=None),
    "key of two": lambda f, items, noted: f(3, 2, key=noted(_odd)),
    "key that raises": lambda f, items, noted: f(items, key=noted(lambda x: 1 / (x - 3))),
    "default": lambda f, items, _: f(items, default=7),
    "default of nothing": lambda f, items, _: f([], default=7),
    "default of two": lambda f, items, _: f(3, 2, default=7),
    "key and default": lambda f, items, noted: f([], key=noted(_odd), default=7),
    "reverse": lambda f, items, noted: f(items, key=noted(_odd), reverse=True),
    "initial": lambda f, items, _: f(items, initial=3),
    "an initial None": lambda f, items, _: f(items, initial=None),
    "an initial zero": lambda f, items, _: f(items, initial=0),
    "an initial that is empty": lambda f, items, _: f(["a"], initial=""),
    "an initial of nothing": lambda f, items, _: f([], initial=3),
    "a function": lambda f, items, noted: f(items, noted(operator.mul)),
    "a function and initial": lambda f, items, noted: f(items, noted(operator.mul), initial=2),
    "a function that raises": lambda f, items, noted: f(
        items, noted(lambda a, b: a + b if b != 3 else 1 / 0)
    ),
    "no function": lambda f, items, _: f(items, None),
    "func by name": lambda f, items, noted: f(iterable=items, func=noted(max)),
    "all by name": lambda f, items, noted: f(iterable=items, key=noted(_odd)),
    "an unknown name": lambda f, items, _: f(items, sentinel=0),
}
REDUCING: dict[str, Form] = {
    **WITH_A_FUNCTION,
    "two at a time": lambda f, items, noted: f(noted(operator.sub), items),
    "with a start": lambda f, items, noted: f(noted(operator.sub), items, 10),
    "with None as a start": lambda f, items, noted: f(noted(lambda a, b: b), items, None),
    "a start for nothing": lambda f, items, noted: f(noted(operator.sub), [], 10),
    "of nothing": lambda f, items, noted: f(noted(operator.sub), []),
    "of one": lambda f, items, noted: f(noted(operator.sub), [4]),
}
MAPPING: dict[str, Form] = {
    **WITH_A_FUNCTION,
    "two of one length": lambda f, items, noted: f(noted(operator.sub), items, items[:]),
    "the first is shorter": lambda f, items, noted: f(noted(operator.sub), [9], items),
    "the second is shorter": lambda f, items, noted: f(noted(operator.sub), items, [9]),
    "the second is a number": lambda f, items, noted: f(noted(operator.sub), items, 9),
    "of pairs": lambda f, items, noted: f(noted(operator.sub), zip(items, [1, 2], strict=False)),
    "of texts": lambda f, items, noted: f(noted(max), ["ab", "c"]),
}
CALLING: dict[str, Form] = {
    "of something": lambda f, items, _: f(items),
    "of a number": lambda f, items, _: f(3),
    "nothing": lambda f, items, _: f(),
    "three": lambda f, items, _: f(items, 1, 2),
    "until an end": lambda f, items, noted: f(noted(_drawing(items)), 3),
    "until what never comes": lambda f, items, noted: f(noted(_drawing(items)), object()),
    "until what equals all": lambda f, items, noted: f(noted(_drawing(items)), _Equal()),
    "until what cannot be compared": lambda f, items, noted: f(noted(_drawing(items)), np.zeros(2)),
    "until the same NaN": lambda f, items, noted: f(noted(iter([1.0, NAN, 2.0]).__next__), NAN),
    "of what cannot be called": lambda f, items, _: f(3, 3),
    "by name": lambda f, items, noted: f(noted(_drawing(items)), sentinel=3),
}
PAIRS: dict[str, Form] = {
    "two": lambda f, items, _: f(items, items[:]),
    "of two lengths": lambda f, items, _: f(items, [1.0]),
    "a number": lambda f, items, _: f(items, 3),
    "one": lambda f, items, _: f(items),
    "three": lambda f, items, _: f(items, items, items),
    "arrays": lambda f, items, _: f(np.arange(3.0), np.ones(3)),
}
FROMITER: dict[str, Form] = {
    "plain": lambda f, items, _: f(items, float),
    "by name": lambda f, items, _: f(iter=items, dtype=int),
    "count": lambda f, items, _: f(items, float, 2),
    "count by name": lambda f, items, _: f(items, dtype=int, count=2),
    "too few": lambda f, items, _: f(items, float, 50),
    "none": lambda f, items, _: f(items, float, 0),
    "a number": lambda f, items, _: f(3, float),
    "no type": lambda f, items, _: f(items),
    "texts": lambda f, items, _: f(["a"], float),
    "like": lambda f, items, _: f(items, float, like=np.zeros(1)),
}
FROMPYFUNC: dict[str, Form] = {
    "one": lambda f, items, noted: f(noted(_odd), 1, 1)(np.arange(4)),
    "two": lambda f, items, noted: f(noted(divmod), 2, 2)(np.arange(4), 3),
    "by name": lambda f, items, noted: f(noted(max), nin=2, nout=1)(np.arange(4), 2),
    "identity": lambda f, items, noted: f(noted(max), 2, 1, identity=0).reduce([]),
    "no identity": lambda f, items, noted: f(noted(max), 2, 1).reduce(np.array([], object)),
    "what raises": lambda f, items, noted: f(noted(lambda x: 1 / int(x)), 1, 1)(np.arange(3)),
    "what cannot be called": lambda f, items, _: f(3, 1, 1),
    "one argument": lambda f, items, noted: f(noted(_odd)),
}
FORMS: dict[str, dict[str, Form]] = {
    "map": MAPPING,
    "starmap": MAPPING,
    **dict.fromkeys(("filter", "filterfalse", "takewhile", "dropwhile"), WITH_A_FUNCTION),
    **dict.fromkeys(("sum", "sorted", "any", "all", "max", "min", "fsum", "prod"), CONSUMING),
    **dict.fromkeys(("accumulate", "groupby"), CONSUMING),
    "reduce": REDUCING,
    "iter": CALLING,
    "dist": PAIRS,
    "sumprod": PAIRS,
    "fromiter": FROMITER,
    "frompyfunc": FROMPYFUNC,
}


NAN = float("nan")


class _Equal:
    def __eq__(self, other: object) -> bool:
        return bool(other)

    __hash__ = None  # type: ignore[assignment]


def _drawing(items: Source) -> Callable[[], Any]:
    left = iter(items)
    return lambda: next(left)


def _data() -> Iterator[list[Any]]:
    """Yield lists of numbers: with and without zeros, with exceptions, with numbers above 3."""
    rng = random.Random(3)
    yield from ([], [0], [1], [0, 0], [3, 3, 1, 1, 3], [0.0, -0.0, 1], [True, 2, 5])
    yield from ([float("nan"), 1.0, 2.0], [1, ValueError("x"), 2, 3], [2, 4, KeyError("y")])
    yield from ([rng.randint(-3, 6) for _ in range(rng.randint(2, 7))] for _ in range(25))


@pytest.mark.parametrize("name", sorted(REPLACED.keys() - NOT_ITERATING))
def test_what_takes_the_place_of_a_function_does_the_same_in_every_form(name: str) -> None:
    module, traced = REPLACED[name]
    real = getattr(module, name)
    for form, call in FORMS[name].items():
        for items in _data():
            found, expected = _trace(call, traced, items), _trace(call, real, items)
            if "returned" not in expected and expected[-1] is TypeError:  # raised early or late
                found, expected = found[-1:], expected[-1:]
            assert found == expected, (form, items)


# For each function, a call that goes through all of X.
THROUGH: dict[str, Form] = {
    "map": lambda f, X, _: list(f(abs, X)),
    "starmap": lambda f, X, _: list(f(max, zip(X, X, strict=True))),
    "filter": lambda f, X, _: list(f(None, X)),
    "filterfalse": lambda f, X, _: list(f(None, X)),
    "takewhile": lambda f, X, _: list(f(abs, X)),
    "dropwhile": lambda f, X, _: list(f(abs, X)),
    "accumulate": lambda f, X, _: list(f(X)),
    "groupby": lambda f, X, _: list(f(X)),
    "any": lambda f, X, _: f(x < 0 for x in X),
    "reduce": lambda f, X, _: f(max, X),
    "iter": lambda f, X, _: list(f(iter(X).__next__, None)),
    "dist": lambda f, X, _: f(X, X),
    "sumprod": lambda f, X, _: f(X, X),
    "fromiter": lambda f, X, _: f(X, float),
    "frompyfunc": lambda f, X, _: f(abs, 1, 1)(np.array(X)),
}


@pytest.mark.parametrize("name", sorted(REPLACED.keys() - NOT_ITERATING))
def test_every_item_is_an_event_in_a_function_that_the_counter_knows(name: str) -> None:
    X, events = list(range(1, 41)), 0

    def local(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal events
        events += event in ("call", "line")
        return local

    def tracer(frame: FrameType, event: str, arg: Any) -> Any:
        inside = Path(frame.f_code.co_filename).parent == WORKER
        known = inside and frame.f_code.co_name in TRACED_FUNCTIONS
        return local(frame, event, arg) if known else None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        THROUGH.get(name, lambda f, X, _: f(X))(REPLACED[name][1], X, None)
    finally:
        sys.settrace(before)
    assert events >= len(X)


@pytest.mark.parametrize("name", sorted(THREADS))
def test_a_thread_is_traced_however_it_is_started(name: str) -> None:
    ended, traced = threading.Semaphore(0), []

    def work() -> None:
        traced.append(sys.gettrace())
        ended.release()

    def tracer(*_: object) -> None:
        return None

    before = threading.gettrace()
    threading.settrace(tracer)
    try:
        start = THREADS[name]
        start(work) if "joinable" in name else start(work, ())
        assert ended.acquire(timeout=30)
    finally:
        threading.settrace(before)
    assert traced == [tracer]


@pytest.mark.parametrize("args", [(), (3, ()), (print, 3), (print, (), 3)])
def test_a_thread_that_cannot_be_started_is_the_same_error(args: tuple[Any, ...]) -> None:
    for start in (_thread.start_new_thread, TRACED_LIBRARIES[_thread]["start_new_thread"]):
        with pytest.raises(TypeError):
            start(*args)


def test_a_thread_gets_its_arguments() -> None:
    got: queue.Queue[object] = queue.Queue()
    TRACED_LIBRARIES[_thread]["start_new_thread"](lambda *a, **k: got.put((a, k)), (1,), {"b": 2})
    assert got.get(timeout=30) == ((1,), {"b": 2})


def test_every_function_that_starts_a_thread_is_replaced() -> None:
    starters = {x for x in vars(_thread) if x.startswith("start_")}
    assert starters == set(TRACED_LIBRARIES[_thread])


def test_what_takes_a_place_goes_by_the_name_that_it_stands_for() -> None:
    for name, real in {"sum": sum, "max": max, "sorted": sorted, "map": map}.items():
        assert TRACED_BUILTINS[name].__name__ == real.__name__
    with pytest.raises(TypeError, match=r"^sum\(\) missing"):
        TRACED_BUILTINS["sum"]()
    with pytest.raises(TypeError, match=r"^map\(\) missing"):
        TRACED_BUILTINS["map"](abs)
    assert repr(TRACED_BUILTINS["filter"](None, [])).startswith("<filter object at ")
