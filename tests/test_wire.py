"""The wire: what is sent arrives, what is not a frame is refused, nothing waits forever."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
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


def test_a_mark_is_a_frame_of_nothing(pair) -> None:
    pair[0].sendall(wire.MARK)
    wire.send(pair[0], {"id": 7})
    assert wire.receive(pair[1]) == ({}, [])
    assert wire.receive(pair[1])[0]["id"] == 7


def _header(value: object) -> bytes:
    text = json.dumps(value).encode()
    return struct.pack("<I", len(text)) + text


MALFORMED = "its header is malformed"
LONG_HEADER = "its header is too long"
LARGE_ARRAYS = "its arrays are too large"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (struct.pack("<I", 2**31), LONG_HEADER),
        (struct.pack("<I", wire.MAX_HEADER + 1), LONG_HEADER),
        (struct.pack("<I", 3) + b"{]}", MALFORMED),
        (struct.pack("<I", 4) + b"\xff\xfe{}", MALFORMED),
        (struct.pack("<I", 200_000) + b"[" * 200_000, MALFORMED),
        (_header([]), MALFORMED),
        (_header({}), MALFORMED),
        (_header({"arrays": 3}), MALFORMED),
        *(
            (_header({"arrays": [spec]}), MALFORMED)
            for spec in (
                *(["<f8"], ["<f8", [2], 1], [["<f8"], [1]], "<f8", 3, None),
                *(["|O", [2]], ["<c16", [2]], [">f8", [2]], ["f8", [2]], ["<f2", [2]], [8, [2]]),
                *(["<f8", [-1]], ["<f8", [True]], ["<f8", [1.5]], ["<f8", [None]], ["<f8", ["2"]]),
                *(["<f8", "ab"], ["<f8", 2], ["<f8", {}], ["<f8", None]),
                ["<f8", [1] * (wire.MAX_DIMENSIONS + 1)],
                ["<f8", [0] * (wire.MAX_DIMENSIONS + 1)],
                ["<f8", [wire.MAX_BODY + 1]],
                ["<f8", [0, wire.MAX_BODY + 1]],
                ["<f8", [0, wire.MAX_BODY, 2]],  # numpy refuses it, though it is empty
                ["<f8", [10**7, 10**7]],
                ["<f8", [2**32, 2**32]],  # 0 in 64 bits
                ["<f8", [10**400]],
            )
        ),
        (_header({"arrays": [["<f8", [wire.MAX_BODY // 8 + 1]]]}), LARGE_ARRAYS),
        (_header({"arrays": [["|b1", [wire.MAX_BODY // 2 + 1]]] * 2}), LARGE_ARRAYS),
        (_header({"arrays": [["<i4", [wire.MAX_BODY]]]}), LARGE_ARRAYS),
    ],
)
def test_what_is_not_a_frame_is_refused_before_any_more_is_read(
    pair, data: bytes, message: str
) -> None:
    """The other side stays connected: waiting for the arrays would time out."""
    pair[0].settimeout(5)
    pair[0].sendall(data)
    with pytest.raises(wire.ProtocolError) as found:
        wire.receive(pair[1], time.monotonic() + 2)
    assert type(found.value) is wire.ProtocolError
    assert str(found.value) == message


@pytest.mark.parametrize(
    "shape", [[1] * wire.MAX_DIMENSIONS, [0, wire.MAX_BODY], [wire.MAX_BODY, 0, 1], [0, 0], []]
)
def test_the_largest_shapes_that_may_cross_arrive(pair, shape: list[int]) -> None:
    pair[0].sendall(_header({"arrays": [["|b1", shape]]}) + b"\1" * (0 not in shape))
    _, (array,) = wire.receive(pair[1], time.monotonic() + 2)
    assert array.shape == tuple(shape)


def test_the_limits_of_a_frame_can_be_reached_and_not_passed(pair) -> None:
    pad = "x" * (100 - len(json.dumps({"pad": "", "arrays": [["<f8", [10]]]})))
    for size, max_header, max_body, message in (
        (10, 100, 80, ""), (10, 99, 80, LONG_HEADER), (10, 100, 79, LARGE_ARRAYS),
    ):  # fmt: skip
        ours, theirs = socket.socketpair()
        with ours, theirs:
            wire.send(ours, {"pad": pad}, [np.ones(size)])
            if message:
                with pytest.raises(wire.ProtocolError, match=message):
                    wire.receive(theirs, time.monotonic() + 2, max_header, max_body)
            else:
                header, arrays = wire.receive(theirs, time.monotonic() + 2, max_header, max_body)
                assert header["pad"] == pad
                np.testing.assert_array_equal(arrays[0], np.ones(size))


@pytest.mark.parametrize("part", [1, 3, 50])
def test_frames_that_come_in_parts_arrive_whole_and_one_by_one(pair, part: int) -> None:
    sent = [np.arange(7.0), np.arange(6).reshape(2, 3).astype("<i4")]
    text = json.dumps({"id": 1, "arrays": [[a.dtype.str, list(a.shape)] for a in sent]}).encode()
    frame = struct.pack("<I", len(text)) + text + b"".join(a.tobytes() for a in sent)
    data = 2 * frame

    def trickle() -> None:
        for start in range(0, len(data), part):
            pair[0].sendall(data[start : start + part])
            time.sleep(0.0002)

    thread = threading.Thread(target=trickle)
    thread.start()
    for _ in range(2):
        header, arrays = wire.receive(pair[1], time.monotonic() + 20)
        assert header["id"] == 1
        for found, expected in zip(arrays, sent, strict=True):
            np.testing.assert_array_equal(found, expected)
    thread.join()


@pytest.mark.parametrize("there", [1, 4, 20, 90])
def test_a_frame_that_does_not_get_to_its_end_is_late_or_gone(pair, there: int) -> None:
    data = _header({"id": 1, "arrays": [["<f8", [10]]]}) + bytes(80)
    assert there < len(data)
    pair[0].sendall(data[:there])
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], start + 0.1)
    assert time.monotonic() - start < 2
    pair[0].sendall(data[:there])
    pair[0].close()
    with pytest.raises(wire.Closed) as found:
        wire.receive(pair[1], time.monotonic() + 2)
    assert str(found.value) == "The other side has closed the connection."


def test_after_its_deadline_nothing_is_sent_or_received(pair) -> None:
    wire.send(pair[0], {"id": 1})
    for late in (0.0, 0.5, 1000.0):
        with pytest.raises(TimeoutError):
            wire.receive(pair[1], time.monotonic() - late)
        with pytest.raises(TimeoutError):
            wire.send(pair[1], {}, deadline=time.monotonic() - late)
    assert wire.receive(pair[1], time.monotonic() + 5)[0]["id"] == 1
    with pytest.raises(TimeoutError):
        wire.receive(pair[0], time.monotonic() + 0.05)


@pytest.mark.slow
def test_the_deadline_is_of_the_whole_frame(pair) -> None:
    """Parts that keep arriving do not put it off."""
    ended = threading.Event()

    def trickle() -> None:
        pair[0].sendall(struct.pack("<I", 4000))
        while not ended.wait(0.02):
            pair[0].sendall(b" ")

    thread, start = threading.Thread(target=trickle), time.monotonic()
    thread.start()
    try:
        with pytest.raises(TimeoutError):
            wire.receive(pair[1], start + 0.3)
        assert time.monotonic() - start < 5
    finally:
        ended.set()
        thread.join()


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
