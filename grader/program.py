"""The little language in which the grader requests calls: build an object, call it, read from it.

A program is a sequence of steps. The worker runs it on the submission, the live oracle on the
reference: both through `worker.interpreter`, so both answer exactly the same questions. Steps cross
the pipe as JSON, with their arrays alongside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

# Memory layouts for an array: by rows, by columns, or with gaps.
LAYOUTS = ("C", "F", "view")


@dataclass(frozen=True)
class Ref:
    """An object that an earlier step created or returned; with `attribute`, its attribute."""

    name: str
    attribute: str = ""


@dataclass(frozen=True)
class New:
    """Call `what` ("module.Name" in the package) with keyword arguments; keep the result."""

    into: str
    what: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """Call a method. `out` names its results: one name for the result, several for a tuple.

    `count` asks the worker to count what runs during the call. If `optional`, errors in the call
    are ignored and the program goes on. `layout` is the memory layout of the arrays among the
    arguments, one of `LAYOUTS`.
    """

    on: str
    method: str
    args: Sequence[Any] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    out: tuple[str, ...] = ()
    count: bool = False
    optional: bool = False
    layout: str = "C"


@dataclass(frozen=True)
class Load:
    """Set `parameters[key]` of an object."""

    on: str
    key: str
    value: np.ndarray


@dataclass(frozen=True)
class Read:
    """Read `store[key]` of an object (such as gradients["W"]), or the attribute `store`."""

    on: str
    store: str
    key: str = ""
    out: tuple[str, ...] = ()


# The factor applied to an argument's entry to see what depends on it; it also flips the sign.
MOVE = -1.5


@dataclass(frozen=True)
class Entries:
    """Call a function once per entry of a gradient; `out` names the array of the numbers.

    Args:
        what: "module.function"; it gets the indices of an entry, then `args`.
        indices: those of all entries, of shape (n, k), integers.
        args: the arguments after the indices: arrays, and plain values.
        shape: that of the array that the n numbers form.
        moved: what to change for each call, of shape (n, 2): the position of an array among `args`,
            and the position of one of its entries in C order, which is multiplied by `MOVE`; -1 for
            none.
        out: one name.
    """

    what: str
    indices: np.ndarray
    args: Sequence[Any]
    shape: tuple[int, ...]
    moved: np.ndarray | None = None
    out: tuple[str, ...] = ()


Step = New | Call | Load | Read | Entries
Program = tuple[Step, ...]
_STEPS: dict[str, type[Any]] = {kind.__name__: kind for kind in (New, Call, Load, Read, Entries)}
_FIELDS = {name: tuple(f.name for f in fields(kind)) for name, kind in _STEPS.items()}
# The types that JSON has, too.
_PLAIN = frozenset({str, bool, int, float, type(None)})


def encode(program: Program) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """Return the program as JSON values, and the arrays that they refer to by number."""
    arrays: list[np.ndarray] = []

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            arrays.append(value)
            return {"$": "array", "index": len(arrays) - 1}
        if isinstance(value, Ref):
            return {"$": "ref", "name": value.name, "attribute": value.attribute}
        if isinstance(value, tuple):
            return {"$": "tuple", "items": [plain(item) for item in value]}
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return value

    return [_step_to_json(step, plain) for step in program], arrays


def _step_to_json(step: Step, plain: Any) -> dict[str, Any]:
    kind = type(step).__name__
    values = ((name, getattr(step, name)) for name in _FIELDS[kind])
    return {"step": kind, **{k: v if type(v) in _PLAIN else plain(v) for k, v in values}}


def decode(steps: list[dict[str, Any]], arrays: Sequence[np.ndarray]) -> Iterator[Step]:
    """Yield the steps that `encode` encoded."""

    def rich(value: Any) -> Any:
        if isinstance(value, list):
            return [rich(item) for item in value]
        if not isinstance(value, dict):
            return value
        mark = value.get("$")
        if mark == "array":
            return arrays[value["index"]]
        if mark == "ref":
            return Ref(value["name"], value["attribute"])
        if mark == "tuple":
            return tuple(rich(item) for item in value["items"])
        return {key: rich(item) for key, item in value.items()}

    for step in steps:
        yield _STEPS[step["step"]](**{k: rich(v) for k, v in step.items() if k != "step"})
