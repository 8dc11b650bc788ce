"""The limits for a submission: time limits, and the isolation it runs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import GraderError

LEVELS = ("any", "confined", "uid")


@dataclass(frozen=True)
class Limits:
    """Limits in wall-clock seconds, except for `own`, which counts the submission's own time.

    A call to honest code takes milliseconds; with half a CPU in a busy container, tens of them.
    """

    import_: float = 10.0
    call: float = 5.0
    check: float = 20.0
    # Explaining one wrong result, after all are judged; usually it takes milliseconds.
    explanation: float = 3.0
    # Usually two seconds; a slow but honest convolution with Python loops over pixels takes 20.
    training: float = 90.0
    # Gradescope ends a run after 600 s by default; half a minute is for startup and reporting.
    run: float = 570.0
    # The total of its own time that a submission may use for imports, calls and trainings.
    own: float = 48.0
    # After this many calls to a method hang, it is not called again.
    hangs: int = 2


class NotIsolated(GraderError):
    """The required isolation is not available here."""


@dataclass(frozen=True)
class Isolation:
    """Which layers of `worker.confine` the workers have here, and why the others are missing.

    Args:
        missing: for every layer, "" if it is active or the reason it is missing.
    """

    missing: Mapping[str, str]

    @property
    def level(self) -> str:
        """Return the strongest of `LEVELS` that is available.

        "uid": another user and the system call filter; "confined": the filter; otherwise "any".
        """
        if not self.keeps_apart:
            return "any"
        return "confined" if self.missing["uid"] else "uid"

    @property
    def keeps_apart(self) -> bool:
        """Tell whether workers are protected from each other."""
        return not self.missing["seccomp"]

    def require(self, level: str) -> None:
        """Raise unless a level, or a stronger one, is available.

        Raises:
            NotIsolated: it is not; the message says which layers are missing, and why.
        """
        if LEVELS.index(self.level) < LEVELS.index(level):
            reasons = "; ".join(f"{layer}: {why}" for layer, why in self.missing.items() if why)
            raise NotIsolated(
                f"Isolation level {level!r} is required, but not available here ({reasons})."
            )
