"""Reading what a worker answers: every field is checked, cut to size, and given a type.

A worker may send anything. Whatever is not the one expected answer is a `ProtocolError`, which
counts as the submission's failure; text and counts in the right form are claims, to be shown or
judged, never trusted. So code that receives a `Reply` need not expect anything but what its types
say: texts are short and can be encoded; counts are whole numbers of all three kinds, present for
every call that was counted and for no other. Numbers may be anything that a float can be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.program import Call, Entries, Read, Step
from grader.run import FLAGS, Answer
from grader.worker import wire
from grader.worker.places import place_of
from grader.worker.wire import ProtocolError

MAX_TYPE = 80
MAX_ABOUT = 200
# Limit for a step's printed output, and for other texts: what workers cut them to, plus a margin.
MAX_PRINTED = 2200
MAX_TEXT = 600
MAX_WARNINGS_PER_REPLY = 3
MAX_FRAMES = 3
# Limits for the values on a line, and for the length of a sentence about it.
MAX_VALUES, MAX_WORDS = 6, 300
# Limit for the lines of code that run in one call, and their counts; a homework has 1000 lines.
MAX_PLACES = 20_000
MAX_COUNT = 10**12
# Limit for the length of a file; a homework's files have a few hundred lines.
MAX_LINES = 5000
# What is counted during a call; see `worker.counting`.
COUNTED = ("student", "library", "objects")
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Frame:
    """A line of the submission that an exception came through."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True)
class Facts:
    """What a worker says about the line on which an exception was raised.

    Args:
        values: expressions and descriptions of their values, with the shapes of arrays.
        instead: a sentence about a name that does not exist.
        said: the message in the submission's own words, if Python's message is about given code.
        unset: the expression that has no value yet.
        stored: the methods that would store it.
        signatures: for a function that did not accept its arguments: the expected signature, and
            the actual one.
    """

    values: tuple[tuple[str, str, tuple[int, ...] | None], ...] = ()
    instead: str = ""
    said: str = ""
    unset: str = ""
    stored: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Error:
    """An exception: from the submission, or ours for what the submission lacks or returns."""

    kind: str
    message: str
    ours: bool
    unfinished: bool
    where: tuple[Frame, ...]
    entry: tuple[int, ...] = ()
    facts: Facts = Facts()


@dataclass(frozen=True)
class Reply:
    """The answer to one step."""

    answers: dict[str, Answer] = field(default_factory=dict)
    error: Error | None = None
    printed: str = ""
    warnings: tuple[str, ...] = ()
    changed: bool = False
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    at: str = ""


def parse(
    header: Mapping[str, Any],
    arrays: Sequence[np.ndarray],
    place: tuple[int, int],
    step: Step | None,
) -> Reply:
    """Return the reply contained in a frame.

    Args:
        header: the frame's header.
        arrays: the frame's arrays.
        place: the numbers of the request and of the step that are waiting for an answer.
        step: the step; None for the import.

    Raises:
        ProtocolError: it is not an answer to this step.
    """
    try:
        if (header["id"], header["step"]) != place:
            raise ProtocolError("it belongs to another call")
        printed = _text(header.get("printed", ""), MAX_PRINTED)
        if "error" in header:
            return Reply(error=_error(header["error"], step), printed=printed)
        answers, warnings = _answers(header, arrays, step), _list(header["warnings"])
        said = _list(header.get("flags", []))
        return Reply(
            answers=answers,
            printed=printed,
            warnings=tuple(_text(text, MAX_TEXT) for text in warnings[:MAX_WARNINGS_PER_REPLY]),
            changed=header.get("changed") is True,
            counts=_counts(header.get("counts"), step, answers),
            flags=tuple(flag for flag in FLAGS if flag in said),
            at=_at(*header["at"]) if header.get("at") else "",
        )
    except _MALFORMED as error:
        raise ProtocolError("a field is malformed") from error


def _answers(
    header: Mapping[str, Any], arrays: Sequence[np.ndarray], step: Step | None
) -> dict[str, Answer]:
    outputs = _list(header.get("outputs", []))
    names = [entry["name"] for entry in outputs]
    due = list(step.out) if isinstance(step, Call | Read | Entries) else []
    left_out = isinstance(step, Call) and step.optional and not names
    if names != due and not left_out:
        raise ProtocolError("the expected results are missing")
    if sum(entry["array"] is True for entry in outputs) != len(arrays):
        raise ProtocolError("it holds a different number of arrays than it announces")
    values = iter(arrays)
    return {
        entry["name"]: Answer(
            _text(entry["type"], MAX_TYPE),
            _text(entry["about"], MAX_ABOUT),
            _text(entry["dtype"], MAX_TYPE),
            next(values) if entry["array"] is True else None,
            _entry(entry.get("entry", []), step),
        )
        for entry in outputs
    }


def _error(error: Mapping[str, Any], step: Step | None) -> Error:
    frames = _list(error["where"])[-MAX_FRAMES:]
    return Error(
        _text(error["type"], MAX_TYPE),
        _text(error["message"], MAX_TEXT),
        error["ours"] is True,
        error["unfinished"] is True,
        tuple(_frame(*frame) for frame in frames),
        _entry(error.get("entry", []), step),
        _facts(error.get("facts", {})),
    )


def _facts(facts: Mapping[str, Any]) -> Facts:
    return Facts(
        tuple(_value(*value) for value in _list(facts.get("values", []))[:MAX_VALUES]),
        _words(facts.get("instead", "")),
        _words(facts.get("said", "")),
        _words(facts.get("unset", "")),
        tuple(map(_words, _list(facts.get("stored", []))[:MAX_VALUES])),
        _pair(facts.get("signatures", [])),
    )


def _pair(value: object) -> tuple[str, ...]:
    if len(_list(value)) not in (0, 2):
        raise ValueError("two signatures are compared")
    return tuple(map(_words, _list(value)))


def _value(name: object, about: object, shape: object) -> tuple[str, str, tuple[int, ...] | None]:
    sizes = None if shape is None else tuple(map(_count, _list(shape)[: wire.MAX_DIMENSIONS]))
    return _words(name), _words(about), sizes


def _words(value: object) -> str:
    """Return a one-line text."""
    return " ".join(_text(value, MAX_WORDS).split())


def _entry(indices: object, step: Step | None) -> tuple[int, ...]:
    """Return the indices of an entry, if it is one that was requested."""
    asked = step.indices.tolist() if isinstance(step, Entries) else []
    return tuple(asked[asked.index(indices)]) if indices in asked else ()


def _at(file: object, line: object) -> str:
    """Return where a method is defined, in the form used in messages."""
    frame = _frame(file, line, "", "")
    return place_of(frame.file, frame.line) if frame.file else ""


def _frame(file: object, line: object, function: object, text: object) -> Frame:
    if type(line) is not int:
        raise TypeError("a line is a number")
    number = line if 0 < line <= MAX_LINES else 0
    return Frame(_text(file, 120), number, _text(function, 80), _text(text, 200))


def _text(value: object, most: int) -> str:
    """Return the beginning of a text; what no file could hold (half a character) becomes `?`."""
    if not isinstance(value, str):
        raise TypeError("expected a text")
    text = value[:most]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def _counts(
    counts: object, step: Step | None, answers: Mapping[str, Answer]
) -> dict[str, dict[str, int]]:
    """Return the counts: required for a call that is counted, unless it was left out."""
    due = isinstance(step, Call) and step.count and bool(answers or not step.out)
    if not due:
        if counts is not None:
            raise ProtocolError("it has counts of a call that was not counted")
        return {}
    if not isinstance(counts, dict) or counts.keys() != set(COUNTED):
        raise ProtocolError("the expected counts are missing")
    if sum(len(places) for places in counts.values()) > MAX_PLACES:
        raise ProtocolError("it counts more lines than a homework has")
    return {
        kind: {_text(place, MAX_ABOUT): _count(n) for place, n in counts[kind].items()}
        for kind in COUNTED
    }


def _count(number: object) -> int:
    if type(number) is not int or not 0 <= number <= MAX_COUNT:
        raise ValueError("a count is a whole number")
    return number
