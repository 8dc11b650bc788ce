"""Frames on the pipe between the grader and a worker: a JSON header, then raw arrays.

Frame = u32 little-endian length of the header, the header, then the bytes of every array that its
entry "arrays" lists as [dtype, shape], in C order. Nothing is ever unpickled or evaluated.
"""

from __future__ import annotations

import hashlib
import json
import math
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_LENGTH = struct.Struct("<I")
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
    """The other side has gone."""


def send(
    sock: socket.socket,
    header: dict[str, Any],
    arrays: Sequence[np.ndarray] = (),
    deadline: float | None = None,
) -> None:
    """Send one frame.

    Args:
        sock: a connected stream socket.
        header: what JSON can hold; the entry "arrays" is added.
        arrays: of the types in `DTYPES`, any shape.
        deadline: on the clock of `time.monotonic`; None waits for ever.

    Raises:
        TimeoutError: the deadline has passed.
        Closed: the other side has gone.
    """
    specs = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({**header, "arrays": specs}).encode()
    body = [np.ascontiguousarray(array).tobytes() for array in arrays]
    _set_timeout(sock, deadline)
    try:
        sock.sendall(b"".join([_LENGTH.pack(len(text)), text, *body]))
    except (BrokenPipeError, ConnectionError) as error:
        raise Closed("The other side has gone.") from error


def receive(
    sock: socket.socket,
    deadline: float | None = None,
    max_header: int = MAX_HEADER,
    max_body: int = MAX_BODY,
) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Receive one frame: its header and its arrays.

    Nothing is read that is over a limit: not a header that is too long, not arrays that are.

    Args:
        sock: a connected stream socket.
        deadline: on the clock of `time.monotonic`, for the whole frame; None waits for ever.
        max_header: bytes of the header at most.
        max_body: bytes of all arrays together at most.

    Raises:
        TimeoutError: the deadline has passed.
        Closed: the other side has gone.
        ProtocolError: what came is not a frame within the limits of this module.
    """
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size, deadline))
    if length > max_header:
        raise ProtocolError("its header is too long")
    try:
        header = json.loads(_exactly(sock, length, deadline))
        specs = [(_dtype(dtype), _shape(shape)) for dtype, shape in header["arrays"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        # The words of the error could be those of the other side.
        raise ProtocolError("its header is malformed") from error
    sizes = [math.prod(shape) * dtype.itemsize for dtype, shape in specs]
    if sum(sizes) > max_body:
        raise ProtocolError("its arrays are too large")
    return header, [
        np.frombuffer(_exactly(sock, size, deadline), dtype).reshape(shape)
        for (dtype, shape), size in zip(specs, sizes, strict=True)
    ]


def seal(key: str, reply: Mapping[str, Any], arrays: Sequence[np.ndarray]) -> str:
    """Return what only who has the key can say of the counts, flags and arrays of a reply."""
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
            raise Closed("The other side has gone.") from error
        if count == 0:
            raise Closed("The other side has gone.")
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
