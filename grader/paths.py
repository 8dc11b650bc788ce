"""Where the parts of the project lie."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
# The solution; a handout has none.
REFERENCE = ROOT / "reference"
# Wrong variants of the solution: they name mistakes and test the grader. Never in a handout.
MISTAKES = REFERENCE / "mistakes"
# Right variants that the grader has to accept.
HONEST = ROOT / "tests" / "submissions" / "honest"
# Mistakes that the catalogue has not got, written by another hand: no wrong name may be said.
OTHERS = ROOT / "tests" / "submissions" / "mistaken"
# The students' files, which `grader stubs` writes.
STUBS = ROOT / "student"
# The students' files as they were given, which a handout keeps because it has no reference.
GIVEN = PACKAGE / "given"
# The right answers for public seeds, which `grader record` writes.
RECORDED = PACKAGE / "recorded.npz"
CHECKS = PACKAGE / "checks"


def has_reference() -> bool:
    """Tell whether the solution is here."""
    return (REFERENCE / "__init__.py").is_file()
