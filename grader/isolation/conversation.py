"""Talking with one worker: it says that it is ready, takes requests, and answers step by step."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from grader.errors import GraderError
from grader.launching import Process
from grader.program import Load, New, Step
from grader.run import UNSIGNED
from grader.worker import wire

from . import replies
from .channel import Channel
from .clock import Clock
from .patience import Patience
from .requests import Import, Request

# Seconds for a worker to be confined, before anything of the submission runs in it.
READY = 30.0
# Seconds of a call that is so quick that no clock is asked for it alone.
QUICK = 0.05
# Seconds for the rest of an answer that has begun, at least.
FRAME = 0.1
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
        self._channel = Channel(process.sock)
        self._numbers = numbers
        # The requests that wait for their turn to be answered, with their numbers and frames.
        self._asked: deque[tuple[Request, int, int]] = deque()
        self._number = 0
        # For the worker alone, which gets it before it imports the submission.
        self._key = secrets.token_hex(16)
        self._clock: Clock | None = None

    def problem(self) -> str:
        """Wait until the worker is confined; return why it is not, "" if it is.

        Nothing of the submission has run by then, unless an import was asked for already.

        Raises:
            GraderError: there is no worker.
        """
        self._clock = Clock(self._process.pid, from_its_start=True)
        try:
            header, _ = self._channel.receive(time.monotonic() + READY)
            problem: str = header["problem"]
        except (TimeoutError, wire.ProtocolError, OSError, KeyError) as error:
            return f"{type(error).__name__}: {error}"
        return problem

    def ask(self, request: Request) -> None:
        """Send a request, unless it was sent already; it is answered after those before it."""
        if not any(asked is request for asked, _, _ in self._asked):
            number = next(self._numbers)
            frame = self._channel.post(request.frame(number, self._key))
            self._asked.append((request, number, frame))

    def answers_first(self, request: Request) -> bool:
        """Tell whether no other program than this waits for its turn first."""
        waiting = (asked for asked, _, _ in self._asked if not isinstance(asked, Import))
        return next(waiting, request) is request

    def take_up(self, request: Request, deadline: float) -> bool:
        """Turn to a request, the next one; tell whether the worker took it before a deadline."""
        asked, self._number, frame = self._asked.popleft()
        assert asked is request
        return self._channel.flush(frame, deadline)

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
            left = min(deadline - time.monotonic(), allowed - used)
            answered = self._channel.has_something(left)
            if answered and time.monotonic() - start < QUICK:
                break  # it is counted with what comes next
            lap = self.lap()
            patience.use(lap)
            used += lap
            if not answered and (used >= allowed or time.monotonic() >= deadline):
                raise TimeoutError
        return min(deadline, time.monotonic() + max(allowed - used, FRAME))

    def lap(self, idle: bool = False, least: float = 0.0) -> float:
        """Return what the worker has used of its own time since this was last asked.

        Args:
            idle: it may have waited for a request: only computing counts.
            least: seconds that have to have passed; what took less is counted with what follows.
        """
        if self._clock is None or self._clock.passed < least:
            return 0.0
        return self._clock.lap(idle)

    def reply(
        self, number: int, step: Step | None, deadline: float, max_bytes: int
    ) -> replies.Reply:
        """Receive the reply to one step of the last request; None stands for the import.

        Raises:
            TimeoutError: it did not come before the deadline.
            wire.ProtocolError, OSError: it is not the one that is due, or the worker has gone.
        """
        header, arrays = self._channel.receive(deadline, wire.MAX_REPLY_HEADER, max_bytes)
        if not header and isinstance(step, New | Load):
            return replies.Reply()
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
