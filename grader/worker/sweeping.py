"""Waiting for a worker to end, and killing what it has left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator

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
    while (orphans := set(_children(os.getpid())) - set(spared)) and time.monotonic() < end:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def kill_below(pid: int) -> None:
    """Kill all descendants of a process that is stopped: it adopts those whose parent dies."""
    end, killed = time.monotonic() + SWEEP, set[int]()
    while (found := set(_descendants(pid)) - killed) and time.monotonic() < end:
        for one in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, signal.SIGKILL)
        killed |= found


def _descendants(pid: int) -> Iterator[int]:
    parents = [pid]
    while parents:
        children = list(_children(parents.pop()))
        yield from children
        parents += children


def _children(pid: int) -> Iterator[int]:
    """Yield the children of a process: those of each of its threads."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as children:
                yield from map(int, children.read().split())
