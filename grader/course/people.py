"""Who hands in, and what: the types that the whole class code uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from grader.submission import Submission


@dataclass(frozen=True)
class Student:
    """A student of the class.

    Args:
        id: identifies the student in all grades: unique in the class, never empty.
        name: as in the source; "" if it has none.
        email: likewise.
    """

    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class HandIn:
    """One entry of a class's source: whose it is, and how to open it.

    Args:
        entry: its name in the source, such as "submission_123"; unique.
        students: whose it is; several in a group.
        open: finds what is graded in it; UsageError if there is nothing, or it is damaged.
        submitted_at: when it was handed in, with a time zone; None if the source does not say.
        late: whether the source says that it is late.
        remarks: notes about how it was found.
    """

    entry: str
    students: tuple[Student, ...]
    open: Callable[[], Submission]
    submitted_at: datetime | None = None
    late: bool = False
    remarks: tuple[str, ...] = ()
