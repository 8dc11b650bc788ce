"""Reading a source into a store: who handed in what, and what of it can be graded."""

from __future__ import annotations

from grader.course.people import HandIn, Student
from grader.course.sources import Roster, Source
from grader.course.store import Run, Store
from grader.course.store.contents import found, packed
from grader.errors import UsageError


def read(store: Store, run: Run, source: Source, roster: Roster | None) -> list[str]:
    """Write everything a source has, or nothing at all: from then on, that is the class.

    Args:
        store: the class store.
        run: the run that reads the source.
        source: what was handed in.
        roster: who is in the class, if known.

    Returns:
        Why some hand-ins cannot be graded, one sentence each.
    """
    with store.transaction():
        store.forget_class(run)
        if roster is not None:
            listed = [Student(row.id, row.name, row.email) for row in roster.rows]
            store.add_students(run, listed, on_roster=True)
        reasons = [_read_one(store, run, hand_in, roster) for hand_in in source.hand_ins]
        store.let_latest_count(run)
    return list(filter(None, reasons))


def _read_one(store: Store, run: Run, hand_in: HandIn, roster: Roster | None) -> str:
    """Write one hand-in; return why it cannot be graded; "" if it can."""
    for student in hand_in.students:
        listed = None if roster is None else roster.match(student) is not None
        store.add_students(run, [student], listed)
    try:
        submission = hand_in.open()
    except UsageError as error:
        store.add_submission(run, hand_in, None, "{}", str(error))
        return str(error)
    store.add_submission(run, hand_in, packed(submission), found(submission))
    return ""


def superseded(store: Store, run: Run) -> list[str]:
    """Return which submissions do not count, and for whom, one sentence each."""
    query = (
        "SELECT m.student, old.entry AS old, old.problem, new.entry AS new FROM members m "
        "JOIN submissions old ON old.id = m.submission "
        "JOIN members c ON c.student = m.student AND c.counts "
        "JOIN submissions new ON new.id = c.submission "
        "WHERE NOT m.counts AND old.run = ? ORDER BY old.id, m.student"
    )
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in store.rows(query, run.id):
        why = "cannot be graded" if row["problem"] else "is not the last one"
        found.setdefault((row["old"], row["new"], why), []).append(row["student"])
    return [
        f"{old} {why} and does not count for {', '.join(students)}: {new} does"
        for (old, new, why), students in found.items()
    ]
