"""The tables of a grade: one row per question, or one per check; no row takes two lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.judging import Line
from grader.report.messages import WORDS
from grader.report.work import ORDER
from grader.verdict import Verdict

from .style import styled

BAR = 8
# Narrower terminals have no room for bars.
WIDE = 72
NO_POINTS = "no points"
# The gap between two columns, and the minimum width of a title.
GAP, LEAST = 2, 6


def questions_table(targets: Sequence[Sequence[Line]], console: Console) -> Table:
    """Return one row per question: its bar, its points, and which checks did not pass."""
    wide = console.width >= WIDE
    rows = [(lines, _points(lines)) for lines in targets]
    left = console.width - _widest(lines[0].target.question for lines in targets)
    left -= _widest(points for _, points in rows) + 3 * GAP + (BAR + GAP if wide else 0)
    words = _widest(_word(lines) for lines in targets)
    titles = max(min(_widest(_name(lines[0]) for lines in targets), left - words), LEAST)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=titles)
    if wide:
        table.add_column(width=BAR)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True)
    for lines, points in rows:
        score, most = _sums(lines)
        bar: list[RenderableType] = [ProgressBar(most, score, BAR) if most else ""] if wide else []
        name, said = _name(lines[0]), summary(lines, left - titles)
        table.add_row(lines[0].target.question, name, *bar, points, said)
    return table


def checks_table(targets: Sequence[Sequence[Line]], console: Console) -> Table:
    """Return one row per check."""
    lines = [line for group in targets for line in group]
    fixed = (
        _widest(line.target.question for line in lines),
        _widest(line.check for line in lines),
        _widest(WORDS[line.result.verdict] for line in lines),
        _widest(_points([line]) for line in lines),
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    left = console.width - sum(fixed) - len(fixed) * GAP
    table.add_column("question", no_wrap=True, max_width=max(left, LEAST))
    table.add_column("check", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for group in targets:
        for line in group:
            shown = (line.target.question, _name(line)) if line is group[0] else ("", "")
            table.add_row(*shown, line.check, styled(line.result.verdict), _points([line]))
    return table


def summary(lines: Sequence[Line], room: int) -> str:
    """Say which checks of a question did not pass, the worst first, as far as there is room.

    No check is named if all have the same verdict.
    """
    groups: dict[Verdict, list[str]] = {}
    for line in lines:
        groups.setdefault(line.result.verdict, []).append(line.check)
    if len(groups) == 1:
        return styled(lines[0].result.verdict)
    groups.pop(Verdict.PASSED, None)
    parts = [
        f"{', '.join(groups[verdict])} {styled(verdict)}"
        for verdict in sorted(groups, key=ORDER.index)
    ]
    rest = "; …" if len(parts) > 1 else ""
    choices = ("; ".join(parts), f"{parts[0]}{rest}")
    fitting = (text for text in choices if Text.from_markup(text).cell_len <= room)
    return next(fitting, styled(_worst(lines)))


def _worst(lines: Sequence[Line]) -> Verdict:
    """Return the worst verdict of the checks of a question."""
    verdicts = {line.result.verdict for line in lines} - {Verdict.PASSED}
    return min(verdicts, key=ORDER.index, default=Verdict.PASSED)


def _word(lines: Sequence[Line]) -> str:
    return WORDS[_worst(lines)]


def _sums(lines: Sequence[Line]) -> tuple[float, float]:
    """Return the points earned, and the maximum."""
    score, most = (sum(getattr(line, x) for line in lines) for x in ("score", "points"))
    return score, most


def _points(lines: Sequence[Line]) -> str:
    score, most = _sums(lines)
    return f"{score:g} / {most:g}" if most else NO_POINTS


def _name(line: Line) -> str:
    return line.target.title + (" (extra)" if line.target.extra else "")


def _widest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)
