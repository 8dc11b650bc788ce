"""A downloaded class: who owns each entry, and how to open it.

`opened_source` reads downloads from Gradescope, Canvas and GitHub Classroom, and plain folders;
`Roster` knows who is in the class. Nothing that one student handed in stops the reading, nothing is
graded, and no link is followed.
"""

from .opened import opened_source
from .roster import Roster, Row
from .source import KINDS, Source

__all__ = ["KINDS", "Roster", "Row", "Source", "opened_source"]
