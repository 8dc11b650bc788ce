"""The processes beside the grader: a launcher without secrets, and the workers it forks.

The launcher has numpy loaded and nothing else, so that a worker is ready a few milliseconds after
it is asked for. It is started with a clean environment and isolated from the user's site-packages
settings; a worker inherits from it one socket, and nothing of the grader. The launcher keeps the
rights it was started with; a worker gives them up (`confine`) before it sees the submission.

`serve_forks` and `serve_one` are what such a process does from its first to its last moment.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Mapping, Sequence

from . import confine
from .fork_server import ForkServer
from .preload import load_worker
from .stage import Stage


def serve_forks(
    descriptor: int, folder: str, packages: Mapping[str, str], layers: Sequence[str]
) -> None:
    """Fork a worker, or end one, for every request of the grader, until it goes away.

    Args:
        descriptor: of the control socket.
        folder: where numpy is.
        packages: where each of `packages.PACKAGES` is.
        layers: what to confine workers with, where it can be had.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    server = ForkServer(folder, packages, tuple(layers))
    server.load()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            return
        try:
            answer = server.answer(json.loads(message), descriptors)
        except Exception as error:  # noqa: BLE001 - the grader reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        control.send(json.dumps(answer).encode())


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

    serving.serve(sock, Stage(**request["stage"]))
