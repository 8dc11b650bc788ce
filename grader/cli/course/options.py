"""Options shared by the commands about a class, and the progress display while graders work."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.course.grading import Setup
    from grader.course.store import Graded

# Seconds between progress lines when there is no terminal.
_LINES = 30.0

folder_option = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default="class",
    show_default=True, help="The class folder: class.db and everything written from it.",
)  # fmt: skip
overrides_option = click.option(
    "--overrides", "by_hand", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None, metavar="FILE",
    help="Points set by hand: a CSV file with the columns id, question, points, reason "
    "(default: those of the last run).",
)  # fmt: skip
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), default=None,
    help="How many graders run in parallel (default: one per core).",
)  # fmt: skip
reports_option = click.option(
    "--reports", type=click.Choice(["none", "failing", "all"]), default="failing",
    show_default=True, help="Which students get a folder with results.json and report.html; "
    "failing: all who fail anything, or have points set by hand.",
)  # fmt: skip
scheduler_option = click.option(
    "--scheduler", default=None, metavar="ADDRESS",
    help="Grade on the Dask cluster with this scheduler, such as tcp://10.0.0.1:8786.",
)  # fmt: skip


def setup_of(home: Path, seed: int, require: str) -> Setup:
    """Return the setup for graders of an assignment; the default assignment needs no folder.

    Args:
        home: the assignment folder.
        seed: the seed of all inputs.
        require: the minimum isolation; with less, nothing is run.
    """
    from grader.course.grading import Setup
    from grader.paths import HOMEWORK

    at_home = home.resolve() == HOMEWORK.resolve()
    return Setup("" if at_home else str(home.resolve()), seed, require)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[Graded], None]]:
    """Show how many are graded, how fast, and the time left: a bar, or lines in a pipe."""
    if sys.stderr.isatty():
        with _bar(total) as told:
            yield told
    else:
        with _lines(total) as told:
            yield told


def _faulty(graded: Graded) -> bool:
    from grader.verdict import Verdict

    verdicts = {result.verdict for result in graded.results.values()}
    return bool(graded.problem) or Verdict.HARNESS_FAULT in verdicts


def _said(counted: Counter[str]) -> str:
    faults = counted["faults"]
    return f"{faults} fault{'' if faults == 1 else 's'} of the grader" if faults else ""


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[Graded], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    counted: Counter[str] = Counter()
    start = time.monotonic()
    columns = (
        TextColumn("Grading"), BarColumn(30), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[said]}"),
    )  # fmt: skip
    terminal = Console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, speed_estimate_period=60) as bar:
        task = bar.add_task("", total=total, rate="", said="")

        def told(graded: Graded) -> None:
            counted["done"] += 1
            counted["faults"] += _faulty(graded)
            rate = counted["done"] / (time.monotonic() - start)
            bar.update(task, advance=1, rate=f"{rate:.2f}/s", said=_said(counted))

        yield told


@contextlib.contextmanager
def _lines(total: int) -> Iterator[Callable[[Graded], None]]:
    counted: Counter[str] = Counter()
    start = shown = time.monotonic()

    def told(graded: Graded) -> None:
        nonlocal shown
        now = time.monotonic()
        counted["done"] += 1
        counted["faults"] += _faulty(graded)
        if now - shown < _LINES and counted["done"] < total:
            return
        shown = now
        rate = counted["done"] / max(now - start, 0.001)
        left = (total - counted["done"]) / rate
        parts = [f"{counted['done']} of {total} graded", f"{rate:.2f} per second", _said(counted)]
        parts += [f"{left / 60:.0f} min left"] if left > 60 else []
        click.echo(", ".join(filter(None, parts)), err=True)

    yield told
