"""Logistic regression in plain numpy: what it asks, and where its files are."""

from __future__ import annotations

from pathlib import Path

from grader.assignment import Assignment, Folders

from .cases import CASES
from .explanations import EXPLANATIONS, NOTES
from .rubric import GIVEN_MODULES, GRADED_MODULES, RUBRIC

HOME = Path(__file__).parent

ASSIGNMENT = Assignment(
    name="logistic-regression",
    title="Homework: logistic regression in plain numpy",
    folders=Folders.below(HOME),
    graded_modules=GRADED_MODULES,
    given_modules=GIVEN_MODULES,
    rubric=RUBRIC,
    cases=CASES,
    fakes=HOME / "fakes.py",
    explanations=EXPLANATIONS,
    notes=NOTES,
    training_module="train",
)
