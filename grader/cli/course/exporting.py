"""grader class export: submissions laid out for code similarity tools."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import StaffCommand, assignment_option, loaded

from .options import folder_option


@click.command(cls=StaffCommand)
@click.option("--for", "tool", type=click.Choice(["moss", "jplag", "dolos", "compare50"]),
              required=True, help="The similarity tool to export for.")  # fmt: skip
@assignment_option
@folder_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where to write it (default: a folder beside class.db).")  # fmt: skip
def export(tool: str, home: Path, folder: Path, out: Path | None) -> None:
    """Lay out the submissions that count for a similarity tool, with the stubs as base code."""
    from grader.course.grading import require_assignment
    from grader.course.output import exports
    from grader.course.store import Store, opened

    assignment = loaded(home)
    with opened(folder) as connection:
        path = out or folder / tool
        store = Store(connection)
        require_assignment(store, assignment)
        made = exports.export(store, assignment, tool, path)
    click.echo(f"Wrote {made.count} submission{'' if made.count == 1 else 's'} to {path}.")
    for text in made.left_out:
        click.echo(f"  Left out: {text}")
    click.echo(f"\nNext:\n  {made.command}")
