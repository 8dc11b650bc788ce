"""grader class show, and grader class runs: look at what a store holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import (
    FAILED,
    StaffCommand,
    assignment_option,
    console,
    loaded,
    require_option,
)

from .options import folder_option, setup_of
from .writing import average

if TYPE_CHECKING:
    from grader.course.grading import Found, Setup


@click.command(cls=StaffCommand)
@click.argument("student", metavar="ID")
@assignment_option
@folder_option
@click.option("--html", is_flag=True, help="Print the report as HTML.")
@click.option("--verbose", "-v", is_flag=True,
              help="Print every check, and every message in full.")  # fmt: skip
@click.option("--again", is_flag=True,
              help="Grade again with the same seed and report any difference.")  # fmt: skip
@require_option("confined")
def show(
    student: str, home: Path, folder: Path, html: bool, verbose: bool, again: bool, require: str
) -> None:  # fmt: skip
    """Print the report of one student: an ID, an e-mail address, or the name of a submission.

    With --again, exit with 1 if anything differs.
    """
    from grader.course import grading
    from grader.course.store import Store, opened

    assignment = loaded(home)
    assignment.require_reference()
    with opened(folder) as connection:
        store = Store(connection)
        grading.require_assignment(store, assignment)
        run = grading.latest(store)
        found = grading.find(store, assignment, run, student)
    if html:
        from grader.report import html as page

        click.echo(page.render(found.grade))
    else:
        from grader.report import terminal

        click.echo(found.about)
        terminal.show(found.grade, console(), terminal.Detail("verbose" if verbose else "usual"))
    if again:
        sys.exit(_again(found, setup_of(home, run.seed, require)))


def _again(found: Found, setup: Setup) -> int:
    """Grade again; print any differences, and return the exit code."""
    from grader.course import grading

    differences = grading.graded_again(found, setup)
    if not differences:
        click.echo(f"\nGraded again with seed {setup.seed}: nothing differs.", err=True)
        return 0
    click.echo(f"\nGraded again with seed {setup.seed}; these results differ:", err=True)
    for text in differences:
        click.echo(f"  {text}", err=True)
    return FAILED


@click.command(cls=StaffCommand)
@folder_option
def runs(folder: Path) -> None:
    """List the runs of a class; `compare` takes their numbers."""
    from rich.table import Table

    from grader.course.store import Store, opened

    table = Table(box=None, pad_edge=False)
    for heading in ("run", "command", "started, UTC", "ended", "grader", "graded", "mean"):
        is_number = heading in ("run", "graded", "mean")
        table.add_column(heading, justify="right" if is_number else "left")
    with opened(folder) as connection:
        store = Store(connection)
        for run in store.runs():
            query = "SELECT count(score), avg(score), avg(extra) FROM grades WHERE run = ?"
            count, mean, extra = store.rows(query, run.id)[0]
            table.add_row(
                str(run.id), run.command, _minute(run.started),
                _minute(run.ended) if run.ended else "not yet", run.grader,
                str(count), "" if mean is None else average(mean, extra or 0.0, run.maximum),
            )  # fmt: skip
    console().print(table)


def _minute(time: str) -> str:
    """Return a timestamp from the store without its seconds."""
    return time[:16].replace("T", " ")
