"""The tables of a grade: one row a question, or one row a check."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table

from grader.judging import Line

from .style import styled, summary

BAR = 12
# Narrower terminals have no room for bars.
WIDE = 72
NO_POINTS = "no points"


def questions_table(targets: Sequence[Sequence[Line]], console: Console) -> Table:
    """Return one row a question: its bar, its points, and which checks do not pass."""
    table = Table(box=None, pad_edge=False, show_header=False)
    wide = console.width >= WIDE
    for options in ({}, {}, *([{"width": BAR}] if wide else []), {"justify": "right"}):
        table.add_column(no_wrap=True, **options)  # type: ignore[arg-type]
    table.add_column(overflow="fold")
    for lines in targets:
        score, most = (sum(getattr(line, x) for line in lines) for x in ("score", "points"))
        bar: list[RenderableType] = [ProgressBar(most, score, BAR) if most else ""] if wide else []
        points = f"{score:g} / {most:g}" if most else NO_POINTS
        table.add_row(lines[0].target.question, _name(lines[0]), *bar, points, summary(lines))
    return table


def checks_table(targets: Sequence[Sequence[Line]]) -> Table:
    """Return one row a check."""
    table = Table(box=None, pad_edge=False)
    for name in ("", "question", "check", "verdict"):
        table.add_column(name, no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for lines in targets:
        for line in lines:
            shown = (line.target.question, _name(line)) if line is lines[0] else ("", "")
            points = f"{line.score:g} / {line.points:g}" if line.points else NO_POINTS
            table.add_row(*shown, line.check, styled(line.result.verdict), points)
    return table


def _name(line: Line) -> str:
    return line.target.title + (" (extra)" if line.target.extra else "")
