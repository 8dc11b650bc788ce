"""The iterators of Python's library, written in Python: every item is a call of `__next__`.

They produce, raise, and defer the same things as those in C; `iteration` installs them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any


class Iterating:
    """Base of iterators with one `__next__` call per item, named like the ones they replace."""

    def __init_subclass__(cls, name: str = "", module: str = "itertools") -> None:
        if name:
            cls.__name__ = cls.__qualname__ = name
            cls.__module__ = module
        if name and "__init__" in vars(cls):
            cls.__init__.__qualname__ = name  # appears in messages

    def __iter__(self) -> Iterating:
        return self

    def __next__(self) -> Any:
        raise NotImplementedError


class Each(Iterating):
    """The items of an iterable, unchanged."""

    def __init__(self, iterable: Iterable[Any], /) -> None:
        self._items = iter(iterable)

    def __next__(self) -> Any:
        return next(self._items)


class Map(Iterating, name="map", module="builtins"):
    """`map`, driven by Python."""

    def __init__(
        self, function: Callable[..., Any], iterable: Iterable[Any], /, *more: Iterable[Any]
    ) -> None:
        self._function = function
        self._iterators = [iter(one) for one in (iterable, *more)]

    def __next__(self) -> Any:
        return self._function(*[next(iterator) for iterator in self._iterators])


class Starmap(Iterating, name="starmap"):
    """`itertools.starmap`, driven by Python."""

    def __init__(self, function: Callable[..., Any], iterable: Iterable[Any], /) -> None:
        self._function, self._items = function, iter(iterable)

    def __next__(self) -> Any:
        return self._function(*next(self._items))


class Filter(Iterating, name="filter", module="builtins"):
    """`filter`, driven by Python."""

    _kept = True

    def __init__(self, function: Callable[[Any], Any] | None, iterable: Iterable[Any], /) -> None:
        self._function, self._items = bool if function is None else function, iter(iterable)

    def __next__(self) -> Any:
        while True:
            item = next(self._items)
            if bool(self._function(item)) is self._kept:
                return item


class FilterFalse(Filter, name="filterfalse"):
    """`itertools.filterfalse`, driven by Python."""

    _kept = False


class DropWhile(Iterating, name="dropwhile"):
    """`itertools.dropwhile`, driven by Python."""

    def __init__(self, predicate: Callable[[Any], Any], iterable: Iterable[Any], /) -> None:
        self._predicate, self._items, self._dropping = predicate, iter(iterable), True

    def __next__(self) -> Any:
        while True:
            item = next(self._items)
            self._dropping = self._dropping and bool(self._predicate(item))
            if not self._dropping:
                return item


class Ending(Iterating):
    """An iterator that ends at some item, and yields nothing from then on."""

    _ended = False

    def __next__(self) -> Any:
        if self._ended:
            raise StopIteration
        item = self._next_item()
        self._ended = self._is_end(item)
        if self._ended:
            raise StopIteration
        return item

    def _next_item(self) -> Any:
        raise NotImplementedError

    def _is_end(self, item: Any) -> bool:
        raise NotImplementedError


class TakeWhile(Ending, name="takewhile"):
    """`itertools.takewhile`, driven by Python."""

    def __init__(self, predicate: Callable[[Any], Any], iterable: Iterable[Any], /) -> None:
        self._predicate, self._items = predicate, iter(iterable)

    def _next_item(self) -> Any:
        return next(self._items)

    def _is_end(self, item: Any) -> bool:
        return not self._predicate(item)


class CalledUntil(Ending, name="callable_iterator", module="builtins"):
    """`iter` with a function and a sentinel, driven by Python."""

    def __init__(self, function: Callable[[], Any], sentinel: Any, /) -> None:
        if not callable(function):
            raise TypeError("iter(v, w): v must be callable")
        self._function, self._sentinel = function, sentinel

    def _next_item(self) -> Any:
        try:
            return self._function()
        except StopIteration:
            self._ended = True
            raise

    def _is_end(self, item: Any) -> bool:
        return self._sentinel is item or bool(self._sentinel == item)


class Accumulate(Iterating, name="accumulate"):
    """`itertools.accumulate`, driven by Python."""

    def __init__(self, iterable: Iterable[Any], func: Any = None, *, initial: Any = None) -> None:
        self._items = iter(iterable)
        self._function: Callable[..., Any] = operator.add if func is None else func
        self._initial = initial
        self._last: tuple[Any, ...] = ()

    def __next__(self) -> Any:
        if self._initial is not None:
            total, self._initial = self._initial, None
        else:
            item = next(self._items)
            total = self._function(*self._last, item) if self._last else item
        self._last = (total,)
        return total
