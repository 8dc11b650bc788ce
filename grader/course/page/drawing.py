"""The pictures of the class page that do not appear in a student's report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from grader.report.messages import WORDS
from grader.report.svg import Drawing, short
from grader.verdict import Verdict

from .statistics import Distribution, Item

# Pixels: the size of the histogram, and from its edges to the axes.
WIDTH, HEIGHT = 380.0, 232.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 22.0, 52.0
BINS = 20
# The parts of a stacked bar, from left to right; those of one color are adjacent.
ORDER = (
    *(Verdict.PASSED, Verdict.PARTLY, Verdict.FAILED, Verdict.RAISED, Verdict.TIMED_OUT),
    *(Verdict.CRASHED, Verdict.BLOCKED, Verdict.NOT_RUN, Verdict.NOT_IMPLEMENTED),
    Verdict.HARNESS_FAULT,
)
# The verdicts of a whole question, in words.
OF_QUESTION: Mapping[Verdict, str] = {
    Verdict.PASSED: "all points",
    Verdict.PARTLY: "some points",
    Verdict.FAILED: "no points",
}


def bins(scores: Sequence[float], maximum: float) -> list[tuple[float, float, int]]:
    """Return the bars of a histogram: from, to, and the number of scores in it.

    A bar includes its left end; the last one, both. Extra credit may exceed the maximum.
    """
    width = maximum / BINS or 1.0
    least, most = min([0.0, *scores]), max([maximum, *scores])
    first, last = math.floor(least / width), math.ceil(round(most / width, 9))
    counts = [0] * max(last - first, 1)
    for score in scores:
        place = math.floor(round(score / width, 9)) - first
        counts[min(place, len(counts) - 1)] += 1
    return [((first + i) * width, (first + i + 1) * width, count) for i, count in enumerate(counts)]


def histogram(scores: Distribution, maximum: float) -> Markup:
    """Draw how many students have which scores, with the quartiles below."""
    bars = bins(scores.scores, maximum)
    most = max([1, *(count for *_, count in bars)])
    said = (
        f"{scores.count} students: a quarter is below {short(scores.quantile(0.25))}, half below "
        f"{short(scores.quantile(0.5))}, three quarters below {short(scores.quantile(0.75))}."
    )
    picture = Drawing("scores", (WIDTH, HEIGHT), "Students by score", said)
    low, high, floor = bars[0][0], bars[-1][1], HEIGHT - BOTTOM

    def across(score: float) -> float:
        return LEFT + (score - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    for count in _ticks(most):
        y = floor - count / most * (floor - TOP)
        picture.add("line", "grid", x1=LEFT, y1=y, x2=WIDTH - RIGHT, y2=y)
        picture.write(str(count), LEFT - 6, y + 3.5, "tick", "end")
    for start, end, count in bars:
        height, about = count / most * (floor - TOP), f"{short(start)} to {short(end)}: {count}"
        box = {"x": across(start) + 0.75, "width": across(end) - across(start) - 1.5}
        picture.add("rect", "column", about, y=floor - height, height=height, **box)
    picture.add("line", "axis", x1=LEFT, y1=floor, x2=WIDTH - RIGHT, y2=floor)
    for part in range(5):
        score = maximum * part / 4
        picture.write(short(score), across(score), floor + 14, "tick")
    _quartiles(picture, [across(scores.quantile(share / 4)) for share in range(5)], floor + 26)
    picture.write("students", 0, 10, "label", "start")
    picture.write("score (box: the middle half)", (LEFT + WIDTH) / 2, HEIGHT - 4, "label")
    return picture.markup()


def _quartiles(picture: Drawing, at: Sequence[float], y: float) -> None:
    picture.add("line", "axis", x1=at[0], y1=y, x2=at[4], y2=y)
    box = {"x": at[1], "width": max(at[3] - at[1], 1.0), "y": y - 5, "height": 10}
    picture.add("rect", "middle", "the middle half of the class", **box)
    picture.add("line", "median", "the median", x1=at[2], y1=y - 8, x2=at[2], y2=y + 8)


def _ticks(most: int) -> list[int]:
    """Return a few round numbers up to the tallest bar."""
    powers = (factor * 10**power for power in range(9) for factor in (1, 2, 5))
    step = next(one for one in powers if one * 5 >= most)
    return list(range(step, most + 1, step))


def stacked(item: Item) -> list[tuple[str, str, float, float, int]]:
    """Return the parts of a bar: class, word, its start and width in percent, count."""
    words, begin, parts = WORDS if item.check else OF_QUESTION, 0.0, []
    for verdict in ORDER:
        count = item.verdicts.get(verdict, 0)
        if count:
            width = 100 * count / item.count
            word = words[verdict]
            parts.append((verdict.value, word, round(begin, 2), round(width, 2), count))
            begin += width
    return parts
