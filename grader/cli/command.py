"""The `grader` command, with its subcommands grouped by audience."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

import click

from grader import __version__
from grader.errors import UsageError
from grader.paths import HOMEWORK
from grader.signals import cleaned_up

from . import course, platform, staff, student
from .ending import documented_exit
from .options import ASSIGNMENT_VARIABLE, StaffCommand

# These do more than print, so a lost stdout does not decide their exit code.
WITH_RESULTS = {"grade", "watch", "autograde", "stubs", "record", "handout", "bundle", "writeup",
                "class"}  # fmt: skip


class Audiences(click.Group):
    """A group whose help lists its commands by audience, with full sentences."""

    SECTIONS: ClassVar = {
        "For students": student.COMMANDS,
        "For platforms": platform.COMMANDS,
        "For course staff": (*staff.COMMANDS, *course.COMMANDS),
    }

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options of `grader` itself, which prints the help."""
        with documented_exit():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; whatever it raises, exit with the documented code."""
        with documented_exit(lambda: ctx.invoked_subcommand in WITH_RESULTS):
            from grader.arithmetic import undisturbed

            with undisturbed():
                return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list per audience; hide the commands that need a reference if there is none."""
        has_reference = _has_reference()
        for heading, commands in self.SECTIONS.items():
            listed = [x for x in commands if has_reference or not isinstance(x, StaffCommand)]
            if listed:
                with formatter.section(heading):
                    formatter.write_dl([(str(one.name), _summary(one)) for one in listed])


def _has_reference() -> bool:
    """Tell whether the assignment has a reference; if in doubt, assume that it does."""
    from grader.assignment import load

    try:
        return load(Path(os.environ.get(ASSIGNMENT_VARIABLE, HOMEWORK))).has_reference
    except UsageError:
        return True


def _summary(command: click.Command) -> str:
    """Return the first paragraph of a command's help."""
    return " ".join((command.help or "").partition("\n\n")[0].split())


@click.group(cls=Audiences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Grade a numpy homework: each question on its own, in a sandbox, with explanations.

    \b
    grader grade               grade student/ and say what to fix first
    grader grade --only 3.3    grade one question
    grader watch               grade again whenever you save a file
    grader explain 3.3         explain what a question's checks test
    """  # noqa: D301 - click wants the character
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("The current folder no longer exists: change to another one.") from None
    context.with_resource(cleaned_up())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # undisplayable text must not crash


for _command in (one for commands in Audiences.SECTIONS.values() for one in commands):
    main.add_command(_command)
