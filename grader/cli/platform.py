"""The commands for platforms and the machines they run on: autograde, report, doctor."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from grader.errors import UsageError

from .options import (
    FAULT,
    FORMATS,
    StaffCommand,
    assignment_option,
    console,
    loaded,
    require_option,
)


@click.command(cls=StaffCommand)
@assignment_option
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=Path("/autograder"), show_default=True,
              help="Laid out like Gradescope's /autograder.")  # fmt: skip
@require_option("uid")
def autograde(home: Path, root: Path, require: str) -> None:
    """Grade one submission on Gradescope: from ROOT/submission to ROOT/results/results.json."""
    from grader.delivery.autograde import run

    try:
        results = run(loaded(home), root, os.environ, require)
    except OSError as error:
        click.echo(f"Error: the results could not be written: {error}.", err=True)
        sys.exit(FAULT)
    verdicts = {test.get("extra_data", {}).get("verdict") for test in results["tests"]}
    click.echo(f"Score: {results.get('score')}; verdicts: {', '.join(sorted(map(str, verdicts)))}.")
    sys.exit(FAULT if "harness_fault" in verdicts else 0)


@click.command()
@click.argument("results", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                default=Path("results.json"))  # fmt: skip
@assignment_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="markdown",
              show_default=True, help="What to print.")  # fmt: skip
def report(results: Path, home: Path, form: str) -> None:
    """Print RESULTS (default: results.json) in another format, without grading again."""
    from grader.report import formats

    assignment = loaded(home)
    known = {target.name for target in assignment.rubric}
    try:
        value = json.loads(results.read_text("utf-8"))
        strange = {test["extra_data"]["target"] for test in value["tests"]} - known
        if strange:
            raise UsageError(
                f"{results} has results for {min(strange)}, which is not part of "
                f"{assignment.name}: name the right assignment with --assignment."
            )
        if value["tests"]:
            click.echo(formats.FORMATS[form](value, assignment.total), nl=False)
            return
        error: Exception = ValueError("it has no tests")
    except (ValueError, LookupError, TypeError, AttributeError) as found:
        error = found
    raise UsageError(f"{results} does not contain results: {error!r}.")


@click.command()
@assignment_option
def doctor(home: Path) -> None:
    """Report on this machine: versions, answers, and how strong the sandbox is."""
    from grader.launching import starter
    from grader.report import environment, terminal

    workers = starter()
    try:
        terminal.show_machine(environment.facts(loaded(home)), workers.isolation, console())
    finally:
        workers.close()


COMMANDS = (autograde, report, doctor)
