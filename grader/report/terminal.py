"""The table on the terminal, and below it what needs work."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.processes import Isolation
from grader.rubric import TOTAL
from grader.runner import Grade, Line
from grader.verdict import Verdict

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


# What a missing layer of isolation means.
WITHOUT = {
    "limits": "use up the memory of this machine",
    "uid": "read what you can read, where landlock is missing, too",
    "landlock": "read the files of its user, the reference among them",
    "seccomp": "use the network, start programs, signal the grader",
}
LEVEL_WORDS = {
    "uid": "Code you do not trust can be graded here.",
    "confined": "Good for your own code; for a class, grade as root, or in the container.",
    "any": "Grade only code that you would run yourself.",
}


def show(grade: Grade, console: Console) -> None:
    """Print the grade: the table, what needs work, the score."""
    console.print(_table(grade))
    for _, group in groupby(grade.lines, key=lambda line: line.target.name):
        for heading, text in _remarks(list(group)):
            console.print(f"\n{heading}")
            console.print(escape("  " + text.replace("\n", "\n  ")))
    for name in grade.submission.left_out:
        console.print(f"\nNot graded: {escape(clean(name))}")
    for line in grade.lines:
        if line.result.flags and grade.oracle == "live":
            where = f"{line.target.question} {line.target.title}, {line.check}"
            console.print(f"\nFor the course staff: {where}: {', '.join(line.result.flags)}.")
    console.print(_score(grade))


def _table(grade: Grade) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("", "question", "check", "verdict"):
        table.add_column(name, no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    last = ""
    for line in grade.lines:
        word, style = WORDS[line.result.verdict]
        title = line.target.title + (" (extra)" if line.target.extra else "")
        shown = title if line.target.name != last else ""
        last = line.target.name
        points = f"{line.score:g} / {line.points:g}"
        table.add_row(line.target.question, shown, line.check, f"[{style}]{word}[/]", points)
    return table


def _remarks(lines: list[Line]) -> list[tuple[str, str]]:
    """Return what to say about one target: a heading and a text for every line that needs it.

    What is true of all checks (nothing is there yet, the file cannot be imported) is said once;
    checks that only wait for others are left to the table.
    """
    texts = [(line, clean(explain(line.result))) for line in lines]
    if all(line.result.verdict is Verdict.NOT_IMPLEMENTED for line in lines):
        rows = dict.fromkeys(row for line in lines for row in _messages(line))
        return [(_heading(lines[0], ""), clean("\n".join(rows)))]
    if len({text for _, text in texts}) == 1 and lines[0].result.verdict is not Verdict.PASSED:
        return [(_heading(lines[0], ""), texts[0][1])]
    wrong = [(line, text) for line, text in texts if line.result.verdict is not Verdict.PASSED]
    advised = [(line, text) for line, text in texts if "Advice" in text]
    causes = [(line, text) for line, text in wrong if not _only_waits(line)]
    shown = [pair for pair in texts if pair in (causes or wrong) or pair in advised]
    return [(_heading(line, f", {line.check}"), text) for line, text in shown]


def _only_waits(line: Line) -> bool:
    """Tell whether all that is missing in a line is blocked by something said elsewhere."""
    open_cases = {case.verdict for case in line.result.cases} - {Verdict.PASSED}
    return open_cases == {Verdict.BLOCKED}


def _messages(line: Line) -> list[str]:
    return [case.message for case in line.result.cases]


def _heading(line: Line, check: str) -> str:
    word, style = WORDS[line.result.verdict]
    return f"[bold]{line.target.question} {line.target.title}{check}[/]: [{style}]{word}[/]"


def _score(grade: Grade) -> str:
    extra = sum(line.score for line in grade.lines if line.target.extra)
    whole = "" if grade.maximum == TOTAL else " of the selected questions"
    more = f", {extra:g} of them extra credit" if extra else ""
    return f"\n[bold]Score: {grade.score:g} / {grade.maximum:g}[/]{whole}{more}"


def show_machine(facts: Mapping[str, str], isolation: Isolation, console: Console) -> None:
    """Print what there is, which layers of isolation hold here, and what the others mean."""
    for name, text in facts.items():
        console.print(f"{name:12}{escape(text)}")
    for layer, why in isolation.missing.items():
        here = f"[yellow]no[/]: {escape(clean(why))}." if why else "[green]yes[/]"
        console.print(f"{layer:12}{here}")
        if why:
            console.print(f"{'':12}A submission could {WITHOUT[layer]}.")
    console.print(f"Isolation: {isolation.level}. {LEVEL_WORDS[isolation.level]}")
