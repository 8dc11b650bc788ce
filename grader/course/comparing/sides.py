"""One side of a comparison: the points in a run of a store, or in a results.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course.store import Run, Store, opened
from grader.errors import UsageError, refusals
from grader.verdict import Verdict

# Maximum size of a results.json in bytes; ours are around 0.1 MB.
_MOST = 20_000_000


@dataclass(frozen=True)
class Scored:
    """A line of a report, reduced to what is compared.

    Args:
        question: its number.
        target: such as "activations.ReLU".
        check: the name of the check.
        score: the points earned.
        points: the maximum; None if unknown.
        verdict: as a word.
        diagnosis: the named mistake; "" if there is none.
        share: the share of the points, before any are withheld; None if unknown.
        result: its id in the store; None if unknown.
        contents: the hash of what was graded; None if unknown.
    """

    question: str
    target: str
    check: str
    score: float
    points: float | None = None
    verdict: str = ""
    diagnosis: str = ""
    share: float | None = None
    result: int | None = None
    contents: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what identifies this line on both sides."""
        return self.question, self.target, self.check


@dataclass(frozen=True)
class Given:
    """Points for a question that were given by hand."""

    points: float
    instead_of: float
    reason: str


@dataclass(frozen=True)
class Standing:
    """One student's standing.

    Args:
        name: the student's name.
        score: all points; None if there is no grade.
        status: "graded", or why there is no grade.
        lines: the lines of the report.
        by_hand: what was given, by question; "" for points that are in no line.
    """

    name: str
    score: float | None
    status: str
    lines: Sequence[Scored] = ()
    by_hand: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        name: a readable name for it.
        standings: by student id; for a results.json, the only id is "".
        store: identifies the store that the result ids refer to; "" for a results.json.
    """

    name: str
    standings: Mapping[str, Standing]
    store: str = ""


def side_of(text: str, folder: Path) -> Side:
    """Return the side that the user's text refers to.

    Args:
        text: the number of a run of the class in `folder`, a results.json, or a class folder or
            store, which stands for its latest finished run.
        folder: the class folder.

    Raises:
        UsageError: there is no such thing.
    """
    path = Path(text)
    if text.isascii() and text.isdigit():
        with opened(folder) as connection:
            return _numbered(Store(connection), int(text), folder)
    if path.suffix == ".json":
        return side_of_results(path)
    with opened(path) as connection:
        store = Store(connection)
        ended = [run for run in store.runs() if run.ended]
        if not ended:
            raise UsageError(f"No run of {path} has finished.")
        return side_of_run(store, ended[-1])


def _numbered(store: Store, number: int, folder: Path) -> Side:
    runs = {run.id: run for run in store.runs()}
    if number not in runs:
        known = ", ".join(map(str, runs)) or "none"
        raise UsageError(f"There is no run {number} in {folder}. Available: {known}.")
    if not runs[number].ended:
        raise UsageError(f"Run {number} has not finished; the same command continues it.")
    return side_of_run(store, runs[number])


def side_of_run(store: Store, run: Run) -> Side:
    """Return what a run says about all students."""
    lines, by_hand = _lines(store, run), _by_hand(store, run)
    query = (
        "SELECT student, name, submission, score, status FROM grades "
        "JOIN students ON id = student WHERE grades.run = ? ORDER BY student"
    )
    standings = {}
    for student, name, submission, score, status in store.rows(query, run.id):
        own = lines.get(submission, ()) if score is not None else ()
        standings[student] = Standing(name, score, status, own, by_hand.get(student, {}))
    (file,) = [row["file"] for row in store.rows("PRAGMA database_list") if row["name"] == "main"]
    return Side(f"run {run.id} of {run.started}", standings, file)


def _lines(store: Store, run: Run) -> dict[int, list[Scored]]:
    """Return the lines of every submission; what was graded is known from the results."""
    query = (
        'SELECT submission, question, lines.target, lines."check", score, points, lines.verdict, '
        "diagnosis, share, result, contents FROM lines LEFT JOIN results ON results.id = result "
        "WHERE lines.run = ? ORDER BY submission, position"
    )
    found: dict[int, list[Scored]] = {}
    for submission, *values in store.rows(query, run.id):
        values[6] = values[6] or ""  # no result means no diagnosis
        found.setdefault(submission, []).append(Scored(*values))
    return found


def _by_hand(store: Store, run: Run) -> dict[str, dict[str, Given]]:
    query = "SELECT student, question, points, instead_of, reason FROM overrides WHERE run = ?"
    found: dict[str, dict[str, Given]] = {}
    for student, question, *values in store.rows(query, run.id):
        found.setdefault(student, {})[question] = Given(*values)
    return found


def side_of_results(path: Path) -> Side:
    """Return what a results.json of this grader says about its one submission.

    Raises:
        UsageError: it is not a results.json of this grader.
    """
    with refusals(f"{path} cannot be read"), path.open("rb") as file:
        content = file.read(_MOST + 1)
    try:
        value = json.loads(content)
        lines = [_scored(test) for test in value["tests"]]
        score = _finite(value["score"])
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise UsageError(f"{path} is not this grader's results.json.") from None
    rest = round(score - sum(line.score for line in lines), 2)
    by_hand = {"": Given(rest, 0.0, "")} if rest else {}
    return Side(str(path), {"": Standing("", score, "graded", lines, by_hand)})


def _scored(test: Mapping[str, Any]) -> Scored:
    extra = test["extra_data"]
    question, target, check = (str(x) for x in (test["number"], extra["target"], extra["check"]))
    score, most = _finite(test["score"]), _finite(test["max_score"])
    points = None if "extra credit" in test["tags"] else most
    verdict, diagnosis = str(extra["verdict"]), str(extra["diagnosis"] or "")
    share = 1.0 if verdict == Verdict.PASSED.value else None
    return Scored(question, target, check, score, points, verdict, diagnosis, share)


def _finite(value: Any) -> float:
    """Return a number; ValueError if it is not a number, or not finite."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number
