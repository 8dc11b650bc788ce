"""A class as it was downloaded: whose each entry is, and how it is opened.

`opened_source` reads what Gradescope, Canvas and GitHub Classroom give, and plain folders; `Roster`
who is in the class. Nothing that one student handed in ends it, nothing is graded, and no link is
followed.
"""

from .opened import opened_source
from .roster import Roster, Row
from .source import KINDS, Source

__all__ = ["KINDS", "Roster", "Row", "Source", "opened_source"]
