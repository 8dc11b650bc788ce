"""The commands for course staff about a whole class: grader class."""

from __future__ import annotations

import click

from grader.cli.options import StaffCommand

from .comparing import compare
from .exporting import export
from .grading import grade, regrade
from .looking import runs, show
from .writeups import writeups

# The command that is meant where the first word is none of them: `grader class SOURCE`.
USUAL = "grade"


class ClassCommands(StaffCommand, click.Group):
    """Commands about a class, of which one needs no name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what begins with no command for the usual one."""
        named = bool(args) and args[0] in {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if named or not args else [USUAL, *args])


@click.group("class", cls=ClassCommands)
def course() -> None:
    """Grade a class: `grader class SOURCE`, then look at class/index.html.

    SOURCE is what was downloaded: an export of Gradescope, the submissions of Canvas, the clones of
    GitHub Classroom, or one folder or archive per student. `grader class grade --help` has all
    options of it.
    """


for _command in (grade, regrade, compare, show, runs, export, writeups):
    course.add_command(_command)

COMMANDS = (course,)
