"""What reports show for a question and each of its checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from grader.assignment import CHECKS, Target
from grader.judging import Grade, Line
from grader.verdict import CaseResult, Verdict

from .messages import WORDS, Account, account

if TYPE_CHECKING:
    from .figures import Figure

# Returns the pictures of a line, given its anchor on the page.
Draw = Callable[[Line, str], "tuple[Figure, ...]"]
HIDDEN = "Left out, because what happened here is not shown to students ({seen})."


@dataclass(frozen=True)
class CheckView:
    """One check as the page shows it.

    Args:
        line: what was graded.
        key: its anchor on the page.
        said: what to say about it; None for a line that students do not see.
        figures: the pictures.
    """

    line: Line
    key: str
    said: Account | None
    figures: tuple[Figure, ...]

    @property
    def verdict(self) -> Verdict:
        """Return its verdict."""
        return self.line.result.verdict

    @property
    def asks(self) -> str:
        """Return what the check tests."""
        return CHECKS.get(self.line.check, self.line.check)

    @property
    def hidden(self) -> str:
        """Say that students do not see this line; "" if they do."""
        seen = self.line.target.visibility_of(self.line.check).replace("_", " ")
        return "" if self.said is not None else HIDDEN.format(seen=seen)

    @property
    def waits(self) -> bool:
        """Tell whether all missing points wait for something that is reported elsewhere."""
        missing = {case.verdict for case in self.line.result.cases} - {Verdict.PASSED}
        return missing == {Verdict.BLOCKED}

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        """Return its cases, if there are several and students see them."""
        cases = self.line.result.cases
        return cases if self.said is not None and len(cases) > 1 else ()

    @property
    def lost(self) -> float:
        """Return the points lost."""
        return round(self.line.points - self.line.score, 2)


@dataclass(frozen=True)
class QuestionView:
    """One target as the page shows it; `common` is what applies to all its checks."""

    target: Target
    key: str
    checks: tuple[CheckView, ...]
    common: Account | None

    @property
    def score(self) -> float:
        """Return the points earned."""
        return round(sum(check.line.score for check in self.checks), 2)

    @property
    def points(self) -> float:
        """Return the maximum points."""
        return round(sum(check.line.points for check in self.checks), 2)

    @property
    def open(self) -> bool:
        """Tell whether it is initially expanded: if its checks differ and one needs work."""
        if self.common is not None:
            return False
        return any(check.verdict is not Verdict.PASSED and not check.waits for check in self.checks)

    @property
    def state(self) -> str:
        """Say how many checks passed."""
        verdicts = [check.verdict for check in self.checks]
        if len(set(verdicts)) == 1 and verdicts[0] is not Verdict.PARTLY:
            word = WORDS[verdicts[0]]
            return f"all {word}" if len(verdicts) > 1 and verdicts[0] is Verdict.PASSED else word
        return f"{verdicts.count(Verdict.PASSED)} of {len(verdicts)} checks passed"


def views_of(grade: Grade, draw: Draw = lambda *_: ()) -> list[QuestionView]:
    """Return what a report shows for every question in a grade.

    Args:
        grade: the grade.
        draw: makes the pictures, for a page that has any.
    """
    groups = groupby(grade.lines, lambda line: line.target.name)
    return [_question(list(lines), draw) for _, lines in groups]


def _question(lines: Sequence[Line], draw: Draw) -> QuestionView:
    target = lines[0].target
    key = f"q{re.sub('[^a-z0-9]+', '-', target.name.lower())}"
    checks = tuple(_check(line, f"{key}-{line.check}", draw) for line in lines)
    return QuestionView(target, key, checks, _same_for_all(checks) or _nothing_there(checks))


def _same_for_all(checks: Sequence[CheckView]) -> Account | None:
    """Return what to say about several checks, if it is the same for all."""
    first = checks[0].said
    same = all(check.said == first for check in checks) and len(checks) > 1
    return first if same and checks[0].verdict is not Verdict.PASSED else None


def _nothing_there(checks: Sequence[CheckView]) -> Account | None:
    """Return a single message about what is missing, for a question with nothing implemented."""
    said = [check.said for check in checks if check.verdict is Verdict.NOT_IMPLEMENTED]
    if len(said) < len(checks) or not all(said):
        return None
    messages = [case.message for check in checks for case in check.line.result.cases]
    return Account((), tuple(dict.fromkeys(messages)), "", "", (), (), "")


def _check(line: Line, key: str, draw: Draw) -> CheckView:
    if line.target.visibility_of(line.check) != "visible":
        return CheckView(line, key, None, ())
    return CheckView(line, key, account(line.result), draw(line, key))
