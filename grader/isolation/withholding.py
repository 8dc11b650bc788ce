"""The gate for what a worker says, used when students do not see every line of its target.

Code that knows the inputs of a hidden check could put them into any text that a visible line shows:
the message of an exception, the name of a type, a function, or a file, a warning, or a print. So
nothing of a reply passes except its numbers, and words that the grader knows without it.
"""

from __future__ import annotations

import builtins
import functools
import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from grader.program import Call, Entries, Load, New, Read, Step
from grader.run import Answer
from grader.worker.guard import TAMPERED
from grader.worker.places import GIVEN_MARK

from .replies import COUNTED, MAX_LINES, Error, Facts, Frame, Reply

# Types of results that judging distinguishes, or that say what is wrong.
_TYPES = (
    *("ndarray", "float", "int", "float64", "float32", "float16", "longdouble"),
    *("missing", "ellipsis", "NoneType", "bool", "complex", "list", "tuple", "dict", "str"),
)
_DTYPES = frozenset(np.dtype(kind).name for kind in np.sctypeDict.values())
# The harness's own errors, which say what a submission lacks or does; see `worker.serving`.
_OURS = ("Missing", "WrongResult", "Tampered")


@dataclass(frozen=True)
class Gate:
    """Removes all words from a worker's replies that the grader does not know without it.

    `files` are the files of the submission and of the handout: they were named before any input
    was seen.
    """

    files: Collection[str] = ()

    def reply(self, reply: Reply, step: Step | None) -> Reply:
        """Return a reply that contains nothing but numbers and known words.

        Args:
            reply: the worker's reply.
            step: the step that it answers; None for the import.
        """
        return replace(
            reply,
            answers={name: _answer(answer, name, step) for name, answer in reply.answers.items()},
            error=None if reply.error is None else self.error(reply.error, step),
            printed="",
            warnings=(),
            counts=self._counts(reply.counts),
            at=self._at(reply.at),
        )

    def error(self, error: Error, step: Step | None) -> Error:
        """Return an exception of a known kind, with places in known files, and without its text."""
        kind, message = _known_kind(error.kind), ""
        if error.ours and step is not None:
            kind = error.kind if error.kind in _OURS else "Missing"
            message = _lacking(kind, step)
        elif error.unfinished and error.kind == "Placeholder":
            kind, message = error.kind, "it returns ..., the placeholder"
        where = (self._frame(frame) for frame in error.where)
        return replace(
            error,
            kind=kind,
            message=message,
            ours=error.ours and step is not None,
            where=tuple(frame for frame in where if frame.file),
            entry=(),
            facts=Facts(),
        )

    def _frame(self, frame: Frame) -> Frame:
        file = frame.file if frame.file.removesuffix(GIVEN_MARK) in self.files else ""
        return Frame(file, frame.line, "", "")

    def _at(self, at: str) -> str:
        file = at.removesuffix(GIVEN_MARK).rpartition(":")[0]
        return at if file in self.files else ""

    def _counts(self, counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
        """Return the same counts with only known places; unknown ones are replaced by numbers."""
        found = {}
        for kind in (kind for kind in COUNTED if kind in counts):
            unknown = {place: f"?{number}" for number, place in enumerate(sorted(counts[kind]))}
            found[kind] = {
                self._place(place, kind, unknown[place]): count
                for place, count in counts[kind].items()
            }
        return found

    def _place(self, place: str, kind: str, unknown: str) -> str:
        """Return "file:line"; for a library, preceded by what ran there."""
        function, _, line_of_file = place.rpartition(" ") if kind == "library" else ("", "", place)
        file, _, line = line_of_file.rpartition(":")
        is_line = line.isascii() and line.isdecimal() and len(line) <= len(str(MAX_LINES))
        known = f"{file}:{int(line)}" if file in self.files and is_line else unknown
        if kind != "library":
            return known
        return f"{function if _is_known(function) else f'a library function ({unknown})'} {known}"


def _known_kind(kind: str) -> str:
    known = getattr(builtins, kind, None)
    is_exception = isinstance(known, type) and issubclass(known, BaseException)
    return kind if is_exception else "an exception"


def _is_known(function: str) -> bool:
    """Tell whether a function is one whose name may always be shown."""
    return any(function in vars(place) for place in (np, builtins, functools, itertools))


def _answer(answer: Answer, name: str, step: Step | None) -> Answer:
    """Return an answer whose description reveals no more than its numbers do."""
    kind = answer.type if answer.type in _TYPES else "object"
    dtype = answer.dtype if answer.dtype in _DTYPES else ""
    if kind == "missing":
        about = _missing(step) if isinstance(step, Read) else f"{name} is missing."
    elif kind == "NoneType":
        about = "None"
    elif kind == "ndarray":
        shape = "" if answer.array is None else f" of shape {answer.array.shape}"
        about = f"an array{shape}"
    else:
        about = f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
    return Answer(kind, about, dtype, answer.array)


def _missing(step: Step) -> str:
    if isinstance(step, New):
        module, _, name = step.what.rpartition(".")
        return f"{module}.py defines no {name}."
    if isinstance(step, Call):
        return f"Your class has no method {step.method}."
    if isinstance(step, Load):
        return f"After forward, parameters has no {step.key!r}, or its shape is wrong."
    if isinstance(step, Entries):
        module, _, name = step.what.rpartition(".")
        return f"{module}.py defines no {name}."
    return f"{step.store}[{step.key!r}] is missing." if step.key else f"{step.store} is missing."


def _lacking(kind: str, step: Step) -> str:
    """Return what one of the harness's own errors says."""
    if kind == "Tampered":
        return TAMPERED
    if kind == "WrongResult" and isinstance(step, Call):
        return f"{step.method} must return the tuple ({', '.join(step.out)})."
    return _missing(step)
