"""The trusted handle to the processes that hold the submission.

How it works together with the other parts is described in `isolation`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

from grader.errors import GraderError, MachineError
from grader.launching import Starter
from grader.limits import Limits
from grader.program import Call, Program, Step
from grader.run import Failure, Run
from grader.verdict import Verdict
from grader.worker import wire
from grader.worker.stage import Stage

from . import failures
from .conversation import QUICK, Conversation
from .failures import Wording
from .gathering import gather
from .hangs import Hangs
from .patience import SHORT, Patience
from .requests import MAX_REPLY_BYTES, Import, Request
from .withholding import Gate

# Seconds for a worker that has closed its connection to exit.
EXIT = 1.0


class Sandbox:
    """Runs programs on a submission for one target, in one worker after another."""

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
            limits: the limits of calls and checks.
            hung: the modules whose import did not return, for all targets, with the number of
                seconds each one was waited for; they are not tried again.
            modules: the names of the homework's modules, for the hint on how to import them.
            gate: withholds what could leak hidden inputs; None if nothing is hidden.
            patience: the time for the whole submission; None for a budget for this sandbox alone.
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
        # Whether the worker has imported the submission.
        self._is_ready = False
        self._import = Import(module)
        self._expected: list[Request] = []
        self._numbers = itertools.count(1)
        self._hangs = Hangs(limits.hangs)
        self._import_failure: Failure | None = None
        # Seconds during which nothing of the submission ran, because a worker was starting.
        self.waited = 0.0

    def expect(self, requests: Sequence[Request]) -> None:
        """Announce what will be run next, in this order, so a worker can be asked ahead of time."""
        self._expected = list(requests)

    def begin(self) -> None:
        """Start a worker ahead of the first program, and have it do what it can."""
        if self._worker is None and self._import_failure is None and not self._refusal(()):
            self._worker = self._open()
            self._worker.ask(self._import)
            self._ask_ahead()

    def run(
        self,
        program: Program | Request,
        until: float,
        call: float | None = None,
        max_bytes: int = MAX_REPLY_BYTES,
        latest: float = float("inf"),
    ) -> Run:
        """Run a program on the submission.

        Args:
            program: what to run; each of its calls may take up to the limit of a call.
            until: when the check has to end, on the clock of `time.monotonic`; the time that a
                worker takes to start is added.
            call: another limit for one call, in seconds.
            max_bytes: limit for the arrays of one reply, if the program is not yet a request.
            latest: when the program has to end, no matter what is added.

        Raises:
            GraderError: no worker can be started.
        """
        request = program if isinstance(program, Request) else Request(program, max_bytes)
        self._drop_expected(request)
        if kept := self._hangs.left_out_of(request.program):
            request, self._expected = Request(kept, request.max_bytes), self._expected[1:]
        failure = self._import_failure or self._refusal(request.program)
        if failure is not None:
            return Run(failure=failure)
        before = self.waited
        imported = Run() if self._is_ready else self._start(until, latest)
        until = min(until + self.waited - before, latest)
        if imported.failure is not None:
            return imported
        run = self._run(request, request.program, until, call or self._limits.call)
        run.printed = imported.printed + run.printed
        run.warnings = [*imported.warnings, *run.warnings]
        if isinstance(run.ended_at, Call) and run.ended_at.optional:
            needed = tuple(s for s in request.program if not (isinstance(s, Call) and s.optional))
            return self.run(needed, until, call, request.max_bytes, latest)
        return run

    def _drop_expected(self, request: Request) -> None:
        """Forget what was expected before a request; end a worker that was asked otherwise."""
        found = [i for i, expected in enumerate(self._expected) if expected is request]
        self._expected = self._expected[found[0] :] if found else []
        if self._worker is not None and not self._worker.answers_first(request):
            self._stop(kill=True)

    def _ask_ahead(self) -> None:
        """Send the expected requests, up to the first that has to wait or that may still change."""
        assert self._worker is not None
        for request in self._expected:
            program = request.program
            changes = self._hangs.left_out_of(program) or self._refusal(program) is not None
            if changes or not request.may_wait:
                return
            self._worker.ask(request)

    def late(self, limit: float) -> Failure:
        """Say that the time of a check, which has a limit, ran out."""
        patience, own = self.patience, self._limits.own
        is_short = patience.is_used_up and patience.allowed < limit
        return failures.check_over(min(limit, patience.allowed), own, is_short)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._stop(kill=True)

    def _refusal(self, program: Program) -> Failure | None:
        """Return why a program is not run, if something it needs is known to hang."""
        hung = sorted(self._hung.keys() & set(self._stage.submitted_modules))
        if hung:
            return failures.not_imported_again(hung[0], self._hung[hung[0]])
        return self._hangs.refusal(program)

    def _open(self) -> Conversation:
        return Conversation(self._starter.start(self._stage), self._numbers)

    def _get_ready(self) -> None:
        """Make sure there is a confined worker; start one, unless one was already started.

        Raises:
            GraderError: there is none, and nothing is left of it.
        """
        self._worker = self._worker or self._open()
        try:
            problem = self._worker.problem()
        except GraderError:
            self._stop(kill=True)
            raise
        if problem:
            self._stop(kill=True)
            raise GraderError(f"A worker did not become ready ({problem}).")

    def _start(self, until: float, latest: float) -> Run:
        """Start a worker, unless one was already started, and import the submission in it."""
        started = time.monotonic()
        try:
            self._get_ready()
        except MachineError:
            raise
        except GraderError:  # a worker started earlier may be lost with its launcher
            self._get_ready()
        waited = time.monotonic() - started
        self.waited, until = self.waited + waited, min(until + waited, latest)
        self._is_ready = True
        before, modules = self.patience.left, self._stage.submitted_modules
        imported = self._run(self._import, (None,), until, self._limits.import_)
        if imported.failure is None or imported.failure.verdict is not Verdict.TIMED_OUT:
            self.patience.imported(modules, before - self.patience.left)
            self._import_failure = imported.failure
        return imported

    def _run(
        self, request: Request, steps: Sequence[Step | None], until: float, limit: float
    ) -> Run:
        """Send one request and receive one reply per step (None means the import)."""
        assert self._worker is not None
        run, number, step = Run(), 0, steps[0] if steps else None
        least = 0.0 if step is None else QUICK
        # Time spent computing ahead; anything that hangs would have been ended after this long.
        ahead = min(self._worker.lap(idle=True, least=least), self.patience.allowed)
        self.patience.use(ahead)
        allowed = self.patience.share(limit)
        try:
            ready = time.monotonic() + max(allowed, SHORT)
            self._worker.ask(request)
            if not self._worker.take_up(request, min(ready, until)):
                run.failure = self._deaf(step, limit, until)
                return run
            self._expected = [one for one in self._expected if one is not request]
            self._ask_ahead()
            for number, step in enumerate(steps):
                modules = self._stage.submitted_modules if step is None else None
                allowed = self.patience.share(limit, modules)
                deadline = min(time.monotonic() + limit, until)
                deadline = self._worker.wait(deadline, allowed, self.patience)
                reply = self._worker.reply(number, step, deadline, request.max_bytes)
                if self._gate is not None:
                    reply = self._gate.reply(reply, step)
                gather(run, reply, step)
                if reply.error is not None:
                    run.failure = self._wording.raised(reply.error, steps, number)
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
                self.patience.use(self._worker.lap(least=least))
        return run

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
            self._hangs.note(step, seconds)
            return failure
        self._import_failure = failure
        if len(modules) == 1 and not self.patience.has_imported(modules):
            self._hung.update(dict.fromkeys(modules, seconds))
        return failure

    def _deaf(self, step: Step | None, limit: float, until: float) -> Failure:
        """End a worker that accepts no request; whatever keeps it busy is from an earlier call."""
        if time.monotonic() >= until:
            return self._timed_out(step, limit, late=True, short=False, place="")
        self._stop(kill=True)
        self.patience.timed_out()
        return failures.deaf()

    def _crashed(self, step: Step | None, error: Exception) -> Failure:
        start = time.monotonic()
        code = self._stop(kill=not isinstance(error, wire.Closed))
        waited = time.monotonic() - start >= EXIT
        if code is None and waited and step is not None:  # it kept running without its connection
            self._hangs.note(step, EXIT)
        return self._wording.crashed(step, error, code)

    def _stop(self, kill: bool) -> int | None:
        assert self._worker is not None
        self.patience.use(self._worker.lap())
        start = time.monotonic()
        self._is_ready = False
        code = self._worker.stop(kill)
        if not kill:
            self.patience.use(time.monotonic() - start)
        self._worker = None
        return code
