"""How far a submission may go: ceilings of time, and the isolation it runs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import GraderError

LEVELS = ("any", "confined", "uid")


@dataclass(frozen=True)
class Limits:
    """Ceilings, in seconds of the wall clock but for `own`, which are of the submission's own.

    A call of honest code takes milliseconds; half a CPU in a busy container makes that tens.
    """

    import_: float = 10.0
    call: float = 5.0
    check: float = 20.0
    # What is found out about one wrong result, once all are judged; usually it takes milliseconds.
    explanation: float = 3.0
    # Two seconds are usual; a slow but honest convolution in Python loops over pixels takes 20.
    training: float = 90.0
    # Gradescope ends a run after 600 s by default; half a minute is for starting and reporting.
    run: float = 570.0
    # What all imports, calls and trainings may use together of their own time.
    own: float = 48.0
    # After this many calls of a method that never came back, it is not called again.
    hangs: int = 2


class NotIsolated(GraderError):
    """The isolation that was required cannot be had here."""


@dataclass(frozen=True)
class Isolation:
    """Which layers of `worker.confine` the workers have here, and why the others are missing.

    Args:
        missing: for every layer "", or the reason why it is not there.
    """

    missing: Mapping[str, str]

    @property
    def level(self) -> str:
        """Return the strongest of `LEVELS` that holds.

        "uid": another user and the filter of system calls; "confined": the filter; else "any".
        """
        if not self.keeps_apart:
            return "any"
        return "confined" if self.missing["uid"] else "uid"

    @property
    def keeps_apart(self) -> bool:
        """Tell whether a worker can do nothing to another one."""
        return not self.missing["seccomp"]

    def require(self, level: str) -> None:
        """Raise unless a level, or a stronger one, holds.

        Raises:
            NotIsolated: it does not; the text says which layers are missing, and why.
        """
        if LEVELS.index(self.level) < LEVELS.index(level):
            reasons = "; ".join(f"{layer}: {why}" for layer, why in self.missing.items() if why)
            raise NotIsolated(
                f"The isolation {level!r} is required and cannot be had here ({reasons})."
            )
