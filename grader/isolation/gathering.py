"""What a program gave, put together from the replies to its steps."""

from __future__ import annotations

from collections.abc import Sequence

from grader.program import Call, Step
from grader.run import Run

from .failures import Wording
from .replies import Error, Reply
from .withholding import Gate

# Characters of what one program prints, and warnings, that are kept.
MAX_PRINTED_PER_PROGRAM, MAX_WARNINGS_PER_PROGRAM = 20_000, 10


class Gathering:
    """A run, and the steps that still wait for a reply."""

    def __init__(self, steps: Sequence[Step | None], wording: Wording, gate: Gate | None) -> None:
        """Start with no reply.

        Args:
            steps: of the program; None stands for the import.
            wording: says what the submission raised.
            gate: withholds what could carry hidden inputs out; None if nothing is hidden.
        """
        self.run = Run()
        self._due = dict(enumerate(steps))
        self._wording = wording
        self._gate = gate

    def due(self, last: int) -> dict[int, Step | None]:
        """Return the steps without a reply, up to one, by number."""
        return {number: step for number, step in self._due.items() if number <= last}

    def take(self, replies: Sequence[Reply]) -> Error | None:
        """Take the replies to the next steps; return the error that ends the program, if any."""
        for reply in replies:
            number, step = next(iter(self._due.items()))
            del self._due[number]
            passed = reply if self._gate is None else self._gate.reply(reply, step)
            gather(self.run, passed, step)
            if passed.error is not None:
                self.run.failure = self._wording.raised(passed.error, step)
                return passed.error
        return None

    def take_last(self, replies: Sequence[Reply], number: int) -> Error | None:
        """Take what an interrupted worker says; results of the step it was in come too late."""
        before = len(self.due(number)) - 1
        return self.take([x for i, x in enumerate(replies) if i < before or x.error is not None])


def gather(run: Run, reply: Reply, step: Step | None) -> None:
    """Add what came of one step to what came of those before it."""
    run.printed += reply.printed[: max(MAX_PRINTED_PER_PROGRAM - len(run.printed), 0)]
    new = [text for text in reply.warnings if text not in run.warnings]
    run.warnings += new[: max(MAX_WARNINGS_PER_PROGRAM - len(run.warnings), 0)]
    if isinstance(step, Call) and reply.changed and step.method not in run.changed:
        run.changed += (step.method,)
    if isinstance(step, Call) and reply.at:
        run.places[step.method] = reply.at
    run.flags += tuple(flag for flag in reply.flags if flag not in run.flags)
    if reply.counts:
        run.counts.append(reply.counts)
    run.answers |= reply.answers
