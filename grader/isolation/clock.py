"""A clock for one process: how long it computed or slept, no matter how busy the machine is."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import lru_cache
from pathlib import Path

# Seconds that the computation in `slowness` takes on an ordinary laptop.
LAPTOP = 0.0004


class Clock:
    """Measures the time that a process uses: all elapsed time except its waits for a processor.

    On Linux the kernel reports how long a process has waited. Elsewhere the load of the machine is
    used as an estimate: if four processes want two processors, each is assumed to wait half of the
    time.
    """

    def __init__(self, pid: int, from_its_start: bool = False) -> None:
        """Start measuring.

        Args:
            pid: the ID of the process.
            from_its_start: also count what it computed before now.
        """
        self._pid = pid
        self._last = time.monotonic()
        told = _told_by_kernel(pid)
        self._told = (0.0, 0.0) if told and from_its_start else told

    @property
    def passed(self) -> float:
        """Return the wall-clock seconds since the last lap."""
        return time.monotonic() - self._last

    def lap(self, idle: bool = False) -> float:
        """Return the laptop-equivalent time since the last lap, or since the start.

        Args:
            idle: the process may have been waiting for work, so only computing counts.
        """
        before, self._last = self._last, time.monotonic()
        passed, told = self._last - before, self._told
        self._told = _told_by_kernel(self._pid)
        if self._told is None or told is None:
            return 0.0 if idle else passed * _share() / slowness()
        computed, waited = (new - old for new, old in zip(self._told, told, strict=True))
        # Only its first thread's waits are reported, so having that thread wait for others saves no
        # time.
        return max(0.0 if idle else passed - waited, computed) / slowness()


def _told_by_kernel(pid: int) -> tuple[float, float] | None:
    """Return how long a process has computed, and waited to; None where this is not reported."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if sys.platform == "linux":
            words = Path(f"/proc/{pid}/schedstat").read_bytes().split()
            # The ID of its clock, computed as in clock_getcpuclockid(3).
            return time.clock_gettime((~pid << 3) | 2), int(words[1]) / 1e9
    return None


def _share() -> float:
    """Return the fraction of a processor that a process currently gets here, at most 1."""
    if sys.platform in ("linux", "win32"):
        return 1.0
    with contextlib.suppress(OSError):  # not every system provides this number
        return min(1.0, (os.cpu_count() or 1) / max(os.getloadavg()[0], 1.0))
    return 1.0


@lru_cache(maxsize=1)
def slowness() -> float:
    """Return how many times longer computing takes here than on a laptop, at least 1."""
    return max(1.0, min(_computing() for _ in range(5)) / LAPTOP)


def _computing() -> float:
    start = time.thread_time()
    sum(number * number for number in range(10_000))
    return time.thread_time() - start
