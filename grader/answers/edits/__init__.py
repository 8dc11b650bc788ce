"""Edits: the right computation with one change, used to explain wrong numbers."""

from .finding import Edit, edits_of
from .operators import changes, functions, lines_of, region_lines, target_of
from .packing import Packed, Row, Rows, as_text, from_text, grouped, table
from .running import edited

__all__ = [
    "Edit",
    "Packed",
    "Row",
    "Rows",
    "as_text",
    "changes",
    "edited",
    "edits_of",
    "from_text",
    "functions",
    "grouped",
    "lines_of",
    "region_lines",
    "table",
    "target_of",
]
