"""Talking to one worker: it says that it is ready, takes requests, and answers step by step."""

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

# Seconds for a worker to become confined, before any of the submission runs in it.
READY = 30.0
# Calls shorter than this many seconds are not timed individually.
QUICK = 0.05
# Minimum number of seconds for the rest of an answer that has begun.
FRAME = 0.1
# Seconds for an interrupted worker to say where it was, before it is killed.
LAST_WORDS = 0.5


class Conversation:
    """Numbered requests to one worker, and its replies."""

    def __init__(self, process: Process, numbers: Iterator[int]) -> None:
        """Keep the process; its first message says whether it is ready.

        Args:
            process: the worker's process.
            numbers: numbers for its requests, not used by any other conversation about the target.
        """
        self._process = process
        self._channel = Channel(process.sock)
        self._numbers = numbers
        # The requests whose answers are still to come, with their numbers and frames.
        self._asked: deque[tuple[Request, int, int]] = deque()
        self._number = 0
        # For this worker alone, which receives it before it imports the submission.
        self._key = secrets.token_hex(16)
        self._clock: Clock | None = None

    def problem(self) -> str:
        """Wait until the worker is confined; return why it is not, or "" if it is.

        Nothing of the submission has run at that point, unless an import was already requested.

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
        """Send a request, unless it was already sent; it is answered after those before it."""
        if not any(asked is request for asked, _, _ in self._asked):
            number = next(self._numbers)
            frame = self._channel.post(request.frame(number, self._key))
            self._asked.append((request, number, frame))

    def answers_first(self, request: Request) -> bool:
        """Tell whether no other program is waiting to be answered before this one."""
        waiting = (asked for asked, _, _ in self._asked if not isinstance(asked, Import))
        return next(waiting, request) is request

    def take_up(self, request: Request, deadline: float) -> bool:
        """Move on to the next request; tell whether the worker accepted it before a deadline."""
        asked, self._number, frame = self._asked.popleft()
        assert asked is request
        return self._channel.flush(frame, deadline)

    def wait(self, deadline: float, allowed: float, patience: Patience) -> float:
        """Wait for the next reply; return the time by which all of it has to be here.

        Args:
            deadline: on the clock of `time.monotonic`.
            allowed: seconds of the worker's own time.
            patience: is told what the worker uses.

        Raises:
            TimeoutError: it did not arrive before the deadline, or took more than is allowed.
        """
        used, answered, start = 0.0, False, time.monotonic()
        while not answered:
            left = min(deadline - time.monotonic(), allowed - used)
            answered = self._channel.has_something(left)
            if answered and time.monotonic() - start < QUICK:
                break  # counted together with what comes next
            lap = self.lap()
            patience.use(lap)
            used += lap
            if not answered and (used >= allowed or time.monotonic() >= deadline):
                raise TimeoutError
        return min(deadline, time.monotonic() + max(allowed - used, FRAME))

    def lap(self, idle: bool = False, least: float = 0.0) -> float:
        """Return how much of its own time the worker has used since the last lap.

        Args:
            idle: it may have been waiting for a request, so only computing counts.
            least: minimum number of seconds to measure; anything shorter is counted with what
                follows.
        """
        if self._clock is None or self._clock.passed < least:
            return 0.0
        return self._clock.lap(idle)

    def reply(
        self, number: int, step: Step | None, deadline: float, max_bytes: int
    ) -> replies.Reply:
        """Receive the reply to one step of the last request; None means the import.

        Raises:
            TimeoutError: it did not arrive before the deadline.
            wire.ProtocolError, OSError: it is not the one expected, or the worker is gone.
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
        """Interrupt what the worker runs; return the error that it reports as a result, if any."""
        try:
            self._process.interrupt()
            return self.reply(number, step, time.monotonic() + min(seconds, LAST_WORDS), 0).error
        except (TimeoutError, wire.ProtocolError, OSError, GraderError):
            return None

    def stop(self, kill: bool) -> int | None:
        """End the worker; return its exit code, negative for a signal; None if it was killed."""
        return self._process.stop(kill)


def _unsigned(reply: replies.Reply) -> replies.Reply:
    """Return a reply without its counts, because it did not come from the worker's own loop."""
    return replace(reply, counts={}, flags=(*reply.flags, UNSIGNED))
