"""Where the parts of the project are."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
# The default assignment.
HOMEWORK = PACKAGE / "assignment" / "homework"
