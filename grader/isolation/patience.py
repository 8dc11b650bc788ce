"""How long a submission is waited for in all: each of its checks may use a share of what is left.

The ceilings of `Limits` are for one call, one check, one training; a submission that hangs in all
of them, or stays just below, would take ten minutes. So there is one amount of time for all its
calls, and one for its trainings. A `Clock` counts it: a busy machine costs a submission none of it.
A check may use half of what is left, and in any case what is ample for honest code: the questions
after one that hangs are asked all the same.
"""

from __future__ import annotations

from grader.limits import Limits

# Seconds that a call, a check and a training get in any case. Honest code takes hundredths of a
# second for all calls of a check, and one second for a training.
LEAST_CALL, LEAST_CHECK, LEAST_TRAINING = 0.25, 0.3, 5.0
# The shares of what is left that a check, a call of it, and a training may use: the first call has
# all the time that `Limits.call` allows.
CHECK_SHARE, CALL_SHARE, TRAINING_SHARE = 1 / 2, 5 / 8, 0.9
# Slow code trains slowly: as long as so many times its slowest call computed, if it is not known to
# hang. Of the slow variants that we know, a training takes 12 to 75 times that.
SLOWEST_CALLS = 100
# Once half of the time for calls is used, the trainings are likely to hang, too, and the other way
# round: that much of the time for the others is left.
DOUBTFUL = 1 / 4


class Patience:
    """The time that is left for one submission."""

    def __init__(self, limits: Limits) -> None:
        """Start with all of it."""
        self._limits = limits
        self._calls, self._trainings = limits.calls, limits.trainings
        self._trains = self._hangs = False
        self._slowest: float | None = None
        self._used = 0.0  # by calls
        self.allowed = self._check = float("inf")

    def begin(self, trains: bool) -> None:
        """Set apart what the next check may use; tell it whether that is a training."""
        self._trains = trains
        if trains:
            self._check = max(self._trainings * TRAINING_SHARE, LEAST_TRAINING, self._earned)
        else:
            self._check = max(self._calls * CHECK_SHARE, LEAST_CHECK)
        self.allowed = self._check

    @property
    def _earned(self) -> float:
        """Return what a training may take of code that is slow, as far as that is known."""
        if self._hangs:
            return 0.0
        known = self._slowest is not None
        return SLOWEST_CALLS * (self._slowest or 0.0) if known else self._limits.training

    @property
    def is_over(self) -> bool:
        """Tell whether the check has used what was set apart for it."""
        return self._check <= 0

    @property
    def hangs(self) -> int:
        """Return how often a method may hang before it is not called any more."""
        return 1 if self._hangs else self._limits.hangs

    def share(self, limit: float) -> float:
        """Return the seconds that a call of the check may use, at most a limit."""
        part = self._check if self._trains else max(self._check * CALL_SHARE, LEAST_CALL)
        return min(limit, part, self._check)

    def returned(self, computed: float) -> None:
        """Note for how long a call that came back has computed; it may have slept beside."""
        if not self._trains:
            self._slowest = max(self._slowest or 0.0, computed)

    def use(self, seconds: float) -> None:
        """Count what a call has used."""
        self._check -= seconds
        if self._trains:
            self._trainings = max(self._trainings - seconds, 0.0)
            if self._trainings < self._limits.trainings / 2:
                self._calls = min(self._calls, self._limits.calls * DOUBTFUL)
            self._hangs = self._hangs or self.is_over
        else:
            self._calls = max(self._calls - seconds, 0.0)
            self._used += seconds
            if self._used > self._limits.calls / 2:
                self._trainings = min(self._trainings, self._limits.trainings * DOUBTFUL)
                self._hangs = True
