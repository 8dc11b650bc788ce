"""What a program returned, assembled from the replies to its steps."""

from __future__ import annotations

from grader.program import Call, Entries, Step
from grader.run import Run

from .replies import Reply

# Limits for one program: characters of printed output, and number of warnings.
MAX_PRINTED_PER_PROGRAM, MAX_WARNINGS_PER_PROGRAM = 20_000, 10


def gather(run: Run, reply: Reply, step: Step | None) -> None:
    """Add the outcome of one step to that of the steps before it."""
    run.printed += reply.printed[: max(MAX_PRINTED_PER_PROGRAM - len(run.printed), 0)]
    new = [text for text in reply.warnings if text not in run.warnings]
    run.warnings += new[: max(MAX_WARNINGS_PER_PROGRAM - len(run.warnings), 0)]
    called = _called(step)
    if called and reply.changed and called not in run.changed:
        run.changed += (called,)
    if called and reply.at:
        run.places[called] = reply.at
    run.flags += tuple(flag for flag in reply.flags if flag not in run.flags)
    if reply.counts:
        run.counts.append(reply.counts)
    run.answers |= reply.answers


def _called(step: Step | None) -> str:
    """Return the method or the function that a step calls."""
    if isinstance(step, Entries):
        return step.what.rpartition(".")[2]
    return step.method if isinstance(step, Call) else ""
