"""The sandboxes of one grade: one is open, and what comes next is begun while it is at work.

A worker takes longer to start than most questions take to answer, and a training longer than all
of them. So the worker of the next question is started while the present one is asked, and one
training runs beside the questions before it. What is begun is taken up in its turn, and lines of
different visibility share nothing: nothing that is seen later is begun before all that is seen
earlier has ended. Where workers are not kept from each other, none is begun ahead: what one of them
did would be another's fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile

from grader.assignment import Assignment, Target
from grader.isolation import Gate, Patience, Sandbox, Starter
from grader.limits import Limits
from grader.submission import Staging, Submission

from .plan import Plan

# The name of a target, and the visibility of those of its lines that share a worker.
Group = tuple[str, str]


@dataclass(eq=False)
class Sandboxes:
    """Opens one sandbox after the other, in the order in which the checks run."""

    assignment: Assignment
    submission: Submission
    staging: Staging
    starter: Starter
    limits: Limits
    plan: Plan
    patience: Patience
    _groups: dict[Group, Target] = field(default_factory=dict)
    _open: tuple[Group, Sandbox] | None = None
    _begun: dict[Group, Sandbox] = field(default_factory=dict)
    _hung: dict[str, float] = field(default_factory=dict)

    def expect(self, groups: Iterable[tuple[Target, str]]) -> None:
        """Say which sandboxes will be opened, for what target and visibility, in this order."""
        self._groups = {(target.name, visibility): target for target, visibility in groups}

    def open(self, target: Target, visibility: str) -> Sandbox:
        """Return the sandbox of a target and a visibility, with files of its own; end the last."""
        group = target.name, visibility
        if self._open is None or self._open[0] != group:
            self._close_open()
            self._open = group, self._begun.pop(group, None) or self._made(target)
            self._look_ahead(group)
        return self._open[1]

    def _look_ahead(self, group: Group) -> None:
        """Begin the next sandbox, and that of the next training if none is begun."""
        if self.starter.isolation.level == "any":
            return
        after = [*dropwhile(lambda one: one != group, self._groups)][1:]
        later = [*takewhile(lambda one: one[1] == group[1], after)]
        trainings = [one for one in later if not self._groups[one].is_class]
        for one in dict.fromkeys([*trainings[:1], *later[:1]]):
            modules = self.assignment.submitted_modules(self._groups[one])
            if one not in self._begun and not self.submission.lacks(modules):
                self._begun[one] = self._begin(self._groups[one], one[1])

    def _begin(self, target: Target, visibility: str) -> Sandbox:
        sandbox = self._made(target)
        first = next(x for x in target.points if target.visibility_of(x) == visibility)
        sandbox.expect([question.request for question in self.plan.questions(target, first)])
        sandbox.begin()
        return sandbox

    def _made(self, target: Target) -> Sandbox:
        gate = Gate(self.staging.names) if target.secret else None
        return Sandbox(
            self.starter, self.staging.stage(target), target.module, self.limits, self._hung,
            self.assignment.importable_modules, gate, self.patience,
        )  # fmt: skip

    def _close_open(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def close(self) -> None:
        """End all workers."""
        self._close_open()
        for sandbox in self._begun.values():
            sandbox.close()
        self._begun.clear()
