"""The command line. Everything that prints or exits is here or in `report/terminal`."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from .processes import Starter
    from .runner import Grade
    from .validate import Trial

BELOW, FAULT, INTERRUPTED = 1, 3, 130
FAILED = 1
# What results can be printed as: the names of `report.formats.FORMATS`.
FORMATS = ("gradescope", "classroom", "markdown", "junit", "annotations")


@dataclass(frozen=True)
class _Order:
    """What is to be graded, and how; the options of `grade` explain it."""

    submission: Path
    out: Path
    only: tuple[str, ...]
    seed: int
    oracle: str
    deadline: float
    require: str
    html: Path | None


class Seed(click.ParamType):  # type: ignore[type-arg]
    """A whole number, or "fresh" for one that nobody can know before."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        if value == "fresh":
            return secrets.randbelow(2**32)
        try:
            number = int(value)
        except ValueError:
            number = -1
        if number < 0:
            self.fail(f'{value!r} is neither a whole number from 0 on nor "fresh".', param, ctx)
        return number


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade the neural-networks homework."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show ends nothing


@main.command()
@click.argument("submission", type=click.Path(path_type=Path), default=Path("student"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default="results.json",
              show_default=True, help="Where to write the results.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), default=None,
              metavar="FILE", help="Write a report with pictures to FILE, too.")  # fmt: skip
@click.option("--only", "only", multiple=True, metavar="TARGET",
              help="Grade one target only (3.1, ReLU, activations.ReLU); repeatable.")  # fmt: skip
@click.option("--seed", type=Seed(), default=0, show_default=True,
              help='Fixes every input; "fresh" draws other ones each time.')  # fmt: skip
@click.option("--fail-under", type=float, default=None, metavar="SCORE",
              help="Exit with 1 if the score is below this.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["terminal", *FORMATS]),
              default="terminal", show_default=True, help="What to print.")  # fmt: skip
@click.option("--quiet", "-q", "detail", flag_value="quiet",
              help="Print the table of questions only.")  # fmt: skip
@click.option("--verbose", "-v", "detail", flag_value="verbose",
              help="Print every check, and every message in full.")  # fmt: skip
@click.option("--oracle", type=click.Choice(["auto", "live", "recorded"]), default="auto",
              show_default=True, help="Where the right answers come from.")  # fmt: skip
@click.option("--deadline", type=click.FloatRange(min=0), default=570, show_default=True,
              help="Seconds after which what is left is not run.")  # fmt: skip
@click.option("--require-isolation", "require", type=click.Choice(["any", "confined", "uid"]),
              default="any", show_default=True,
              help="Grade nothing where code is shut in less well; see `doctor`.")  # fmt: skip
def grade(form: str, fail_under: float | None, detail: str | None, **order: Any) -> None:
    """Grade SUBMISSION, a folder or a zip (default: student).

    Exit codes: 0 there is a grade, whatever it is; 1 it is below --fail-under; 2 the command makes
    no sense; 3 the autograder failed.
    """
    wanted = _Order(**order)
    if wanted.html is not None and wanted.html.absolute() == wanted.out.absolute():
        raise click.UsageError("--out and --html name the same file.")
    graded = _graded(wanted)
    from .report import gradescope

    results = gradescope.results(graded)
    problem = _write(wanted, graded)
    if problem:
        click.echo(f"Error: {problem}.", err=True)
    if form != "terminal":
        _print_as(form, results)
    else:
        from .report import terminal

        terminal.show(graded.shown, _console(), terminal.Detail(detail or "usual"))
        if wanted.html is not None and not problem:
            click.echo(f"\nWith pictures: {wanted.html}")
    sys.exit(_exit_code(graded, fail_under) if not problem else FAULT)


@main.command()
@click.argument("results", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                default=Path("results.json"))  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="markdown",
              show_default=True, help="What to print.")  # fmt: skip
def report(results: Path, form: str) -> None:
    """Print RESULTS (default: results.json) in another format, without grading again."""
    try:
        value = json.loads(results.read_text("utf-8"))
        if value["tests"]:
            _print_as(form, value)
            return
        error: Exception = ValueError("there is no test in it")
    except (ValueError, LookupError, TypeError, AttributeError) as found:
        error = found
    raise click.UsageError(f"{results} does not hold results: {error!r}.")


def _need_reference() -> None:
    from .paths import has_reference

    if not has_reference():
        raise click.UsageError("This needs the reference, which is not part of the handout.")


def _console() -> Console:
    """Return the terminal, or a pipe, whose lines are never broken."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def _print_as(form: str, results: dict[str, Any]) -> None:
    from .report.formats import FORMATS

    click.echo(FORMATS[form](results), nl=False)


def _write(order: _Order, graded: Grade) -> str:
    """Write the results, and the page if it is wanted; return what cannot be written, and why."""
    from .report import gradescope

    out = order.out
    try:
        gradescope.write(out, gradescope.results(graded))
        if order.html is not None:
            from .report import html

            out = order.html
            gradescope.replace_text(out, html.render(graded.shown))
    except OSError as error:
        what = "results" if out == order.out else "report"
        return f"The {what} could not be written to {out}: {error.strerror or error}"
    return ""


def _write_nothing(order: _Order, why: str) -> None:
    """Write results that say why nothing was graded: no older ones may be taken for these."""
    from .runner import not_run

    _write(order, not_run(why))


def _graded(order: _Order) -> Grade:
    """Grade, with a line on the terminal that says what is going on."""
    from .processes import starter

    workers = starter()  # loads numpy while this process loads pytest
    try:
        return _grade_with(workers, order)
    except UsageError as error:
        _write_nothing(order, str(error))
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        click.echo(f"Stopped before the end; {order.out} says so, too.", err=True)
        sys.exit(INTERRUPTED)
    finally:
        workers.close()


def _grade_with(workers: Starter, order: _Order) -> Grade:
    """Grade; first write results that say "did not finish", whatever may end this process."""
    from .oracle import choose
    from .rubric import find_targets
    from .runner import UNFINISHED, not_run
    from .runner import grade as run_grade
    from .sandbox import Limits
    from .submission import find

    targets = find_targets(order.only)
    _write(order, not_run(UNFINISHED, targets=targets))
    answers, found = choose(order.oracle), find(order.submission)
    answers.accept(order.seed)
    with _progress(sum(len(target.points) for target in targets)) as advance:
        return run_grade(
            found,
            answers,
            targets,
            order.seed,
            Limits(run=order.deadline),
            progress=advance,
            workers=workers,
            require=order.require,
            pictures=order.html is not None,
        )


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal while `count` checks are graded; it is gone at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}"))
    terminal = Console(stderr=True)
    hidden = not terminal.is_terminal
    with Progress(*columns, console=terminal, transient=True, disable=hidden) as bar:
        task, done = bar.add_task("", total=count), itertools.count()
        yield lambda text: bar.update(task, description=text, completed=next(done))


def _exit_code(graded: Grade, fail_under: float | None) -> int:
    if graded.faults:
        return FAULT
    return BELOW if fail_under is not None and graded.score < fail_under else 0


@main.command()
@click.argument("submission", type=click.Path(path_type=Path), default=Path("student"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default="results.json",
              show_default=True, help="Where to write the results.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), default=None,
              metavar="FILE", help="Write a report with pictures to FILE, too.")  # fmt: skip
@click.option("--only", "only", multiple=True, metavar="TARGET",
              help="Grade one target only; repeatable.")  # fmt: skip
def watch(submission: Path, out: Path, html: Path | None, only: tuple[str, ...]) -> None:
    """Grade SUBMISSION, a folder (default: student), and again whenever a file is saved.

    Only what the change concerns is graded anew. Ctrl-C ends it.
    """
    from .processes import starter
    from .sandbox import Limits

    if not submission.is_dir():
        raise click.UsageError(f"There is no folder {submission} to watch.")
    order = _Order(
        submission, out, only, seed=0, oracle="auto", deadline=Limits.run, require="any", html=html
    )
    workers = starter()
    try:
        _watch(order, workers)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        click.echo("")
    finally:
        workers.close()


def _watch(order: _Order, workers: Starter) -> None:
    from watchfiles import watch as saves

    from .oracle import choose
    from .processes import Kept
    from .report import terminal
    from .rubric import find_targets
    from .runner import grade as run_grade
    from .watch import Grading, rounds

    targets, answers, kept = find_targets(order.only), choose(order.oracle), Kept(workers)
    click.echo(f"Watching {order.submission}: every save is graded. Ctrl-C ends this.")
    grading: Grading = lambda submission, targets: run_grade(  # noqa: E731
        submission, answers, targets, workers=kept, pictures=order.html is not None
    )
    # It yields once a second in any case: nothing is missed that was saved during a grade.
    changes = saves(
        order.submission, debounce=100, step=20, rust_timeout=1000, yield_on_timeout=True
    )
    for found in rounds(order.submission, targets, grading, changes):
        problem = _write(order, found.whole)
        terminal.show_round(found, _console())
        if order.html is not None and not problem and not found.before:
            click.echo(f"\nWith pictures, always up to date: {order.html}")
        if problem:
            click.echo(f"Error: {problem}.", err=True)


@main.command()
@click.argument("submission", type=click.Path(path_type=Path), default=Path("student"))
def train(submission: Path) -> None:
    """Train both networks of SUBMISSION and print their accuracy on the test examples."""
    from .processes import starter
    from .report.messages import Cleaner
    from .staging import staging
    from .submission import find

    workers, cleaner = starter(), Cleaner()
    try:
        with staging(find(submission)) as staged:
            code = workers.train(
                staged.whole(), lambda chunk: click.echo(cleaner.clean(chunk), nl=False)
            )
        click.echo(cleaner.end(), nl=False)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        workers.close()
    sys.exit(FAILED if code else 0)


@main.command()
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=Path("/autograder"), show_default=True,
              help="Laid out as Gradescope's /autograder.")  # fmt: skip
@click.option("--require-isolation", "require", type=click.Choice(["any", "confined", "uid"]),
              default="uid", show_default=True,
              help="Grade nothing where code is shut in less well.")  # fmt: skip
def autograde(root: Path, require: str) -> None:
    """Grade one submission on Gradescope: from ROOT/submission to ROOT/results/results.json."""
    from .autograde import run

    try:
        results = run(root, os.environ, require)
    except OSError as error:
        click.echo(f"Error: the results could not be written: {error}.", err=True)
        sys.exit(FAULT)
    verdicts = {test.get("extra_data", {}).get("verdict") for test in results["tests"]}
    click.echo(f"Score: {results.get('score')}; verdicts: {', '.join(sorted(map(str, verdicts)))}.")
    sys.exit(FAULT if "harness_fault" in verdicts else 0)


@main.command()
@click.argument("question", nargs=-1, required=True)
def explain(question: tuple[str, ...]) -> None:
    """Say what the checks of a QUESTION ask, and how to read their messages."""
    from .cases import cases_of
    from .report import terminal
    from .rubric import find_targets

    try:
        targets = find_targets(question)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    for target in targets:
        names = {c: [case.name for case in cases_of(target.name, c)] for c in target.points}
        terminal.show_question(target, names, _console())


@main.command()
def doctor() -> None:
    """Say what holds on this machine: versions, answers, how well submissions are shut in."""
    from . import machine
    from .processes import starter
    from .report import terminal

    workers = starter()
    try:
        terminal.show_machine(machine.facts(), workers.isolation, _console())
    finally:
        workers.close()


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file differs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where to write them (default: student/).")  # fmt: skip
def stubs(check: bool, out: Path | None) -> None:
    """Derive the students' files from the reference."""
    from . import handout, paths

    _need_reference()
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

    _need_reference()
    path = out or paths.RECORDED
    click.echo(f"Wrote {oracle.record(path)} arrays to {path}.")


@main.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              default="dist/handout.zip", show_default=True, help="Where to write it.")  # fmt: skip
def handout(out: Path) -> None:
    """Write the students' zip: stubs, grader, recorded answers, and no solution."""
    from .bundle import write_handout

    _write_archive(write_handout, out)


@main.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              default="dist/autograder.zip", show_default=True,
              help="Where to write it.")  # fmt: skip
def bundle(out: Path) -> None:
    """Write Gradescope's zip: setup.sh, run_autograder, grader and reference."""
    from .bundle import write_bundle

    _write_archive(write_bundle, out)


def _write_archive(write: Callable[[Path], object], out: Path) -> None:
    try:
        write(out)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"Wrote {out}.")


@main.command()
@click.option("--only", "only", multiple=True, metavar="TARGET",
              help="Validate one target only; repeatable.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True,
              help="With how many seeds every honest variant is graded.")  # fmt: skip
@click.option("--mistakes", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=None, help="Another catalogue of mistakes.")  # fmt: skip
@click.option("--honest", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=None, help="Another catalogue of honest variants.")  # fmt: skip
@click.option("--mutants/--no-mutants", default=True, show_default=True,
              help="Whether to mutate the solutions automatically, too.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=None,
              help="How many to grade side by side (default: one a processor).")  # fmt: skip
def validate(
    only: tuple[str, ...], seeds: int, mistakes: Path | None, honest: Path | None,
    mutants: bool, jobs: int | None,
) -> None:  # fmt: skip
    """Grade known mistakes, honest variants and mutants, to measure the grader itself.

    Exit with 1 if a mistake does not lose exactly what its entry says, or is named wrongly or not
    at all, if an honest variant loses a point, or if a mutant survives without a reason.
    """
    from . import paths
    from . import validate as trying
    from .rubric import find_targets

    _need_reference()
    try:
        names = {x for target in find_targets(only) for x in (target.name, target.module)}
        trials = [
            *trying.mistakes(mistakes or paths.MISTAKES),
            *([] if mistakes or not paths.OTHERS.is_dir() else trying.others()),
            *trying.honest(honest or paths.HONEST, range(seeds)),
            *(trying.mutations() if mutants else ()),
        ]
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    trials = [trial for trial in trials if trial.entry.target in names]
    sys.exit(_validated(trials, jobs or os.cpu_count() or 1))


def _validated(trials: Sequence[Trial], jobs: int) -> int:
    """Run the trials, with a bar; print the errors and the table."""
    from rich.console import Console
    from rich.progress import track

    from .report import validation
    from .validate import run

    bar = track(run(trials, jobs), "Grading", len(trials), console=Console(stderr=True))
    outcomes = list(bar)
    errors = [error for outcome in outcomes for error in outcome.errors()]
    console = Console(highlight=False, soft_wrap=True, width=120)
    console.print(validation.table(outcomes))
    for error in errors:
        console.print(error, markup=False)
    count = f"{len(errors)} error{'s' if len(errors) != 1 else ''}"
    console.print(f"{len(trials)} submissions graded: {count}.")
    return FAILED if errors else 0
