"""The trusted handle to the processes that hold the submission.

Theory of operation.

    grader                 the user's rights; reference, inputs, verdicts; memory hidden
      | control socket     requests to start and end workers (JSON, a descriptor goes along)
    launcher               the same user; numpy, no secret; a session of its own; memory hidden
      | fork
    worker                 confined (`confine`); the submission, nothing else
      + one socket to the grader: requests and answers (`wire`); stdin, stdout, stderr: nothing

For every target the grader asks the launcher for a fresh worker. It gives up its rights, says
that it is ready, imports the submission and answers programs over its socket. Where forking is
not safe (macOS) or not there (Windows), every worker is a new process instead.

The grader's clock decides: a step that misses its deadline, or an answer that is not the one that
is due, ends the worker by SIGKILL, and the next program gets a new one. (What is late is
interrupted half a second before, so that it can say where it was; that is text to show.) Ending a
worker sweeps up what it has started: all processes of its user, and all orphans that the launcher
inherits.
What a worker sends is data: numbers to compare, text to show. Nothing it says about itself
(what it counted, what it printed) is more than a claim.

What this does not stop: a submission reads what it is given (its inputs, the handout, the
interpreter) and decides how it computes. What each platform can enforce is in
`docs/threat-model.md`; `grader doctor` says what holds on this machine.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from grader.errors import GraderError
from grader.limits import Limits
from grader.program import Call, New, Program, Step
from grader.run import Failure, Run
from grader.verdict import Verdict
from grader.worker import wire
from grader.worker.stage import Stage

from . import failures
from .conversation import Conversation
from .failures import Wording
from .patience import SHORT, Patience
from .protocols import Starter
from .replies import Reply
from .withholding import Gate

# Bytes for the arrays of one reply, where the caller does not know how large the right one is.
MAX_REPLY_BYTES = wire.MAX_BODY
# Seconds for a worker to end that has closed its connection.
EXIT = 1.0
# Characters of what one program prints, and warnings, that are kept.
MAX_PRINTED_PER_PROGRAM, MAX_WARNINGS_PER_PROGRAM = 20_000, 10


class Sandbox:
    """Runs programs on a submission, in one worker after the other, for one target."""

    def __init__(
        self,
        starter: Starter,
        stage: Stage,
        module: str,
        limits: Limits,
        hung: dict[str, float] | None = None,
        modules: Sequence[str] = (),
        gate: Gate | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Keep where the submission is; the first program starts a worker.

        Args:
            starter: starts workers.
            stage: the files.
            module: the module of the target, such as "activations".
            limits: the ceilings.
            hung: the modules whose import did not come back, of all targets, and for how many
                seconds it was waited: not tried again.
            modules: the names of the homework's modules, for the hint how they are imported.
            gate: withholds what could carry hidden inputs out; None if nothing is hidden.
            patience: the time for the whole submission; None for one of this sandbox alone.
        """
        self._starter = starter
        self._stage = stage
        self._module = module
        self._limits = limits
        self._hung = {} if hung is None else hung
        self._gate = gate
        self.patience = patience or Patience(limits)
        self._wording = Wording(tuple(modules), gate is not None)
        self._worker: Conversation | None = None
        self._numbers = itertools.count(1)
        self._hangs: Counter[str] = Counter()
        self._waited_for: dict[str, float] = {}
        self._import_failure: Failure | None = None
        # Seconds in which nothing of the submission ran, because a worker was starting up.
        self.waited = 0.0

    def run(
        self,
        program: Program,
        until: float,
        call: float | None = None,
        max_bytes: int = MAX_REPLY_BYTES,
        latest: float = float("inf"),
    ) -> Run:
        """Run a program on the submission.

        Args:
            program: what to do; a call may take the limit of a call.
            until: when the check has to end, on the clock of `time.monotonic`; the time in which a
                worker starts up is added.
            call: another limit of one call, in seconds.
            max_bytes: that the arrays of one reply may take; larger results come without them.
            latest: when the program has to end, whatever is added.

        Raises:
            GraderError: no worker can be started.
        """
        program = tuple(step for step in program if not self._may_be_left_out(step))
        failure = self._import_failure or self._refusal(program)
        if failure is not None:
            return Run(failure=failure)
        before = self.waited
        imported = self._start(until, latest) if self._worker is None else Run()
        until = min(until + self.waited - before, latest)
        if imported.failure is not None:
            return imported
        header, limit = {"max_bytes": max_bytes}, call or self._limits.call
        run = self._run(program, header, program, until, limit)
        run.printed = imported.printed + run.printed
        run.warnings = [*imported.warnings, *run.warnings]
        if isinstance(run.ended_at, Call) and run.ended_at.optional:
            needed = tuple(s for s in program if not (isinstance(s, Call) and s.optional))
            return self.run(needed, until, call, max_bytes, latest)
        return run

    def _may_be_left_out(self, step: Step) -> bool:
        """Tell whether a step is optional and known not to come back."""
        return isinstance(step, Call) and step.optional and self._hangs[_name(step)] > 0

    def late(self, limit: float) -> Failure:
        """Say that the time of a check is over, which has a limit."""
        patience, own = self.patience, self._limits.own
        is_short = patience.is_used_up and patience.allowed < limit
        return failures.check_over(min(limit, patience.allowed), own, is_short)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._stop(kill=True)

    def _refusal(self, program: Program) -> Failure | None:
        hung = sorted(self._hung.keys() & set(self._stage.submitted_modules))
        if hung:
            return failures.not_imported_again(hung[0], self._hung[hung[0]])
        for step in program:
            name = _name(step)
            if name and self._hangs[name] >= self._limits.hangs:
                return failures.not_called_again(name, self._waited_for[name])
        return None

    def _start(self, until: float, latest: float) -> Run:
        """Start a worker and import the submission in it."""
        started = time.monotonic()
        self._worker = Conversation(self._starter.start(self._stage), self._numbers)
        if problem := self._worker.problem():
            self._stop(kill=True)
            raise GraderError(f"A worker did not become ready ({problem}).")
        waited = time.monotonic() - started
        self.waited, until = self.waited + waited, min(until + waited, latest)
        header = {"import": self._module, "max_bytes": MAX_REPLY_BYTES}
        before, modules = self.patience.left, self._stage.submitted_modules
        imported = self._run((), header, (None,), until, self._limits.import_)
        if imported.failure is None or imported.failure.verdict is not Verdict.TIMED_OUT:
            self.patience.imported(modules, before - self.patience.left)
            self._import_failure = imported.failure
        return imported

    def _run(
        self,
        program: Program,
        header: dict[str, Any],
        steps: Sequence[Step | None],
        until: float,
        limit: float,
    ) -> Run:
        """Send one request and take one reply a step (None stands for the import)."""
        assert self._worker is not None
        run, number, step = Run(), 0, steps[0] if steps else None
        self._worker.lap()  # what came before is counted
        allowed = self.patience.share(limit)
        try:
            ready = time.monotonic() + max(allowed, SHORT)
            if not self._worker.ask(header, program, min(ready, until)):
                run.failure = self._deaf(step, limit, until)
                return run
            for number, step in enumerate(steps):
                modules = self._stage.submitted_modules if step is None else None
                allowed = self.patience.share(limit, modules)
                deadline = min(time.monotonic() + limit, until)
                deadline = self._worker.wait(deadline, allowed, self.patience)
                reply = self._worker.reply(number, step, deadline, header["max_bytes"])
                if self._gate is not None:
                    reply = self._gate.reply(reply, step)
                self._take(run, reply, step)
                if reply.error is not None:
                    run.failure = self._wording.raised(reply.error, step)
                    break
        except TimeoutError:
            late, short = time.monotonic() >= until, self.patience.is_short(allowed, limit)
            said = self._worker.interrupt(number, step, allowed)
            if self._gate is not None and said is not None:
                said = self._gate.error(said, step)
            place = self._wording.interrupted(said)
            run.failure, run.ended_at = self._timed_out(step, allowed, late, short, place), step
        except (wire.ProtocolError, OSError) as error:
            run.failure, run.ended_at = self._crashed(step, error), step
        finally:
            if self._worker is not None:
                self.patience.use(self._worker.lap())
        return run

    def _take(self, run: Run, reply: Reply, step: Step | None) -> None:
        """Add what came of one step to what came of those before."""
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

    def _timed_out(
        self, step: Step | None, seconds: float, late: bool, short: bool, place: str
    ) -> Failure:
        """End the worker; remember what hung, unless it had too little time to tell."""
        self._stop(kill=True)
        if late:
            return failures.too_late(step, place)
        self.patience.timed_out()
        if short and self.patience.is_used_up:
            return failures.too_short(step, seconds, self._limits.own, place)
        if short:
            return self.late(self.patience.allowed)
        failure, modules = failures.too_long(step, seconds, place), self._stage.submitted_modules
        if step is not None:
            self._note_hang(step, seconds)
            return failure
        self._import_failure = failure
        if len(modules) == 1 and not self.patience.has_imported(modules):
            self._hung.update(dict.fromkeys(modules, seconds))
        return failure

    def _deaf(self, step: Step | None, limit: float, until: float) -> Failure:
        """End a worker that takes no request; what it was busy with is of an earlier call."""
        if time.monotonic() >= until:
            return self._timed_out(step, limit, late=True, short=False, place="")
        self._stop(kill=True)
        self.patience.timed_out()
        return failures.deaf()

    def _crashed(self, step: Step | None, error: Exception) -> Failure:
        start = time.monotonic()
        code = self._stop(kill=not isinstance(error, wire.Closed))
        waited = time.monotonic() - start >= EXIT
        if code is None and waited and step is not None:  # it went on without its connection
            self._note_hang(step, EXIT)
        return self._wording.crashed(step, error, code)

    def _note_hang(self, step: Step, seconds: float) -> None:
        self._hangs[_name(step)] += 1
        self._waited_for[_name(step)] = seconds

    def _stop(self, kill: bool) -> int | None:
        assert self._worker is not None
        self.patience.use(self._worker.lap())
        start = time.monotonic()
        code = self._worker.stop(kill)
        if not kill:
            self.patience.use(time.monotonic() - start)
        self._worker = None
        return code


def _name(step: Step) -> str:
    """Return what a step runs, as its hangs are counted; "" for what is read or set."""
    if isinstance(step, Call):
        return step.method
    return step.what.rpartition(".")[2] if isinstance(step, New) else ""
