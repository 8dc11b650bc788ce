"""Finding out which layers of confinement hold here: each is tried in a separate child."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Sequence

from . import users
from .confine import LAYERS, MEMORY, Confinement

# Time limit in seconds for trying one layer, which takes milliseconds.
PROBE = 10.0


def probe(layers: Sequence[str], readable: tuple[str, ...], uid: int | None) -> dict[str, str]:
    """Try each layer in a separate child; return why it is missing, "" where it holds.

    It is not enough that a layer was applied: the child then tries what the layer forbids.
    """
    return {layer: _probe_one(layer, layers, readable, uid) for layer in LAYERS}


def _probe_one(
    layer: str, layers: Sequence[str], readable: tuple[str, ...], uid: int | None
) -> str:
    if layer not in layers:
        return "it was turned off"
    if layer == "uid" and uid is None:
        return "only root can change to another user"
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(ours, _try_layer(layer, readable, uid).encode()[:1000])
            time.sleep(PROBE)  # until ended the way a worker is
        finally:
            os._exit(0)
    os.close(ours)
    with os.fdopen(theirs, "rb") as answers:
        in_time, _, _ = select.select([answers], [], [], PROBE)
        answer = os.read(theirs, 1000) if in_time else b'"the process that tried it did not answer"'
    if users.end(pid, uid if layer == "uid" else None) is None:
        return "it was applied, but its process cannot be ended"
    return str(json.loads(answer or '"the process that tried it died"'))


def _try_layer(layer: str, readable: tuple[str, ...], uid: int | None) -> str:
    """Apply one layer to this process and try to break it; return JSON of what is wrong."""
    try:
        Confinement((layer,), readable).apply(uid if layer == "uid" else None, ())
        return json.dumps("" if _FORBIDDEN[layer]() else "it was applied, but does not hold")
    except PermissionError as error:  # root may have lost rights, too
        return json.dumps(f"this process is not allowed to ({error.strerror})")
    except BaseException as error:  # noqa: BLE001 - whatever happened, the layer does not hold
        return json.dumps(str(error) or type(error).__name__)


def _fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except (OSError, MemoryError):
        return True
    return False


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _socket() -> None:
    import socket  # noqa: PLC0415 - only needed here

    socket.socket().close()


_FORBIDDEN: dict[str, Callable[[], bool]] = {
    "limits": lambda: _fails(lambda: bytearray(2 * MEMORY)),
    "uid": lambda: os.getuid() != 0 and _fails(lambda: os.setuid(0)),
    "landlock": lambda: _fails(lambda: os.listdir("/")),
    "seccomp": lambda: _fails(_fork) and _fails(_socket),
}
