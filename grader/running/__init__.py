"""One grade from start to end: what pytest runs in trust, the checks, and grading at every save.

It joins what the rooms below give: a staged submission, its sandbox, right answers, verdicts. No
code of a submission runs in this process, and nothing here knows how a grade is shown.
"""

from .asked import Asked
from .examining import examine
from .explaining import explained
from .plan import Plan
from .runner import UNFINISHED, failed, grade, not_run
from .saves import Saves, Superseded
from .watch import Grading, is_outdated, rounds

__all__ = [
    "UNFINISHED",
    "Asked",
    "Grading",
    "Plan",
    "Saves",
    "Superseded",
    "examine",
    "explained",
    "failed",
    "grade",
    "is_outdated",
    "not_run",
    "rounds",
]
