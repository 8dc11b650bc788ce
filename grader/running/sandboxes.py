"""The sandboxes of one grade: one is open, and the next ones start while it is busy.

A worker takes longer to start than most questions take to answer, and a training takes longer than
all of them. So the worker of the next question is started while the current one is being asked, and
two trainings run alongside the questions before them. Whatever was started early is used when its
turn comes. Lines of different visibility share nothing: nothing that is seen later is started
before everything that is seen earlier has ended. The derivations, which are functions of one
module, share a worker, because it takes longer to start than they take to run.

Nothing is started early where workers are not isolated from each other: one question could be
blamed for what another's worker did. Nor is anything started early on a single processor, or once
something has timed out: a hanging call would use up the submission's time before its turn.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile

from grader.assignment import Target
from grader.isolation import Gate, Patience, Sandbox, processors
from grader.submission import Staging

from .job import Job

# This check asks follow-up questions about what is wrong, so nothing after it is asked early.
ASKS_MORE = "gradient"
# With a single processor, starting early would only slow down the current question.
PROCESSORS = 2
# Trainings that run alongside the questions before them; each takes memory and a processor.
TRAININGS = 2
# The name of a target, or the module of derivations, and the visibility of the lines that share a
# worker.
Group = tuple[str, str]


def _group(target: Target, visibility: str) -> Group:
    return (target.module if target.is_derivation else target.name), visibility


@dataclass(eq=False)
class Sandboxes:
    """Opens one sandbox after the other, in the order in which the checks run."""

    job: Job
    staging: Staging
    _groups: dict[Group, Target] = field(init=False)
    _patience: Patience = field(init=False)
    _open: tuple[Group, Sandbox] | None = None
    _begun: dict[Group, Sandbox] = field(default_factory=dict)
    _hung: dict[str, float] = field(default_factory=dict)
    _looks_ahead: bool = field(init=False)

    def __post_init__(self) -> None:
        """Start with everything that will be opened, and the patience available for all of it."""
        checks = self.job.checks
        self._groups = {}
        for target, check in checks:
            self._groups.setdefault(_group(target, target.visibility_of(check)), target)
        apart = self.job.starter.isolation.keeps_apart
        self._looks_ahead = apart and processors() >= PROCESSORS
        self._patience = Patience(self.job.limits, self._give_up_ahead)

    def __enter__(self) -> Sandboxes:  # noqa: PYI034 - Python 3.10 has no Self
        """Start the first sandbox, and those of the first trainings."""
        self._look_ahead([*self._groups])
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End all workers; if interrupted, end their launcher as well."""
        if kind is None or issubclass(kind, Exception):
            self._close_open()
            self._close_begun()

    def open(self, target: Target, visibility: str) -> Sandbox:
        """Return the sandbox for a target and a visibility; end the previous one."""
        group = _group(target, visibility)
        if self._open is None or self._open[0] != group:
            self._close_open()
            self._open = group, self._begun.pop(group, None) or self._made(target)
            self._look_ahead([*dropwhile(lambda one: one != group, self._groups)])
        return self._open[1]

    def _look_ahead(self, groups: Sequence[Group]) -> None:
        """Start the next upcoming sandbox, and those of the next trainings.

        Args:
            groups: in order; the first may be open already.
        """
        if not self._looks_ahead:
            return
        present = self._open[0] if self._open else None
        same = [*takewhile(lambda one: one[1] == groups[0][1], groups)]
        later = [one for one in same if one != present]
        trainings = [one for one in later if self._groups[one].is_run]
        for one in dict.fromkeys([*trainings[:TRAININGS], *later[:1]]):
            modules = self.job.assignment.submitted_modules(self._groups[one])
            if one not in self._begun and not self.job.submission.lacks(modules):
                with contextlib.suppress(Exception):  # any error will show up when its turn comes
                    self._begun[one] = self._begin(self._groups[one], one)

    def _begin(self, target: Target, group: Group) -> Sandbox:
        """Start asking what a group's checks will ask, up to a check that may ask follow-ups."""
        same = [x for x in target.points if _group(target, target.visibility_of(x)) == group]
        checks = same[: same.index(ASKS_MORE) + 1] if ASKS_MORE in same else same
        questions = (x for check in checks for x in self.job.plan.questions(target, check))
        sandbox = self._made(target)
        sandbox.expect([question.request for question in questions])
        sandbox.begin()
        return sandbox

    def _made(self, target: Target) -> Sandbox:
        gate = Gate(self.staging.names) if target.secret else None
        return Sandbox(
            self.job.starter, self.staging.stage(target), target.module, self.job.limits,
            self._hung, self.job.assignment.importable_modules, gate, self._patience,
        )  # fmt: skip

    def _close_open(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _give_up_ahead(self) -> None:
        """Stop starting anything early: a hanging call would use up the submission's time."""
        self._looks_ahead = False
        self._close_begun()

    def _close_begun(self) -> None:
        for sandbox in self._begun.values():
            sandbox.close()
        self._begun.clear()
