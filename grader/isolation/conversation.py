"""Talking with one worker: it says that it is ready, takes requests, and answers step by step."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader.errors import GraderError
from grader.program import Program, Step, encode
from grader.run import UNSIGNED
from grader.worker import wire

from . import replies
from .clock import Clock
from .patience import Patience
from .protocols import Process

# Seconds for a worker to be confined, before anything of the submission runs in it.
READY = 30.0
# Seconds of a call that is so quick that no clock is asked for it alone.
QUICK = 0.05
# Seconds for the rest of an answer that has begun, at least.
FRAME = 0.1
# Seconds to wait for an answer at least: what has come already is found.
MOMENT = 0.01
# Seconds for a worker to say where it was when it was interrupted, before it is killed.
LAST_WORDS = 0.5


class Conversation:
    """Numbered requests to one worker, and its replies."""

    def __init__(self, process: Process, numbers: Iterator[int]) -> None:
        """Keep the process; the first thing that it says is whether it is ready.

        Args:
            process: the worker's.
            numbers: of its requests; no other conversation about the target has had them.
        """
        self._process = process
        self._numbers = numbers
        self._number = 0
        # For the worker alone, which gets it before it imports the submission.
        self._key = secrets.token_hex(16)
        self._clock = Clock(process.pid)

    def problem(self) -> str:
        """Wait until the worker is confined; return why it is not, "" if it is.

        Nothing of the submission has run by then.
        """
        try:
            header, _ = wire.receive(self._process.sock, time.monotonic() + READY)
            problem: str = header["problem"]
        except (TimeoutError, wire.ProtocolError, OSError, KeyError) as error:
            return f"{type(error).__name__}: {error}"
        return problem

    def ask(self, header: Mapping[str, Any], program: Program, deadline: float) -> bool:
        """Send a request; tell whether that could be done before a deadline.

        Raises:
            wire.Closed, OSError: the worker has gone.
        """
        self._number = next(self._numbers)
        steps, arrays = encode(program)
        request = {**header, "id": self._number, "program": steps}
        if "import" in header:
            request["key"] = self._key
        try:
            wire.send(self._process.sock, request, arrays, deadline)
        except TimeoutError:
            return False
        return True

    def wait(self, deadline: float, allowed: float, patience: Patience) -> float:
        """Wait for the next reply; return until when all of it has to be here.

        Args:
            deadline: on the clock of `time.monotonic`.
            allowed: seconds of the worker's own.
            patience: is told what the worker uses.

        Raises:
            TimeoutError: it did not come before the deadline, or took more than is allowed.
        """
        used, answered, start = 0.0, False, time.monotonic()
        while not answered:
            answered = self._is_answered(min(deadline - time.monotonic(), allowed - used))
            if answered and time.monotonic() - start < QUICK:
                break  # it is counted with what comes next
            lap = self.lap()
            patience.use(lap)
            used += lap
            if not answered and (used >= allowed or time.monotonic() >= deadline):
                raise TimeoutError
        return min(deadline, time.monotonic() + max(allowed - used, FRAME))

    def _is_answered(self, seconds: float) -> bool:
        """Tell whether something comes within some seconds: an answer, or the end."""
        self._process.sock.settimeout(max(seconds, MOMENT))
        try:
            self._process.sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        except OSError:
            return True  # whoever reads it is told
        return True

    def lap(self) -> float:
        """Return what the worker has used of its own time since this was last asked."""
        return self._clock.lap()

    def reply(
        self, number: int, step: Step | None, deadline: float, max_bytes: int
    ) -> replies.Reply:
        """Receive the reply to one step of the last request; None stands for the import.

        Raises:
            TimeoutError: it did not come before the deadline.
            wire.ProtocolError, OSError: it is not the one that is due, or the worker has gone.
        """
        header, arrays = wire.receive(
            self._process.sock, deadline, wire.MAX_REPLY_HEADER, max_bytes
        )
        reply = replies.parse(header, arrays, (self._number, number), step)
        claims = {**header, "flags": sorted(reply.flags)}
        if reply.counts and header.get("seal") != wire.seal(self._key, claims, arrays):
            return _unsigned(reply)
        return reply

    def interrupt(
        self, number: int, step: Step | None, seconds: float = LAST_WORDS
    ) -> replies.Error | None:
        """Interrupt what the worker runs; return the error that it says came of that, if any."""
        try:
            self._process.interrupt()
            return self.reply(number, step, time.monotonic() + min(seconds, LAST_WORDS), 0).error
        except (TimeoutError, wire.ProtocolError, OSError, GraderError):
            return None

    def stop(self, kill: bool) -> int | None:
        """End the worker; return its exit code, negative for a signal; None if it was killed."""
        return self._process.stop(kill)


def _unsigned(reply: replies.Reply) -> replies.Reply:
    """Return a reply without its counts: something else than the worker's own loop has sent it."""
    return replace(reply, counts={}, flags=(*reply.flags, UNSIGNED))
