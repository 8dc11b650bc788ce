"""Two gradings side by side: who gains or loses what, by question and check, and why."""

from .comparison import Comparison, Shift, Sum, compare
from .differences import as_csv, as_json, as_text, json_text
from .sides import Side, side_of, side_of_results, side_of_run

__all__ = [
    "Comparison", "Shift", "Side", "Sum", "as_csv", "as_json", "as_text", "compare", "json_text",
    "side_of", "side_of_results", "side_of_run",
]  # fmt: skip
