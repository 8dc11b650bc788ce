"""Options and arguments shared by several commands, and the exit codes."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.paths import HOMEWORK

if TYPE_CHECKING:
    from rich.console import Console

    from grader.assignment import Assignment

# Exit codes; 0 means there is a grade, whatever it is. INVALID is click's code for an invalid
# command, FAULT a failure of the grader itself, and the last one what a shell reports for SIGINT.
BELOW, FAILED, INVALID, FAULT, INTERRUPTED = 1, 1, 2, 3, 130
ASSIGNMENT_VARIABLE = "GRADER_ASSIGNMENT"
FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)
# The formats in which results can be printed: the names of `report.formats.FORMATS`.
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
    help="Also write a report with pictures to FILE.",
)  # fmt: skip
only_option = click.option(
    "--only", "only", multiple=True, metavar="QUESTION",
    help="Grade only these questions, by number or class name, separated by commas; repeatable.",
)  # fmt: skip


def require_option(default: str) -> Callable[[FC], FC]:
    """Return the option that sets the required isolation."""
    return click.option(
        "--require-isolation", "require", type=click.Choice(["any", "confined", "uid"]),
        default=default, show_default=True,
        help="Refuse to grade unless the sandbox is at least this strong; see `doctor`.",
    )  # fmt: skip


class StaffCommand(click.Command):
    """A command that needs the reference: the help lists it only where there is one."""


class Finite(click.FloatRange):
    """A number in a range, neither NaN nor infinite."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class Seed(click.ParamType):  # type: ignore[type-arg]
    """A whole number, or "fresh" for one that nobody can predict."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        from grader.sampler import fresh_seed

        if value == "fresh":
            return fresh_seed()
        try:
            number = int(value)
        except ValueError:
            number = -1
        if number < 0:
            self.fail(f'{value!r} is neither a non-negative integer nor "fresh".', param, ctx)
        return number


seed_option = click.option(
    "--seed", type=Seed(), default=None,
    help='Seed of every input; "fresh", the default with the reference, draws a new one. '
    "With recorded answers, the default is the first recorded seed.",
)  # fmt: skip


def submission_or_stubs(submission: Path | None, assignment: Assignment) -> Path:
    """Return what to grade; by default `student`, or another assignment's own student folder."""
    if submission is not None:
        return submission
    at_home = assignment.folders.home.resolve() == HOMEWORK.resolve()
    return Path("student") if at_home else assignment.folders.student


def loaded(home: Path) -> Assignment:
    """Load the assignment in a folder, once a command needs it: this imports numpy.

    Raises:
        UsageError: the folder is not an assignment.
    """
    from grader.assignment import load

    return load(home)


def console() -> Console:
    """Return a console for a terminal, or for a pipe, where lines are never wrapped."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
