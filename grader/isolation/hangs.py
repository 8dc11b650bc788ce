"""Remembering which methods never returned, so that they are not called again and again."""

from __future__ import annotations

from collections import Counter

from grader.program import Call, Entries, New, Program, Step
from grader.run import Failure

from . import failures


class Hangs:
    """What hung in the workers of one target, and how long each one was waited for."""

    def __init__(self, most: int) -> None:
        """Start with no hangs.

        Args:
            most: calls of a method that may hang before it is no longer called.
        """
        self._most = most
        self._counts: Counter[str] = Counter()
        self._waited_for: dict[str, float] = {}

    def note(self, step: Step, seconds: float) -> None:
        """Record that a step did not return within some seconds."""
        self._counts[_name(step)] += 1
        self._waited_for[_name(step)] = seconds

    def refusal(self, program: Program) -> Failure | None:
        """Return why a program is not run if it calls something that has hung too often."""
        for step in program if self._counts else ():
            name = _name(step)
            if name and self._counts[name] >= self._most:
                return failures.not_called_again(name, self._waited_for[name])
        return None

    def left_out_of(self, program: Program) -> Program:
        """Return a program without its optional calls that have hung; () if it has none."""
        if not self._counts:
            return ()
        kept = tuple(step for step in program if not self._may_be_left_out(step))
        return kept if len(kept) < len(program) else ()

    def _may_be_left_out(self, step: Step) -> bool:
        return isinstance(step, Call) and step.optional and self._counts[_name(step)] > 0


def _name(step: Step) -> str:
    """Return what a step runs, as a key for counting hangs; "" if it reads or sets something."""
    if isinstance(step, Call):
        return step.method
    return step.what.rpartition(".")[2] if isinstance(step, New | Entries) else ""
