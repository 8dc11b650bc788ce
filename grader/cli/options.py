"""Options and arguments that several commands share, and the exit codes."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.errors import UsageError
from grader.paths import HOMEWORK

if TYPE_CHECKING:
    from rich.console import Console

    from grader.assignment import Assignment

# Exit codes; 0 is a grade, whatever it is, and 2 is click's own for a command that makes no sense.
# FAULT is the grader's own failure; the last one is what a shell shows for SIGINT.
BELOW, FAILED, FAULT, INTERRUPTED = 1, 1, 3, 130
ASSIGNMENT_VARIABLE = "GRADER_ASSIGNMENT"
FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)
# What results can be printed as: the names of `report.formats.FORMATS`.
FORMATS = ("gradescope", "classroom", "markdown", "junit", "annotations")

assignment_option = click.option(
    "--assignment", "home", type=click.Path(path_type=Path), default=HOMEWORK,
    envvar=ASSIGNMENT_VARIABLE, metavar="FOLDER",
    help="Use the assignment in FOLDER, which has an assignment.py.", show_envvar=True,
)  # fmt: skip
submission_argument = click.argument(
    "submission", type=click.Path(path_type=Path), default=None, required=False
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default="results.json",
    show_default=True, help="Where to write the results.",
)  # fmt: skip
html_option = click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="FILE",
    help="Write a report with pictures to FILE, too.",
)  # fmt: skip
only_option = click.option(
    "--only", "only", multiple=True, metavar="QUESTION",
    help="Take one question only, by its number or the name of its class; repeatable.",
)  # fmt: skip


def require_option(default: str) -> Callable[[FC], FC]:
    """Return the option that says what isolation is needed."""
    return click.option(
        "--require-isolation", "require", type=click.Choice(["any", "confined", "uid"]),
        default=default, show_default=True,
        help="Refuse to grade unless the sandbox is at least this strong; see `doctor`.",
    )  # fmt: skip


class StaffCommand(click.Command):
    """A command that can only work where the reference is: elsewhere help does not list it."""


class Finite(click.FloatRange):
    """A number in a range, which is neither NaN nor infinite."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class Seed(click.ParamType):  # type: ignore[type-arg]
    """A whole number, or "fresh" for one that nobody can know before."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        from grader.draw import fresh_seed

        if value == "fresh":
            return fresh_seed()
        try:
            number = int(value)
        except ValueError:
            number = -1
        if number < 0:
            self.fail(f'{value!r} is neither a whole number from 0 on nor "fresh".', param, ctx)
        return number


seed_option = click.option(
    "--seed", type=Seed(), default=None,
    help='Fixes every input; "fresh", the default where the reference is, draws one that nobody '
    "knows before. With recorded answers, the default is the first that they are for.",
)  # fmt: skip


def submission_or_stubs(submission: Path | None, assignment: Assignment) -> Path:
    """Return what to grade if the command names nothing: `student`, or another assignment's."""
    if submission is not None:
        return submission
    at_home = assignment.folders.home.resolve() == HOMEWORK.resolve()
    return Path("student") if at_home else assignment.folders.student


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """End the command with what the grader calls a usage error."""
    try:
        yield
    except UsageError as error:
        raise click.UsageError(str(error)) from None


def loaded(home: Path) -> Assignment:
    """Return the assignment of a folder, or end the command."""
    from grader.assignment import load

    with usage_errors():
        return load(home)


def console() -> Console:
    """Return the terminal, or a pipe, whose lines are never broken."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
