"""The pages of `explain` and of `doctor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from grader.assignment import Assignment, Target
from grader.limits import Isolation
from grader.report.cleaning import clean
from grader.report.messages import MEANINGS, WORDS

from .style import indented

# What it means if a layer of isolation is missing.
WITHOUT = {
    "limits": "use up the memory of this machine",
    "uid": "read whatever you can read, if landlock is missing as well",
    "landlock": "read its user's files, including the reference",
    "seccomp": "use the network, start programs, signal the grader",
}
LEVEL_WORDS = {
    "uid": "Code you do not trust can be graded here.",
    "confined": "Good for your own code; for a class, grade as root, or in the container.",
    "any": "Grade only code that you would run yourself.",
}


def show_question(
    assignment: Assignment, target: Target, cases: Mapping[str, Sequence[str]], console: Console
) -> None:
    """Print what the checks of a question test, and how to read their messages.

    Args:
        assignment: the assignment with the question.
        target: the question.
        cases: the names of the cases of every check.
        console: where to print.
    """
    extra = ", extra credit" * target.extra
    heading = f"[bold]{target.question} {target.title}[/] ({target.name})"
    console.print(f"{heading}: {_points(target.total)}{extra}")
    if target.loop_cap < 1:
        most = _points(round(target.loop_cap * target.total, 2))
        console.print(f"With a loop over the examples, it earns at most {most}.")
    for check, points in target.points.items():
        said = assignment.explanations[check]
        console.print(f"\n[bold]{check}[/], {_points(points)}: {escape(said.asks)}")
        console.print(indented(f"{assignment.how(target, check)}\n{said.reading}", console))
        console.print(indented(f"Cases: {'; '.join(cases[check])}.", console))


def show_verdicts(console: Console) -> None:
    """Print what every verdict means."""
    console.print("[bold]Verdicts[/]")
    for verdict, meaning in MEANINGS.items():
        console.print(indented(f"{WORDS[verdict]}: {meaning}", console))


def _points(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}"


def show_machine(facts: Mapping[str, str], isolation: Isolation, console: Console) -> None:
    """Print the facts, the active layers of isolation, and what the missing ones mean."""
    for name, text in facts.items():
        console.print(f"{name:12}{escape(text)}")
    for layer, why in isolation.missing.items():
        here = f"[yellow]no[/]: {escape(clean(why))}." if why else "[green]yes[/]"
        console.print(f"{layer:12}{here}")
        if why:
            console.print(f"{'':12}A submission could {WITHOUT[layer]}.")
    console.print(f"Isolation: {isolation.level}. {LEVEL_WORDS[isolation.level]}")
