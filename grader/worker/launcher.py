"""The processes beside the grader: a launcher without secrets, and the workers it forks.

The launcher has numpy loaded and nothing else, so that a worker is ready a few milliseconds after
it is asked for. It is started with a clean environment and isolated from the user's site-packages
settings; a worker inherits from it one socket, and nothing of the grader. The launcher keeps the
rights it was started with; a worker gives them up (`confine`) before it sees the submission.

`serve_forks` and `serve_one` are what such a process does from its first to its last moment.
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
    """Fork a worker, or end one, for every request of the grader, until it goes away.

    Args:
        descriptor: of the control socket.
        folder: where numpy is.
        packages: where each of `packages.PACKAGES` is.
        layers: what to confine workers with, where it can be had.
        places: the folders below which the files of workers may be.
    """
    _reset_signals()
    control = socket.socket(fileno=descriptor)
    server, problem = ForkServer(folder, packages, tuple(layers), tuple(places)), dict[str, Any]()
    try:
        server.load()
    except Exception as error:  # noqa: BLE001 - every answer says it
        problem = told(error)
    try:
        while message := _received(control):
            try:
                answer = problem or server.answer(json.loads(message[0]), message[1])
            except Exception as error:  # noqa: BLE001 - the grader reports it
                answer = told(error)
            with contextlib.suppress(ConnectionError):  # it may have gone since it asked
                control.send(json.dumps(answer).encode())
    finally:
        server.close()
    os._exit(0)  # a moment sooner than Python ends


def _reset_signals() -> None:
    """Undo what a parent has set: without SIGCHLD, nobody can wait for a child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _received(control: socket.socket) -> tuple[bytes, list[int]] | None:
    """Return a request and its descriptors; None once the grader has gone."""
    try:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
    except ConnectionError:
        return None
    return (message, descriptors) if message else None


def told(error: Exception) -> dict[str, Any]:
    """Return an error as the grader is told it."""
    return {"error": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)}


def serve_one(folder: str) -> None:
    """Be one worker in a process of its own, where forking is not safe.

    The first line of stdin says where the socket and the files are.
    """
    request = json.loads(sys.stdin.buffer.readline())
    if sys.platform == "win32":
        sock = socket.fromshare(bytes.fromhex(request["share"]))
    else:
        sock = socket.socket(fileno=request["descriptor"])
    load_worker(folder)
    confine.limit_resources()
    from . import serving  # noqa: PLC0415 - numpy is found only now

    serving.readied()(sock, Stage(**request["stage"]), "")
