"""What is printed: grades, rounds of `watch`, and the pages of `explain` and `doctor`.

Nothing else of the report prints, and nothing here decides what a verdict says: that is in
`messages`.
"""

from .grades import Detail, show
from .pages import show_machine, show_question
from .rounds import show_round
from .style import STYLES

__all__ = ["STYLES", "Detail", "show", "show_machine", "show_question", "show_round"]
