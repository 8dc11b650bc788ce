"""The wire: what is sent arrives, what is not a frame is refused, nothing waits for ever."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from collections.abc import Iterator

import numpy as np
import pytest

from grader.program import Call, Load, New, Read, Ref, decode, encode
from grader.worker import wire


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("dtype", wire.DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (1, 2, 3, 4)])
def test_an_array_arrives_as_it_was_sent(pair, dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    wire.send(pair[0], {"id": 7}, [array, array[::-1] if shape else array])
    header, arrays = wire.receive(pair[1])
    assert header["id"] == 7
    np.testing.assert_array_equal(arrays[0], array)
    assert arrays[0].dtype == array.dtype
    assert arrays[0].shape == shape


def _header(value: object) -> bytes:
    text = json.dumps(value).encode()
    return struct.pack("<I", len(text)) + text


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<I", 2**31),
        struct.pack("<I", 3) + b"{]}",
        struct.pack("<I", 4) + b"\xff\xfe{}",
        _header([]),
        _header({}),
        _header({"arrays": [["<f8"]]}),
        _header({"arrays": [["|O", [2]]]}),
        _header({"arrays": [["<c16", [2]]]}),
        _header({"arrays": [["<f8", [-1]]]}),
        _header({"arrays": [["<f8", [True]]]}),
        _header({"arrays": [["<f8", [1.5]]]}),
        _header({"arrays": [["<f8", "ab"]]}),
        _header({"arrays": [["<f8", [10**7, 10**7]]]}),
        _header({"arrays": [["<f8", [1] * 40]]}),
        _header({"arrays": [[["<f8"], [1]]]}),
        struct.pack("<I", 200_000) + b"[" * 200_000,
    ],
)
def test_what_is_not_a_frame_is_a_protocol_error(pair, data: bytes) -> None:
    pair[0].setblocking(False)
    pair[0].send(data)
    pair[0].close()
    with pytest.raises(wire.ProtocolError):
        wire.receive(pair[1], time.monotonic() + 2)


def test_a_side_that_goes_away_is_told_from_one_that_is_late(pair) -> None:
    pair[0].sendall(b"\x10")
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], time.monotonic() + 0.05)
    pair[0].close()
    with pytest.raises(wire.Closed):
        wire.receive(pair[1], time.monotonic() + 1)


def test_sending_to_nobody_is_noticed(pair) -> None:
    pair[1].close()
    with contextlib.suppress(wire.Closed):  # the first may still go into the buffer
        wire.send(pair[0], {})
    with pytest.raises(wire.Closed):
        wire.send(pair[0], {}, [np.zeros(1_000_000)])


def test_a_program_survives_the_way_to_json_and_back() -> None:
    A = np.arange(6.0).reshape(2, 3)
    program = (
        New("it", "layers.Conv2D", {"kernel_shape": (2, 3), "layers": [Ref("a"), Ref("b")]}),
        Call("it", "forward", (A, Ref("data", "X_test")), {"mode": "test"}, ("Y",), "lines"),
        Load("it", "W", A + 1),
        Read("it", "gradients", "W", ("dW",)),
    )
    steps, arrays = encode(program)
    back = list(decode(json.loads(json.dumps(steps)), arrays))
    assert [type(step) for step in back] == [type(step) for step in program]
    assert back[0] == New(
        "it", "layers.Conv2D", {"kernel_shape": (2, 3), "layers": [Ref("a"), Ref("b")]}
    )
    assert isinstance(back[1], Call)
    assert back[1].args[1] == Ref("data", "X_test")
    assert list(back[1].out) == ["Y"]
    np.testing.assert_array_equal(back[1].args[0], A)
    np.testing.assert_array_equal(back[2].value, A + 1)
