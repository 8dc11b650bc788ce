"""What needs work, as every report lists it: one item per cause, in the order to fix them.

Causes that stop several questions come first, then the questions in the order of the rubric, in
which a class comes before those built on it; what costs no points comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from grader.assignment import Target
from grader.judging import Grade
from grader.verdict import Verdict

from .cleaning import clean
from .messages import Account, about, places
from .views import CheckView, QuestionView, views_of

# If one cause fails several checks, report the first of these verdicts.
ORDER = (
    Verdict.HARNESS_FAULT,
    Verdict.NOT_IMPLEMENTED,
    Verdict.FAILED,
    Verdict.RAISED,
    Verdict.TIMED_OUT,
    Verdict.CRASHED,
    Verdict.PARTLY,
    Verdict.BLOCKED,
    Verdict.NOT_RUN,
)
# For example, a file that cannot be imported.
STOPPING = (Verdict.RAISED, Verdict.TIMED_OUT, Verdict.CRASHED)
# Nothing that a student could fix.
_NOT_THEIRS = (Verdict.HARNESS_FAULT, Verdict.BLOCKED, Verdict.NOT_RUN)
WAITING = "These earn their points once what they build on is right: there is nothing to do here."


class Link(NamedTuple):
    """A check that is affected: its anchor, its question, and its name; "" for all checks."""

    key: str
    target: Target
    check: str

    @property
    def question(self) -> str:
        """Return the number and name of the question."""
        return f"{self.target.question} {self.target.title}"

    @property
    def is_whole(self) -> bool:
        """Tell whether it covers the whole question."""
        return not self.check or len(self.target.points) == 1

    def __str__(self) -> str:
        """Return the question, and the check if it is not the only one."""
        return self.question if self.is_whole else f"{self.question}, {self.check}"


@dataclass(frozen=True)
class Work:
    """One thing to do.

    Args:
        verdict: the most informative one of its checks.
        first: the check whose messages report it.
        lost: the points lost.
        text: its first message; it may name a file and a line.
        said: everything there is to say about the first check.
        cause: what identifies it: the same line of code, the same named mistake, the same method.
        named: the named mistake.
        place: the file and the line or class, if no message names a line.
        also: other checks that fail because of it.
        others: their messages, if these are about the same method but not the same line.
        waiting: checks that earn their points once this is fixed.
    """

    verdict: Verdict
    first: Link
    lost: float
    text: str
    said: Account
    cause: tuple[str, str] = ("", "")
    named: str = ""
    place: str = ""
    also: tuple[Link, ...] = ()
    others: tuple[str, ...] = ()
    waiting: tuple[Link, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """Return the checks that fail because of it."""
        return (self.first, *self.also)

    def and_also(self, other: Work) -> Work:
        """Return this item merged with another one that has the same cause."""
        verdict = min(self.verdict, other.verdict, key=ORDER.index)
        also, lost = self.also + other.links, round(self.lost + other.lost, 2)
        same = self.is_line or other.named or self.first.target != other.first.target
        new = () if same else other.said.failures
        others = (*self.others, *(f"{other.first.check}: {text}" for text in new))
        return replace(self, verdict=verdict, also=also, others=others, lost=lost)

    @property
    def at(self) -> tuple[str, int] | None:
        """Return the file and line to look at, if a line is known."""
        return next(iter(places(clean(self.place or self.text))), None)

    @property
    def is_line(self) -> bool:
        """Tell whether the location is a line that raised an exception or ran too often."""
        return self.cause[0] == "line"

    @property
    def stops(self) -> bool:
        """Tell whether it stops several questions, not counting trainings, which need many."""
        targets = {link.target.name for link in self.links if not link.target.is_run}
        return len(targets) > 1 and self.verdict in STOPPING

    @property
    def title(self) -> str:
        """Return the check to look at first, or the numbers of all stopped questions."""
        if self.also and all(link.is_whole for link in self.links):
            return ", ".join(dict.fromkeys(link.target.question for link in self.links))
        return str(self.first)

    @property
    def consequences(self) -> list[str]:
        """Return sentences about the checks that fail because of it, and those that wait for it."""
        also = () if self.title != str(self.first) else self.also
        groups = (("Also fails", also), ("Waiting for this", self.waiting))
        return [f"{words}: {_listed(links)}." for words, links in groups if links]

    @property
    def rank(self) -> tuple[bool, int]:
        """Return the key by which it is sorted; ties stay in the order of the rubric."""
        if self.stops or self.verdict is Verdict.HARNESS_FAULT:
            return not self.lost, 0
        return not self.lost, 2 if self.verdict in _NOT_THEIRS else 1

    @property
    def start(self) -> str:
        """Return the first question and the location, such as "3.1 ReLU, activations.py:58"."""
        where = "{}:{}".format(*self.at) if self.at else self.place
        return ", ".join(filter(None, (self.first.question, where)))


def _listed(links: Sequence[Link]) -> str:
    """Return checks with their question numbers."""
    listed = []
    for _, group in groupby(links, lambda link: link.target.name):
        first, *others = group
        checks = ", ".join(link.check for link in (first, *others))
        listed.append(first.question if first.is_whole else f"{first.target.question} {checks}")
    return "; ".join(listed)


def work_of(grade: Grade) -> list[Work]:
    """Return what needs work in a grade, in order."""
    return work_in(views_of(grade))


def start_here(work: Sequence[Work]) -> str:
    """Return where to start, such as "3.1 ReLU, activations.py:58"; "" if nothing needs work.

    Args:
        work: what needs work, in order.
    """
    return next((one.start for one in work if one.verdict not in _NOT_THEIRS), "")


def work_in(questions: Sequence[QuestionView]) -> list[Work]:
    """Return what needs work in a list of questions, in order; one item per cause."""
    found: dict[tuple[str, str], Work] = {}
    for question in questions:
        _add(found, question)
    # Sorting is stable.
    return sorted(found.values(), key=lambda work: work.rank)


def _add(found: dict[tuple[str, str], Work], question: QuestionView) -> None:
    """Add what needs work in a question; checks that only wait are added to its first cause."""
    own = _folded(list(_of_question(question)))
    for work in own:
        before = found.get(work.cause)
        found[work.cause] = before.and_also(work) if before else work
    waiting = [] if question.common else [check for check in question.checks if _waits(check)]
    if not waiting:
        return
    links = [Link(check.key, question.target, check.line.check) for check in waiting]
    lost, cause = sum(check.lost for check in waiting), own[0].cause if own else ("", "")
    if cause not in found:
        said = Account((), (WAITING,), "", "", (), (), "")
        found[cause] = Work(Verdict.BLOCKED, links.pop(0), 0.0, WAITING, said)
    work = found[cause]
    lost = round(work.lost + lost, 2)
    found[cause] = replace(work, waiting=(*work.waiting, *links), lost=lost)


def _waits(check: CheckView) -> bool:
    return check.waits and check.said is not None


def _folded(own: Sequence[Work]) -> list[Work]:
    """Return the work for a question; a named mistake absorbs the other failures of its method."""
    named = {work.place: work.cause for work in reversed(own) if work.named and work.place}

    def explained(work: Work) -> bool:
        return not work.named and work.place in named

    moved = [replace(x, cause=named[x.place]) if explained(x) else x for x in own]
    return sorted(moved, key=explained)


def _of_question(question: QuestionView) -> Iterator[Work]:
    """Yield what needs work in a question, except for what only waits."""
    if question.common is not None:
        first, link = question.checks[0], Link(question.key, question.target, "")
        lost = round(question.points - question.score, 2)
        text = next(iter(question.common.failures), "")
        yield _caused(first, Work(first.verdict, link, lost, text, question.common))
        return
    for check in question.checks:
        if check.said is not None and check.verdict is not Verdict.PASSED and not check.waits:
            link = Link(check.key, question.target, check.line.check)
            work = Work(check.verdict, link, check.lost, _first(check), check.said)
            yield _caused(check, work)


def _first(check: CheckView) -> str:
    """Return the first message with the check's verdict, or else the first that is not waiting."""
    waiting = (Verdict.PASSED, Verdict.BLOCKED)
    open_cases = [case for case in check.line.result.cases if case.verdict not in waiting]
    case = next((case for case in open_cases if case.verdict is check.verdict), open_cases[0])
    alone = len(check.line.result.cases) == 1
    return case.message if alone else about([case], case.message)


def _caused(check: CheckView, work: Work) -> Work:
    """Return the work for a check, or for its whole question, with its cause."""
    target, named = check.line.target, work.said.diagnosis
    line = places(clean(work.text))
    if line and not named:
        return replace(work, cause=("line", "{}:{}".format(*line[0])))
    known = check.line.result.places
    work = replace(work, named=named, place=known[0] if known else _file(target))
    if work.first.is_whole and not named and work.verdict in (*STOPPING, *_NOT_THEIRS):
        return replace(work, cause=("text", work.text))
    return replace(work, cause=(target.name, named or (known[0] if known else check.key)))


def _file(target: Target) -> str:
    """Return the file and the class to look at; "" if all of a student's files are involved."""
    if target.is_run:
        return ""
    of_class = f", class {target.name.partition('.')[2]}" if target.is_class else ""
    return f"{target.module}.py{of_class}"
