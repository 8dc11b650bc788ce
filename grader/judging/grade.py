"""What a graded submission earned: a line for every check, its points, and reruns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from grader.assignment import Assignment, Target
from grader.limits import Isolation
from grader.submission import Submission
from grader.verdict import CaseResult, CheckResult, Verdict

from .elements import NO_NUMBER


@dataclass(frozen=True)
class Line:
    """One line of the report: a check of a target, its outcome, and its points.

    `withheld` is the part of the points that the rubric withholds while the question has a loop.
    """

    target: Target
    check: str
    result: CheckResult
    withheld: float = 0.0

    @property
    def points(self) -> float:
        """Return the maximum points of the line."""
        return self.target.points[self.check]

    @property
    def score(self) -> float:
        """Return the points that were earned, rounded to hundredths."""
        return round(round(self.points * self.result.share, 2) - self.withheld, 2) + 0.0  # no "-0"


def lines_of(
    targets: Sequence[Target], results: Mapping[str, CheckResult], lost: CheckResult
) -> tuple[Line, ...]:
    """Return a line for every row of the rubric.

    Args:
        targets: the rows.
        results: keyed by target and check, such as "activations.ReLU-values".
        lost: the result for lines that have none.
    """
    lines = [
        Line(target, check, results.get(f"{target.name}-{check}", lost))
        for target in targets
        for check in target.points
    ]
    return compared(capped(lines))


CAPPED = (
    "Until this is fixed, the question earns at most {most:g} of its {total:g} points: "
    "{withheld:g} points are withheld."
)
WITHHELD = "{withheld:g} points of this check are withheld: your code has a loop; see batching."


def capped(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines, with the points of questions that contain a loop capped by the rubric."""
    found: list[Line] = []
    for _, group in groupby(lines, key=lambda line: line.target.name):
        found += _capped_question(list(group))
    return tuple(found)


CODE_WRONG = "Your derivation of this gradient is right, but your code is not: compare the two."
FORMULA_WRONG = "Your code gets this gradient right, but your formula does not: compare the two."


def compared(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines; if a gradient or a formula is wrong but its counterpart is right, say so.

    While values are wrong, nothing is said about the gradient: it may be right for those values.
    A line that students do not see adds nothing to those that they do.
    """
    seen = [line for line in lines if line.target.visibility_of(line.check) == "visible"]
    derived = {line.target.question: line for line in seen if line.target.is_derivation}
    coded = {
        (line.target.question, line.check): line
        for line in seen
        if line.target.is_class and line.check in ("values", "gradient")
    }
    return tuple(_compared(line, coded, derived) for line in lines)


def _compared(
    line: Line, coded: Mapping[tuple[str, str], Line], derived: Mapping[str, Line]
) -> Line:
    question, said = line.target.question, ""
    formula, code = derived.get(question), coded.get((question, "gradient"))
    if formula is not None and code is not None and (line is formula or line is code):
        wrong, other = _wrong(line), code if line is formula else formula
        values = coded.get((question, "values"))
        may_be_said = line is formula or (
            (values is None or values.result.verdict is Verdict.PASSED)
            and not wrong.isdisjoint({"", *map(_derived, formula.result.cases)})
        )
        if wrong and may_be_said and other.result.verdict is Verdict.PASSED:
            said = FORMULA_WRONG if line is formula else CODE_WRONG
    if said == line.result.compared:
        return line
    return replace(line, result=replace(line.result, compared=said))


def _derived(case: CaseResult) -> str:
    """Return the name of what a case's formula derives: "dX" for "dX of shape (4, 3)"."""
    return case.name.partition(" ")[0].rstrip(",")


def _wrong(line: Line) -> set[str]:
    """Return what is wrong in general, not only in special cases: "dX", or "" if there is only one.

    For gradients["W"] that is "dW". Formulas have no special cases.
    """
    results: dict[str, list[bool]] = {}
    for case in line.result.cases:
        name = case.name.rpartition(": ")[2] if ": " in case.name else ""
        name = re.sub(r"^gradients\['(\w+)'\]", r"d\1", name)
        wrong = case.verdict is Verdict.FAILED and NO_NUMBER not in case.message
        results.setdefault(name, []).append(wrong)
    least = 0.0 if line.target.is_derivation else 0.5
    return {name for name, wrong in results.items() if sum(wrong) > least * len(wrong)}


def _capped_question(lines: list[Line]) -> Iterator[Line]:
    target, earned = lines[0].target, round(sum(line.score for line in lines), 2)
    most = round(target.loop_cap * target.total, 2)
    has_loop = any(line.check == "batching" and line.result.failed for line in lines)
    left = excess = round(earned - most, 2)
    if not has_loop or excess <= 0:
        yield from lines
        return
    for line in lines:
        taken = round(left * line.score / earned, 2) if earned else 0.0
        left, earned = round(left - taken, 2), round(earned - line.score, 2)
        said = CAPPED.format(most=most, total=target.total, withheld=excess)
        if line.check != "batching":
            said = WITHHELD.format(withheld=taken) if taken else ""
        yield replace(line, result=line.result.with_remark(said), withheld=taken)


@dataclass(frozen=True)
class Override:
    """Points for a question that the course staff set by hand.

    Args:
        question: its number.
        points: the points that count.
        instead_of: the points that the grader gave.
        reason: why they were changed.
    """

    question: str
    points: float
    instead_of: float
    reason: str

    def __str__(self) -> str:
        """Return it as it appears in reports."""
        why = f": {self.reason}" if self.reason else ""
        return (
            f"Question {self.question}: the course staff gave {self.points:g} points instead of "
            f"{self.instead_of:g}{why}"
        )


@dataclass(frozen=True)
class Grade:
    """All lines of a graded submission."""

    assignment: Assignment
    lines: tuple[Line, ...]
    seed: int
    oracle: str
    seconds: float
    submission: Submission
    isolation: Isolation | None = None
    # Points of lines that were graded but are left out of this view, excluding extra credit.
    hidden_points: float = 0.0
    overrides: tuple[Override, ...] = ()

    @property
    def score(self) -> float:
        """Return all points, including extra credit and points set by hand."""
        by_hand = sum(one.points - one.instead_of for one in self.overrides)
        return round(sum(line.score for line in self.lines) + by_hand, 2)

    @property
    def extra(self) -> float:
        """Return the points of extra credit, including points set by hand."""
        questions = {line.target.question for line in self.lines if line.target.extra}
        by_hand = (x.points - x.instead_of for x in self.overrides if x.question in questions)
        earned = sum(line.score for line in self.lines if line.target.extra)
        return round(earned + sum(by_hand), 2)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return the remarks about the whole grade: what was graded, and what was set by hand."""
        return (*self.submission.remarks, *map(str, self.overrides))

    @property
    def maximum(self) -> float:
        """Return the maximum points of all lines that are not extra credit."""
        return round(sum(line.points for line in self.lines if not line.target.extra), 2)

    @property
    def is_whole(self) -> bool:
        """Tell whether every question of the assignment is among the lines."""
        return round(self.maximum + self.hidden_points, 2) == self.assignment.total

    @property
    def student_view(self) -> Grade:
        """Return what students see: if the answers are recorded, all lines except hidden ones."""
        if self.oracle == "live":
            return self
        seen = tuple(x for x in self.lines if x.target.visibility_of(x.check) == "visible")
        view = replace(self, lines=seen)
        hidden = round(self.maximum - view.maximum, 2)
        return replace(view, hidden_points=self.hidden_points + hidden)

    @property
    def faults(self) -> tuple[Line, ...]:
        """Return the lines on which the harness itself failed."""
        return tuple(x for x in self.lines if x.result.verdict is Verdict.HARNESS_FAULT)


@dataclass(frozen=True)
class Rerun:
    """The outcome of a change to the files.

    Args:
        files: the files that were changed; none in the first run.
        part: the lines that were graded again and count.
        whole: all lines, including those of earlier runs.
        before: the points of every target before this rerun, by name, as students see them.
        remarks: why the previous lines of some targets were kept.
    """

    files: tuple[str, ...]
    part: Grade
    whole: Grade
    before: Mapping[str, float]
    remarks: tuple[str, ...] = ()
