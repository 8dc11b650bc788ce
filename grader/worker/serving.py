"""The process that holds the submission: it runs programs and answers, and decides nothing.

`serve` is the entire life of a worker. It is the only place where code of a submission is imported.
Everything it sends is a claim that the grader compares with its own numbers.
"""

from __future__ import annotations

import contextlib
import importlib
import signal
import socket
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from grader.program import Call, Entries, New, Read, Step, decode

from . import iteration, wire
from .counting import counter
from .guard import ANSWERED, ASKED, Guard, Tampered, tampered
from .importing import Finder
from .interpreter import Interpreter, Missing, Placeholder, WrongResult, asked, find, named
from .namesakes import facts, refused
from .originals import Originals
from .places import Places, place_of
from .plain_names import STUDENT_PACKAGE, PlainImport, PlainNames
from .printed import Printed
from .stage import Stage
from .values import Reply, changed, encoded, gathered

MAX_MESSAGE = 500
MAX_LINE = 200
MAX_WARNINGS_PER_CALL = 3
TIMERS = [getattr(signal, n) for n in ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2")
          if hasattr(signal, n)]  # fmt: skip

# The steps that have no result: there is seldom anything to say about them.
QUIET = ("New", "Load")

# Serves in a worker, given a socket, its files, and possibly a reason why it is not confined.
Serve = Callable[[socket.socket, Stage, str], None]


class Worker:
    """Answers the grader's requests on one socket."""

    def __init__(self, sock: socket.socket, stage: Stage, originals: Originals) -> None:
        """Take over stdout and stderr, and the import of the submission."""
        self._sock = sock
        self._places = Places(stage.submission, stage.given)
        # What counting uses and creates must stay hidden from code that looks into frames.
        hidden = Places(stage.submission, stage.given)
        self._counter = iteration.opaque(lambda count: counter(count, hidden))
        self._stage = stage
        self._printed = Printed()
        # The indices of the entry that a function is called for, and what is called.
        self._entry: list[int] = []
        self._called: Any = None
        # What was read during a counted call, because reading can mean computing; or its error.
        self._ahead: dict[Read, Reply | Exception] = {}
        sys.stdout = sys.stderr = self._printed
        finder = Finder(stage)
        sys.meta_path.insert(0, finder)
        PlainNames(finder.has, self._places.label).install()
        sys.addaudithook(Guard(hidden, originals).hear)
        for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
            del sys.modules[name]

    def serve(self) -> None:
        """Answer until the grader is gone.

        Nobody can change a function that is already running: what this one tells the guard is true.
        """
        tell = sys.audit
        while True:
            try:
                header, arrays = wire.receive(self._sock)
            except wire.Closed:
                return
            tell(ASKED, header, arrays)
            kinds = [step["step"] for step in header["program"]] or [""]
            for step, (reply, answers) in enumerate(self._replies(header, arrays)):
                message = {"id": header["id"], "step": step, **reply}
                tell(ANSWERED, message, answers)
                if what := message.pop("noted", ""):
                    error = self._error(tampered(what))
                    message["error"] = error
                if "error" in message:
                    wire.send(self._sock, message)
                    break
                if kinds[step] in QUIET and not (message["printed"] or message["warnings"]):
                    self._sock.sendall(wire.MARK)
                else:
                    wire.send(self._sock, message, answers)

    def _replies(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Iterator[Reply]:
        """Yield one reply per step; the first error is the last reply."""
        interpreter = Interpreter(STUDENT_PACKAGE)
        self._ahead.clear()
        steps: list[Step | None] = [None] if "import" in header else []
        steps += decode(header["program"], arrays)
        for number, step in enumerate(steps):
            reads = tuple(takewhile(lambda x: isinstance(x, Read), steps[number + 1 :]))
            self._entry, self._called = [], None
            try:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    reply, answers = self._run(interpreter, step, header, reads)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the submission's
                yield {"error": self._error(error), "printed": self._printed.take()}, []
                return
            reply["warnings"] = self._warnings(caught)
            yield {**reply, "printed": self._printed.take()}, answers

    def _run(
        self,
        interpreter: Interpreter,
        step: Step | None,
        header: dict[str, Any],
        reads: Sequence[Any],
    ) -> Reply:
        """Run one step, which is followed by `reads`."""
        if step is None:
            importlib.import_module(f"{STUDENT_PACKAGE}.{header['import']}")
            return {}, []
        if isinstance(step, Call) and step.optional:
            with contextlib.suppress(BaseException):
                return self._call(interpreter, step, header["max_bytes"], ())
            return {}, []
        if isinstance(step, Call):
            return self._call(interpreter, step, header["max_bytes"], reads)
        if isinstance(step, Read):
            ahead = self._ahead.pop(step, None)
            if isinstance(ahead, Exception):
                raise ahead
            return ahead or self._read(interpreter, step, header["max_bytes"])
        if isinstance(step, Entries):
            reply = self._entries(step)
        else:
            self._called = find(STUDENT_PACKAGE, step.what) if isinstance(step, New) else None
            reply = encoded(interpreter.run(step), header["max_bytes"])
        return reply

    def _entries(self, step: Entries) -> Reply:
        """Call a function for every entry; report what one of them raises with its indices."""
        function, values, is_changed = find(STUDENT_PACKAGE, step.what), [], False
        self._called = function
        for index, args in asked(step):
            self._entry = index
            values.append(function(*index, *args))
            if values[-1] is ...:
                raise Placeholder
            # Only the first call is checked, because calls do not see each other's changes.
            is_changed = is_changed or (len(values) == 1 and changed(step.args, args))
        self._entry = []
        reply, answers = gathered(step.out[0], values, step.indices, step.shape)
        return {**reply, "changed": is_changed, "at": self._defined(function)}, answers

    def _call(
        self, interpreter: Interpreter, step: Call, max_bytes: int, reads: Sequence[Read]
    ) -> Reply:
        """Call a method; work that is done when its results are read is counted, too."""
        method, args, arguments = interpreter.prepare(step)
        self._called = method
        with self._counter(step.count) as report:
            result = method(*args, **arguments)
            try:
                results = named(step, result)
            except Placeholder as hole:
                hole.where = [[*self._defined(method), step.method, ""]]
                raise
            interpreter.objects.update(results)
            reply, answers = encoded(results, max_bytes)
            if report:
                args.clear()
                arguments.clear()
                self._ahead |= {read: self._tried(interpreter, read, max_bytes) for read in reads}
        if report:
            counts, flags = report(result)
            compiled = ["compiled code"] if iteration.asked_for else []
            reply |= {"counts": counts, "flags": flags + compiled}
        reply["at"] = self._defined(method)
        reply["changed"] = not step.count and changed(step.args, args)
        return reply, answers

    def _defined(self, method: Any) -> list[Any]:
        """Return the file and the line of a plain function; nothing if it is wrapped."""
        function = method.__func__ if type(method) is types.MethodType else method
        if type(function) is not types.FunctionType:
            return []
        return [self._places.label(function.__code__.co_filename), function.__code__.co_firstlineno]

    def _tried(self, interpreter: Interpreter, step: Read, max_bytes: int) -> Reply | Exception:
        """Read one thing before its turn; return any exception, to be raised in its turn."""
        try:
            return self._read(interpreter, step, max_bytes)
        except Exception as error:  # noqa: BLE001 - raised in its own step
            return error

    def _read(self, interpreter: Interpreter, step: Read, max_bytes: int) -> Reply:
        """Read one thing; if it is missing, that is an answer, and the program goes on."""
        try:
            return encoded(interpreter.run(step), max_bytes)
        except Missing as missing:
            entry = {"name": step.out[0], "type": "missing", "about": str(missing)[:MAX_MESSAGE]}
            return {"outputs": [{**entry, "dtype": "", "array": False}]}, []

    def _error(self, error: BaseException) -> dict[str, Any]:
        """Return what happened and where: only the submission's frames, innermost last."""
        where = []
        for frame in traceback.extract_tb(error.__traceback__):
            file = self._places.label(frame.filename)
            if file:
                where.append([file, frame.lineno, frame.name[:80], (frame.line or "")[:MAX_LINE]])
        if isinstance(error, SyntaxError) and error.filename:
            file = self._places.label(error.filename) or error.filename
            where.append(
                [
                    file[:120],
                    error.lineno or 0,
                    "",
                    (error.text or "").strip(" \t\r\n\f")[:MAX_LINE],
                ]
            )
        if isinstance(error, Placeholder) and len(error.where[0]) == 4:
            where = error.where
        ours = isinstance(error, Missing | WrongResult | Tampered)
        refusal = {} if where else refused(error, self._called, self._places, self._stage.given)
        return {
            "type": type(error).__name__[:80],
            "ours": ours,
            "unfinished": _is_unfinished(error),
            "message": _text(error)[:MAX_MESSAGE],
            "where": where[-3:],
            "entry": self._entry,
            "facts": {} if ours else facts(error, self._places),
            **refusal,
        }

    def _warnings(self, caught: list[warnings.WarningMessage]) -> list[str]:
        found = {
            f"{kind}{w.message} ({place_of(self._places.label(w.filename), w.lineno)})"
            for w in caught
            if self._places.label(w.filename)
            for kind in ["" if w.category is PlainImport else f"{w.category.__name__}: "]
        }
        return sorted(text[:MAX_MESSAGE] for text in found)[:MAX_WARNINGS_PER_CALL]


def _is_unfinished(error: BaseException) -> bool:
    """Tell whether an error comes from a hole: it says so, or someone computed with `...`."""
    if isinstance(error, NotImplementedError):
        return True
    return isinstance(error, TypeError | AttributeError) and "ellipsis" in _text(error)


def _text(error: BaseException) -> str:
    try:
        return error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # noqa: BLE001 - __str__ is the submission's code, too
        return "(its text cannot be shown)"


def readied() -> Serve:
    """Prepare what all workers of a process share; return the function that serves in each.

    It is the same for every submission and takes longer than most imports of one: a launcher does
    it once, before it forks.
    """
    iteration.replace_c_iteration()
    originals = Originals()

    def serve(sock: socket.socket, stage: Stage, problem: str = "") -> None:
        """Say whether this process is ready; then be a worker until the grader is gone.

        Args:
            sock: connected to the grader.
            stage: the files.
            problem: why this process cannot be confined as it should be; then it does nothing.
        """
        wire.send(sock, {"problem": problem})
        if not problem:
            # The grader interrupts what does not end, to learn where that is, before it kills.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if hasattr(signal, "pthread_sigmask"):  # a timer's handler would run inside the tracer
                signal.pthread_sigmask(signal.SIG_BLOCK, TIMERS)
            Worker(sock, stage, originals).serve()

    return serve
