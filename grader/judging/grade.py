"""What a graded submission got: a line for every check, their points, and a round of several."""

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

    `withheld` is what the rubric takes of the points while the question has a loop.
    """

    target: Target
    check: str
    result: CheckResult
    withheld: float = 0.0

    @property
    def points(self) -> float:
        """Return the points that can be had."""
        return self.target.points[self.check]

    @property
    def score(self) -> float:
        """Return the points that were earned, in hundredths."""
        return round(round(self.points * self.result.share, 2) - self.withheld, 2) + 0.0  # no "-0"


def lines_of(
    targets: Sequence[Target], results: Mapping[str, CheckResult], lost: CheckResult
) -> tuple[Line, ...]:
    """Return a line for every row of the rubric.

    Args:
        targets: the rows.
        results: by the names of target and check, as "activations.ReLU-values".
        lost: what lines without a result get.
    """
    lines = [
        Line(target, check, results.get(f"{target.name}-{check}", lost))
        for target in targets
        for check in target.points
    ]
    return compared(capped(lines))


CAPPED = (
    "While this is so, the question earns at most {most:g} of its {total:g} points: {withheld:g} "
    "points are withheld."
)
WITHHELD = "{withheld:g} points of this check are withheld: the question has a loop, see batching."


def capped(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines of which those of a question with a loop earn no more than the rubric says."""
    found: list[Line] = []
    for _, group in groupby(lines, key=lambda line: line.target.name):
        found += _capped_question(list(group))
    return tuple(found)


CODE_WRONG = "Your derivation of this gradient is right, and your code is not: compare the two."
FORMULA_WRONG = (
    "Your code computes this gradient right, and your formula does not: compare the two."
)


def compared(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines that say of a wrong gradient, or a wrong formula, that the other one is right.

    While values are wrong, nothing is said of the gradient: it may be right for these. A line that
    students do not see says nothing in those that they see.
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
    """Return the name of what a formula of a case derives: "dX" of "dX of shape (4, 3)"."""
    return case.name.partition(" ")[0].rstrip(",")


def _wrong(line: Line) -> set[str]:
    """Return what is wrong in most cases, not in special ones: "dX", or "" where there is but one.

    Of gradients["W"] that is "dW". A formula is asked for nothing special.
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
    """Points of a question that the course staff gave by hand.

    Args:
        question: its number.
        points: that count.
        instead_of: what the grader gave.
        reason: why.
    """

    question: str
    points: float
    instead_of: float
    reason: str

    def __str__(self) -> str:
        """Return it as reports say it."""
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
    # Of lines that were graded and are left out of this view; extra credit apart.
    hidden_points: float = 0.0
    overrides: tuple[Override, ...] = ()

    @property
    def score(self) -> float:
        """Return all points, extra credit and what was given by hand included."""
        by_hand = sum(one.points - one.instead_of for one in self.overrides)
        return round(sum(line.score for line in self.lines) + by_hand, 2)

    @property
    def extra(self) -> float:
        """Return the points of extra credit, what was given by hand included."""
        questions = {line.target.question for line in self.lines if line.target.extra}
        by_hand = (x.points - x.instead_of for x in self.overrides if x.question in questions)
        earned = sum(line.score for line in self.lines if line.target.extra)
        return round(earned + sum(by_hand), 2)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what there is to say of all of it: what was graded, and what was given by hand."""
        return (*self.submission.remarks, *map(str, self.overrides))

    @property
    def maximum(self) -> float:
        """Return the points of all lines that are not extra credit."""
        return round(sum(line.points for line in self.lines if not line.target.extra), 2)

    @property
    def is_whole(self) -> bool:
        """Tell whether every question of the assignment is among the lines."""
        return round(self.maximum + self.hidden_points, 2) == self.assignment.total

    @property
    def student_view(self) -> Grade:
        """Return what students see: all lines where the answers are recorded, but hidden ones."""
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
class Round:
    """What came of a change of the files.

    Args:
        files: that were changed; none in the first round.
        part: the lines that were graded anew and count.
        whole: all lines, those of earlier rounds included.
        before: the points of every target before this round, by name, as students see them.
        remarks: why the last lines of some targets were kept.
    """

    files: tuple[str, ...]
    part: Grade
    whole: Grade
    before: Mapping[str, float]
    remarks: tuple[str, ...] = ()
