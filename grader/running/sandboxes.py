"""The sandboxes of one grade: one is open, and what comes next is begun while it is at work.

A worker takes longer to start than most questions take to answer, and a training longer than all
of them. So the worker of the next question is started while the present one is asked, and two
trainings run beside the questions before them. What is begun is taken up in its turn, and lines of
different visibility share nothing: nothing that is seen later is begun before all that is seen
earlier has ended. The derivations, functions of one module, share a worker: it takes longer to
start than they take.

Nothing is begun ahead where workers are not kept from each other: what one of them did would be
another's fault. Nor is it with a single processor, or once something has timed out: what hangs
would use up the time of the submission before its turn.
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

# The check that asks more about what is wrong: what comes behind it is not asked before.
ASKS_MORE = "gradient"
# With one processor, what is begun ahead would only slow down what is asked.
PROCESSORS = 2
# How many run beside the questions before them: every one takes memory, and a processor.
TRAININGS = 2
# The name of a target, or the module of derivations, and the visibility of those lines that share a
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
        """Start with all that will be opened, and the patience that there is for all of it."""
        checks = self.job.checks
        self._groups = {}
        for target, check in checks:
            self._groups.setdefault(_group(target, target.visibility_of(check)), target)
        apart = self.job.starter.isolation.keeps_apart
        self._looks_ahead = apart and processors() >= PROCESSORS
        self._patience = Patience(self.job.limits, self._give_up_ahead)

    def __enter__(self) -> Sandboxes:  # noqa: PYI034 - Python 3.10 has no Self
        """Begin the first sandbox, and those of the first trainings."""
        self._look_ahead([*self._groups])
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End all workers; whoever is interrupted ends their launcher, too."""
        if kind is None or issubclass(kind, Exception):
            self._close_open()
            self._close_begun()

    def open(self, target: Target, visibility: str) -> Sandbox:
        """Return the sandbox of a target and a visibility; end the last."""
        group = _group(target, visibility)
        if self._open is None or self._open[0] != group:
            self._close_open()
            self._open = group, self._begun.pop(group, None) or self._made(target)
            self._look_ahead([*dropwhile(lambda one: one != group, self._groups)])
        return self._open[1]

    def _look_ahead(self, groups: Sequence[Group]) -> None:
        """Begin the next sandbox of some that are to come, and those of the next trainings.

        Args:
            groups: in their order; the first may be open already.
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
                with contextlib.suppress(Exception):  # its turn comes, and shows what is wrong
                    self._begun[one] = self._begin(self._groups[one], one)

    def _begin(self, target: Target, group: Group) -> Sandbox:
        """Begin with what the checks of a group will ask, up to one that may ask more."""
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
        """Begin nothing ahead any more: what hangs would use up the time of the submission."""
        self._looks_ahead = False
        self._close_begun()

    def _close_begun(self) -> None:
        for sandbox in self._begun.values():
            sandbox.close()
        self._begun.clear()
