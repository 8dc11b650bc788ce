"""How questions, verdicts and messages look on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.judging import Line
from grader.report.messages import WORDS
from grader.verdict import Verdict

STYLES: Mapping[Verdict, str] = {
    Verdict.PASSED: "green",
    Verdict.PARTLY: "yellow",
    Verdict.FAILED: "red",
    Verdict.NOT_IMPLEMENTED: "blue",
    Verdict.RAISED: "red",
    Verdict.TIMED_OUT: "red",
    Verdict.CRASHED: "red",
    Verdict.BLOCKED: "yellow",
    Verdict.NOT_RUN: "yellow",
    Verdict.HARNESS_FAULT: "red reverse",
}


def styled(verdict: Verdict) -> str:
    """Return the word for a verdict, in its color."""
    return f"[{STYLES[verdict]}]{WORDS[verdict]}[/]"


def title(line: Line) -> str:
    """Return the number of a line's question, and what it is."""
    return f"{line.target.question} {line.target.title}"


def summary(lines: Sequence[Line], whole: bool = True) -> str:
    """Say which checks do not pass, those of one verdict together; none by name if all are one.

    Args:
        lines: some checks of a target.
        whole: they are all of them.
    """
    groups: dict[Verdict, list[str]] = {}
    for line in lines:
        groups.setdefault(line.result.verdict, []).append(line.check)
    if len(groups) == 1 and whole:
        return styled(lines[0].result.verdict)
    groups.pop(Verdict.PASSED, None)
    return "; ".join(f"{', '.join(checks)} {styled(verdict)}" for verdict, checks in groups.items())


def indented(text: str, console: Console) -> RenderableType:
    """Return a text with two spaces before each line; wrapped at words on a terminal."""
    if console.is_terminal:
        return Padding(Text(text), (0, 0, 0, 2))
    return Text("  " + text.replace("\n", "\n  "))
