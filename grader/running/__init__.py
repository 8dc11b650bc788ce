"""Grade a submission from start to finish: the pytest run, the checks, and regrading on save.

This package ties the lower-level ones together: a staged submission, its sandbox, the right
answers, and the verdicts. No submission code runs in this process, and nothing here knows how a
grade is displayed.
"""

from .asked import Asked
from .examining import examine
from .explaining import explained
from .plan import Plan
from .runner import UNFINISHED, failed, grade, not_run
from .saves import Saves, Superseded
from .watch import Grading, is_outdated, reruns

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
    "reruns",
]
