"""A clock for one process: how long it computed or slept, however busy the machine is."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import lru_cache
from pathlib import Path

# Seconds that `slowness` computes on an ordinary laptop.
LAPTOP = 0.0004


class Clock:
    """Measures the time that a process uses: all that passes, but not its waits for a processor.

    On Linux the kernel tells how long a process has waited. Elsewhere the load of the machine has
    to do: where four processes want two processors, each is taken to wait for half of the time.
    """

    def __init__(self, pid: int, from_its_start: bool = False) -> None:
        """Start to measure.

        Args:
            pid: of the process.
            from_its_start: what it has computed before counts, too.
        """
        self._pid = pid
        self._last = time.monotonic()
        told = _told_by_kernel(pid)
        self._told = (0.0, 0.0) if told and from_its_start else told

    @property
    def passed(self) -> float:
        """Return the seconds since this was last asked for a lap, on the wall clock."""
        return time.monotonic() - self._last

    def lap(self, idle: bool = False) -> float:
        """Return the time since this was last asked, or since the start, as on a laptop.

        Args:
            idle: the process may have waited for something to do: only computing counts.
        """
        before, self._last = self._last, time.monotonic()
        passed, told = self._last - before, self._told
        self._told = _told_by_kernel(self._pid)
        if self._told is None or told is None:
            return 0.0 if idle else passed * _share() / slowness()
        computed, waited = (new - old for new, old in zip(self._told, told, strict=True))
        # Only its first thread's waits are told: waiting for the others, it does not save time.
        return max(0.0 if idle else passed - waited, computed) / slowness()


def _told_by_kernel(pid: int) -> tuple[float, float] | None:
    """Return how long a process has computed, and waited to; None where nobody tells."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if sys.platform == "linux":
            words = Path(f"/proc/{pid}/schedstat").read_bytes().split()
            # The number of its clock, as clock_getcpuclockid(3) makes it.
            return time.clock_gettime((~pid << 3) | 2), int(words[1]) / 1e9
    return None


def _share() -> float:
    """Return the part of a processor that a process gets here at the time, at most 1."""
    if sys.platform in ("linux", "win32"):
        return 1.0
    with contextlib.suppress(OSError):  # a system may have no such number
        return min(1.0, (os.cpu_count() or 1) / max(os.getloadavg()[0], 1.0))
    return 1.0


@lru_cache(maxsize=1)
def slowness() -> float:
    """Return how many times longer computing takes here than on a laptop, 1 at least."""
    return max(1.0, min(_computing() for _ in range(5)) / LAPTOP)


def _computing() -> float:
    start = time.thread_time()
    sum(number * number for number in range(10_000))
    return time.thread_time() - start
