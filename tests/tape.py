"""Workers that play back what real workers answered, after a test has changed it."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from grader.launching import Process, Starter
from grader.limits import Isolation
from grader.run import FLAGS
from grader.worker import wire
from grader.worker.stage import Stage

# The header of a reply, and its arrays.
Frame = tuple[dict[str, Any], list[np.ndarray]]
# What a worker reports for most steps without results; it sends a mark instead.
QUIET: dict[str, Any] = {"outputs": [], "warnings": [], "printed": ""}
PLACE = ("id", "step", "arrays")
# Changes the replies to one request; None stands for a reply that never comes.
Change = Callable[[list[Frame]], Sequence[Frame | None]]


class Tape:
    """What the real worker of one submission answered, by request.

    A new request goes to a real worker: requests do not build on each other, so the answer is the
    same whenever it is asked for.
    """

    def __init__(self, starter: Starter) -> None:
        """Keep the starter of real workers; nothing is recorded yet."""
        self._starter = starter
        self._heard: dict[bytes, list[Frame]] = {}
        self._real: Process | None = None

    def replies(self, stage: Stage, module: str, request: Frame) -> list[Frame]:
        """Return the honest replies to a request that follows an import of the module."""
        header, arrays = request
        plain = {name: value for name, value in header.items() if name not in ("id", "key")}
        digest = hashlib.sha256(f"{module}{json.dumps(plain)}".encode())
        for array in arrays:
            digest.update(array.tobytes())
        key = digest.digest()
        if key not in self._heard:
            self._heard[key] = self._ask(stage, module, request)
        return self._heard[key]

    def rest(self) -> None:
        """End the real worker, if one is open: its files are about to be deleted."""
        if self._real is not None:
            self._real.stop(kill=True)
            self._real = None

    def _ask(self, stage: Stage, module: str, request: Frame) -> list[Frame]:
        opened = self._real is None
        imported = self._open(stage, module) if opened else []
        if opened and ("import" in request[0] or "error" in imported[-1][0]):
            return imported
        assert self._real is not None
        sock, count = self._real.sock, len(request[0]["program"]) or 1
        try:
            wire.send(sock, *request)
            found: list[Frame] = []
            while len(found) < count and not (found and "error" in found[-1][0]):
                reply, arrays = wire.receive(sock)
                found.append((reply or {"step": len(found), **QUIET}, arrays))
        except wire.Closed:  # the submission ended its own process
            self.rest()
        return found

    def _open(self, stage: Stage, module: str) -> list[Frame]:
        self._real = self._starter.start(stage)
        wire.receive(self._real.sock)
        first = {"id": 0, "import": module, "max_bytes": wire.MAX_BODY, "program": [], "key": ""}
        wire.send(self._real.sock, first)
        return [wire.receive(self._real.sock)]


class Player:
    """A starter whose workers answer from a tape."""

    isolation = Isolation(dict.fromkeys(("uid", "landlock", "seccomp"), ""))

    def __init__(self, tape: Tape, change: Change) -> None:
        """Keep the tape, and the function that changes the replies to every request."""
        self._tape, self._change = tape, change

    def start(self, stage: Stage) -> _Played:
        """Start one worker."""
        return _Played(self._tape, stage, self._change)

    def train(self, *_: object) -> int:
        """Run no training script."""
        raise NotImplementedError

    def close(self) -> None:
        """Do nothing: there is no process."""


class _Played:
    """A worker's process and its socket, neither of them real."""

    def __init__(self, tape: Tape, stage: Stage, change: Change) -> None:
        self._tape, self._stage, self._change = tape, stage, change
        self.sock, self.pid = cast("Any", self), 0  # not a real process: nothing is computed
        self._module = self._key = ""
        # Bytes to be read; None where nothing comes in time.
        self._queue: list[memoryview | None] = [packed({"problem": ""}, [])]

    def interrupt(self) -> None:
        """Do nothing: a reply that never comes is late anyway."""

    def stop(self, kill: bool) -> int | None:
        """End it."""
        return None if kill else 7

    def settimeout(self, seconds: float | None) -> None:
        """Never wait."""

    def send(self, data: memoryview) -> int:
        """Take a request; queue its replies after those already waiting."""
        header, arrays = wire.receive(cast("Any", Bytes(data)))
        self._module = header.get("import", self._module)
        self._key = header.get("key", self._key)
        honest = self._tape.replies(self._stage, self._module, (header, arrays))
        number = {"id": header["id"]}
        frames = self._change([({**head, **number}, parts) for head, parts in honest])
        for frame in frames:
            if frame is None:  # a frame begins, and the rest never comes
                self._queue += [memoryview(struct.pack("<I", 2)), None]
                break
            said = {name: value for name, value in frame[0].items() if name not in PLACE}
            is_quiet = said == QUIET and not frame[1]
            mark = memoryview(wire.MARK)
            self._queue.append(mark if is_quiet else packed(*self._signed(*frame)))
            if "error" in frame[0]:
                break  # a worker says nothing more about a program that has failed
        return len(data)

    def _signed(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Frame:
        """Return a reply with the seal of an honest worker, whatever it says."""
        said = header.get("flags") or []
        flags = sorted(flag for flag in FLAGS if isinstance(said, list) and flag in said)
        try:
            return {
                **header,
                "seal": wire.seal(self._key, {**header, "flags": flags}, arrays),
            }, arrays
        except (KeyError, TypeError, ValueError):
            return header, arrays

    def recv(self, size: int) -> bytes:
        """Return the next bytes that are ready; what never comes times out at once."""
        while self._queue and self._queue[0] is not None and not self._queue[0]:
            self._queue.pop(0)
        if not self._queue:
            return b""
        first = self._queue[0]
        if first is None:
            raise TimeoutError
        self._queue[0] = first[size:]
        return bytes(first[:size])


class Bytes:
    """A socket that delivers some bytes, a few at a time, and then is closed."""

    def __init__(self, data: bytes, most: int = 2**30) -> None:
        """Keep the bytes, and how many of them are delivered at once."""
        self._data, self._most = memoryview(data), most

    def settimeout(self, seconds: float | None) -> None:
        """Never wait."""

    def recv_into(self, buffer: memoryview) -> int:
        """Deliver the next few bytes."""
        part = self._data[: min(len(buffer), self._most)]
        buffer[: len(part)] = part
        self._data = self._data[len(part) :]
        return len(part)


def packed(header: dict[str, Any], arrays: list[np.ndarray]) -> memoryview:
    """Return a frame as it arrives over a socket."""
    specs = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({**header, "arrays": specs}).encode()
    body = [array.tobytes() for array in arrays]
    return memoryview(b"".join([struct.pack("<I", len(text)), text, *body]))
