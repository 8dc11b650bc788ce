"""Grading what is in a store: graders that stay, what is asked of them, and grades of what came.

`intake` reads a source into a store. `session` finds out what is missing, `batch` asks an engine
for it and writes every result as it comes; `local` is the engine of this machine. `scoring` makes
grades of results. No code of a submission runs in here: `resident` is a process that grades as
`grader grade` does, and `graders` the handle to it.
"""

from .batch import Engine, Wanted
from .finding import Found, find, graded_again
from .fingerprints import fingerprints
from .graders import Grader, Lost, Refusal, end_all
from .intake import read, superseded
from .local import Local
from .resident import FAILED, Ready, Refused, Setup, Task, versions
from .runs import GRADE, REGRADE, Begun, begin, by_hand_of, latest, require_assignment
from .scoring import GRADED, NOTHING, ByHand, Scorer
from .session import Work, prepared
from .tries import STUCK, TRIES, Tries

__all__ = [
    "FAILED", "GRADE", "GRADED", "NOTHING", "REGRADE", "STUCK", "TRIES", "Begun", "ByHand",
    "Engine", "Found", "Grader", "Local", "Lost", "Ready", "Refusal", "Refused", "Scorer", "Setup",
    "Task", "Tries", "Wanted", "Work", "begin", "by_hand_of", "end_all", "find", "fingerprints",
    "graded_again", "latest", "prepared", "read", "require_assignment", "superseded", "versions",
]  # fmt: skip
