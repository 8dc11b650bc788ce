"""The numbers of a class: how scores are distributed, and how every question and check went.

A student counts once in the distribution of scores. A submission counts once in what is said of
questions and checks: a group is one submission there, and what was handed in before is none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grader.course.grading.scoring import GRADED
from grader.course.store import Store
from grader.verdict import Verdict

# Submissions from which on a correlation is said: two always lie on a line.
LEAST = 3


@dataclass(frozen=True)
class Distribution:
    """The scores of all students who have a whole grade.

    Args:
        scores: of them, the lowest first.
        without: how many students have no whole grade, by the reason, the most common first.
    """

    scores: tuple[float, ...]
    without: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """Return how many students have a whole grade."""
        return len(self.scores)

    @property
    def mean(self) -> float:
        """Return the mean score; NaN if there is none."""
        return float(np.mean(self.scores)) if self.scores else float("nan")

    @property
    def deviation(self) -> float:
        """Return the standard deviation of these scores, divided by n: they are the whole class."""
        return float(np.std(self.scores)) if self.scores else float("nan")

    def quantile(self, share: float) -> float:
        """Return the score that a share of them lie below, between two by a straight line."""
        return _quantile(self.scores, share)


@dataclass(frozen=True)
class Item:
    """What became of a question, or of one check of it.

    Args:
        question: its number.
        target: of a check; "" for a question.
        check: the same.
        points: that can be had; 0 where only a report is given.
        extra: whether they are extra credit.
        verdicts: how many submissions have each verdict; of a question, "passed" is all points,
            "failed" none, and "partly" some.
        mean: share of the points that was earned, or of the cases that passed where it has none.
        correlation: of its share with the score of all other questions and checks; None where
            all submissions have the same, or too few are there.
        is_binary: whether its share is all or nothing everywhere: then that is the point-biserial
            correlation, else Pearson's, of which it is a special case.
        median: seconds that it took; a result that several submissions share is one.
        late: seconds that nine in ten took at most.
        checks: of a question.
    """

    question: str
    target: str
    check: str
    points: float
    extra: bool
    verdicts: Mapping[Verdict, int]
    mean: float
    correlation: float | None
    is_binary: bool
    median: float
    late: float
    checks: tuple[Item, ...] = ()

    @property
    def count(self) -> int:
        """Return how many submissions have it."""
        return sum(self.verdicts.values())


def distribution(store: Store, run: int) -> Distribution:
    """Return the scores of a run's students, and why others have none."""
    rows = store.rows(
        "SELECT score, status, entry FROM grades LEFT JOIN submissions ON id = submission "
        "WHERE grades.run = ?",
        run,
    )
    scores = sorted(row["score"] for row in rows if row["status"] == GRADED)
    others = (reason(row["status"], row["entry"]) for row in rows if row["status"] != GRADED)
    return Distribution(tuple(scores), tuple(Counter(others).most_common()))


def reason(status: str, entry: str | None) -> str:
    """Return why there is no whole grade, without the name of the submission: to be counted."""
    whole = rf"(?<![\w.-]){re.escape(entry or '')}(?![\w-])"
    return re.sub(whole, "the submission", status, count=1) if entry else status


def questions(store: Store, run: int) -> list[Item]:
    """Return how every question went, in the order of the report, each with its checks."""
    lines = _lines(store, run)
    totals: dict[int, float] = defaultdict(float)
    for line in lines:
        totals[line.submission] += line.score
    by_question: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        by_question[line.question].append(line)
    return [_question(found, totals) for found in by_question.values()]


class _Line(NamedTuple):
    """A row of `lines`, with the share and the seconds of its result."""

    submission: int
    question: str
    target: str
    check: str
    score: float
    points: float
    extra: int
    verdict: str
    result: int | None
    share: float | None
    seconds: float | None

    @property
    def earned(self) -> float:
        """Return the share that was earned."""
        return self.score / self.points if self.points else self.share or 0.0


def _lines(store: Store, run: int) -> list[_Line]:
    rows = store.connection.execute(
        'SELECT submission, question, lines.target, lines."check", score, points, extra, '
        "lines.verdict, result, share, seconds "
        "FROM lines LEFT JOIN results ON results.id = result "
        "WHERE lines.run = ?1 AND submission IN (SELECT submission FROM grades WHERE run = ?1) "
        "ORDER BY position, submission",
        (run,),
    )
    return [_Line(*row) for row in rows]


def _question(lines: Sequence[_Line], totals: Mapping[int, float]) -> Item:
    by_check: dict[tuple[str, str], list[_Line]] = defaultdict(list)
    for line in lines:
        by_check[line.target, line.check].append(line)
    checks = tuple(_check(found, totals) for found in by_check.values())
    points = round(sum(check.points for check in checks), 2)
    scores: dict[int, float] = defaultdict(float)
    times: dict[int, dict[int, float]] = defaultdict(dict)
    for line in lines:
        scores[line.submission] += line.score
        if line.result is not None and line.seconds is not None:
            times[line.submission][line.result] = line.seconds
    shares = {one: round(score / points, 6) if points else 0.0 for one, score in scores.items()}
    # Submissions that share all results took their time once.
    together = {tuple(sorted(found)): sum(found.values()) for found in times.values()}
    verdicts = Counter(_of_share(share) for share in shares.values())
    extra = any(check.extra for check in checks)
    return _item(
        (lines[0].question, "", "", points, extra), verdicts, shares, scores, totals,
        list(together.values()), checks,
    )  # fmt: skip


def _of_share(share: float) -> Verdict:
    return Verdict.PASSED if share >= 1 else Verdict.FAILED if share <= 0 else Verdict.PARTLY


def _check(lines: Sequence[_Line], totals: Mapping[int, float]) -> Item:
    first = lines[0]
    shares = {line.submission: line.earned for line in lines}
    scores = {line.submission: line.score for line in lines}
    times = {line.result: line.seconds for line in lines if line.seconds is not None}
    verdicts = Counter(Verdict(line.verdict) for line in lines)
    name = (first.question, first.target, first.check, first.points, bool(first.extra))
    return _item(name, verdicts, shares, scores, totals, list(times.values()))


def _item(
    name: tuple[str, str, str, float, bool],
    verdicts: Mapping[Verdict, int],
    shares: Mapping[int, float],
    scores: Mapping[int, float],
    totals: Mapping[int, float],
    seconds: Sequence[float],
    checks: tuple[Item, ...] = (),
) -> Item:
    rest = [totals[one] - scores[one] for one in shares]
    values = list(shares.values())
    return Item(
        *name,
        verdicts,
        float(np.mean(values)),
        correlation(values, rest),
        set(values) <= {0.0, 1.0},
        _quantile(seconds, 0.5),
        _quantile(seconds, 0.9),
        checks,
    )


def correlation(x: Iterable[float], y: Iterable[float]) -> float | None:
    """Return Pearson's correlation; None where one of both is the same everywhere."""
    pairs = np.array([list(x), list(y)], float)
    if pairs.shape[1] < LEAST:
        return None
    pairs -= pairs.mean(axis=1, keepdims=True)
    spread = np.sqrt((pairs**2).sum(axis=1))
    # What rounding leaves of equal numbers is no spread.
    if (spread <= 1e-9 * max(1.0, float(np.abs(pairs).max(initial=0.0)))).any():
        return None
    return float(np.clip(pairs[0] @ pairs[1] / (spread[0] * spread[1]), -1.0, 1.0))


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")
