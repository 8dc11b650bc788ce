"""Edits: the right computation with one change, as explanations of numbers that are wrong."""

from .finding import Edit, edits_of
from .operators import changes, functions, region_lines, target_of
from .running import EDITED, edited

__all__ = [
    "EDITED",
    "Edit",
    "changes",
    "edited",
    "edits_of",
    "functions",
    "region_lines",
    "target_of",
]
