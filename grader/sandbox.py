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

import builtins
import difflib
import signal
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import replies, wire
from .errors import GraderError
from .processes import Process, Starter
from .program import Call, Load, New, Program, Read, Step, encode
from .replies import Answer, Error, Frame
from .rubric import GRADED_MODULES
from .verdict import Verdict
from .worker import Stage

ALONE = (
    "\n  backward is called without a forward before it: it has to compute all it needs from its "
    "arguments."
)
DEAF = (
    "Your code did not take what it should be called with. Does a thread still run that it started "
    "in an earlier call?"
)
UNFINISHED = "\n  (If your code is there already, delete this line.)"
# Of one reply, where the caller does not know how large the right one is.
ROOM = wire.MAX_BODY
# Characters of what one program prints, and warnings, that are kept.
MAX_PRINTED, MAX_WARNINGS = 20_000, 10
# How `counting` marks the files of given code, which are not the student's to read.
GIVEN = " of the handout"
# Seconds for a worker to be confined, before anything of the submission runs in it.
READY = 30.0
# Seconds for a worker to say where it was when it was interrupted, before it is killed.
LAST_WORDS = 0.5


@dataclass(frozen=True)
class Limits:
    """Ceilings, in seconds of the wall clock.

    A call of honest code takes milliseconds; half a CPU in a busy container makes that tens.
    """

    import_: float = 10.0
    call: float = 5.0
    check: float = 20.0
    # Two seconds are usual; a slow but honest convolution in Python loops over pixels takes 20.
    training: float = 90.0
    # Gradescope ends a run after 600 s by default; half a minute is for starting and reporting.
    run: float = 570.0
    # What a training gets if a call of another check never came back: it is likely to hang, too.
    doubtful_training: float = 45.0
    # After this many calls of a method that never came back, it is not called again.
    hangs: int = 2


@dataclass(frozen=True)
class Failure:
    """Why a program did not get to its end."""

    verdict: Verdict
    message: str


@dataclass
class Run:
    """What a program gave: named answers, and the failure that ended it, if one did, and where.

    `flags` says how results were come by, as far as the worker tells; see `counting`. `changed` are
    the methods that changed an argument in place; `places` says where those that were called are
    defined.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    failure: Failure | None = None
    ended_at: Step | None = None
    printed: str = ""
    warnings: list[str] = field(default_factory=list)
    changed: tuple[str, ...] = ()
    counts: list[dict[str, dict[str, int]]] = field(default_factory=list)
    flags: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)


class Sandbox:
    """Runs programs on a submission, in one worker after the other, for one target."""

    def __init__(
        self,
        starter: Starter,
        stage: Stage,
        module: str,
        limits: Limits,
        hung: set[str] | None = None,
        silent: bool = False,
    ) -> None:
        """Keep where the submission is; the first program starts a worker.

        Args:
            starter: starts workers.
            stage: the files.
            module: the module of the target, such as "activations".
            limits: the ceilings.
            hung: the modules whose import did not come back, of all targets: not tried again.
            silent: show no text of the submission, which could carry hidden inputs out.
        """
        self._starter = starter
        self._stage = stage
        self._module = module
        self._limits = limits
        self._hung = set() if hung is None else hung
        self._silent = silent
        self._process: Process | None = None
        self._requests = 0
        self._hangs: Counter[str] = Counter()
        self._import_failure: Failure | None = None

    def run(
        self, program: Program, until: float, call: float | None = None, room: int = ROOM
    ) -> Run:
        """Run a program on the submission.

        Args:
            program: what to do; a call may take the limit of a call.
            until: when the check has to end, on the clock of `time.monotonic`.
            call: another limit of one call, in seconds.
            room: bytes that the arrays of one reply may take; larger results come without them.

        Raises:
            GraderError: no worker can be started.
        """
        program = tuple(step for step in program if not self._may_be_left_out(step))
        failure = self._import_failure or self._refusal(program)
        if failure is not None:
            return Run(failure=failure)
        imported = self._start(until) if self._process is None else Run()
        if imported.failure is not None:
            return imported
        run = self._run(program, {"room": room}, program, until, call or self._limits.call)
        run.printed = imported.printed + run.printed
        if isinstance(run.ended_at, Call) and run.ended_at.optional:
            needed = tuple(s for s in program if not (isinstance(s, Call) and s.optional))
            return self.run(needed, until, call, room)
        return run

    @property
    def has_hung(self) -> bool:
        """Tell whether a call never came back."""
        return bool(self._hangs)

    def _may_be_left_out(self, step: Step) -> bool:
        """Tell whether a step is optional and known not to come back."""
        return isinstance(step, Call) and step.optional and self._hangs[step.method] > 0

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.stop(kill=True)
            self._process = None

    def _refusal(self, program: Program) -> Failure | None:
        hung = sorted(self._hung & set(self._stage.own))
        if hung:
            text = f"{hung[0]}.py was not imported again: that did not end within "
            return Failure(Verdict.TIMED_OUT, f"{text}{self._limits.import_:g} s before.")
        for step in program:
            if isinstance(step, Call) and self._hangs[step.method] >= self._limits.hangs:
                return Failure(
                    Verdict.TIMED_OUT,
                    f"{step.method} was not called again: it did not return within "
                    f"{self._limits.call:g} s when it was called before.",
                )
        return None

    def _start(self, until: float) -> Run:
        self._process = self._starter.start(self._stage)
        self._expect_ready()
        header = {"import": self._module, "room": ROOM}
        imported = self._run((), header, (None,), until, self._limits.import_)
        if imported.failure is not None and time.monotonic() < until:
            self._import_failure = imported.failure
        return imported

    def _expect_ready(self) -> None:
        """Wait until the worker is confined; nothing of the submission has run by then."""
        assert self._process is not None
        try:
            header, _ = wire.receive(self._process.sock, time.monotonic() + READY)
            problem = header["problem"]
        except (TimeoutError, wire.ProtocolError, OSError, KeyError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            self._stop(kill=True)
            raise GraderError(f"A worker did not become ready ({problem}).")

    def _run(
        self,
        program: Program,
        header: dict[str, Any],
        steps: Sequence[Step | None],
        until: float,
        limit: float,
    ) -> Run:
        """Send one request and take one reply a step (None stands for the import)."""
        assert self._process is not None
        self._requests += 1
        run, sock, room = Run(), self._process.sock, header["room"]
        steps_json, arrays = encode(program)
        request = {**header, "id": self._requests, "program": steps_json}
        number, step = 0, steps[0] if steps else None
        try:
            if not _sent(sock, request, arrays, min(time.monotonic() + limit, until)):
                late = time.monotonic() >= until
                run.failure = self._timed_out(steps[0], limit, late) if late else self._deaf()
                return run
            for number, step in enumerate(steps):
                deadline = min(time.monotonic() + limit, until)
                answer = wire.receive(sock, deadline, wire.MAX_REPLY, room)
                reply = replies.parse(*answer, (self._requests, number), step)
                self._take(run, reply, step)
                if isinstance(step, Call) and reply.at:
                    run.places[step.method] = reply.at
                if reply.error is not None:
                    run.failure = self._failure(reply.error, step)
                    break
        except TimeoutError:
            late = time.monotonic() >= until
            place = self._interrupted(number, step)
            run.failure, run.ended_at = self._timed_out(step, limit, late, place), step
        except (wire.ProtocolError, OSError) as error:
            run.failure, run.ended_at = self._crashed(step, error), step
        return run

    def _take(self, run: Run, reply: replies.Reply, step: Step | None) -> None:
        if not self._silent:
            run.printed += reply.printed[: max(MAX_PRINTED - len(run.printed), 0)]
            new = [text for text in reply.warnings if text not in run.warnings]
            run.warnings += new[: max(MAX_WARNINGS - len(run.warnings), 0)]
        if reply.changed and isinstance(step, Call) and step.method not in run.changed:
            run.changed += (step.method,)
        run.flags += tuple(flag for flag in reply.flags if flag not in run.flags)
        if reply.counts:
            run.counts.append(reply.counts)
        for name, answer in reply.answers.items():
            run.answers[name] = _without_words(answer) if self._silent else answer

    def _failure(self, error: Error, step: Step | None) -> Failure:
        if not self._silent:
            return _failure(error, step)
        kind = error.kind if hasattr(builtins, error.kind) else "an exception"
        line = f", line {error.where[-1].line} of its file" if error.where else ""
        return Failure(Verdict.RAISED, f"{_name(step)} raised {kind}{line}.")

    def _interrupted(self, number: int, step: Step | None) -> str:
        """Interrupt what the worker runs; return the line where it was, if it says so."""
        assert self._process is not None
        try:
            self._process.interrupt()
            answer = wire.receive(
                self._process.sock, time.monotonic() + LAST_WORDS, wire.MAX_REPLY, 0
            )
            error = replies.parse(*answer, (self._requests, number), step).error
        except (TimeoutError, wire.ProtocolError, OSError, GraderError):
            return ""
        if error is None or error.kind != "KeyboardInterrupt" or not error.where:
            return ""
        if self._silent:
            return f" It was in line {error.where[-1].line} of its file."
        return f" It was here when it was stopped:{_place(error.where)}"

    def _timed_out(self, step: Step | None, limit: float, late: bool, place: str = "") -> Failure:
        """End the worker; remember what hung, unless it only was late for the whole check."""
        self._stop(kill=True)
        if late:
            return Failure(
                Verdict.TIMED_OUT,
                f"{_name(step)} had not ended when the time for this check was over. Look for a "
                f"loop that never ends, or that goes over single examples or pixels.{place}",
            )
        if isinstance(step, Call):
            self._hangs[step.method] += 1
        if step is None and len(self._stage.own) == 1:
            self._hung.update(self._stage.own)
        return Failure(
            Verdict.TIMED_OUT,
            f"{_name(step)} did not return within {limit:g} s. Look for a loop that never ends."
            f"{place}",
        )

    def _deaf(self) -> Failure:
        """End a worker that takes no request; what it was busy with is of an earlier call."""
        self._stop(kill=True)
        return Failure(Verdict.TIMED_OUT, DEAF)

    def _crashed(self, step: Step | None, error: Exception) -> Failure:
        gone = isinstance(error, wire.Closed)
        code = self._stop(kill=not gone)
        if not gone:
            text = f"sent something that is not an answer ({error})"
        elif code < 0:
            text = f"crashed Python (signal {-code}{_signal_name(-code)})"
        elif self._silent:
            text = "ended the process (os._exit?)"
        else:
            text = f"ended the process with exit code {code} (os._exit?)"
        return Failure(Verdict.CRASHED, f"{_name(step)} {text}.")

    def _stop(self, kill: bool) -> int:
        assert self._process is not None
        code = self._process.stop(kill)
        self._process = None
        return code


def _sent(
    sock: socket.socket, request: dict[str, Any], arrays: Sequence[Any], deadline: float
) -> bool:
    """Tell whether a request could be sent before a deadline."""
    try:
        wire.send(sock, request, arrays, deadline)
    except TimeoutError:
        return False
    return True


def _signal_name(number: int) -> str:
    try:
        return f", {signal.Signals(number).name}"
    except ValueError:
        return ""


def _without_words(answer: Answer) -> Answer:
    """Return an answer whose description says no more than its numbers."""
    shape = "no array of numbers" if answer.array is None else f"of shape {answer.array.shape}"
    kind = answer.type if answer.type in ("ndarray", "float", "float64", "missing") else "object"
    dtype = answer.dtype if answer.dtype in ("float64", "float32") else "another type"
    return Answer(kind, shape, dtype, answer.array)


def _name(step: Step | None) -> str:
    """Return what a step runs, as a student would say it."""
    if step is None:
        return "Importing your file"
    if isinstance(step, New):
        shown = ", ".join(f"{key}={_brief(value)}" for key, value in step.arguments.items())
        return f"{step.what.rpartition('.')[2]}({shown})"
    if isinstance(step, Load | Read):
        return f"Reading {step.on}"
    return step.method


def _brief(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float | tuple) else "..."


def _failure(error: Error, step: Step | None) -> Failure:
    """Turn the worker's account of an exception into a verdict and a sentence."""
    kind, message, place = error.kind, error.message, _place(error.where)
    if error.ours:
        missing = isinstance(step, New) and kind == "Missing"
        return Failure(Verdict.NOT_IMPLEMENTED if missing else Verdict.FAILED, message)
    if error.unfinished:
        text = f"{_name(step)} is not implemented yet: {message or 'NotImplementedError'}"
        return Failure(Verdict.NOT_IMPLEMENTED, text + place + UNFINISHED)
    text = f"{_name(step)} raised {kind}{': ' if message else ''}{message}"
    alone = kind == "AttributeError" and "has no attribute" in message and _is_alone(step)
    hint = ALONE if alone else _hint(kind, message)
    return Failure(Verdict.RAISED, text + place + hint)


def _is_alone(step: Step | None) -> bool:
    """Tell whether a step is a backward that gets all it needs: of an activation or a loss."""
    return isinstance(step, Call) and step.method == "backward" and len(step.args) == 2


def _place(where: Sequence[Frame]) -> str:
    if not where:
        return ""
    own = [frame for frame in where if not frame.file.endswith(GIVEN)]
    last = (own or where)[-1]
    inside = f", in {last.function}" if last.function and last.function[0] != "<" else ""
    shown = f": {last.text}" if last.text else ""
    return f"\n  {last.file}, line {last.line}{inside}{shown}"


# What the words of Python and numpy mean, where they are hard to read.
_MEANINGS = {
    "truth value of an array": "An if, an and, or Python's max needs one truth value; for arrays "
    "there are np.where, np.maximum and masks.",
    "converted to Python scalars": "The functions of math take single numbers; numpy has the same "
    "for arrays, such as np.exp.",
    "mismatch in its core dimension": "The inner sizes of a matrix product differ. Is a transpose "
    "missing, or one too many?",
    "not aligned": "The inner sizes of a matrix product differ. Is a transpose missing, or one too "
    "many?",
    "broadcast": "Two arrays do not fit entry by entry. Does a sum lack keepdims=True, "
    "or is there a transpose missing, or one too many?",
    "NoneType": "Something is None. Does a method lack its return, or an attribute its value?",
    "name 'np' is not defined": "Write import numpy as np at the top of the file.",
}
# What the kind of an exception says.
_KINDS = {
    "PermissionError": "Code is graded without files to write, network, and other processes.",
    "BdbQuit": "Remove breakpoint() and pdb: nobody can type here.",
    "EOFError": "Remove input(): nobody can type here.",
    "SystemExit": "Do not end the program (exit, quit, sys.exit) in your code.",
    "TabError": "Indent with spaces everywhere, four for a level.",
    "KeyError": "The dict has no entry of this name. Is it stored before it is read, and is it "
    "spelled the same in both places?",
}


def _hint(kind: str, message: str) -> str:
    for words, meaning in _MEANINGS.items():
        if words in message:
            return f"\n  {meaning}"
    if kind in ("ModuleNotFoundError", "ImportError"):
        return _import_hint(message)
    return f"\n  {_KINDS[kind]}" if kind in _KINDS else ""


_MODULES = (*GRADED_MODULES, "weights", "datasets")


def _import_hint(message: str) -> str:
    """Say how the homework's modules are imported, if it is one that was meant."""
    wanted = message.partition("No module named ")[2].strip("'").rpartition(".")[2]
    similar = difflib.get_close_matches(wanted, _MODULES, 1, 0.75)
    if similar:
        return f"\n  Import the homework's modules with a dot: from .{similar[0]} import ..."
    return "\n  Only numpy, the standard library and the homework's modules are there."
