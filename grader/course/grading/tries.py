"""How often grading is attempted before it is given up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from grader.course.store import Graded
from grader.limits import Limits
from grader.verdict import Verdict

# A submission that takes down this many graders, or this many machines, is not tried again.
TRIES = 3
# Seconds after which a grader is considered dead: a grade ends on its own long before.
STUCK = Limits().run + 60.0
TOOK_DOWN = "it took down {tries} {what}; the last time: {why}"


@dataclass
class Tries:
    """Counts the attempts for each submission, by the hash of its contents.

    Args:
        what: what a submission takes down; a plural noun.
    """

    what: str = "graders"
    _failed: Counter[str] = field(default_factory=Counter)

    def failed(self, contents: str) -> int:
        """Return how many attempts failed."""
        return self._failed[contents]

    def lost(self, contents: str, why: object, place: str) -> Graded | None:
        """Return the outcome for a submission that took something down; None to try it again.

        Args:
            contents: their hash.
            why: what is known about the crash.
            place: where it happened.
        """
        if self._may_try(contents):
            return None
        problem = TOOK_DOWN.format(tries=TRIES, what=self.what, why=why)
        return Graded(contents, place=place, problem=problem)

    def checked(self, found: Graded) -> Graded | None:
        """Return the outcome of grading; None if the grader failed and should try again.

        If a process of the grader is lost every time, the submission causes it, and the verdicts
        already say so.
        """
        faulty = any(x.verdict is Verdict.HARNESS_FAULT for x in found.results.values())
        if (faulty or found.is_disturbed) and self._may_try(found.contents):
            return None
        self._failed.pop(found.contents, None)
        return found

    def _may_try(self, contents: str) -> bool:
        self._failed[contents] += 1
        if self._failed[contents] < TRIES:
            return True
        del self._failed[contents]
        return False
