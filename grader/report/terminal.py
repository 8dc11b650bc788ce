"""The table on the terminal, and below it what needs work."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..rubric import TOTAL
from ..runner import Grade, Line
from ..verdict import Verdict
from .messages import clean, explain

WORDS = {
    Verdict.PASSED: ("passed", "green"),
    Verdict.PARTLY: ("partly", "yellow"),
    Verdict.FAILED: ("wrong", "red"),
    Verdict.NOT_IMPLEMENTED: ("not implemented", "blue"),
    Verdict.RAISED: ("raised an error", "red"),
    Verdict.TIMED_OUT: ("timed out", "red"),
    Verdict.CRASHED: ("crashed", "red"),
    Verdict.BLOCKED: ("blocked", "yellow"),
    Verdict.NOT_RUN: ("not run", "yellow"),
    Verdict.HARNESS_FAULT: ("GRADER FAILED", "red reverse"),
}


def show(grade: Grade, console: Console) -> None:
    """Print the grade."""
    console.print(_table(grade))
    for line in grade.lines:
        text = clean(explain(line.result))
        if text and line.result.verdict is not Verdict.PASSED or "Advice" in text:
            console.print(_heading(line))
            console.print(escape("  " + text.replace("\n", "\n  ")), highlight=False)
    for name in grade.submission.left_out:
        console.print(f"Not graded: {escape(clean(name))}", highlight=False)
    console.print(_total(grade))


def _table(grade: Grade) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("", "question", "check", "verdict"):
        table.add_column(name, no_wrap=name != "question")
    table.add_column("points", justify="right", no_wrap=True)
    last = ""
    for line in grade.lines:
        word, style = WORDS[line.result.verdict]
        first = line.target.name != last
        last = line.target.name
        number = line.target.question if first else ""
        title = line.target.title + (" (extra)" if line.target.extra else "")
        points = f"{line.score:g} / {line.points:g}"
        table.add_row(number, title if first else "", line.check, f"[{style}]{word}[/]", points)
    return table


def _heading(line: Line) -> str:
    word, style = WORDS[line.result.verdict]
    where = f"{line.target.question} {line.target.title}, {line.check}"
    return f"\n[bold]{where}[/]: [{style}]{word}[/]"


def _total(grade: Grade) -> str:
    extra = sum(line.points for line in grade.lines if line.target.extra)
    whole = "" if grade.maximum == TOTAL else " of the selected questions"
    more = f" (and up to {extra:g} extra)" if extra else ""
    return f"\n[bold]Score: {grade.score:g} / {grade.maximum:g}[/]{whole}{more}"
