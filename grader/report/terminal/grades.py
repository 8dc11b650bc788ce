"""A grade on the terminal: the table, the score, and below them what needs work."""

from __future__ import annotations

from enum import Enum
from itertools import groupby

from rich.console import Console
from rich.markup import escape

from grader.judging import Grade, Line
from grader.report.cleaning import clean

from .remarks import remarks
from .style import indented, title
from .tables import checks_table, questions_table


class Detail(Enum):
    """How much is printed: the table alone, what needs work, too, or every check."""

    QUIET = "quiet"
    USUAL = "usual"
    VERBOSE = "verbose"


def show(grade: Grade, console: Console, detail: Detail = Detail.USUAL, named: bool = True) -> None:
    """Print a grade: the questions with their points, then what needs work.

    Args:
        grade: what to print.
        console: where.
        detail: how much.
        named: say first which folder was graded.
    """
    targets, everything = by_target(grade), detail is Detail.VERBOSE
    for text in grade.remarks if named else ():
        console.print(escape(clean(text)))
    console.print(checks_table(targets) if everything else questions_table(targets, console))
    console.print(_score(grade))
    if detail is Detail.QUIET:
        return
    for heading, text in remarks(targets, grade.submission, everything):
        console.print(f"\n{heading}")
        console.print(indented(text, console))
    for name in grade.submission.left_out:
        console.print(f"\nNot graded: {escape(clean(name))}")
    for line in grade.lines:
        if line.result.flags and grade.oracle == "live":
            flags = ", ".join(line.result.flags)
            console.print(f"\nFor the course staff: {title(line)}, {line.check}: {flags}.")


def by_target(grade: Grade) -> list[list[Line]]:
    """Return the lines of a grade, those of one target together."""
    return [list(lines) for _, lines in groupby(grade.lines, key=lambda line: line.target.name)]


def _score(grade: Grade) -> str:
    extra = grade.extra
    if not grade.maximum:
        most = sum(line.points for line in grade.lines)
        if not most:
            return "\n[bold]Score: none[/]: what was graded earns no points"
        return f"\n[bold]Score: {grade.score:g} / {most:g}[/] of extra credit"
    whole = "" if grade.is_whole else " of the selected questions"
    more = f", {extra:g} of them extra credit" if extra else ""
    if grade.hidden_points:
        more += f" ({grade.hidden_points:g} more points are in checks that are not shown)"
    return f"\n[bold]Score: {grade.score:g} / {grade.maximum:g}[/]{whole}{more}"
