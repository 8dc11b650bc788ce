"""From results in the store to grades: points, points by hand, and the lines of every report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.assignment import Assignment
from grader.course.store import Entry, Kept, Run, Store
from grader.course.store.contents import unpacked
from grader.judging import Grade, Line, Override, lines_of
from grader.limits import Isolation
from grader.verdict import Verdict, one_case

# The value of `grades.status` for a complete grade.
GRADED = "graded"
NOTHING = "nothing was handed in"
_NOT_YET = one_case("grading", Verdict.NOT_RUN, "This has not been graded yet.")


@dataclass(frozen=True)
class ByHand:
    """A row of an overrides file: the points that a student gets for a question regardless."""

    student: str
    question: str
    points: float
    reason: str


@dataclass(frozen=True)
class Scorer:
    """Turns what is in the store into grades, with the points in the current rubric.

    Args:
        store: the class store.
        assignment: provides the rubric.
        run: the run to which the grades belong.
        fingerprints: by target, as graded now.
        by_hand: the points course staff gave, by student.
    """

    store: Store
    assignment: Assignment
    run: Run
    fingerprints: Mapping[str, str]
    by_hand: Mapping[str, Sequence[ByHand]] = field(default_factory=dict)

    def grade(self, entry: Entry, student: str = "", evidence: bool = False) -> Grade | None:
        """Return the grade of a submission; None if it has no contents, or no result at all.

        Args:
            entry: the submission.
            student: whose overrides to apply; "" for none.
            evidence: whether to include the evidence of failures, for pictures.
        """
        if entry.contents is None:
            return None
        kept = self.store.results(entry.contents, self.fingerprints, evidence)
        return self._grade(entry, kept, student) if kept else None

    def _grade(
        self, entry: Entry, kept: Mapping[tuple[str, str], Kept], student: str = ""
    ) -> Grade:
        assert entry.contents is not None
        results = {f"{target}-{check}": one.result for (target, check), one in kept.items()}
        lines = lines_of(self.assignment.rubric, results, _NOT_YET)
        grading = self.store.latest_grading(entry.contents, has_results=True)
        missing = json.loads(grading["isolation"]) if grading else {}
        isolation = Isolation(missing) if missing else None
        seconds = round(sum(line.result.seconds for line in lines), 3)
        submission = unpacked(self.store.contents(entry.contents), entry.found)
        seed = self.run.seed
        whole = Grade(self.assignment, lines, seed, "live", seconds, submission, isolation)
        return replace(whole, overrides=self._overrides(whole, student))

    def _overrides(self, grade: Grade, student: str) -> tuple[Override, ...]:
        given = []
        for one in self.by_hand.get(student, ()):
            earned = sum(x.score for x in grade.lines if x.target.question == one.question)
            given.append(Override(one.question, one.points, round(earned, 2), one.reason))
        return tuple(given)

    def write(self, entry: Entry) -> None:
        """Write the lines of a submission, and the grades of the students for whom it counts."""
        with self.store.transaction():
            self.store.clear_grades(self.run, entry)
            if entry.contents is None:
                self.store.add_grades(self.run, entry, entry.problem)
                return
            kept = self.store.results(entry.contents, self.fingerprints)
            if not kept:
                grading = self.store.latest_grading(entry.contents)
                why = grading["problem"] if grading else ""
                self.store.add_grades(self.run, entry, why or "not graded yet")
                return
            whole = self._grade(entry, kept)
            ids = {key: one.id for key, one in kept.items()}
            self.store.add_lines(self.run, entry, whole.lines, ids)
            status = self._status(entry, whole.lines, kept)
            for student in entry.students:
                grade = replace(whole, overrides=self._overrides(whole, student))
                self.store.add_grade(self.run, entry, student, grade, status)

    def _status(
        self, entry: Entry, lines: Sequence[Line], kept: Mapping[tuple[str, str], Kept]
    ) -> str:
        """Return GRADED, or one phrase saying which part of a grade is unreliable."""
        faults = sum(line.result.verdict is Verdict.HARNESS_FAULT for line in lines)
        asked = [(line.target.name, line.check) for line in lines]
        missing = [key for key in asked if key not in kept]
        stale = {key[0] for key in asked if key in kept and not kept[key].is_fresh}
        if faults:
            return f"the autograder failed on {faults} line{'' if faults == 1 else 's'}"
        if missing or stale:
            last = self.store.latest_grading(entry.contents or "")
            if last is not None and last["problem"]:
                return str(last["problem"])
        if missing:
            return f"{len(missing)} line{'' if len(missing) == 1 else 's'} not graded yet"
        if stale:
            return f"not graded again since a change: {', '.join(sorted(stale))}"
        return GRADED

    def write_others(self) -> None:
        """Write that students who handed in nothing have no grade."""
        with self.store.transaction():
            self.store.add_missing(self.run, NOTHING)
