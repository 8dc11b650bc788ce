"""The grader's end of a worker's socket: sending never blocks, and replies are read ahead.

Requests are sent as fast as the other side accepts them, while waiting for replies. So a worker can
be asked for many things at once, and works on the next one while the last is being judged.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections import deque
from typing import Any

import numpy as np

from grader.worker import wire

# Maximum number of bytes to read at once.
CHUNK = 2**18
# Minimum number of seconds to wait, so that what has already arrived is found.
MOMENT = 0.01
# Selectors that need no descriptor of their own.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


class Channel:
    """Frames to and from one worker."""

    def __init__(self, sock: socket.socket) -> None:
        """Take over a connected stream socket."""
        self._sock = sock
        self._unsent: deque[memoryview] = deque()
        self._posted = self._sent = 0
        self._unread = bytearray()
        self._is_closed = False

    def post(self, frame: bytes) -> int:
        """Send a frame, now or while waiting for something else; return its number."""
        self._unsent.append(memoryview(frame))
        self._posted += 1
        self._send()
        return self._posted

    def flush(self, number: int, deadline: float) -> bool:
        """Send everything posted up to a frame; tell whether that succeeded before a deadline."""
        while self._unsent and self._sent < number:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            _ready(self._sock, selectors.EVENT_WRITE, left)
            self._send()
        return True

    def has_something(self, seconds: float) -> bool:
        """Tell whether something arrives within some seconds: part of a frame, or the end."""
        self._send()
        with contextlib.suppress(TimeoutError):
            if not self._unread and not self._is_closed:
                self._read(seconds)
        return bool(self._unread) or self._is_closed

    def receive(
        self, deadline: float, max_header: int = wire.MAX_HEADER, max_body: int = wire.MAX_BODY
    ) -> tuple[dict[str, Any], list[np.ndarray]]:
        """Receive one frame; see `wire.receive`.

        Beyond the frame, at most one read's worth of data is held in memory.
        """
        incoming = wire.Incoming(max_header, max_body)
        while incoming.wants:
            if len(self._unread) >= incoming.wants:
                part = bytes(self._unread[: incoming.wants])
                del self._unread[: incoming.wants]
                incoming.take(part)
            elif self._is_closed:
                raise wire.Closed("The other side has closed the connection.")
            else:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("The deadline has passed.")
                self._read(left)
        return incoming.header, incoming.arrays

    def _read(self, seconds: float) -> None:
        """Read what arrives within some seconds; send meanwhile.

        Raises:
            TimeoutError: nothing arrived.
        """
        end = time.monotonic() + seconds
        while self._unsent:
            left = max(end - time.monotonic(), MOMENT)
            ready = _ready(self._sock, selectors.EVENT_READ | selectors.EVENT_WRITE, left)
            if ready != selectors.EVENT_WRITE:
                break
            self._send()
        self._sock.settimeout(max(end - time.monotonic(), MOMENT))
        try:
            part = self._sock.recv(CHUNK)
        except TimeoutError:
            raise
        except OSError:
            part = b""
        self._unread += part
        self._is_closed = not part

    def _send(self) -> None:
        """Send what can be sent at once; a closed connection is detected when reading."""
        if not self._unsent:
            return
        self._sock.settimeout(0)
        try:
            while self._unsent:
                sent = self._sock.send(self._unsent[0])
                self._unsent[0] = self._unsent[0][sent:]
                if not self._unsent[0]:
                    self._unsent.popleft()
                    self._sent += 1
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()


def _ready(sock: socket.socket, events: int, seconds: float) -> int:
    """Return which events of a socket occur within some seconds, as `selectors` encodes them."""
    with _Selector() as selector:
        selector.register(sock, events)
        found = selector.select(seconds)
    return found[0][1] if found else 0
