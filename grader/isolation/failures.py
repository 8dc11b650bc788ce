"""Saying why a program did not run to the end: exceptions, crashes, and timeouts, in words."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass

from grader.program import Entries, Load, New, Read, Step
from grader.run import TAMPERED, UNREADABLE, Failure
from grader.verdict import Verdict
from grader.worker.places import GIVEN_MARK, place_of
from grader.worker.wire import Closed, ProtocolError

from .circumstances import circumstances
from .hints import LONG
from .patience import NOTHING
from .replies import Error, Frame
from .syntax_hints import visible

ALONE_HERE = (
    "\n  Formulas are checked on their own, with the other files as handed out, so {} has no "
    "solutions here. Compute what this formula needs in its own file."
)
DEAF = (
    "Your code's process stopped reading its input. Is a thread from an earlier call still running?"
)
NOT_SHOWN = " (its message is not shown, because this question has hidden checks)"
HOLE_LEFT = "\n  (If your code is there already, delete this line.)"


@dataclass(frozen=True)
class Wording:
    """Tells a student what happened to a step.

    Args:
        modules: the names of the homework's modules, for the hint on how to import them.
        withhold: omit exit codes, which could leak hidden inputs, and replace the text of an
            exception by a note that it is withheld.
    """

    modules: tuple[str, ...] = ()
    withhold: bool = False

    def raised(self, error: Error, steps: Sequence[Step | None], number: int) -> Failure:
        """Turn the worker's account of an exception into a verdict and a sentence.

        Args:
            error: the account.
            steps: the steps of the program; None for the import.
            number: the number of the step that raised it.
        """
        note = NOT_SHOWN if self.withhold else ""
        if failure := _unwritten(error, steps[number], note):
            return failure
        text = _said(error, steps[number], note)
        more = circumstances(error, steps, number, self.modules)
        lines = "".join(f"\n  {line}" for line in more)
        return Failure(Verdict.RAISED, f"{text}{_place(error.where)}{lines}")

    def interrupted(self, error: Error | None) -> str:
        """Return where a step was when it was interrupted, or "" if the worker did not say so."""
        if error is None or error.kind != "KeyboardInterrupt" or not error.where:
            return ""
        return f" It was stopped here:{_place(error.where)}"

    def crashed(self, step: Step | None, problem: Exception, code: int | None) -> Failure:
        """Say how a worker ended.

        Args:
            step: what it was asked to do.
            problem: what is wrong with its answer; `Closed` or a system error if there is no
                answer.
            code: its exit code; None if it kept running and was killed.
        """
        readable = isinstance(problem, Closed) or not isinstance(problem, ProtocolError)
        if not readable:
            text = f"sent a reply that the autograder cannot read: {problem}"
        elif code is None:
            text = "stopped answering: its connection to the autograder was closed"
        elif code < 0:
            text = f"crashed Python (signal {-code}{_signal_name(-code)})"
        elif self.withhold:
            text = "ended the process (os._exit?)"
        else:
            text = f"ended the process with exit code {code} (os._exit?)"
        return Failure(Verdict.CRASHED, f"{_name(step)} {text}.", "" if readable else UNREADABLE)


def not_imported_again(module: str, seconds: float) -> Failure:
    """Say why a module that hung in another target is not tried again."""
    text = f"{module}.py was not imported again: its import did not finish within "
    return Failure(Verdict.TIMED_OUT, f"{text}{_rounded(seconds)} s earlier.")


def not_called_again(method: str, seconds: float) -> Failure:
    """Say why a method that hung too often is not called again."""
    return Failure(
        Verdict.TIMED_OUT,
        f"{method} was not called again: it did not return within "
        f"{_rounded(seconds)} s in an earlier call.",
    )


def deaf() -> Failure:
    """Say that a worker accepted no request."""
    return Failure(Verdict.TIMED_OUT, DEAF)


def too_late(step: Step | None, place: str) -> Failure:
    """Say that the time for the whole check ran out."""
    return Failure(
        Verdict.TIMED_OUT,
        f"{_name(step)} was still running when time ran out for this check. Look for a "
        f"loop that never ends, or one over single examples or pixels.{place}",
    )


def used_up(own: float) -> Failure:
    """Say that a submission has used up all of its own time."""
    return Failure(
        Verdict.TIMED_OUT,
        f"The time for grading one submission ({own:g} s) was used up before this check: earlier "
        "calls and imports took most of it. Make your code faster.",
    )


def mostly_used(own: float) -> str:
    """Say why a check had less time than others."""
    return (
        f"Earlier calls and imports took most of the {own:g} s for grading one submission. "
        "Make your code faster."
    )


def check_over(seconds: float, own: float, is_used_up: bool) -> Failure:
    """Say that a check has used up its time, and that nothing more is called."""
    if seconds < NOTHING:
        return used_up(own)
    text = f"This check took longer than {_rounded(seconds)} s in total."
    return Failure(Verdict.TIMED_OUT, f"{text} {mostly_used(own)}" if is_used_up else text)


def too_short(step: Step | None, seconds: float, own: float, place: str) -> Failure:
    """Say that one step took more than the little time that was left for it."""
    if seconds < NOTHING:
        return used_up(own)
    text = f"{_name(step)} did not return within {_rounded(seconds)} s. {mostly_used(own)}"
    return Failure(Verdict.TIMED_OUT, text + place)


def too_long(step: Step | None, seconds: float, place: str) -> Failure:
    """Say that one step took more than its own time."""
    return Failure(
        Verdict.TIMED_OUT,
        f"{_name(step)} did not return within {_rounded(seconds)} s. "
        f"Look for a loop that never ends.{place}",
    )


def _rounded(seconds: float) -> str:
    return f"{round(seconds, 1 if seconds >= 1 else 2):g}"


def _signal_name(number: int) -> str:
    try:
        return f", {signal.Signals(number).name}"
    except ValueError:
        return ""


def _name(step: Step | None, entry: tuple[int, ...] = ()) -> str:
    """Return what a step runs, as a student would say it."""
    if step is None:
        return "Importing your file"
    if isinstance(step, Entries):
        name, shown = step.what.rpartition(".")[2], ", ".join(map(str, entry))
        return f"{name}({shown}, ...)" if entry else name
    if isinstance(step, New):
        shown = ", ".join(f"{key}={_brief(value)}" for key, value in step.arguments.items())
        return f"{step.what.rpartition('.')[2]}({shown})"
    if isinstance(step, Load | Read):
        return f"Reading {step.on}"
    return step.method


def _brief(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float | tuple) else "..."


def _unwritten(error: Error, step: Step | None, note: str) -> Failure | None:
    """Return what to say if a submission lacks something; None if it does not."""
    kind, message, place = error.kind, error.message, _place(error.where)
    if error.ours:
        missing = isinstance(step, New | Entries) and kind == "Missing"
        verdict = Verdict.NOT_IMPLEMENTED if missing else Verdict.FAILED
        return Failure(verdict, message, TAMPERED if kind == "Tampered" else "")
    if not error.unfinished:
        return None
    foreign = error.where[-1].file if error.where else ""
    if isinstance(step, Entries) and foreign.endswith(GIVEN_MARK):
        here = ALONE_HERE.format(foreign.removesuffix(GIVEN_MARK))
        return Failure(Verdict.RAISED, _said(error, step, note) + place + here)
    text = f"{_name(step)} is not implemented yet: {message or 'NotImplementedError'}"
    left = "" if kind == "Placeholder" else HOLE_LEFT
    return Failure(Verdict.NOT_IMPLEMENTED, text + place + left)


def _said(error: Error, step: Step | None, note: str) -> str:
    """Return what was raised and by what, in Python's words or the submission's."""
    message = error.facts.said or error.message
    if error.kind == "ImportError":
        message = message.partition(" (/")[0]  # the path where the file is staged
    if LONG.search(message):
        message = message.partition("\n")[0]
    return f"{_name(step, error.entry)} raised {error.kind}{': ' if message else ''}{message}{note}"


def _place(where: Sequence[Frame]) -> str:
    if not where:
        return ""
    own = [frame for frame in where if not frame.file.endswith(GIVEN_MARK)]
    last = (own or where)[-1]
    inside = f", in {last.function}" if last.function and last.function[0] != "<" else ""
    shown = f": {visible(last.text)}" if last.text else ""
    return f"\n  {place_of(last.file, last.line)}{inside}{shown}"
