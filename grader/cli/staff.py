"""The commands for course staff that need a reference: from stubs to `validate`."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError

from .options import (
    FAILED,
    StaffCommand,
    assignment_option,
    loaded,
    only_option,
)

if TYPE_CHECKING:
    from grader.assignment import Assignment, Target
    from grader.proving.trials import Trial


def _with_reference(home: Path) -> Assignment:
    assignment = loaded(home)
    assignment.require_reference()
    return assignment


@click.command(cls=StaffCommand)
@assignment_option
@click.option("--check", is_flag=True, help="Write nothing; exit with status 1 if a file differs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where to write them (default: the assignment's student/).")  # fmt: skip
def stubs(home: Path, check: bool, out: Path | None) -> None:
    """Derive the student files from the reference.

    Existing files that differ are kept in a folder beside it.
    """
    from grader.assignment import differing, given_files, write_files

    assignment = _with_reference(home)
    folder = out or assignment.folders.student
    files = given_files(assignment)
    wrong = differing(assignment, folder)
    if check:
        for name in wrong:
            click.echo(f"{folder / name} differs from what `grader stubs` writes.")
        sys.exit(FAILED if wrong else 0)
    replaced = {one: (folder / one).read_bytes() for one in wrong if (folder / one).is_file()}
    kept = folder.with_name(f"{folder.name}.replaced-{time.strftime('%Y%m%d-%H%M%S')}")
    write_files(kept, replaced)
    write_files(folder, files)
    click.echo(f"Wrote {len(files)} files to {folder}.")
    if replaced:
        click.echo(f"The previous contents of {', '.join(replaced)} are kept in {kept}.")


@click.command(cls=StaffCommand)
@assignment_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="Where to write them (default: the assignment's recorded.npz).")  # fmt: skip
def record(home: Path, out: Path | None) -> None:
    """Record the reference's answers for the public seeds, for students."""
    from grader import answers

    assignment = _with_reference(home)
    path = out or assignment.folders.recorded
    count = answers.record(assignment, path)
    click.echo(f"Wrote {count} arrays to {path}.")


@click.command(cls=StaffCommand)
@assignment_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              default="dist/handout.zip", show_default=True, help="Where to write it.")  # fmt: skip
def handout(home: Path, out: Path) -> None:
    """Write the student zip: stubs, grader, recorded answers, and no solution."""
    from grader.delivery.handout import write_handout

    write_handout(loaded(home), out)
    click.echo(f"Wrote {out}.")


@click.command(cls=StaffCommand)
@assignment_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              default="dist/autograder.zip", show_default=True,
              help="Where to write it.")  # fmt: skip
def bundle(home: Path, out: Path) -> None:
    """Write the Gradescope zip: setup.sh, run_autograder, grader and reference."""
    from grader.delivery.bundle import write_bundle

    write_bundle(loaded(home), out)
    click.echo(f"Wrote {out}.")


@click.command(cls=StaffCommand)
@assignment_option
@only_option
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True,
              help="Number of seeds for every correct variant; with one, mistakes written by "
              "someone else also get one instead of two.")  # fmt: skip
@click.option("--mistakes", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=None, help="Another catalogue of mistakes.")  # fmt: skip
@click.option("--honest", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=None, help="Another catalogue of correct variants.")  # fmt: skip
@click.option("--mutants/--no-mutants", default=True, show_default=True,
              help="Whether to mutate the solutions automatically as well.")  # fmt: skip
@click.option("--charges", is_flag=True,
              help="List what each mistake loses in checks that it is not about.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=None,
              help="How many to grade in parallel (default: one per processor).")  # fmt: skip
def validate(
    home: Path, only: tuple[str, ...], seeds: int, mistakes: Path | None, honest: Path | None,
    mutants: bool, charges: bool, jobs: int | None,
) -> None:  # fmt: skip
    """Grade known mistakes, correct variants and mutants, to measure the grader itself.

    Exit with 1 if a mistake does not lose exactly what its entry says, or is misnamed or not named;
    if no mistake or mutant fails a check; if a correct variant loses a point; if a mutant survives
    with no documented reason; or if mistakes lose more points in checks they are not about than the
    catalogue's charges.txt allows.
    """
    assignment = _with_reference(home)
    targets = assignment.find_targets(only)
    trials = _trials(assignment, seeds, mistakes, honest, mutants)
    names = {name for target in targets for name in (target.name, target.module)}
    chosen = [trial for trial in trials if trial.entry.target in names]
    if not chosen:
        raise UsageError(f"There is nothing to grade for {', '.join(only)}.")
    folder = mistakes or assignment.folders.mistakes
    covered = () if mistakes else targets  # another catalogue need not cover everything
    sys.exit(_validated(assignment, chosen, covered, folder, charges, jobs or os.cpu_count() or 1))


def _trials(
    assignment: Assignment, seeds: int, mistakes: Path | None, honest: Path | None, mutants: bool
) -> list[Trial]:
    """Return the trials to grade, with the mistakes written by someone else if there are any."""
    from grader.proving import trials

    folders = assignment.folders
    others = not mistakes and folders.others.is_dir()
    return [
        *trials.mistakes(assignment, mistakes),
        *(trials.others(assignment, twice=seeds > 1) if others else ()),
        *trials.honest(assignment, honest or folders.honest, range(seeds)),
        *(trials.mutations(assignment) if mutants else ()),
    ]


def _validated(
    assignment: Assignment, trials: Sequence[Trial], covered: Sequence[Target], folder: Path,
    listed: bool, jobs: int,
) -> int:  # fmt: skip
    """Run the trials with a progress bar; print the tables and the errors."""
    from rich.console import Console
    from rich.progress import track

    from grader.proving import charges
    from grader.proving.table import table
    from grader.proving.trials import unproven
    from grader.proving.validate import run

    with contextlib.closing(run(assignment, trials, jobs)) as tried:
        outcomes = list(track(tried, "Grading", len(trials), console=Console(stderr=True)))
    errors = [error for outcome in outcomes for error in outcome.errors()]
    errors += unproven(covered, outcomes)
    outcomes = [one for one in outcomes if one.is_counted]
    lost = charges.charges(assignment.rubric, outcomes)
    errors += charges.too_much(lost, folder)
    console = Console(highlight=False, soft_wrap=True, width=150)
    console.print(table(assignment.rubric, outcomes))
    if lost:
        console.print(charges.table(lost))
    for line in charges.listed(outcomes) if listed else ():
        console.print(line, markup=False)
    for error in errors:
        console.print(error, markup=False)
    count = f"{len(errors)} error{'s' if len(errors) != 1 else ''}"
    console.print(f"{len(trials)} submissions graded: {count}.")
    return FAILED if errors else 0


COMMANDS = (stubs, record, handout, bundle, validate)
