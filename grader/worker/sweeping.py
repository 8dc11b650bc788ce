"""Waiting for a worker to end, and killing what it has left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator

# Seconds for all orphans of a worker to disappear.
SWEEP = 5.0
# Seconds to wait for one of them before turning to the others.
REAP = 0.1


def has_ended(pid: int, seconds: float) -> bool:
    """Tell whether a child ends within some seconds; its process ID stays reserved."""
    end = time.monotonic() + seconds
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() >= end:
            return False
        time.sleep(0.001)
    return True


def wait(pid: int, seconds: float) -> int | None:
    """Return the status of a child that ends within some seconds, and release its process ID."""
    return os.waitpid(pid, 0)[1] if has_ended(pid, seconds) else None


def kill_orphans(spared: Collection[int]) -> None:
    """Kill what a dead worker has left behind: the launcher is the parent of all of it now.

    Args:
        spared: the workers that are alive.
    """
    end = time.monotonic() + SWEEP
    while (orphans := set(_children(os.getpid())) - set(spared)) and time.monotonic() < end:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                wait(pid, REAP)


def kill_below(pid: int) -> None:
    """Kill all descendants of a stopped process, which adopts those whose parent dies."""
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
