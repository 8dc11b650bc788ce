"""The trusted handle to the processes that hold the submission.

Theory of operation. The grader starts one launcher (`launcher.py`): an isolated Python with a
clean environment, numpy, and no secret. For every target it asks the launcher for a fresh worker,
which imports the submission and answers programs over one socket. Where forking is not safe
(macOS) or not there (Windows), every worker is a new process instead. The grader's clock decides:
a step that misses its deadline, or an answer that is not a frame, ends the worker by SIGKILL, and
the next program gets a new one. What a worker sends is data: numbers to compare, text to show.

What this does not do yet: a worker runs with the rights of the user who grades.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from . import wire
from .handout import given_files, write_files
from .paths import PACKAGE
from .program import Call, Load, New, Program, Read, Step, encode
from .submission import Submission
from .verdict import Verdict
from .worker import Stage

# `grader` is importable only while its own modules load: the submission finds an empty package.
_BOOT = """
import sys, types
package = types.ModuleType("grader")
package.__path__ = [sys.argv[1]]
sys.modules["grader"] = package
sys.path.append(sys.argv[2])
from grader import launcher
package.__path__ = []
launcher.{entry}
"""
UNFINISHED = "\n  (If your code is there already, delete this line.)"
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
}
# Without these, Windows finds no DLLs, and an old OpenBLAS may choose a wrong kernel.
_INHERITED = ("SYSTEMROOT", "PATH", "OPENBLAS_CORETYPE", "LD_LIBRARY_PATH")


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
    # After this many calls of a method that never came back, it is not called again.
    hangs: int = 2


@dataclass(frozen=True)
class Answer:
    """One result of a step: what it is, and its numbers if it has any that can be compared."""

    type: str
    about: str
    dtype: str
    array: np.ndarray | None


@dataclass(frozen=True)
class Failure:
    """Why a program did not get to its end."""

    verdict: Verdict
    message: str


@dataclass
class Run:
    """What a program gave: named answers, and the failure that ended it, if one did, and where."""

    answers: dict[str, Answer] = field(default_factory=dict)
    failure: Failure | None = None
    ended_at: Step | None = None
    printed: str = ""
    warnings: list[str] = field(default_factory=list)
    changed: bool = False
    counts: list[dict[str, dict[str, int]]] = field(default_factory=list)


class Process(Protocol):
    """A worker's process."""

    sock: socket.socket

    def stop(self, kill: bool) -> int:
        """End it if asked to; return its exit code, negative for a signal."""


class Starter(Protocol):
    """Starts workers."""

    def start(self, stage: Stage) -> Process:
        """Start one worker."""

    def close(self) -> None:
        """Give back what starting takes."""


def _command(entry: str) -> list[str]:
    library = str(Path(np.__path__[0]).parent)
    boot = _BOOT.format(entry=entry)
    return [sys.executable, "-I", "-S", "-B", "-c", boot, str(PACKAGE), library]


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, **_ENVIRONMENT}


@dataclass
class _Forked:
    sock: socket.socket
    launcher: Launcher
    pid: int

    def stop(self, kill: bool) -> int:
        self.sock.close()
        return self.launcher.ask({"do": "end", "pid": self.pid, "kill": kill})["status"]


class Launcher:
    """Starts workers by forking a process that has numpy loaded."""

    def __init__(self) -> None:
        """Start the launcher; it loads numpy while the grader goes on."""
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        self._process = subprocess.Popen(
            _command(f"serve_forks({number})"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=[number],
            cwd="/",
        )
        theirs.close()

    def start(self, stage: Stage) -> _Forked:
        """Fork one worker."""
        ours, theirs = socket.socketpair()
        request = {"do": "start", "stage": asdict(stage)}
        with theirs:
            reply = self.ask(request, [theirs.fileno()])
        return _Forked(ours, self, reply["pid"])

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, int]:
        """Send a request; a launcher that is gone (killed, say) is started again once."""
        for last in (False, True):
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], list(descriptors))
                reply = self._control.recv(65536)
                if reply:
                    found: dict[str, int] = json.loads(reply)
                    return found
            except ConnectionError:
                pass
            self.close()
            self._start()
            if request["do"] == "end":
                return {"status": -int(signal.SIGKILL)}
            if last:
                break
        raise RuntimeError("The launcher of workers does not start.")

    def close(self) -> None:
        """End the launcher."""
        self._control.close()
        self._process.kill()
        self._process.wait()


@dataclass
class _Spawned:
    sock: socket.socket
    process: subprocess.Popen[bytes]

    def stop(self, kill: bool) -> int:
        self.sock.close()
        if kill:
            self.process.kill()
        return self.process.wait()


class Spawner:
    """Starts every worker as a new process: slower by the import of numpy, but everywhere."""

    def start(self, stage: Stage) -> _Spawned:
        """Start one worker."""
        ours, theirs = socket.socketpair()
        windows = sys.platform == "win32"
        process = subprocess.Popen(
            _command("serve_one()"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=() if windows else [theirs.fileno()],
        )
        request: dict[str, Any] = {"stage": asdict(stage)}
        if sys.platform == "win32":
            request["share"] = theirs.share(process.pid).hex()
        else:
            request["descriptor"] = theirs.fileno()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.close()
        theirs.close()
        return _Spawned(ours, process)

    def close(self) -> None:
        """Nothing is kept."""


def starter() -> Starter:
    """Return what starts workers on this platform."""
    return Launcher() if sys.platform == "linux" else Spawner()


class Sandbox:
    """Runs programs on a submission, in one worker after the other, for one target."""

    def __init__(self, starter: Starter, stage: Stage, module: str, limits: Limits) -> None:
        """Keep where the submission is; the first program starts a worker.

        Args:
            starter: starts workers.
            stage: the files.
            module: the module of the target, such as "activations".
            limits: the ceilings.
        """
        self._starter = starter
        self._stage = stage
        self._module = module
        self._limits = limits
        self._process: Process | None = None
        self._requests = 0
        self._hangs: Counter[str] = Counter()
        self._import_failure: Failure | None = None

    def run(self, program: Program, until: float, call: float | None = None) -> Run:
        """Run a program on the submission.

        Args:
            program: what to do; a call may take the limit of a call.
            until: when the check has to end, on the clock of `time.monotonic`.
            call: another limit of one call, in seconds.
        """
        program = tuple(step for step in program if not self._may_be_left_out(step))
        failure = self._import_failure or self._refusal(program)
        if failure is None and self._process is None:
            failure = self._start(until)
        if failure is not None:
            return Run(failure=failure)
        run = self._run(program, {}, program, until, call or self._limits.call)
        if isinstance(run.ended_at, Call) and run.ended_at.optional:
            needed = tuple(s for s in program if not (isinstance(s, Call) and s.optional))
            return self.run(needed, until, call)
        return run

    def _may_be_left_out(self, step: Step) -> bool:
        """Tell whether a step is optional and known not to come back."""
        return isinstance(step, Call) and step.optional and self._hangs[step.method] > 0

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.stop(kill=True)
            self._process = None

    def _refusal(self, program: Program) -> Failure | None:
        for step in program:
            if isinstance(step, Call) and self._hangs[step.method] >= self._limits.hangs:
                return Failure(
                    Verdict.TIMED_OUT,
                    f"{step.method} was not called again: it did not return within "
                    f"{self._limits.call:g} s {self._limits.hangs} times before.",
                )
        return None

    def _start(self, until: float) -> Failure | None:
        self._process = self._starter.start(self._stage)
        imported = self._run((), {"import": self._module}, (None,), until, self._limits.import_)
        self._import_failure = imported.failure
        return imported.failure

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
        run, sock = Run(), self._process.sock
        steps_json, arrays = encode(program)
        request = {**header, "id": self._requests, "program": steps_json}
        step: Step | None = None
        try:
            wire.send(sock, request, arrays, time.monotonic() + limit)
            for number, step in enumerate(steps):
                reply, answers = wire.receive(sock, min(time.monotonic() + limit, until))
                self._verify(reply, number, step)
                self._take(run, reply, answers)
                if "error" in reply:
                    run.failure = _failure(reply["error"], step)
                    break
        except TimeoutError:
            run.failure, run.ended_at = self._timed_out(step, limit), step
        except (wire.ProtocolError, OSError, KeyError, TypeError, ValueError) as error:
            run.failure, run.ended_at = self._crashed(step, error), step
        return run

    def _verify(self, reply: dict[str, Any], number: int, step: Step | None) -> None:
        """Refuse a reply that is not the one answer to this step of this request."""
        if (reply["id"], reply["step"]) != (self._requests, number):
            raise wire.ProtocolError("an answer belongs to another question")
        optional = isinstance(step, Call) and step.optional
        names = [entry["name"] for entry in reply.get("outputs", ())]
        due = list(step.out) if isinstance(step, Call | Read) else []
        if "error" not in reply and names != due and not (optional and not names):
            raise wire.ProtocolError("an answer does not have the results that are due")

    def _take(self, run: Run, reply: dict[str, Any], arrays: list[np.ndarray]) -> None:
        run.printed += str(reply.get("printed", ""))
        if "error" in reply:
            return
        run.warnings += [str(text) for text in reply["warnings"] if str(text) not in run.warnings]
        run.changed = run.changed or bool(reply.get("changed"))
        if reply.get("counts"):
            run.counts.append(_counts(reply["counts"]))
        values = iter(arrays)
        for entry in reply.get("outputs", ()):
            array = next(values, None) if entry["array"] else None
            run.answers[str(entry["name"])] = Answer(
                str(entry["type"]), str(entry["about"]), str(entry["dtype"]), array
            )

    def _timed_out(self, step: Step | None, limit: float) -> Failure:
        self._stop(kill=True)
        if isinstance(step, Call):
            self._hangs[step.method] += 1
        return Failure(
            Verdict.TIMED_OUT,
            f"{_name(step)} did not return within {limit:g} s. Look for a loop that never ends.",
        )

    def _crashed(self, step: Step | None, error: Exception) -> Failure:
        gone = isinstance(error, wire.Closed)
        code = self._stop(kill=not gone)
        if not gone:
            text = f"sent something that is not an answer ({error})"
        elif code < 0:
            text = f"crashed Python (signal {-code}{_signal_name(-code)})"
        else:
            text = f"ended the process with exit code {code} (os._exit?)"
        return Failure(Verdict.CRASHED, f"{_name(step)} {text}.")

    def _stop(self, kill: bool) -> int:
        assert self._process is not None
        code = self._process.stop(kill)
        self._process = None
        return code


def _signal_name(number: int) -> str:
    try:
        return f", {signal.Signals(number).name}"
    except ValueError:
        return ""


def _counts(counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {
        str(kind): {str(place): int(number) for place, number in places.items()}
        for kind, places in counts.items()
    }


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


def _failure(error: Mapping[str, Any], step: Step | None) -> Failure:
    """Turn the worker's account of an exception into a verdict and a sentence."""
    kind, message = str(error["type"]), str(error["message"])
    place = _place(error["where"])
    if error["ours"]:
        missing = isinstance(step, New) and kind == "Missing"
        return Failure(Verdict.NOT_IMPLEMENTED if missing else Verdict.FAILED, message)
    if error["unfinished"]:
        text = f"{_name(step)} is not implemented yet: {message or 'NotImplementedError'}"
        return Failure(Verdict.NOT_IMPLEMENTED, text + place + UNFINISHED)
    text = f"{_name(step)} raised {kind}{': ' if message else ''}{message}"
    return Failure(Verdict.RAISED, text + place + _hint(kind, message))


def _place(where: Sequence[Sequence[Any]]) -> str:
    if not where:
        return ""
    file, line, function, text = where[-1]
    inside = f", in {function}" if function and not str(function).startswith("<") else ""
    return f"\n  {file}, line {line}{inside}: {text}".rstrip(": ")


def _hint(kind: str, message: str) -> str:
    modules = ["activations", "layers", "losses", "models", "optimizers", "weights", "datasets"]
    if kind == "ModuleNotFoundError" and any(f"'{name}'" in message for name in modules):
        return "\n  Import the modules of the homework with a dot: from .activations import ..."
    if kind == "ModuleNotFoundError":
        return "\n  Only numpy, the standard library and the homework's modules are there."
    if kind == "SystemExit":
        return "\n  Do not end the program (exit, quit, sys.exit) in your code."
    return ""


def run_training(submission: Submission) -> int:
    """Run `student.train` of a submission, with what it lacks from the handout; its exit code."""
    start = "import sys; sys.path.insert(0, sys.argv[1]); from student.train import main; main()"
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        write_files(Path(folder) / "student", {**given_files(), **submission.files})
        command = [sys.executable, "-I", "-B", "-c", start, folder]
        return subprocess.run(command, cwd=folder, check=False).returncode
