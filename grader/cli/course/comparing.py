"""grader class compare: two gradings side by side."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.options import FAILED, StaffCommand

from .options import folder_option

# The maximum number of students listed as text.
_MOST = 40


@click.command(cls=StaffCommand)
@click.argument("old")
@click.argument("new")
@folder_option
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text",
              show_default=True, help="What to print.")  # fmt: skip
@click.option("--fail-on-loss", is_flag=True, help="Exit with status 1 if anyone loses points.")
def compare(old: str, new: str, folder: Path, form: str, fail_on_loss: bool) -> None:
    """Show who gains or loses points from OLD to NEW, and why.

    OLD and NEW are run numbers of this class (see `grader class runs`), class folders, or two
    results.json files.
    """
    from grader.course import comparing

    found = comparing.compare(comparing.side_of(old, folder), comparing.side_of(new, folder))
    if form == "csv":
        click.echo(comparing.as_csv(found), nl=False)
    elif form == "json":
        click.echo(comparing.json_text(found), nl=False)
    else:
        click.echo(comparing.as_text(found, _MOST), nl=False)
    sys.exit(FAILED if fail_on_loss and found.losers else 0)
