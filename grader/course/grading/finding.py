"""Finding one student's grade in a store, and grading it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from grader.answers import choose
from grader.assignment import Assignment
from grader.course.store import Graded, Run, Store
from grader.errors import UsageError
from grader.judging import Grade, lines_of
from grader.verdict import CheckResult, Verdict, one_case

from .fingerprints import fingerprints
from .graders import Grader, Lost, Refusal
from .resident import Setup, Task
from .runs import by_hand_of
from .scoring import Scorer


@dataclass(frozen=True)
class Found:
    """The grade of a student.

    Args:
        about: whose grade it is, in one line.
        grade: the grade, with the evidence of failures.
        task: what to grade in order to reproduce it.
    """

    about: str
    grade: Grade
    task: Task


def find(store: Store, assignment: Assignment, run: Run, wanted: str) -> Found:
    """Return the grade of a student in a run.

    Args:
        store: the class store.
        assignment: the assignment that was graded.
        run: the run that gave the grade.
        wanted: a student's id or e-mail address, or the name of a submission.

    Raises:
        UsageError: there is no match, there are several, or there is no grade.
    """
    row = _student(store, run, wanted)
    entry = next((x for x in store.entries() if x.id == row["submission"]), None)
    if entry is None or entry.contents is None:
        raise UsageError(f"{row['id']} has no grade: {row['status']}.")
    marks = fingerprints(assignment, choose(assignment, "live"), run.seed)
    scorer = Scorer(store, assignment, run, marks, by_hand_of(store, run))
    grade = scorer.grade(entry, row["id"], evidence=True)
    if grade is None:
        raise UsageError(f"{row['id']} has no grade: {row['status']}.")
    names = " ".join(filter(None, (row["name"], row["email"] and f"<{row['email']}>")))
    status = "" if row["status"] == "graded" else f", {row['status']}"
    about = f"{row['id']} {names}: {entry.entry}, run {run.id}{status}".replace(" :", ":")
    if grade.score != row["score"]:
        about += (
            f"\nThe points have changed since this run, in which the score was {row['score']:g}: "
            "`grader class regrade` gives everyone the new ones."
        )
    targets = tuple(target.name for target in assignment.rubric)
    return Found(about, grade, Task(entry.contents, store.contents(entry.contents), targets))


def _student(store: Store, run: Run, wanted: str) -> sqlite3.Row:
    query = (
        "SELECT students.*, grades.submission, grades.status, grades.score FROM grades "
        "JOIN students ON students.id = grades.student "
        "LEFT JOIN submissions ON submissions.id = grades.submission WHERE grades.run = ?1 AND "
    )
    for condition in ("students.id = ?2", "lower(students.email) = lower(?2)", "entry = ?2"):
        rows = store.rows(query + condition, run.id, wanted)
        if len(rows) > 1 and condition != "entry = ?2":
            names = ", ".join(row["id"] for row in rows)
            raise UsageError(f"Several students are {wanted}: {names}.")
        if rows:
            return rows[0]
    raise UsageError(
        f"There is no student {wanted!r} in run {run.id}, and no submission of that name: "
        "name an id or an e-mail address of grades.csv."
    )


def graded_again(found: Found, setup: Setup) -> list[str]:
    """Grade again; return the differences, one per line.

    Raises:
        UsageError: nothing can be graded here.
    """
    grader = Grader(setup)
    try:
        grader.ready()
        grader.ask(found.task)
        again = grader.answer()
    except Lost as error:
        raise Refusal(f"The grader died: {error}") from None
    finally:
        grader.end()
    assert isinstance(again, Graded)
    return [again.problem] if again.problem else list(_differences(found.grade, again))


def _differences(grade: Grade, again: Graded) -> Iterator[str]:
    results = {f"{target}-{check}": result for (target, check), result in again.results.items()}
    targets = {line.target.name: line.target for line in grade.lines}
    lost = one_case("grading", Verdict.NOT_RUN, "")
    for line, new in zip(grade.lines, lines_of([*targets.values()], results, lost), strict=True):
        before, after = _told(line.result), _told(new.result)
        for what in before:
            if before[what] != after[what]:
                where = f"{line.target.question} {line.target.title}, {line.check}"
                yield f"{where}: {what} was {before[what]}, is {after[what]}"


def _told(result: CheckResult) -> dict[str, str]:
    messages = " / ".join(f"{case.name}: {case.message}" for case in result.cases if case.message)
    return {
        "the verdict": result.verdict.value,
        "the share of the points": f"{result.share:.4f}",
        "the named mistake": result.diagnosis or "none",
        "the flags": ", ".join(result.flags) or "none",
        "the message": messages or "none",
    }
