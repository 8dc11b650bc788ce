"""Grading what is in a store: long-lived graders, their tasks, and grades from the results.

`intake` reads a source into a store. `session` finds out what is missing, `batch` asks an engine
for it and writes every result as it arrives; `local` is the engine for this machine. `scoring`
turns results into grades. No code of a submission runs in this process: `resident` is a process
that grades like `grader grade`, and `graders` has the handle to it.
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
