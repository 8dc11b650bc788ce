"""The command line. Everything that prints or exits is here or in `report/terminal`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from . import __version__, handout
from .errors import UsageError
from .oracle import RECORDED, choose, record
from .report import gradescope, terminal
from .rubric import find_targets
from .runner import DEADLINE, Grade
from .runner import grade as run_grade
from .submission import find

BELOW, FAULT = 1, 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade the neural-networks homework."""


@main.command()
@click.argument("submission", type=click.Path(path_type=Path), default=Path("student"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default="results.json",
              show_default=True, help="Where to write the results.")  # fmt: skip
@click.option("--only", "only", multiple=True, metavar="TARGET",
              help="Grade one target (3.1, ReLU or activations.ReLU); may be repeated.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Fixes every input that is drawn.")  # fmt: skip
@click.option("--fail-under", type=float, default=None, metavar="SCORE",
              help="Exit with 1 if the score is below this.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["terminal", "gradescope"]),
              default="terminal", show_default=True, help="What to print.")  # fmt: skip
@click.option("--oracle", type=click.Choice(["auto", "live", "recorded"]), default="auto",
              show_default=True, help="Where the right answers come from.")  # fmt: skip
@click.option("--deadline", type=click.FloatRange(min=0), default=DEADLINE, show_default=True,
              help="Seconds after which what is left is not run.")  # fmt: skip
def grade(
    submission: Path,
    out: Path,
    only: tuple[str, ...],
    seed: int,
    fail_under: float | None,
    form: str,
    oracle: str,
    deadline: float,
) -> None:
    """Grade SUBMISSION, a folder or a zip (default: student).

    Exit codes: 0 there is a grade, whatever it is; 1 it is below --fail-under; 2 the command makes
    no sense; 3 the autograder failed.
    """
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    with console.status("") as status:
        try:
            answers = choose(oracle)
            answers.accept(seed)
            graded = run_grade(
                find(submission),
                answers,
                find_targets(only),
                seed,
                deadline=deadline,
                progress=status.update,
            )
        except (UsageError, KeyError) as error:
            raise click.UsageError(str(error.args[0])) from None
    results = gradescope.results(graded)
    gradescope.write(out, results)
    if form == "gradescope":
        click.echo(json.dumps(results, indent=2, ensure_ascii=False))
    else:
        terminal.show(graded, console)
    sys.exit(_exit_code(graded, fail_under))


def _exit_code(graded: Grade, fail_under: float | None) -> int:
    if graded.faults:
        return FAULT
    return BELOW if fail_under is not None and graded.score < fail_under else 0


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file differs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=handout.STUBS,
              help="Where to write them (default: student/).")  # fmt: skip
def stubs(check: bool, out: Path) -> None:
    """Derive the students' files from the reference."""
    if check:
        differing = handout.differing(out)
        for name in differing:
            click.echo(f"{out / name} is not what `grader stubs` writes.")
        sys.exit(1 if differing else 0)
    handout.write_files(out, handout.given_files())
    click.echo(f"Wrote {len(handout.given_files())} files to {out}.")


@main.command("record")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=RECORDED,
              help="Where to write them.")  # fmt: skip
def record_command(out: Path) -> None:
    """Record the reference's answers for the public seeds, for students."""
    click.echo(f"Wrote {record(out)} arrays to {out}.")
