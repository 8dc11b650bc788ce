"""The commands for students: grade, watch, train, explain, writeup."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.errors import UsageError

from .grading import Order, grade_order, seed_of, to_repeat, write, write_failure
from .options import (
    BELOW,
    FAILED,
    FAULT,
    FORMATS,
    INTERRUPTED,
    Finite,
    assignment_option,
    console,
    html_option,
    loaded,
    only_option,
    out_option,
    require_option,
    seed_option,
    submission_argument,
    submission_or_stubs,
)
from .streams import is_read
from .writeup import writeup

if TYPE_CHECKING:
    from grader.answers import Oracle
    from grader.assignment import Assignment, Target
    from grader.judging import Grade
    from grader.launching import Kept, Starter
    from grader.running import Grading, Saves
    from grader.submission import Submission


@click.command()
@submission_argument
@assignment_option
@out_option
@html_option
@only_option
@seed_option
@click.option("--fail-under", type=Finite(min=0), default=None, metavar="SCORE",
              help="Exit with status 1 if the score is below this.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["terminal", *FORMATS]),
              default="terminal", show_default=True, help="What to print.")  # fmt: skip
@click.option("--quiet", "-q", "detail", flag_value="quiet",
              help="Print the table of questions only.")  # fmt: skip
@click.option("--verbose", "-v", "detail", flag_value="verbose",
              help="Print every check, and every message in full.")  # fmt: skip
@click.option("--oracle", type=click.Choice(["auto", "live", "recorded"]), default="auto",
              show_default=True, help="Where the right answers come from.")  # fmt: skip
@click.option("--deadline", type=Finite(min=0), default=570, show_default=True,
              help="Time limit in seconds; remaining checks are not run.")  # fmt: skip
@require_option("any")
def grade(form: str, fail_under: float | None, detail: str | None, **order: Any) -> None:
    """Grade SUBMISSION, a folder, a zip or a tar (default: student).

    Exit codes: 0 there is a grade, whatever it is; 1 it is below --fail-under; 2 the command is not
    valid, or the machine lacks something that grading needs; 3 the autograder failed; 130 it was
    stopped by Ctrl-C. They do not depend on whether the output is read or could be written.
    """
    wanted = Order(**order)
    if wanted.html is not None and wanted.html.absolute() == wanted.out.absolute():
        raise UsageError("--out and --html name the same file.")
    graded = _graded(wanted)
    seen = graded.student_view
    problem = write(wanted, graded)
    if problem:
        click.echo(f"Error: {problem}.", err=True)
    _print(seen, form, detail, None if problem else wanted.html)
    if graded.faults and not seen.faults:
        click.echo("Error: The autograder failed in a check that is not shown.", err=True)
    fault = problem or graded.faults
    sys.exit(FAULT if fault else _exit_code(seen, fail_under))


def _graded(order: Order) -> Grade:
    """Grade, with a progress line on the terminal."""
    from grader.launching import starter

    workers, assignment = starter(), None  # it loads numpy in parallel with this process
    try:
        assignment = loaded(order.home)
        return grade_order(workers, assignment, order)
    except Exception as error:
        if assignment is not None:
            write_failure(order, assignment, error)
        raise
    except KeyboardInterrupt:
        said = f"; {order.out} says so, too" if assignment is not None else ""
        click.echo(f"Stopped early{said}.", err=True)
        sys.exit(INTERRUPTED)
    finally:
        workers.close()


def _print(graded: Grade, form: str, detail: str | None, page: Path | None) -> None:
    from grader.report import formats, gradescope, terminal

    if form == "terminal":
        again = to_repeat(graded.seed, graded.oracle) if detail != "quiet" else ""
        pictures = f"With pictures: {page}" if page is not None else ""
        notes = tuple(filter(None, (again, pictures)))
        terminal.show(graded, console(), terminal.Detail(detail or "usual"), notes=notes)
    else:
        results = gradescope.results(graded)
        click.echo(formats.FORMATS[form](results, graded.assignment.total), nl=False)


def _exit_code(graded: Grade, fail_under: float | None) -> int:
    return BELOW if fail_under is not None and graded.score < fail_under else 0


@click.command()
@submission_argument
@assignment_option
@out_option
@html_option
@only_option
@seed_option
def watch(
    submission: Path | None, home: Path, out: Path, html: Path | None, only: tuple[str, ...],
    seed: int | None,
) -> None:  # fmt: skip
    """Grade SUBMISSION, a folder (default: student), and again whenever a file is saved.

    Only what the change affects is graded again. Press Ctrl-C to stop.
    """
    from grader.launching import Kept, starter
    from grader.limits import Limits

    order = Order(
        home, submission, out, only, seed, oracle="auto", deadline=Limits.run, require="any",
        html=html,
    )  # fmt: skip
    workers = Kept(starter())
    try:
        _watch(order, workers)
    except KeyboardInterrupt:
        click.echo("")
    finally:
        workers.end()


def _watch(order: Order, workers: Kept) -> None:
    from grader.answers import choose
    from grader.report import terminal
    from grader.running import Saves, reruns

    assignment = loaded(order.home)
    folder = submission_or_stubs(order.submission, assignment)
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder} to watch.")
    targets, answers = assignment.find_targets(order.only), choose(assignment, order.oracle)
    seed = seed_of(order, answers)
    click.echo(f"Watching {folder}: every save is graded. Press Ctrl-C to stop.")
    if again := to_repeat(seed, answers.name):
        click.echo(again)
    saves = Saves(folder, click.echo)
    with saves.noticed():
        grading = _superseded_by(saves, order, assignment, folder, answers, seed, workers)
        for found in reruns(assignment, folder, targets, grading, saves):
            problem = write(order, found.whole)
            terminal.show_rerun(found, console())
            if order.html is not None and not problem and not found.before:
                click.echo(f"\nReport with pictures, kept up to date: {order.html}")
            if problem:
                click.echo(f"Error: {problem}.", err=True)
            if not is_read():
                return


def _superseded_by(
    saves: Saves,
    order: Order,
    assignment: Assignment,
    folder: Path,
    answers: Oracle,
    seed: int,
    workers: Kept,
) -> Grading:
    """Return a grading that gives up when a save makes it obsolete."""
    from grader.running import Superseded, is_outdated
    from grader.running import grade as run_grade

    def grading(submission: Submission, targets: Sequence[Target]) -> Grade:
        pictures = order.html is not None
        try:
            with saves.superseding(lambda: is_outdated(assignment, folder, submission)):
                return run_grade(
                    assignment,
                    submission,
                    answers,
                    targets,
                    seed,
                    workers=workers,
                    pictures=pictures,
                )
        except Superseded:
            workers.renew()
            raise

    return grading


@click.command()
@submission_argument
@assignment_option
def train(submission: Path | None, home: Path) -> None:
    """Run the training script on SUBMISSION (default: student) and print its output."""
    from grader.launching import starter

    workers = starter()
    try:
        code = _train(workers, submission, home)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        workers.close()
    sys.exit(FAILED if code else 0)


def _train(workers: Starter, submission: Path | None, home: Path) -> int:
    from grader.report.cleaning import Cleaner, clean
    from grader.submission import find, staging

    assignment, cleaner = loaded(home), Cleaner()
    script = assignment.training_module
    if not script:
        raise UsageError(f"The assignment {assignment.name} has no training script.")
    found = find(submission_or_stubs(submission, assignment), assignment)
    if found.passed_over:
        click.echo("\n".join(map(clean, found.remarks)), err=True)
    with staging(assignment, found) as staged:
        code = workers.train(
            staged.whole(), script, lambda chunk: click.echo(cleaner.clean(chunk), nl=False)
        )
    click.echo(cleaner.end(), nl=False)
    return code


@click.command()
@click.argument("question", nargs=-1)
@assignment_option
def explain(question: tuple[str, ...], home: Path) -> None:
    """Explain what the checks of a QUESTION test, and how to read their messages."""
    from grader.report import terminal

    assignment = loaded(home)
    if not question:
        raise UsageError(f"Name a question:\n{assignment.questions}")
    targets = assignment.find_targets(question)
    for target in targets:
        names = {
            check: [case.name for case in assignment.cases_of(target.name, check)]
            for check in target.points
        }
        terminal.show_question(assignment, target, names, console())
        console().print()
    terminal.show_verdicts(console())


COMMANDS = (grade, watch, train, explain, writeup)
