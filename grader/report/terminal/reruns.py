"""A rerun of `watch` on the terminal: what changed because of a save."""

from __future__ import annotations

import time

from rich.console import Console
from rich.markup import escape

from grader.judging import Grade, Rerun
from grader.report.cleaning import clean

from .grades import by_target, show
from .style import title


def show_rerun(found: Rerun, console: Console) -> None:
    """Print a rerun of `watch`: what was saved and when, the results, and the total score."""
    files = ", ".join(clean(file) for file in found.files)
    console.rule(f"{time.strftime('%H:%M:%S')} {escape(files)}".rstrip(), align="left")
    for remark in found.remarks:
        console.print(escape(clean(remark)))
        console.print("Earlier results are kept until the file can be read.")
    part = found.part.student_view
    if part.lines:
        # Each save may change which of several folders is graded.
        show(part, console, named=not found.before or bool(part.submission.passed_over))
    _show_changes(found, part, console)
    if found.before and len(found.whole.lines) > len(found.part.lines):
        whole = found.whole.student_view
        console.print(f"\nIncluding earlier results: {whole.score:g} / {whole.maximum:g} points.")


def _show_changes(found: Rerun, part: Grade, console: Console) -> None:
    """Print the points of every question whose points changed."""
    for lines in by_target(part):
        points, most = (sum(getattr(line, x) for line in lines) for x in ("score", "points"))
        target = lines[0].target
        before = found.before.get(target.name, points)
        if points != before:
            change = f"{title(lines[0])}: {before:g} -> {points:g}"
            console.print(f"\n[bold]{change}[/] of {most:g}")
