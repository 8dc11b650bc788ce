"""How many processors this process may use: a container may have a fraction of one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# What a cgroup may use per period, both in microseconds: in version 2, and in version 1.
_QUOTAS = (
    ("/sys/fs/cgroup/cpu.max",),
    (
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
    ),
)


def processors() -> float:
    """Return how many processors this process may use, which need not be a whole number."""
    usable = getattr(os, "sched_getaffinity", None)  # on Linux
    count = len(usable(0)) if usable else os.cpu_count() or 1
    return min([float(count), *_quotas()])


def _quotas() -> list[float]:
    """Return the processors that cgroups allow, where they set a limit."""
    found = []
    for paths in _QUOTAS:
        with contextlib.suppress(OSError, ValueError):  # no such file, or the value is "max"
            words = " ".join(Path(path).read_text("ascii") for path in paths).split()
            quota, period = map(float, words)
            if quota > 0:
                found.append(quota / period)
    return found
