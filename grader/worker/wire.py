"""Frames on the pipe between the grader and a worker: a JSON header, then raw arrays.

Frame = u32 little-endian length of the header, the header, then the bytes of every array that its
entry "arrays" lists as [dtype, shape], in C order. Nothing is ever unpickled or evaluated. A frame
with an empty header is a mark: a step is done, and there is nothing to say about it.
"""

from __future__ import annotations

import hashlib
import json
import math
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

_LENGTH = struct.Struct("<I")
MARK = _LENGTH.pack(0)
DTYPES = ("<f8", "<f4", "<i8", "<i4", "|b1")
# A request for every entry of the largest case is about 100 kB of JSON; a reply's header holds a
# result's name and type, and the counts of a call. Arrays are far below their limit.
MAX_HEADER = 4 * 2**20
MAX_REPLY_HEADER = 2**18
MAX_BODY = 64 * 2**20
MAX_DIMENSIONS = 8


class ProtocolError(Exception):
    """The other side sent something that is not a frame."""


class Closed(ProtocolError):
    """The other side is gone."""


def packed(header: Mapping[str, Any], arrays: Sequence[np.ndarray] = ()) -> bytes:
    """Return a frame; see `send`."""
    return frame(json.dumps({**header, "arrays": specs(arrays)}), body(arrays))


def specs(arrays: Sequence[np.ndarray]) -> list[list[Any]]:
    """Return what a header says about the arrays that follow it."""
    return [[array.dtype.str, list(array.shape)] for array in arrays]


def body(arrays: Sequence[np.ndarray]) -> bytes:
    """Return the bytes of arrays, one after the other."""
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)


def frame(header: str, body: bytes) -> bytes:
    """Return a frame made of a header, as JSON, and the bytes of its arrays."""
    text = header.encode()
    return b"".join([_LENGTH.pack(len(text)), text, body])


def send(
    sock: socket.socket,
    header: dict[str, Any],
    arrays: Sequence[np.ndarray] = (),
    deadline: float | None = None,
) -> None:
    """Send one frame.

    Args:
        sock: a connected stream socket.
        header: anything that JSON can hold; the entry "arrays" is added.
        arrays: arrays of the types in `DTYPES`, of any shape.
        deadline: on the clock of `time.monotonic`; None waits forever.

    Raises:
        TimeoutError: the deadline has passed.
        Closed: the other side is gone.
    """
    data = packed(header, arrays)
    _set_timeout(sock, deadline)
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionError) as error:
        raise Closed("The other side has closed the connection.") from error


def receive(
    sock: socket.socket,
    deadline: float | None = None,
    max_header: int = MAX_HEADER,
    max_body: int = MAX_BODY,
) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Receive one frame: its header and its arrays.

    Nothing is read that exceeds a limit, or belongs to the next frame.

    Args:
        sock: a connected stream socket.
        deadline: on the clock of `time.monotonic`, for the whole frame; None waits forever.
        max_header: maximum number of bytes of the header.
        max_body: maximum number of bytes of all arrays together.

    Raises:
        TimeoutError: the deadline has passed.
        Closed: the other side is gone.
        ProtocolError: what came is not a frame within the limits of this module.
    """
    incoming = Incoming(max_header, max_body)
    while incoming.wants:
        incoming.take(_exactly(sock, incoming.wants, deadline))
    return incoming.header, incoming.arrays


class Incoming:
    """One incoming frame, received part by part; no part that exceeds a limit is accepted.

    Args:
        max_header: maximum number of bytes of the header.
        max_body: maximum number of bytes of all arrays together.
    """

    def __init__(self, max_header: int = MAX_HEADER, max_body: int = MAX_BODY) -> None:
        """Wait for the length of the header."""
        self._max_header, self._max_body = max_header, max_body
        self._specs: list[tuple[np.dtype[Any], tuple[int, ...]]] = []
        self._next: Callable[[bytes], None] = self._take_length
        self.header: dict[str, Any] = {}
        self.arrays: list[np.ndarray] = []
        # Number of bytes of the next part; 0 once the frame is complete.
        self.wants = _LENGTH.size

    def take(self, part: bytes) -> None:
        """Take the next part, which must have as many bytes as are wanted.

        Raises:
            ProtocolError: it is not part of a frame within the limits.
        """
        self._next(part)

    def _take_length(self, part: bytes) -> None:
        (self.wants,) = _LENGTH.unpack(part)
        if self.wants > self._max_header:
            raise ProtocolError("its header is too long")
        self._next = self._take_header

    def _take_header(self, part: bytes) -> None:
        try:
            self.header = json.loads(part)
            self._specs = [(_dtype(dtype), _shape(shape)) for dtype, shape in self.header["arrays"]]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            # The words of the error could be those of the other side.
            raise ProtocolError("its header is malformed") from error
        self.wants = sum(math.prod(shape) * dtype.itemsize for dtype, shape in self._specs)
        if self.wants > self._max_body:
            raise ProtocolError("its arrays are too large")
        self._next = self._take_body
        if not self.wants:
            self._take_body(b"")

    def _take_body(self, part: bytes) -> None:
        start = 0
        for dtype, shape in self._specs:
            end = start + math.prod(shape) * dtype.itemsize
            self.arrays.append(np.frombuffer(part[start:end], dtype).reshape(shape))
            start = end
        self.wants = 0


def seal(key: str, reply: Mapping[str, Any], arrays: Sequence[np.ndarray]) -> str:
    """Return what only a holder of the key can say about a reply's counts, flags and arrays."""
    claims = [reply[name] for name in ("id", "step", "counts", "flags")]
    text = json.dumps(claims, sort_keys=True).encode()
    sealed = hashlib.blake2b(text, key=key.encode(), digest_size=16)
    for array in arrays:
        sealed.update(np.ascontiguousarray(array).tobytes())
    return sealed.hexdigest()


def _dtype(name: object) -> np.dtype[Any]:
    if name not in DTYPES:
        raise ValueError("a dtype is none of those that may cross")
    return np.dtype(str(name))


def _shape(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise ValueError("a shape has too many sides, or is none")
    if not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError("a side of a shape is no size")
    # numpy refuses shapes whose other sides overflow, even if one is zero.
    if math.prod(size for size in shape if size) > MAX_BODY:
        raise ValueError("a shape is over the limit")
    return tuple(shape)


def _exactly(sock: socket.socket, size: int, deadline: float | None) -> bytes:
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        _set_timeout(sock, deadline)
        try:
            count = sock.recv_into(view[filled:])
        except ConnectionError as error:
            raise Closed("The other side has closed the connection.") from error
        if count == 0:
            raise Closed("The other side has closed the connection.")
        filled += count
    return bytes(data)


def _set_timeout(sock: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        sock.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("The deadline has passed.")
    sock.settimeout(left)
