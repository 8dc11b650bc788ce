"""This project's own homework, as the tests speak of it."""

from __future__ import annotations

from pathlib import Path

from grader import submission
from grader.assignment import load
from grader.paths import HOMEWORK

ASSIGNMENT = load(HOMEWORK)
RUBRIC, CASES, TOTAL = ASSIGNMENT.rubric, ASSIGNMENT.cases, ASSIGNMENT.total
GRADED_MODULES, EXPLANATIONS = ASSIGNMENT.graded_modules, ASSIGNMENT.explanations
REFERENCE, STUBS = ASSIGNMENT.folders.reference, ASSIGNMENT.folders.student
MISTAKES, HONEST = ASSIGNMENT.folders.mistakes, ASSIGNMENT.folders.honest
RECORDED = ASSIGNMENT.folders.recorded
find_targets, cases_of = ASSIGNMENT.find_targets, ASSIGNMENT.cases_of


def find(path: Path, always_choose: bool = False) -> submission.Submission:
    """Return the submission at a path."""
    return submission.find(path, ASSIGNMENT, always_choose)
