"""How questions, verdicts and messages look on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
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
# The indentation of continuation lines.
HANGING = 2


def styled(verdict: Verdict) -> str:
    """Return the word for a verdict, in its color."""
    return f"[{STYLES[verdict]}]{WORDS[verdict]}[/]"


def title(line: Line) -> str:
    """Return the number and name of a line's question."""
    return f"{line.target.question} {line.target.title}"


def indented(text: str, console: Console) -> Text:
    """Return a text indented by two spaces; wrapped at words on a terminal."""
    return hanging(Text("  " + text.replace("\n", "\n  ")), console)


def hanging(text: Text, console: Console) -> Text:
    """Return a text with hanging indentation for wrapped lines, on a terminal."""
    if not console.is_terminal:
        return text
    wrapped: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        indent = len(line.plain) - len(line.plain.lstrip(" "))
        room = max(console.width - indent - HANGING, 1)
        first, *rest = line[indent:].wrap(console, room, overflow="fold")
        for one in (first, *rest):
            one.rstrip()
        wrapped.append(Text(" " * indent).append_text(first))
        wrapped += [Text(" " * (indent + HANGING)).append_text(one) for one in rest]
    return Text("\n").join(wrapped)


def cropped(text: str, console: Console) -> Text:
    """Return a text indented by two spaces, each line cut at the terminal's width."""
    lines = [Text("  " + line) for line in text.split("\n")]
    for line in lines:
        line.truncate(console.width, overflow="ellipsis")
    return Text("\n").join(lines)


def height(text: Text) -> int:
    """Return how many lines a text has."""
    return text.plain.count("\n") + 1
