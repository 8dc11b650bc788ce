"""The statistics of a class: how scores are distributed, and how every question and check went.

The distribution of scores counts each student once. Questions and checks count each submission,
with a group as one; superseded submissions are not counted.
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

# Minimum number of submissions to report a correlation: two points always lie on a line.
LEAST = 3


@dataclass(frozen=True)
class Distribution:
    """The scores of all students who have a complete grade.

    Args:
        scores: theirs, the lowest first, extra credit included.
        extra: the mean extra credit in them; 0 if there is no score.
        without: how many students have no complete grade, by reason, the most common first.
    """

    scores: tuple[float, ...]
    extra: float
    without: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """Return how many students have a complete grade."""
        return len(self.scores)

    @property
    def mean(self) -> float:
        """Return the mean score; NaN if there is none."""
        return float(np.mean(self.scores)) if self.scores else float("nan")

    @property
    def deviation(self) -> float:
        """Return the standard deviation, dividing by n since these scores are the whole class."""
        return float(np.std(self.scores)) if self.scores else float("nan")

    def quantile(self, share: float) -> float:
        """Return the quantile of the scores for a share, with linear interpolation."""
        return _quantile(self.scores, share)


@dataclass(frozen=True)
class Item:
    """How a question, or one check of it, went.

    Args:
        question: its number.
        target: the check's target; "" for a question.
        check: its name; "" for a question.
        points: the maximum; 0 where there is only a report.
        extra: whether they are extra credit.
        verdicts: how many submissions have each verdict; for a question, "passed" means all points,
            "failed" none, and "partly" some.
        mean: share of the points that was earned, or of the cases that passed if it has no points.
        correlation: that of its share with the score of all other questions and checks; None if all
            submissions have the same share, or there are too few of them.
        is_binary: whether its share is always all or nothing: then this is the point-biserial
            correlation, otherwise Pearson's, of which it is a special case.
        median: seconds that it took; a result shared by several submissions counts once.
        late: the 90th percentile of those seconds.
        checks: those of a question.
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
        "SELECT score, extra, status, entry FROM grades LEFT JOIN submissions ON id = submission "
        "WHERE grades.run = ?",
        run,
    )
    graded = [row for row in rows if row["status"] == GRADED]
    scores = sorted(row["score"] for row in graded)
    extra = float(np.mean([row["extra"] or 0.0 for row in graded])) if graded else 0.0
    others = (reason(row["status"], row["entry"]) for row in rows if row["status"] != GRADED)
    return Distribution(tuple(scores), extra, tuple(Counter(others).most_common()))


def reason(status: str, entry: str | None) -> str:
    """Return why there is no complete grade, without the submission's name, for counting."""
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
    # Submissions that share all results were timed once.
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
    """Return Pearson's correlation; None if either variable is constant."""
    pairs = np.array([list(x), list(y)], float)
    if pairs.shape[1] < LEAST:
        return None
    pairs -= pairs.mean(axis=1, keepdims=True)
    spread = np.sqrt((pairs**2).sum(axis=1))
    # Rounding errors among equal numbers are not variance.
    if (spread <= 1e-9 * max(1.0, float(np.abs(pairs).max(initial=0.0)))).any():
        return None
    return float(np.clip(pairs[0] @ pairs[1] / (spread[0] * spread[1]), -1.0, 1.0))


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")
