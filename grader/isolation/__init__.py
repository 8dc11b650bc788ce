"""The trusted handle to the processes that hold a submission, which `launching` starts.

It provides `Sandbox`, which runs a program on a submission and returns a `Run`. No right answer
enters this package, and nothing specific to an assignment: the modules and methods come with the
call. What a worker sends leaves this package checked, cut to size, and typed (`replies`), as a
claim and never as a verdict on points.

Theory of operation.

    grader                 the user's rights; reference, inputs, verdicts; memory hidden
      | control socket     requests to start and end workers (JSON, a descriptor goes along)
    launcher               the same user; numpy, no secret; its own session; memory hidden; files
      | fork               out of reach except Python's and temporary ones, where available
    worker                 confined (`confine`); the submission, nothing else
      + one socket to the grader: requests and answers (`wire`); stdin, stdout, stderr: nothing

For every target the grader asks the launcher for a fresh worker. It gives up its rights, reports
that it is ready, imports the submission, and answers programs over its socket. Where forking is
unsafe (macOS) or unavailable (Windows), every worker is a new process instead.

Every step is answered as soon as it is done, so the deadline applies to each, and nothing that was
computed is lost with a worker that ends. If there is nothing to say about a step without results,
four bytes say so.

A worker may be started, and asked for what comes next, before its answers are wanted. They are read
in the order of the requests; once something fails that could change what is asked, the worker is
ended, and what was asked ahead of time is asked again when its turn comes. Counted calls are
requested only when their turn comes: code that had read them earlier could have its results ready.

The grader's clock decides: a step that misses its deadline, or an answer that is not the expected
one, ends the worker by SIGKILL, and the next program gets a new one. (A late step is interrupted
half a second earlier, so that it can say where it was; that is text to show.) Ending a worker
sweeps up what it has started: all processes of its user, and all orphans that the launcher
inherits. What a worker sends is data: numbers to compare, text to show. Nothing it says about
itself (what it counted, what it printed) is more than a claim.

What this does not stop: a submission reads what it is given (its inputs, the handout, the
interpreter) and decides how it computes. What each platform can enforce is described in
`docs/threat-model.md`; `grader doctor` reports what holds on this machine.
"""

from grader.worker.places import GIVEN_MARK

from .gathering import MAX_PRINTED_PER_PROGRAM
from .machine import processors
from .patience import Patience
from .requests import MAX_REPLY_BYTES, Request
from .sandbox import Sandbox
from .withholding import Gate

__all__ = [
    "GIVEN_MARK",
    "MAX_PRINTED_PER_PROGRAM",
    "MAX_REPLY_BYTES",
    "Gate",
    "Patience",
    "Request",
    "Sandbox",
    "processors",
]
