"""What is printed: grades, `watch` reruns, and the pages of `explain` and `doctor`.

No other part of the report prints, and nothing here decides what a verdict says: that is in
`messages`.
"""

from .grades import Detail, show
from .pages import show_machine, show_question, show_verdicts
from .reruns import show_rerun
from .style import STYLES

__all__ = [
    "STYLES",
    "Detail",
    "show",
    "show_machine",
    "show_question",
    "show_rerun",
    "show_verdicts",
]
