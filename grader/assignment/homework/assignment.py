"""Neural networks in plain numpy (CS189): what it asks, and where its files are."""

from __future__ import annotations

from pathlib import Path

from grader.assignment import Assignment, Folders
from grader.paths import ROOT

from .cases import CASES
from .explanations import EXPLANATIONS, NOTES
from .rubric import (
    FORBIDDEN,
    GIVEN_MODULES,
    GRADED_MODULES,
    LEADERBOARD,
    RATE_LIMIT,
    RUBRIC,
    TOTAL,
)

HOME = Path(__file__).parent
SUBMISSIONS = ROOT / "tests" / "submissions"

ASSIGNMENT = Assignment(
    name="nn-homework",
    title="Homework: neural networks in plain numpy",
    folders=Folders.below(
        HOME,
        reference=ROOT / "reference",
        student=ROOT / "student",
        honest=SUBMISSIONS / "honest",
        others=SUBMISSIONS / "mistaken",
    ),
    graded_modules=GRADED_MODULES,
    given_modules=GIVEN_MODULES,
    rubric=RUBRIC,
    cases=CASES,
    fakes=HOME / "fakes.py",
    explanations=EXPLANATIONS,
    notes=NOTES,
    training_module="train",
    forbidden=FORBIDDEN,
    rate_limit=RATE_LIMIT,
    leaderboard=LEADERBOARD,
    declared_total=TOTAL,
)
