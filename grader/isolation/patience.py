"""How long a submission is waited for in all: one amount of its own time for the whole run.

The ceilings of `Limits` are for one call, one check, one training; a submission that hangs in all
of them, or stays just below, would take ten minutes. So all its imports, calls and trainings share
`Limits.own`, which a `Clock` counts: a busy machine costs a submission none of it. Until something
times out, only a training is kept from using all that is left. After that a check gets a small part
of it, so the questions after one that hangs are asked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.limits import Limits

# The part of the time left that a training may use; what comes after it needs little.
TRAINING = 4 / 5
# The parts that a check and a training may use once something has timed out. Honest code takes
# hundredths of a second for all calls of a check, and one second for a training.
LATER_CHECK, LATER_TRAINING = 1 / 10, 1 / 4
# A module that was imported before may take so many times as long as it took.
AGAIN = 1.5
# A wait of fewer seconds than that, where the limit is longer, does not prove that code hangs.
SHORT = 1.0
# Seconds that are too few to ask anything.
NOTHING = 0.02


class Patience:
    """The time that is left for one submission."""

    def __init__(self, limits: Limits, when_timed_out: Callable[[], None] | None = None) -> None:
        """Start with all of it.

        Args:
            limits: say how much it is.
            when_timed_out: is called whenever something has timed out.
        """
        self._own = self.left = limits.own
        self._when_timed_out = when_timed_out
        self._timed_out = False
        self._imports: dict[tuple[str, ...], float] = {}
        # What the check could use when it began, and what it can use now.
        self.allowed = self._check = float("inf")
        # Whether it was so little when the check began that being slow is no sign of hanging.
        self.is_used_up = False

    def begin(self, trains: bool) -> None:
        """Set apart what the next check may use; tell it whether that is a training."""
        if self._timed_out:
            part = LATER_TRAINING if trains else LATER_CHECK
        else:
            part = TRAINING if trains else 1.0
        self.allowed = self._check = self.left * part
        mostly_slow = not self._timed_out and self.left < self._own / 2
        self.is_used_up = mostly_slow or self.allowed < SHORT

    @property
    def is_over(self) -> bool:
        """Tell whether the check has used what was set apart for it."""
        return self._check < NOTHING

    def share(self, limit: float, modules: Sequence[str] | None = None) -> float:
        """Return the seconds that a step of the check may use, at most a limit.

        Args:
            limit: of the step.
            modules: that the step imports, if it does.
        """
        known = 0.0 if modules is None else self._imports.get(tuple(modules), 0.0)
        return min(limit, max(self._check, min(known * AGAIN, self.left)))

    def is_short(self, seconds: float, limit: float) -> bool:
        """Tell whether a wait was too short to prove that code hangs."""
        return seconds < (limit if self.is_used_up else min(limit, SHORT))

    def use(self, seconds: float) -> None:
        """Count what a step has used."""
        self.left -= seconds
        self._check -= seconds

    def imported(self, modules: Sequence[str], seconds: float) -> None:
        """Note how long an import took that came back; that is not the fault of the check."""
        self._imports[tuple(modules)] = max(seconds, self._imports.get(tuple(modules), 0.0))
        if self._check < float("inf"):
            self._check = min(self._check + seconds, self.left)

    def has_imported(self, modules: Sequence[str]) -> bool:
        """Tell whether an import has come back before."""
        return tuple(modules) in self._imports

    def timed_out(self) -> None:
        """Note that something did not come back: from now on every check gets less."""
        self._timed_out = True
        if self._when_timed_out is not None:
            self._when_timed_out()
