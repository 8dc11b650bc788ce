"""Starting a run, or resuming one that was interrupted."""

from __future__ import annotations

from dataclasses import dataclass

from grader import __version__
from grader.assignment import Assignment
from grader.course.store import Run, Store
from grader.errors import UsageError
from grader.sampler import fresh_seed

from .scoring import ByHand

GRADE, REGRADE = "grade", "regrade"


@dataclass(frozen=True)
class Begun:
    """A run that is in progress.

    Args:
        run: the run.
        again: whether it was started earlier and interrupted.
        before: the last finished run, if there is one.
    """

    run: Run
    again: bool
    before: Run | None


def begin(
    store: Store, assignment: Assignment, command: str, source: str = "", seed: int | None = None
) -> Begun:
    """Start a run, or resume the last one if it has the same command and was interrupted.

    Args:
        store: the class store.
        assignment: the assignment to grade.
        command: GRADE or REGRADE.
        source: the path that is graded.
        seed: the seed of all inputs; None for that of the last run, or a fresh one.

    Raises:
        UsageError: the class belongs to another assignment.
    """
    runs = store.runs()
    last = runs[-1] if runs else None
    before = next((run for run in reversed(runs) if run.ended), None)
    require_assignment(store, assignment)
    drawn = seed if seed is not None else last.seed if last else fresh_seed()
    same = (command, source, __version__, drawn)
    if last and not last.ended and (last.command, last.source, last.grader, last.seed) == same:
        return Begun(last, True, before)
    number = Run(
        0, command, source, "", "", None, assignment.name, __version__, drawn, "", assignment.total
    )
    return Begun(store.begin(number), False, before)


def latest(store: Store) -> Run:
    """Return the last finished run.

    Raises:
        UsageError: there is none.
    """
    ended = [run for run in store.runs() if run.ended]
    if not ended:
        raise UsageError("No run of this class is complete yet: run `grader class SOURCE`.")
    return ended[-1]


def require_assignment(store: Store, assignment: Assignment) -> None:
    """Raise unless a class belongs to an assignment.

    Raises:
        UsageError: it belongs to another one.
    """
    runs = store.runs()
    if runs and runs[-1].assignment != assignment.name:
        raise UsageError(
            f"This class is of the assignment {runs[-1].assignment}, not of {assignment.name}: "
            "name another folder, or the assignment with --assignment."
        )


def by_hand_of(store: Store, run: Run | None) -> dict[str, list[ByHand]]:
    """Return the points course staff gave by hand in a run, by student."""
    found: dict[str, list[ByHand]] = {}
    query = "SELECT student, question, points, reason FROM by_hand WHERE run = ?"
    for row in store.rows(query, run.id) if run else ():
        found.setdefault(row["student"], []).append(ByHand(*row))
    return found
