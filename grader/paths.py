"""Where the parts of the project lie."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
# The assignment that is graded by default.
HOMEWORK = PACKAGE / "assignment" / "homework"
