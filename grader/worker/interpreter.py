"""Running programs on a package's classes: the submission's, in a worker, or the reference's."""

from __future__ import annotations

import abc
import difflib
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.program import MOVE, Call, Entries, Load, New, Read, Ref, Step


class Missing(Exception):
    """The submission lacks a class, a method, or an entry of a dict."""


class Placeholder(NotImplementedError):
    """A call returned `...`, which the starter code has where code is to be written."""

    def __init__(self) -> None:
        """Set the message; `where` will hold the file, the line, and the name of the method."""
        super().__init__("it returns ..., the placeholder")
        self.where: list[list[Any]] = []


class WrongResult(Exception):
    """A call did not return the expected number of results."""


class Interpreter:
    """Runs steps on the classes of one package, keeping the objects they create."""

    def __init__(self, package: str) -> None:
        """Keep the name of the package, "student" or "reference"."""
        self.package = package
        self.objects: dict[str, Any] = {}

    def run(self, step: Step) -> dict[str, Any]:
        """Run one step; return its named results. Exceptions of the called code pass through."""
        results = self._run(step)
        self.objects.update(results)
        return results

    def _run(self, step: Step) -> dict[str, Any]:
        if isinstance(step, New):
            factory = _concrete(find(self.package, step.what))
            self.objects[step.into] = factory(**self._resolve(dict(step.arguments)))
            return {}
        if isinstance(step, Load):
            load(self.objects[step.on], step.key, step.value.copy())
            return {}
        if isinstance(step, Read):
            return {step.out[0]: read(self.objects[step.on], step.store, step.key)}
        if isinstance(step, Entries):
            function = find(self.package, step.what)
            numbers = [function(*index, *args) for index, args in asked(step)]
            return {step.out[0]: np.array(numbers).reshape(step.shape)}
        method, args, arguments = self.prepare(step)
        return named(step, method(*args, **arguments))

    def prepare(self, step: Call) -> tuple[Callable[..., Any], list[Any], dict[str, Any]]:
        """Return the bound method and its arguments, with arrays copied so it may change them."""
        method = getattr(self.objects[step.on], step.method, None)
        if method is None or getattr(method, "__isabstractmethod__", False):
            raise Missing(_no_method(type(self.objects[step.on]), step.method))
        arguments = self._resolve(dict(step.arguments), step.layout)
        several = sum(isinstance(arg, np.ndarray) for arg in step.args) > 1
        # If there are several arrays, the first has a different order, so they are never all the
        # same.
        first = "F" if several and step.layout == "view" else step.layout
        layouts = [first, *[step.layout] * len(step.args)]
        args = [self._resolve(x, layout) for x, layout in zip(step.args, layouts, strict=False)]
        return method, args, arguments

    def _resolve(self, value: Any, layout: str = "C") -> Any:
        """Replace references by objects, and arrays by copies that the callee may change."""
        if isinstance(value, Ref):
            found = self.objects[value.name]
            return getattr(found, value.attribute) if value.attribute else found
        if isinstance(value, np.ndarray):
            return laid_out(value, layout)
        if isinstance(value, dict):
            return {key: self._resolve(item, layout) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._resolve(item, layout) for item in value)
        return value


def laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    """Return a copy of an array with the memory layout described by one of `program.LAYOUTS`.

    A "view" is every second column of an array whose other columns are NaN, its rows reversed
    in memory.
    """
    if layout != "view" or array.ndim == 0 or array.dtype.kind != "f":
        return array.copy(order="F" if layout == "F" else "C")
    around = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan)
    view = around[::-1, ..., ::2] if array.ndim > 1 else around[::2]
    view[...] = array
    return view


def asked(step: Entries) -> Iterator[tuple[list[int], list[Any]]]:
    """Yield the indices and the other arguments of every call; calls share nothing."""
    for number, index in enumerate(step.indices.tolist()):
        args = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in step.args]
        which, entry = (-1, 0) if step.moved is None else step.moved[number].tolist()
        if which >= 0:
            args[which].flat[entry] *= MOVE
        yield index, args


def _concrete(factory: Any) -> Any:
    """Return a class that can be built despite missing methods, which are reported when called."""
    if isinstance(factory, abc.ABCMeta) and factory.__abstractmethods__:
        factory.__abstractmethods__ = frozenset()
    return factory


def _no_method(owner: type, method: str) -> str:
    own = [name for name in vars(owner) if name[:1] != "_"]
    similar = difflib.get_close_matches(method, own, 1)
    hint = f" It has {similar[0]}." if similar else ""
    return f"{owner.__name__} has no method {method}.{hint}"


def find(package: str, what: str) -> Any:
    """Return "module.Name" from a package.

    Raises:
        Missing: the module does not define that name.
    """
    module_name, _, name = what.rpartition(".")
    module = importlib.import_module(f"{package}.{module_name}")
    if hasattr(module, name):
        return getattr(module, name)
    similar = [other for other in vars(module) if other.lower() == name.lower()]
    hint = f" It has {similar[0]}; case matters." if similar else ""
    raise Missing(f"{module_name}.py defines no {name}.{hint}")


def load(owner: Any, key: str, value: np.ndarray) -> None:
    """Set a parameter; a bias of shape (1, n) becomes (n,) if that is the owner's shape for it.

    Raises:
        Missing: `owner.parameters` has no such key, or its entry has another shape.
    """
    parameters = getattr(owner, "parameters", None)
    if not isinstance(parameters, dict) or key not in parameters:
        raise Missing(f"After forward, {_lack('parameters', parameters, key)}")
    shape = np.shape(parameters[key])
    if shape not in (value.shape, value.shape[1:] if value.shape[0] == 1 else value.shape):
        order = sorted(shape) == sorted(value.shape) and len(set(shape)) > 2
        note = ": the same sizes, with the axes in another order" if order else ""
        raise Missing(f"parameters[{key!r}] has shape {shape}; expected {value.shape}{note}.")
    parameters[key] = value.reshape(shape)


def _lack(store: str, found: object, key: str) -> str:
    if not isinstance(found, dict):
        kind = "None" if found is None else f"of type {type(found).__name__}"
        return f"{store} is {kind}; expected a dict with the key {key!r}."
    return f"{store} has no {key!r}; it has {', '.join(map(repr, found)) or 'no entries'}."


def read(owner: Any, store: str, key: str) -> Any:
    """Return `owner.store[key]`, or `owner.store` if no key is given.

    Raises:
        Missing: there is no such attribute or entry.
    """
    found = getattr(owner, store, None)
    if found is None:
        raise Missing(f"{type(owner).__name__} has no attribute {store}.")
    if not key:
        return found
    if not isinstance(found, dict) or not dict.__contains__(found, key):
        raise Missing(_lack(store, found, key))
    return dict.__getitem__(found, key)  # regardless of how a class of the submission overrides it


def named(step: Call, result: Any) -> dict[str, Any]:
    """Return what a call returned, under the names in `step.out`.

    Raises:
        Placeholder: it is `...`, or contains nothing else.
        WrongResult: it is not a tuple of the expected length.
    """
    if result is ... or (type(result) is tuple and any(item is ... for item in result)):
        raise Placeholder
    if len(step.out) < 2:
        return dict.fromkeys(step.out, result)
    if not isinstance(result, tuple | list) or len(result) != len(step.out):
        due = "(" + ", ".join(step.out) + ")"
        raise WrongResult(
            f"{step.method} must return the tuple {due}; it returned {describe(result)}."
        )
    return dict(zip(step.out, result, strict=True))


def describe(value: Any) -> str:
    """Describe a value in words: "None", "a list", "an array of shape (3,)"."""
    if value is None:
        return "None"
    name = type(value).__name__
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape}"
    shape = f" of shape {value.shape}" if isinstance(value, np.ndarray) else ""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}{shape}"
