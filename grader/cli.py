"""The command line. Everything that prints or exits is here or in `report/terminal`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .errors import UsageError

if TYPE_CHECKING:
    from .runner import Grade

BELOW, FAULT, INTERRUPTED = 1, 3, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade the neural-networks homework."""


@main.command()
@click.argument("submission", type=click.Path(path_type=Path), default=Path("student"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default="results.json",
              show_default=True, help="Where to write the results.")  # fmt: skip
@click.option("--only", "only", multiple=True, metavar="TARGET",
              help="Grade one target only (3.1, ReLU, activations.ReLU); repeatable.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Fixes every input that is drawn.")  # fmt: skip
@click.option("--fail-under", type=float, default=None, metavar="SCORE",
              help="Exit with 1 if the score is below this.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["terminal", "gradescope"]),
              default="terminal", show_default=True, help="What to print.")  # fmt: skip
@click.option("--oracle", type=click.Choice(["auto", "live", "recorded"]), default="auto",
              show_default=True, help="Where the right answers come from.")  # fmt: skip
@click.option("--deadline", type=click.FloatRange(min=0), default=570, show_default=True,
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
    graded = _graded(submission, only, seed, oracle, deadline)
    from .report import gradescope

    results = gradescope.results(graded)
    written = _write(out, results)
    if form == "gradescope":
        click.echo(json.dumps(results, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from .report import terminal

        terminal.show(graded, Console(highlight=False, soft_wrap=True))
    sys.exit(_exit_code(graded, fail_under) if written else FAULT)


def _write(out: Path, results: dict[str, Any]) -> bool:
    """Write the results; where that fails, say so and let the grade be shown all the same."""
    from .report import gradescope

    try:
        gradescope.write(out, results)
    except OSError as error:
        reason = error.strerror or str(error)
        click.echo(f"Error: The results could not be written to {out}: {reason}.", err=True)
        return False
    return True


def _graded(
    submission: Path, only: tuple[str, ...], seed: int, oracle: str, deadline: float
) -> Grade:
    """Grade, with a line on the terminal that says what is going on."""
    from .sandbox import Limits, starter

    workers = starter()  # loads numpy while this process loads pytest
    try:
        from rich.console import Console

        from .oracle import choose
        from .rubric import find_targets
        from .runner import grade as run_grade
        from .submission import find

        answers, targets, found = choose(oracle), find_targets(only), find(submission)
        answers.accept(seed)
        with Console(stderr=True).status("Grading") as status:
            return run_grade(
                found,
                answers,
                targets,
                seed,
                Limits(run=deadline),
                progress=status.update,
                workers=workers,
            )
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        click.echo("Stopped before the end; no results were written.", err=True)
        sys.exit(INTERRUPTED)
    finally:
        workers.close()


def _exit_code(graded: Grade, fail_under: float | None) -> int:
    if graded.faults:
        return FAULT
    return BELOW if fail_under is not None and graded.score < fail_under else 0


@main.command()
@click.argument("submission", type=click.Path(path_type=Path), default=Path("student"))
def train(submission: Path) -> None:
    """Train both networks of SUBMISSION and print their accuracy on the test examples."""
    from .sandbox import run_training
    from .submission import find

    try:
        found = find(submission)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    sys.exit(run_training(found))


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file differs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where to write them (default: student/).")  # fmt: skip
def stubs(check: bool, out: Path | None) -> None:
    """Derive the students' files from the reference."""
    from . import handout, paths

    folder = out or paths.STUBS
    if check:
        differing = handout.differing(folder)
        for name in differing:
            click.echo(f"{folder / name} is not what `grader stubs` writes.")
        sys.exit(1 if differing else 0)
    files = handout.given_files()
    handout.write_files(folder, files)
    click.echo(f"Wrote {len(files)} files to {folder}.")


@main.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="Where to write them (default: grader/recorded.npz).")  # fmt: skip
def record(out: Path | None) -> None:
    """Record the reference's answers for the public seeds, for students."""
    from . import oracle, paths

    path = out or paths.RECORDED
    click.echo(f"Wrote {oracle.record(path)} arrays to {path}.")
