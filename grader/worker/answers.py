"""What a worker answers: a mark after a step, or the replies to all steps up to it in one frame."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import wire

# Characters that a header has for one array, at most.
LONGEST_SPEC = 128


class Answers:
    """The replies to the steps of one request, sent together: a frame costs more than a reply.

    What is kept is text and bytes: no step that runs later can change it. Nothing here is iterated
    over by what a submission may have replaced (`any`, `sum`).
    """

    def __init__(self, sock: socket.socket, max_bytes: int) -> None:
        """Start with none.

        Args:
            sock: connected with the grader.
            max_bytes: that the arrays of one frame may take; no reply alone has more.
        """
        self._sock = sock
        self._max_bytes = max_bytes
        self._headers: list[str] = []
        self._specs: list[list[Any]] = []
        self._body = b""
        self._length = 0
        self._is_news = False

    def add(self, header: dict[str, Any], arrays: Sequence[np.ndarray]) -> None:
        """Keep a reply; send those before it if it has no room beside them."""
        text, body = json.dumps({**header, "arrays": len(arrays)}), wire.body(arrays)
        specs = wire.specs(arrays)
        length = len(text) + LONGEST_SPEC * len(specs)
        too_long = self._length + length > wire.MAX_REPLY_HEADER // 2
        if too_long or len(self._body) + len(body) > self._max_bytes:
            self.send()
        self._headers.append(text)
        self._specs += specs
        self._body += body
        self._length += length
        self._is_news = bool(header.get("printed") or header.get("warnings"))

    def send(self) -> None:
        """Send what is kept."""
        if self._headers:
            replies, specs = ", ".join(self._headers), json.dumps(self._specs)
            header = f'{{"replies": [{replies}], "arrays": {specs}}}'
            self._sock.sendall(wire.frame(header, self._body))
        self._headers, self._specs, self._body, self._length = [], [], b"", 0

    def done(self, kind: str = "", following: str = "") -> None:
        """Say that a step is done, so that the time of the next begins.

        Nothing is lost if the next step ends the process: the reply goes along if it has results,
        or something to show, unless what follows only reads.

        Args:
            kind: of the step, such as "Call"; "" for the import.
            following: the kind of the next one; "" if there is none.
        """
        may_wait = following == "Read" or (kind in ("New", "Load") and not self._is_news)
        if following and may_wait:
            self._sock.sendall(wire.MARK)
        else:
            self.send()
