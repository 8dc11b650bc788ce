"""What starts workers, and what a worker's process can be asked for."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Protocol

from grader.limits import Isolation
from grader.worker.stage import Stage

# Takes what a training prints, as it comes.
Show = Callable[[bytes], None]


class Process(Protocol):
    """A worker's process."""

    sock: socket.socket

    @property
    def pid(self) -> int:
        """Its number."""

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in what it runs, where the platform can do that."""

    def stop(self, kill: bool) -> int | None:
        """End it; return its exit code, negative for a signal; None if it had to be killed.

        Without `kill`, it gets a moment to end by itself.
        """


class Starter(Protocol):
    """Starts workers."""

    @property
    def restarts(self) -> int:
        """How often what starts them had gone, and its workers with it, and was started anew."""

    @property
    def isolation(self) -> Isolation:
        """What the workers have."""

    def start(self, stage: Stage) -> Process:
        """Start one worker."""

    def train(self, stage: Stage, module: str, show: Show) -> int:
        """Run `main` of a package's module; show what it prints; return the exit code."""

    def close(self) -> None:
        """Give back what starting takes."""
