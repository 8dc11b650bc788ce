"""Talking with one worker: it says that it is ready, takes requests, and answers step by step."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader.errors import GraderError
from grader.program import Program, Step, encode
from grader.run import UNSIGNED
from grader.worker import wire

from . import replies
from .protocols import Process

# Seconds for a worker to be confined, before anything of the submission runs in it.
READY = 30.0
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

    def interrupt(self, number: int, step: Step | None) -> replies.Error | None:
        """Interrupt what the worker runs; return the error that it says came of that, if any."""
        try:
            self._process.interrupt()
            return self.reply(number, step, time.monotonic() + LAST_WORDS, 0).error
        except (TimeoutError, wire.ProtocolError, OSError, GraderError):
            return None

    def stop(self, kill: bool) -> int | None:
        """End the worker; return its exit code, negative for a signal; None if it was killed."""
        return self._process.stop(kill)


def _unsigned(reply: replies.Reply) -> replies.Reply:
    """Return a reply without its counts: something else than the worker's own loop has sent it."""
    return replace(reply, counts={}, flags=(*reply.flags, UNSIGNED))
