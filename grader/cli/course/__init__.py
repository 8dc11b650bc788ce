"""The commands for course staff about a whole class: grader class."""

from __future__ import annotations

import click

from grader.cli.options import StaffCommand

from .comparing import compare
from .exporting import export
from .grading import grade, regrade
from .looking import runs, show
from .writeups import writeups

# The command to run when the first word is not a command: `grader class SOURCE`.
USUAL = "grade"


class ClassCommands(StaffCommand, click.Group):
    """Commands about a class, one of which is the default and needs no name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command if the arguments do not start with a command."""
        named = bool(args) and args[0] in {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if named or not args else [USUAL, *args])


@click.group("class", cls=ClassCommands)
def course() -> None:
    """Grade a class: `grader class SOURCE`, then look at class/index.html.

    SOURCE is what you downloaded: a Gradescope export, the Canvas submissions, the GitHub
    Classroom clones, or one folder or archive per student. `grader class grade --help` lists all
    options.
    """


for _command in (grade, regrade, compare, show, runs, export, writeups):
    course.add_command(_command)

COMMANDS = (course,)
