"""What needs work, as the page lists it: one item for one cause, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from grader.verdict import Verdict

from .cleaning import clean
from .messages import Account, about, places
from .views import CheckView, QuestionView

# What needs work first: what is not there, what is wrong, what did not end well, what only waits.
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
# A file that cannot be imported, say.
STOPPING = (Verdict.RAISED, Verdict.TIMED_OUT, Verdict.CRASHED)
WAITING = "These earn their points once what they build on is right: there is nothing to do here."


class Link(NamedTuple):
    """Where something is to be done: an anchor, the question, and the name of the check, if one."""

    key: str
    question: str
    check: str


@dataclass(frozen=True)
class Work:
    """One thing to do.

    Args:
        verdict: of the first check that it is about.
        cause: what is one thing: the same line of code, or the same named mistake.
        links: the checks.
        lost: the points that are missing.
        text: the first message; it may name a file and a line.
        named: the named mistake.
        place: the file and the class, where no line is known.
    """

    verdict: Verdict
    cause: tuple[str, str]
    links: tuple[Link, ...]
    lost: float
    text: str
    named: str = ""
    place: str = ""

    def and_also(self, other: Work) -> Work:
        """Return this with the checks of another one that has the same cause."""
        verdict = min(self.verdict, other.verdict, key=ORDER.index)
        links, lost = self.links + other.links, self.lost + other.lost
        return replace(self, verdict=verdict, links=links, lost=lost)

    @property
    def urgency(self) -> int:
        """Return its place in `ORDER`; what stops several questions comes before that.

        What costs no points comes last.
        """
        questions = {link.question.rstrip(": ") for link in self.links}
        stops = len(questions) > 1 and self.verdict in STOPPING
        place = -1 if stops else ORDER.index(self.verdict)
        return place if self.lost else len(ORDER) + place


def work_in(questions: Sequence[QuestionView]) -> list[Work]:
    """Return what is to be done, as `ORDER` says; one cause, or only to wait, is one item."""
    found: dict[tuple[str, str], Work] = {}
    for work in (work for question in questions for work in _of_question(question)):
        before = found.get(work.cause)
        found[work.cause] = before.and_also(work) if before else work
    waiting = [pair for question in questions for pair in _waiting(question)]
    if waiting:
        links = tuple(Link(check.key, f"{n} ", check.line.check) for check, n in waiting)
        lost = sum(check.lost for check, _ in waiting)
        found["", ""] = Work(Verdict.BLOCKED, ("", ""), links, lost, WAITING)
    # Sorting keeps the order of what is equal.
    return sorted(found.values(), key=lambda work: work.urgency)


def _waiting(question: QuestionView) -> list[tuple[CheckView, str]]:
    """Return the checks that only wait for another one, with the number of the question."""
    checks = [check for check in question.checks if check.waits and check.said is not None]
    return [] if question.common is not None else [(c, question.target.question) for c in checks]


def _of_question(question: QuestionView) -> Iterator[Work]:
    """Yield what is to be done for a question, but what only waits."""
    name = f"{question.target.question} {question.target.title}"
    if question.common is not None:
        lost = question.points - question.score
        yield _one(
            question, question.checks[0], question.common, Link(question.key, name, ""), lost
        )
        return
    for check in question.checks:
        todo = check.verdict is not Verdict.PASSED and not check.waits
        if check.said is not None and todo:
            link = Link(check.key, f"{name}: ", check.line.check)
            said = replace(check.said, failures=(_first(check),))
            yield _one(question, check, said, link, check.lost)


def _first(check: CheckView) -> str:
    """Return the first message of a check's verdict, or else the first that does not only wait."""
    waiting = (Verdict.PASSED, Verdict.BLOCKED)
    open_cases = [case for case in check.line.result.cases if case.verdict not in waiting]
    case = next((case for case in open_cases if case.verdict is check.verdict), open_cases[0])
    alone = len(check.line.result.cases) == 1
    return case.message if alone else about([case], case.message)


def _one(question: QuestionView, check: CheckView, said: Account, link: Link, lost: float) -> Work:
    text = said.failures[0] if said.failures else ""
    found = places(clean(text))
    if found and not said.diagnosis:
        at = "{}:{}".format(*found[0])
        return Work(check.verdict, ("line", at), (link,), lost, text)
    cause = (question.target.name, said.diagnosis or check.key)
    place = _place(question, check)
    return Work(check.verdict, cause, (link,), lost, text, said.diagnosis, place)


def _place(question: QuestionView, check: CheckView) -> str:
    """Return the file and the class to look at; "" where all files of a student take part."""
    target, known = question.target, check.line.result.places
    if target.is_run:
        return ""
    of_class = f", class {target.name.partition('.')[2]}" if target.is_class else ""
    return known[0] if known else f"{target.module}.py{of_class}"
