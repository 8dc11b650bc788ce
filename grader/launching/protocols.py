"""The interfaces of worker starters and of a worker's process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Protocol

from grader.limits import Isolation
from grader.worker.stage import Stage

# Receives what a training prints, as it is printed.
Show = Callable[[bytes], None]


class Process(Protocol):
    """A worker's process."""

    sock: socket.socket

    @property
    def pid(self) -> int:
        """Its process ID."""

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in what it runs, where the platform supports that."""

    def stop(self, kill: bool) -> int | None:
        """End it; return its exit code, negative for a signal; None if it had to be killed.

        Without `kill`, it gets a moment to end by itself.
        """


class Starter(Protocol):
    """Starts workers."""

    @property
    def restarts(self) -> int:
        """How often the process that starts workers was lost, with them, and was restarted."""

    @property
    def isolation(self) -> Isolation:
        """The isolation of the workers."""

    def start(self, stage: Stage) -> Process:
        """Start one worker."""

    def train(self, stage: Stage, module: str, show: Show) -> int:
        """Run `main` of a module in the package; show what it prints; return the exit code."""

    def close(self) -> None:
        """Release what starting workers uses."""
