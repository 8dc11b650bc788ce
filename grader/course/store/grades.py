"""The grades of a run, and the lines of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.judging import Grade, Line

from .base import Base
from .rows import Entry, Run


class Grades(Base):
    """Grades in a store."""

    def keep_by_hand(self, run: Run, given: Iterable[tuple[str, str, float, str]]) -> None:
        """Write the points given by hand in a run: student, question, points and reason."""
        with self.transaction():
            self.connection.execute("DELETE FROM by_hand WHERE run = ?", (run.id,))
            self.connection.executemany(
                "INSERT INTO by_hand VALUES (?, ?, ?, ?, ?)", [(run.id, *one) for one in given]
            )

    def clear_run(self, run: Run) -> None:
        """Delete all grades that a run wrote before it was interrupted."""
        with self.transaction():
            for table in ("lines", "grades", "overrides"):
                self.connection.execute(f"DELETE FROM {table} WHERE run = ?", (run.id,))  # noqa: S608

    def clear_grades(self, run: Run, entry: Entry) -> None:
        """Delete what a run wrote about a submission."""
        key = (run.id, entry.id)
        self.connection.execute("DELETE FROM lines WHERE (run, submission) = (?, ?)", key)
        for student in entry.students:
            for table in ("grades", "overrides"):
                self.connection.execute(
                    f"DELETE FROM {table} WHERE (run, student) = (?, ?)",  # noqa: S608
                    (run.id, student),
                )

    def add_lines(
        self, run: Run, entry: Entry, lines: Sequence[Line], results: Mapping[tuple[str, str], int]
    ) -> None:
        """Write the lines of a submission's report, with the ids of their results."""
        self.connection.executemany(
            "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (run.id, entry.id, position, line.target.question, line.target.name, line.check,
                 line.score, line.points, line.target.extra, line.result.verdict.value,
                 results.get((line.target.name, line.check)))
                for position, line in enumerate(lines)
            ],
        )  # fmt: skip

    def add_grade(self, run: Run, entry: Entry, student: str, grade: Grade, status: str) -> None:
        """Write a student's grade, and any points given by hand."""
        self.insert("grades", {
            "run": run.id, "student": student, "submission": entry.id, "score": grade.score,
            "extra": grade.extra, "status": status,
        })  # fmt: skip
        for one in grade.overrides:
            self.insert("overrides", {"run": run.id, "student": student, **vars(one)})

    def add_grades(self, run: Run, entry: Entry, status: str) -> None:
        """Write that a submission has no grade, and why."""
        for student in entry.students:
            self.insert("grades", {
                "run": run.id, "student": student, "submission": entry.id, "status": status,
            })  # fmt: skip

    def add_missing(self, run: Run, status: str) -> None:
        """Write that students of the class without a grade in this run have none."""
        self.connection.execute(
            "INSERT INTO grades (run, student, status) SELECT ?1, id, ?2 FROM students "
            "WHERE id NOT IN (SELECT student FROM grades WHERE run = ?1) "
            "AND run = (SELECT max(run) FROM students)",
            (run.id, status),
        )
