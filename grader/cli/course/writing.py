"""What a command about a class produces at the end: files and a summary."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import FAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.grading import Scorer
    from grader.course.output.grades import Row
    from grader.course.sources import Roster
    from grader.course.store import Run, Store

PAGE, DRAFTS = "index.html", "drafts"


@dataclass(frozen=True)
class Wanted:
    """What to write.

    Args:
        folder: the class folder.
        reports: who gets a report, one of `reports.CHOICES`.
        roster: who is in the class, if known.
        column: the roster column for the scores; None for the one named after the assignment.
    """

    folder: Path
    reports: str
    roster: Roster | None
    column: str | None


def write_all(scorer: Scorer, run: Run, wanted: Wanted) -> int:
    """Write all output of a run, print where it is, and return the exit code."""
    before = os.umask(0o077)  # nobody else may read the grades
    try:
        return _write_all(scorer, run, wanted)
    finally:
        os.umask(before)


def _write_all(scorer: Scorer, run: Run, wanted: Wanted) -> int:
    from grader.course import page
    from grader.course.output import grades, overrides, reports
    from grader.errors import refusals
    from grader.files import replace_bytes, replace_text

    store, folder = scorer.store, wanted.folder
    rows, questions = grades.rows_of(store, run), grades.questions_of(store, run)
    table = grades.table(rows, questions, run.maximum)
    with refusals(f"{folder / grades.FILE} cannot be written"):
        replace_bytes(folder / grades.FILE, table)
    written = [f"{folder / grades.FILE}: {_counted(len(rows), 'student')}"]
    written += _canvas(rows, run, scorer, wanted)
    made = reports.write_reports(scorer, store.entries(), wanted.reports, folder)
    if wanted.reports != "none":
        count = _counted(len(made.students), "report")
        written.append(f"{folder / reports.FOLDER}/: {count} ({wanted.reports})")
    path = folder / PAGE
    with refusals(f"{path} cannot be written"):
        replace_text(path, page.render(store, scorer.assignment, run, made.link))
        drafts = page.write_drafts(store, scorer.assignment, run.id, folder / DRAFTS)
    written.append(f"{path}: the class page")
    if drafts:
        written.append(f"{folder / DRAFTS}/: {_counted(len(drafts), 'mistake')} without a name yet")
    for text in overrides.without_effect(scorer.by_hand, rows):
        click.echo(text)
    click.echo(f"\n{_summary(rows, run)}")
    for text in written:
        click.echo(f"  {text}")
    return FAULT if _faults(store, run) else 0


def _canvas(rows: Sequence[Row], run: Run, scorer: Scorer, wanted: Wanted) -> list[str]:
    """Write the gradebook for Canvas, if the roster is one; return what to report about it."""
    from grader.course.output import canvas
    from grader.errors import UsageError, refusals
    from grader.files import replace_bytes

    path = wanted.folder / canvas.FILE
    if wanted.roster is None or not canvas.is_grade_book(wanted.roster):
        if wanted.column is not None:
            raise UsageError("--canvas-column needs a roster that is a Canvas gradebook.")
        return []
    title = scorer.assignment.title
    sheet = canvas.sheet(wanted.roster, rows, title, run.maximum, wanted.column)
    with refusals(f"{path} cannot be written"):
        replace_bytes(path, sheet.content)
    said = [f"{path}: {_counted(sheet.count, 'score')} in the column {sheet.column!r}"]
    if sheet.is_new:
        said.append(
            "  This is a new column: no column of the roster begins with that name; choose another "
            "one with --canvas-column NAME."
        )
    if sheet.unknown:
        said.append(f"Not in the gradebook: {', '.join(sheet.unknown)}")
    return said


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _summary(rows: Sequence[Row], run: Run) -> str:
    """Say how many students have a grade, and the mean: "118 of 120 students have a grade, …"."""
    graded = [(row.score, row.extra or 0.0) for row in rows if row.score is not None]
    said = f"{len(graded)} of {_counted(len(rows), 'student')} have a grade"
    if graded:
        score, extra = (sum(each) / len(graded) for each in zip(*graded, strict=True))
        said += f", on average {average(score, extra, run.maximum)}"
    not_whole = sum(row.score is not None and row.status != "graded" for row in rows)
    return f"{said}{f'; {not_whole} of them incomplete' if not_whole else ''}."


def average(score: float, extra: float, maximum: float) -> str:
    """Return a mean score: "95.23 / 100 + 5.79 extra credit".

    Args:
        score: the mean, with extra credit.
        extra: the mean of the extra credit.
        maximum: the points possible, without extra credit.
    """
    more = f" + {extra:.2f} extra credit" if extra else ""
    return f"{score - extra:.2f} / {maximum:g}{more}"


def _faults(store: Store, run: Run) -> int:
    """Count the submissions on which the grader itself failed."""
    from grader.verdict import Verdict

    lines = "SELECT count(*) FROM lines WHERE run = ? AND verdict = ?"
    failed = (
        "SELECT count(*) FROM grades WHERE run = ? AND status IN "
        "(SELECT problem FROM gradings WHERE problem != '')"
    )
    found = store.rows(lines, run.id, Verdict.HARNESS_FAULT.value)[0][0]
    return int(found + store.rows(failed, run.id)[0][0])
