"""The grades of a run, a row per student, and `grades.csv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.course.people import Student
from grader.course.sheets import cell, number, written
from grader.course.store import Run, Store
from grader.judging import Override

FILE = "grades.csv"
_FIRST = (
    "id", "name", "email", "submission", "submitted_at", "late", "score", "extra", "maximum",
)  # fmt: skip
_LAST = ("status", "flags", "overrides")


@dataclass(frozen=True)
class Row:
    """What a run says about a student.

    Args:
        student: the student.
        entry: the submission that counts; "" if nothing was handed in.
        submitted_at: when, in UTC; "" if unknown.
        late: whether the source marks it as late.
        score: all points; None if there is no grade.
        extra: the part of the score that is extra credit.
        status: "graded", or why there is no grade or only part of one.
        questions: the points for every question, including those by hand; empty without a grade.
        flags: what the staff should look at, with target and check.
        overrides: the points given by hand.
    """

    student: Student
    entry: str
    submitted_at: str
    late: bool
    score: float | None
    extra: float | None
    status: str
    questions: Mapping[str, float] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


def rows_of(store: Store, run: Run) -> list[Row]:
    """Return what a run says about every student, by id."""
    points, flags, by_hand = _points(store, run), _flags(store, run), _by_hand(store, run)
    found = store.rows(
        "SELECT students.id, name, email, submission, entry, submitted_at, late, score, extra, "
        "status FROM grades JOIN students ON students.id = student "
        "LEFT JOIN submissions ON submissions.id = submission WHERE grades.run = ? "
        "ORDER BY students.id",
        run.id,
    )
    rows = []
    for row in found:
        given = by_hand.get(row["id"], ())
        graded = row["score"] is not None
        earned = points.get(row["submission"], {}) if graded else {}
        rows.append(Row(
            Student(row["id"], row["name"], row["email"]), row["entry"] or "",
            row["submitted_at"] or "", bool(row["late"]), row["score"], row["extra"],
            row["status"], {**earned, **{one.question: one.points for one in given}},
            flags.get(row["submission"], ()) if graded else (), tuple(given),
        ))  # fmt: skip
    return rows


def _points(store: Store, run: Run) -> dict[int, dict[str, float]]:
    """Return the points for every question, by submission."""
    found: dict[int, dict[str, float]] = {}
    for row in store.rows(
        "SELECT submission, question, round(sum(score), 2) FROM lines WHERE run = ? "
        "GROUP BY submission, question ORDER BY submission, min(position)",
        run.id,
    ):
        found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def _flags(store: Store, run: Run) -> dict[int, tuple[str, ...]]:
    """Return the text of all flags, by submission."""
    found: dict[int, dict[str, None]] = {}
    for row in store.rows(
        'SELECT submission, target, "check", flag FROM lines JOIN flags USING (result) '
        "WHERE run = ? ORDER BY submission, position, flags.rowid",
        run.id,
    ):
        found.setdefault(row[0], {})[f"{row[1]} {row[2]}: {row[3]}"] = None
    return {submission: tuple(said) for submission, said in found.items()}


def _by_hand(store: Store, run: Run) -> dict[str, list[Override]]:
    """Return the points given by hand, by student."""
    found: dict[str, list[Override]] = {}
    for row in store.rows(
        "SELECT student, question, points, instead_of, reason FROM overrides WHERE run = ? "
        "ORDER BY student, question",
        run.id,
    ):
        found.setdefault(row[0], []).append(Override(*tuple(row)[1:]))
    return found


def table(rows: Sequence[Row], questions: Sequence[str], maximum: float) -> bytes:
    """Return `grades.csv`: one row per student; without a grade, blank points, never 0.

    It begins with a byte-order mark, which Excel needs for non-ASCII names and which Numbers and
    pandas skip; Canvas reads `canvas.csv`, which has none.

    Args:
        rows: those of all students.
        questions: one column each, in this order.
        maximum: the points possible, without extra credit.
    """
    header = [*_FIRST, *map(cell, questions), *_LAST]
    return written([header, *(_cells(row, questions, maximum) for row in rows)])


def _cells(row: Row, questions: Sequence[str], maximum: float) -> list[str]:
    student = row.student
    late = ("yes" if row.late else "no") if row.entry else ""
    given = "; ".join(
        f"{one.question}: {number(one.points)} instead of {number(one.instead_of)}: {one.reason}"
        for one in row.overrides
    )
    return [
        cell(student.id), cell(student.name), cell(student.email), cell(row.entry),
        row.submitted_at, late, number(row.score), number(row.extra), number(maximum),
        *(number(row.questions.get(question)) for question in questions),
        cell(row.status), cell("; ".join(row.flags)), cell(given),
    ]  # fmt: skip


def questions_of(store: Store, run: Run) -> list[str]:
    """Return the questions in a run's reports, in their order."""
    return [
        row[0]
        for row in store.rows(
            "SELECT question FROM lines WHERE run = ? GROUP BY question ORDER BY min(position)",
            run.id,
        )
    ]
