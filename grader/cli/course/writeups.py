"""grader class writeups: the PDFs of a class."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import FAILED, StaffCommand, assignment_option, loaded
from grader.errors import UsageError, refusals

if TYPE_CHECKING:
    from grader.course.writeups import table

# What the `writeup` extra provides, and how many names to list.
_EXTRA = ("typst", "pypandoc", "pypdf")
_MOST_NAMES = 10


@click.command(cls=StaffCommand)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@assignment_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default="writeups",
    show_default=True, help="Folder for the PDFs and writeups.csv.",
)  # fmt: skip
def writeups(folder: Path, home: Path, out: Path) -> None:
    """Collect every submission's PDF in FOLDER, and list the contents of its pages in writeups.csv.

    FOLDER has one folder, zip or tar per student. If a submission has its own writeup.pdf, that is
    copied; otherwise the PDF is made the way `grader writeup` makes it. Exit with 1 if a submission
    yielded no PDF; writeups.csv says why.
    """
    assignment = loaded(home)
    _require_extra()
    from grader.course.writeups import gathering, table
    from grader.files import replace_bytes
    from grader.writeup import making

    chosen, left_out = gathering.students(folder, out)
    questions = making.questions(assignment)
    rows: list[table.Row] = []
    try:
        for student in chosen:
            rows.append(gathering.gathered(assignment, questions, student, out))
            click.echo(str(rows[-1]))
    finally:  # on Ctrl-C, keep the rows collected so far
        with refusals(f"{out / gathering.TABLE} cannot be written"):
            replace_bytes(out / gathering.TABLE, table.table(questions, rows))
    if left_out:
        click.echo(f"Left out, no submission: {_listed(left_out)}")
    click.echo(f"\n{_summary(rows)} See {out / gathering.TABLE}.")
    sys.exit(0 if all(row.file for row in rows) else FAILED)


def _require_extra() -> None:
    """Raise unless PDFs can be made here.

    Raises:
        UsageError: a package is not installed.
    """
    try:
        from grader.writeup import making  # noqa: F401 - it imports all of them
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise UsageError(
            f"Writeups need {error.name}, which is not installed; `make writeup` installs it."
        ) from None


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([f"and {more} more"] if more > 0 else [])])


def _summary(rows: Sequence[table.Row]) -> str:
    """Count the submissions with a PDF: "7 submissions: 5 made, 1 handed in, 1 without"."""
    made, handed_in = (
        sum(row.origin == origin for row in rows) for origin in ("made", "handed in")
    )
    count = f"{len(rows)} submission{'' if len(rows) == 1 else 's'}"
    without = len(rows) - made - handed_in
    return f"{count}: {made} made, {handed_in} handed in, {without} without a PDF."
