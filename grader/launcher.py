"""The processes beside the grader: a launcher without secrets, and the workers it forks.

The launcher has numpy loaded and nothing else, so that a worker is ready a few milliseconds after
it is asked for. It is started with a clean environment and isolated from the user's site-packages
settings; a worker inherits from it one socket, and nothing of the grader.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
from typing import Any

# Loaded once here, not at their first use in every worker.
import numpy.linalg
import numpy.ma
import numpy.random  # noqa: F401

from . import worker

# Enough for numpy with one BLAS thread (132 MB at its peak) and a wasteful im2col.
MEMORY = 2 * 2**30
OPEN_FILES = 128


def _limit_resources() -> None:
    """Cap memory and open files, where the platform can; leave no core files."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:  # Windows
        return
    for name, value in (("AS", MEMORY), ("NOFILE", OPEN_FILES), ("CORE", 0)):
        with contextlib.suppress(ValueError, OSError, AttributeError):
            number = getattr(resource, f"RLIMIT_{name}")
            _, hard = resource.getrlimit(number)
            ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (ceiling, ceiling))


def _die_with_parent() -> None:
    """Ask Linux for SIGKILL when the launcher dies, so that no worker is left behind."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _close_all_but(keep: int) -> None:
    """Connect stdin, stdout and stderr with nothing, and close every other descriptor."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.closerange(3, keep)
    os.closerange(keep + 1, max(keep + 1, OPEN_FILES * 8))


def _become_worker(descriptor: int, stage: worker.Stage) -> None:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _close_all_but(descriptor)
        _limit_resources()
        _die_with_parent()
        worker.serve(socket.socket(fileno=descriptor), stage)
        code = 0
    finally:
        os._exit(code)


def _answer(request: dict[str, Any], descriptors: list[int]) -> dict[str, int]:
    if request["do"] == "start":
        stage = worker.Stage(**request["stage"])
        worker.compile_given(stage.given)
        pid = os.fork()
        if pid == 0:
            _become_worker(descriptors[0], stage)
        os.close(descriptors[0])
        return {"pid": pid}
    pid = int(request["pid"])
    with contextlib.suppress(ProcessLookupError):
        if request["kill"]:
            os.killpg(pid, signal.SIGKILL)
    return {"status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}


def serve_forks(descriptor: int) -> None:
    """Fork a worker, or end one, for every request of the grader, until it goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            return
        control.send(json.dumps(_answer(json.loads(message), descriptors)).encode())


def serve_one() -> None:
    """Be one worker in a process of its own, where forking is not safe.

    The first line of stdin says where the socket and the files are.
    """
    request = json.loads(sys.stdin.buffer.readline())
    if sys.platform == "win32":
        sock = socket.fromshare(bytes.fromhex(request["share"]))
    else:
        sock = socket.socket(fileno=request["descriptor"])
    _limit_resources()
    worker.serve(sock, worker.Stage(**request["stage"]))
