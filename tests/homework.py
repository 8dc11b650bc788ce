"""This project's own homework, under the names that the tests use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader import submission
from grader.assignment import Target, load
from grader.paths import HOMEWORK

ASSIGNMENT = load(HOMEWORK)
RUBRIC, CASES, TOTAL = ASSIGNMENT.rubric, ASSIGNMENT.cases, ASSIGNMENT.total
GRADED_MODULES, EXPLANATIONS = ASSIGNMENT.graded_modules, ASSIGNMENT.explanations
REFERENCE, STUBS = ASSIGNMENT.folders.reference, ASSIGNMENT.folders.student
MISTAKES, HONEST = ASSIGNMENT.folders.mistakes, ASSIGNMENT.folders.honest
RECORDED = ASSIGNMENT.folders.recorded
cases_of = ASSIGNMENT.cases_of


def find_targets(names: Sequence[str]) -> tuple[Target, ...]:
    """Return the targets with these names, or all; a derivation must be named in full."""
    found = ASSIGNMENT.find_targets(names)
    return tuple(x for x in found if not names or not x.is_derivation or x.name in names)


def find(path: Path, always_choose: bool = False) -> submission.Submission:
    """Return the submission at a path."""
    return submission.find(path, ASSIGNMENT, always_choose)
