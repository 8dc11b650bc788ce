"""Choosing what starts workers on this platform, and keeping it across several grades."""

from __future__ import annotations

import sys

from grader.limits import Isolation
from grader.worker.stage import Stage

from .fork_client import ForkServerClient
from .protocols import Process, Show, Starter
from .spawner import Spawner


class Kept:
    """A starter that outlives the grades that use it."""

    def __init__(self, inner: Starter) -> None:
        """Keep the real one; `end` closes it."""
        self._inner = inner

    @property
    def restarts(self) -> int:
        """How often the real starter was restarted."""
        return self._inner.restarts

    @property
    def isolation(self) -> Isolation:
        """The isolation of its workers."""
        return self._inner.isolation

    def start(self, stage: Stage) -> Process:
        """Start one worker."""
        return self._inner.start(stage)

    def train(self, stage: Stage, module: str, show: Show) -> int:
        """Run the training of a package."""
        return self._inner.train(stage, module, show)

    def close(self) -> None:
        """Stay open."""

    def renew(self) -> None:
        """End everything that is running, and get ready for the next grade."""
        self.end()
        self._inner = starter()

    def end(self) -> None:
        """Close the real one."""
        self._inner.close()


def starter() -> Starter:
    """Return what starts workers on this platform."""
    return ForkServerClient() if sys.platform == "linux" else Spawner()
