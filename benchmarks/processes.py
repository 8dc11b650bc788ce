"""What Linux reports about a process: its children, its CPU time, its memory."""

from __future__ import annotations

import os
from pathlib import Path

TICK = 1.0 / os.sysconf("SC_CLK_TCK")


def _fields(pid: int | str) -> list[str]:
    """Return the fields of /proc/PID/stat, from the state on; nothing if the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def children(pid: int) -> list[int]:
    """Return the living children of a process."""
    numbers = [path.name for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [int(name) for name in numbers if _fields(name)[1:2] == [str(pid)]]


def cpu(pid: int) -> tuple[float, float]:
    """Return the CPU seconds of a process, user and system, and of the children it waited for."""
    user, system, waited_user, waited_system = map(int, _fields(pid)[11:15])
    return (user + system) * TICK, (waited_user + waited_system) * TICK


def resident(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    (size,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(size) / 1024
