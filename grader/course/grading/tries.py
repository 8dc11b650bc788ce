"""How often something is tried before its grade is given up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from grader.course.store import Graded
from grader.limits import Limits
from grader.verdict import Verdict

# A submission that takes down so many graders, or so many machines, is not tried again.
TRIES = 3
# Seconds after which a grader is taken for dead: a grade ends by itself long before.
STUCK = Limits().run + 60.0
TOOK_DOWN = "it took down {tries} {what}, the last one so: {why}"


@dataclass
class Tries:
    """Counts the tries of submissions, by the hash of their contents.

    Args:
        what: a submission takes down; a word in the plural.
    """

    what: str = "graders"
    _failed: Counter[str] = field(default_factory=Counter)

    def failed(self, contents: str) -> int:
        """Return how many tries have failed."""
        return self._failed[contents]

    def lost(self, contents: str, why: object, place: str) -> Graded | None:
        """Return what is told of a submission that took something down; None: try it again.

        Args:
            contents: their hash.
            why: what is known of the end.
            place: where it was.
        """
        if self._may_try(contents):
            return None
        problem = TOOK_DOWN.format(tries=TRIES, what=self.what, why=why)
        return Graded(contents, place=place, problem=problem)

    def checked(self, found: Graded) -> Graded | None:
        """Return what came of grading; None if the grader failed, and is to try it again.

        If a process of the grader is lost every time, it is the submission's doing, and the
        verdicts say what they have to.
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
