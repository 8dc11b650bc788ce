"""How long a submission is waited for in total: one budget of its own time for the whole run.

The limits in `Limits` are for one call, one check, or one training; a submission that hangs in all
of them, or stays just below, would take ten minutes. So all its imports, calls, and trainings share
`Limits.own`, measured by a `Clock`: a busy machine does not use up any of it. Until something times
out, only a training is kept from using everything that is left. After that, each check gets a small
fraction of it, so that the questions after one that hangs are still asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.limits import Limits

# The fraction of the remaining time that a training may use; what comes after it needs little.
TRAINING = 4 / 5
# The fractions that a check and a training may use once something has timed out. Honest code takes
# hundredths of a second for all calls of a check, and one second for a training.
LATER_CHECK, LATER_TRAINING = 1 / 10, 1 / 4
# A repeated import of a module may take this many times as long as its first import took.
AGAIN = 1.5
# If the limit is longer, a wait of less than this many seconds does not prove that code hangs.
SHORT = 1.0
# Fewer seconds than this are not enough to ask anything.
NOTHING = 0.02


class Patience:
    """The time that remains for one submission."""

    def __init__(self, limits: Limits, when_timed_out: Callable[[], None] | None = None) -> None:
        """Start with the full budget.

        Args:
            limits: determine how much it is.
            when_timed_out: called whenever something has timed out.
        """
        self._own = self.left = limits.own
        self._when_timed_out = when_timed_out
        self._timed_out = False
        self._imports: dict[tuple[str, ...], float] = {}
        # What the check could use when it began, and what it may use now.
        self.allowed = self._check = float("inf")
        # Whether that was so little when the check began that being slow does not mean hanging.
        self.is_used_up = False

    def begin(self, trains: bool) -> None:
        """Set the budget of the next check, which may be a training."""
        if self._timed_out:
            part = LATER_TRAINING if trains else LATER_CHECK
        else:
            part = TRAINING if trains else 1.0
        self.allowed = self._check = self.left * part
        mostly_slow = not self._timed_out and self.left < self._own / 2
        self.is_used_up = mostly_slow or self.allowed < SHORT

    @property
    def is_over(self) -> bool:
        """Tell whether the check has used up its budget."""
        return self._check < NOTHING

    def share(self, limit: float, modules: Sequence[str] | None = None) -> float:
        """Return the seconds that a step of the check may use, capped by a limit.

        Args:
            limit: the limit of the step.
            modules: the modules that the step imports, if any.
        """
        known = 0.0 if modules is None else self._imports.get(tuple(modules), 0.0)
        return min(limit, max(self._check, min(known * AGAIN, self.left)))

    def is_short(self, seconds: float, limit: float) -> bool:
        """Tell whether a wait was too short to prove that code hangs."""
        return seconds < (limit if self.is_used_up else min(limit, SHORT))

    def use(self, seconds: float) -> None:
        """Subtract the time that a step has used."""
        self.left -= seconds
        self._check -= seconds

    def imported(self, modules: Sequence[str], seconds: float) -> None:
        """Record how long a completed import took; that time is not charged to the check."""
        self._imports[tuple(modules)] = max(seconds, self._imports.get(tuple(modules), 0.0))
        if self._check < float("inf"):
            self._check = min(self._check + seconds, self.left)

    def has_imported(self, modules: Sequence[str]) -> bool:
        """Tell whether an import has completed before."""
        return tuple(modules) in self._imports

    def timed_out(self) -> None:
        """Record that something did not return: from now on every check gets less time."""
        self._timed_out = True
        if self._when_timed_out is not None:
            self._when_timed_out()
