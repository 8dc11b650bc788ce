"""One command's work on a class: a run, what grades, and what is written at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Assignment, Target
from grader.course.store import Entry, Graded, Run, Store, now
from grader.errors import UsageError

from .batch import Batch, Engine, Wanted, wanted
from .scoring import ByHand, Scorer


@dataclass(frozen=True)
class Work:
    """What to grade in a run, once the graders are ready.

    Args:
        store: the class store.
        run: the run.
        scorer: turns results into grades.
        entries: the submissions whose grades are written.
        tasks: what has to be graded for that.
    """

    store: Store
    run: Run
    scorer: Scorer
    entries: Sequence[Entry]
    tasks: Sequence[Wanted]

    def done(self, engine: Engine, told: Callable[[Graded], None]) -> Run:
        """Grade, write every grade, and end the run; return it."""
        batch = Batch(self.store, self.run, self.scorer, self.scorer.fingerprints)
        batch.grade(engine, self.tasks, self.entries, told)
        return self.store.note(self.run, ended=now())


def prepared(
    store: Store,
    assignment: Assignment,
    run: Run,
    fingerprints: Mapping[str, str],
    by_hand: Mapping[str, Sequence[ByHand]],
    targets: Sequence[Target] | None = None,
    students: Sequence[str] = (),
) -> Work:
    """Return what has to be graded.

    Args:
        store: the class store.
        assignment: the assignment to grade.
        run: the run whose grades are written.
        fingerprints: by target, as the graders report them.
        by_hand: the points course staff gave, by student.
        targets: the targets to grade where results are missing; None for all.
        students: the students whose submissions to grade if needed; empty for all.

    Raises:
        UsageError: there is no such student, or one of them handed in nothing.
    """
    entries = store.entries()
    chosen = entries
    if students:
        members = {student for entry in entries for student in entry.students}
        if unknown := [one for one in students if one not in members]:
            raise UsageError(f"Nothing was handed in by {', '.join(unknown)}.")
        chosen = [entry for entry in entries if {*students} & {*entry.students}]
    asked = assignment.rubric if targets is None else targets
    tasks = wanted(store, fingerprints, chosen, asked)
    return Work(store, run, Scorer(store, assignment, run, fingerprints, by_hand), entries, tasks)
