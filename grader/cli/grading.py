"""What `grade` and `watch` share: an order, and writing the results."""

from __future__ import annotations

import contextlib
import itertools
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError

from .options import submission_or_stubs

if TYPE_CHECKING:
    from grader.answers import Oracle
    from grader.assignment import Assignment
    from grader.judging import Grade
    from grader.launching import Starter


@dataclass(frozen=True)
class Order:
    """What to grade, and how; the options of `grade` explain each field."""

    home: Path
    submission: Path | None
    out: Path
    only: tuple[str, ...]
    seed: int | None
    oracle: str
    deadline: float
    require: str
    html: Path | None


def grade_order(workers: Starter, assignment: Assignment, order: Order) -> Grade:
    """Grade, after writing results that say "did not finish" in case this process is killed."""
    from grader.answers import choose
    from grader.assignment import given_files
    from grader.limits import Limits
    from grader.running import UNFINISHED, grade, not_run
    from grader.submission import find

    targets = assignment.find_targets(order.only)
    write(order, not_run(assignment, UNFINISHED, targets=targets))
    answers = choose(assignment, order.oracle)
    given_files(assignment)  # otherwise a missing module would count as the autograder's failure
    folder = submission_or_stubs(order.submission, assignment)
    found = find(folder, assignment)
    seed = seed_of(order, answers)
    with _progress(sum(len(target.points) for target in targets)) as advance:
        return grade(
            assignment,
            found,
            answers,
            targets,
            seed,
            Limits(run=order.deadline),
            progress=advance,
            workers=workers,
            require=order.require,
            pictures=order.html is not None,
        )


def seed_of(order: Order, answers: Oracle) -> int:
    """Return the seed of an order, or the default of the oracle that grades it."""
    seed = answers.default_seed() if order.seed is None else order.seed
    answers.accept(seed)
    return seed


def to_repeat(seed: int, oracle: str) -> str:
    """Return what course staff need to draw the same inputs again; "" for recorded answers."""
    return f"To repeat with the same inputs: --seed {seed}" if oracle == "live" else ""


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal while `count` checks are graded, and remove it at the end."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}"))
    terminal = Console(file=sys.stderr)  # the current stderr: pytest's own output goes elsewhere
    with Progress(*columns, console=terminal, transient=True) as bar:
        task, done = bar.add_task("", total=count), itertools.count()
        yield lambda text: bar.update(task, description=text, completed=next(done))


def write_failure(order: Order, assignment: Assignment, error: Exception) -> None:
    """Write results that say why there is no grade, so that no older ones pass for this grade."""
    from grader.running import failed, not_run

    if isinstance(error, UsageError):
        write(order, not_run(assignment, str(error)))
    else:
        why = "".join(traceback.format_exception(error, limit=-3))
        write(order, failed(assignment, why))


def write(order: Order, graded: Grade) -> str:
    """Write the results, then the page if requested; return what went wrong, and why."""
    from grader.report import gradescope

    try:
        gradescope.write(order.out, gradescope.results(graded.student_view))
    except OSError as error:
        return f"The results could not be written to {order.out}: {error.strerror or error}"
    return "" if order.html is None else _write_page(order.html, graded)


def _write_page(path: Path, graded: Grade) -> str:
    from grader.files import replace_text
    from grader.report import html

    try:
        replace_text(path, html.render(graded.student_view, when=datetime.now().astimezone()))
    except OSError as error:
        return f"The report could not be written to {path}: {error.strerror or error}"
    except Exception:  # noqa: BLE001 - a bug of ours in a picture must not cost the grade
        return f"The report could not be made:\n{traceback.format_exc().rstrip()}"
    return ""
