"""The processes beside the grader: a launcher without secrets, and the workers it forks.

The launcher has numpy loaded and nothing else, so that a worker is ready a few milliseconds after
it is requested. It is started with a clean environment and isolated from the user's site-packages
settings; a worker inherits one socket from it, and nothing of the grader. The launcher keeps the
rights it was started with; a worker gives them up (`confine`) before it sees the submission.

`serve_forks` and `serve_one` are the entire life of such a process.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from . import confine
from .fork_server import ForkServer
from .preload import load_worker
from .stage import Stage


def serve_forks(
    descriptor: int,
    folder: str,
    packages: Mapping[str, str],
    layers: Sequence[str],
    places: Sequence[str],
) -> None:
    """Fork a worker, or end one, for every request of the grader, until the grader is gone.

    Args:
        descriptor: the control socket's descriptor.
        folder: where numpy is.
        packages: where each of `packages.PACKAGES` is.
        layers: the layers to confine workers with, where available.
        places: the folders below which the files of workers may be.
    """
    _reset_signals()
    control = socket.socket(fileno=descriptor)
    server, problem = ForkServer(folder, packages, tuple(layers), tuple(places)), dict[str, Any]()
    try:
        server.load()
    except Exception as error:  # noqa: BLE001 - reported in every answer
        problem = told(error)
    try:
        while message := _received(control):
            try:
                answer = problem or server.answer(json.loads(message[0]), message[1])
            except Exception as error:  # noqa: BLE001 - the grader reports it
                answer = told(error)
            with contextlib.suppress(ConnectionError):  # it may have gone away since it asked
                control.send(json.dumps(answer).encode())
    finally:
        server.close()
    os._exit(0)  # slightly faster than Python's own exit


def _reset_signals() -> None:
    """Undo a parent's signal settings: if SIGCHLD is ignored, no child can be waited for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _received(control: socket.socket) -> tuple[bytes, list[int]] | None:
    """Return a request and its descriptors; None once the grader is gone."""
    try:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
    except ConnectionError:
        return None
    return (message, descriptors) if message else None


def told(error: Exception) -> dict[str, Any]:
    """Return an error in the form in which the grader is told about it."""
    return {"error": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)}


def serve_one(folder: str) -> None:
    """Be one worker in a separate process, where forking is unsafe.

    The first line of stdin says where the socket and the files are.
    """
    request = json.loads(sys.stdin.buffer.readline())
    if sys.platform == "win32":
        sock = socket.fromshare(bytes.fromhex(request["share"]))
    else:
        sock = socket.socket(fileno=request["descriptor"])
    load_worker(folder)
    confine.limit_resources()
    from . import serving  # noqa: PLC0415 - numpy can only be found now

    serving.readied()(sock, Stage(**request["stage"]), "")
