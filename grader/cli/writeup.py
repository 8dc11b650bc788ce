"""The command for the written half: grader writeup."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError, refusals

from .options import (
    BELOW,
    assignment_option,
    loaded,
    submission_argument,
    submission_or_stubs,
)

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.writeup.making import Writeup

# What the `writeup` extra provides.
_EXTRA = ("typst", "pypandoc", "pypdf")


@click.command()
@submission_argument
@assignment_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default="writeup.pdf",
    show_default=True, help="Where to write the PDF; its page map goes beside it.",
)  # fmt: skip
@click.option(
    "--derivations", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="PDF",
    help="Take the derivations from a PDF instead of writeup.md.",
)  # fmt: skip
@click.option(
    "--pages", default="", metavar="MAP",
    help="The pages of each question in that PDF, such as 3.1=1-2,3.2=3 (default: its "
    "bookmarks).",
)  # fmt: skip
@click.option(
    "--check", is_flag=True,
    help="Exit with status 1 if a question, not counting extra credit, lacks a derivation or code.",
)  # fmt: skip
def writeup(
    submission: Path | None, home: Path, out: Path, derivations: Path | None, pages: str,
    check: bool,
) -> None:  # fmt: skip
    """Make one PDF of SUBMISSION (default: student): title page, derivations, code.

    The derivations come from writeup.md, Markdown with LaTeX; the code is what answers each
    question. The title page lists the pages of every part.
    """
    if derivations is not None and derivations.resolve() == out.resolve():
        raise UsageError(f"--derivations and --out name the same file, {out}; rename one.")
    assignment = loaded(home)
    folder = submission_or_stubs(submission, assignment)
    made = _written_up(assignment, folder, derivations, pages)
    _write_up(made, out)
    missing = made.missing if check else ()
    if missing:
        click.echo(f"Not complete: {', '.join(one.question for one in missing)}.", err=True)
    sys.exit(BELOW if missing else 0)


def _written_up(
    assignment: Assignment, submission: Path, derivations: Path | None, pages: str
) -> Writeup:
    try:
        from grader.writeup import making
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise UsageError(
            f"The writeup needs {error.name}, which is not installed; `make writeup` installs it."
        ) from None
    return making.write_up(assignment, submission, derivations, pages)


def _write_up(made: Writeup, out: Path) -> None:
    """Write the PDF and its page map, and print what is where."""
    from grader.files import replace_bytes, replace_text
    from grader.report.cleaning import clean

    with refusals(f"{out} cannot be written"):
        replace_bytes(out, made.pdf)
        replace_text(out.with_suffix(".pages.json"), made.page_map)
    for remark in made.remarks:
        click.echo(clean(f"{remark}."), err=True)
    for entry in made.entries:
        click.echo(str(entry))
    pages = "1 page" if made.count == 1 else f"{made.count} pages"
    click.echo(f"\n{out}: {pages}; {out.with_suffix('.pages.json')} has the page map")
