"""Waiting for a worker to end, and killing what it has left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterable

# Seconds for all orphans of a worker to be gone.
SWEEP = 5.0


def wait(pid: int, seconds: float) -> int | None:
    """Return the status of a child that ends within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(0.001)
    return None


def kill_orphans(spared: Collection[int]) -> None:
    """Kill what a dead worker has left: the launcher is the parent of all of it now.

    Args:
        spared: the workers that live.
    """
    end = time.monotonic() + SWEEP
    while (orphans := set(_children()) - set(spared)) and time.monotonic() < end:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children() -> Iterable[int]:
    """Return the children of this process."""
    file = f"/proc/self/task/{os.getpid()}/children"
    with contextlib.suppress(OSError), open(file, encoding="ascii") as children:
        return [int(pid) for pid in children.read().split()]
    return []
