"""The report as one page of HTML: no script, no other file, nothing from the network.

The template escapes every text; the pictures come from `pictures` and `charts`, which do the same.
What a submission is called, prints or raises is text in this page and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from grader.evidence import Arrays, Evidence
from grader.rubric import CHECKS, GRADED_MODULES, TOTAL, Target
from grader.runner import Grade, Line
from grader.verdict import CaseResult, Verdict

from . import charts
from .gradescope import FAULT, results
from .messages import PROVEN, WORDS, Account, about, account, clean, places
from .pictures import Figure, heat_maps

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
HIDDEN = "What happened here is not shown to students ({seen}), and so it is left out."


@dataclass(frozen=True)
class Entry:
    """One check as the page shows it.

    Args:
        line: what was graded.
        key: its anchor in the page.
        said: what there is to say; None for a line that students do not see.
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
        """Return what the check asks."""
        return CHECKS[self.line.check]

    @property
    def hidden(self) -> str:
        """Say that students do not see this line, "" if they do."""
        seen = self.line.target.visibility_of(self.line.check).replace("_", " ")
        return "" if self.said is not None else HIDDEN.format(seen=seen)

    @property
    def open(self) -> bool:
        """Tell whether it is unfolded at first: where there is something to do."""
        passed = self.verdict in (Verdict.PASSED, Verdict.NOT_IMPLEMENTED)
        return not passed and not self.waits

    @property
    def waits(self) -> bool:
        """Tell whether all that is missing waits for something that is said elsewhere."""
        missing = {case.verdict for case in self.line.result.cases} - {Verdict.PASSED}
        return missing == {Verdict.BLOCKED}

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        """Return its cases, if more than one and students see them."""
        cases = self.line.result.cases
        return cases if self.said is not None and len(cases) > 1 else ()

    @property
    def lost(self) -> float:
        """Return the points that are missing."""
        return round(self.line.points - self.line.score, 2)


@dataclass(frozen=True)
class Question:
    """One target as the page shows it; `common` is what is true of all its checks."""

    target: Target
    key: str
    entries: tuple[Entry, ...]
    common: Account | None

    @property
    def score(self) -> float:
        """Return the points that were earned."""
        return round(sum(entry.line.score for entry in self.entries), 2)

    @property
    def points(self) -> float:
        """Return the points that can be had."""
        return round(sum(entry.line.points for entry in self.entries), 2)

    @property
    def state(self) -> str:
        """Say how many checks passed."""
        verdicts = [entry.verdict for entry in self.entries]
        if len(set(verdicts)) == 1 and verdicts[0] is not Verdict.PARTLY:
            word = WORDS[verdicts[0]]
            return f"all {word}" if len(verdicts) > 1 and verdicts[0] is Verdict.PASSED else word
        return f"{verdicts.count(Verdict.PASSED)} of {len(verdicts)} checks passed"


@dataclass(frozen=True)
class Work:
    """One thing to do.

    Args:
        verdict: of the first check that it is about.
        cause: what is one thing: the same line of code, or the same named mistake.
        links: anchors, questions and names of the checks.
        lost: the points that are missing.
        text: the first message; it may name a file and a line.
        named: the named mistake.
        place: the file and the class, where no line is known.
    """

    verdict: Verdict
    cause: tuple[str, str]
    links: tuple[tuple[str, str, str], ...]
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
        """Return its place in `ORDER`; what stops several questions comes before that."""
        questions = {where.rstrip(": ") for _, where, _ in self.links}
        stops = len(questions) > 1 and self.verdict in STOPPING
        return -1 if stops else ORDER.index(self.verdict)


def render(grade: Grade) -> str:
    """Return the page."""
    questions = [
        _question(list(group)) for _, group in groupby(grade.lines, lambda line: line.target.name)
    ]
    facts = results(grade)
    return _template().render(
        grade=grade,
        questions=questions,
        work=_all_work(questions),
        extra=round(sum(x.score for x in grade.lines if x.target.extra), 2),
        whole=grade.maximum == TOTAL,
        fault=FAULT if grade.faults else "",
        left_out=[clean(name) for name in grade.submission.left_out],
        flags=facts["extra_data"]["flags"] if grade.oracle == "live" else [],
        facts=_facts(facts),
    )


@cache
def _template() -> Template:
    loader = PackageLoader("grader.report", "")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= dict[str, Callable[..., str]](number=_number, word=_word, clean=clean)
    environment.globals["PROVEN"] = PROVEN
    return environment.get_template("report.html.j2")


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _word(verdict: Verdict) -> str:
    return WORDS[verdict]


def _question(lines: Sequence[Line]) -> Question:
    target = lines[0].target
    key = f"q{re.sub('[^a-z0-9]+', '-', target.name.lower())}"
    entries = tuple(_entry(line, f"{key}-{line.check}") for line in lines)
    first = entries[0].said
    same = all(entry.said == first for entry in entries) and len(entries) > 1
    common = first if same and entries[0].verdict is not Verdict.PASSED else None
    return Question(target, key, entries, common or _nothing_there(entries))


def _nothing_there(entries: Sequence[Entry]) -> Account | None:
    """Return what is missing, once, for a question nothing of which is there."""
    said = [entry.said for entry in entries if entry.verdict is Verdict.NOT_IMPLEMENTED]
    if len(said) < len(entries) or not all(said):
        return None
    messages = [case.message for entry in entries for case in entry.line.result.cases]
    return Account("", tuple(dict.fromkeys(messages)), "", "", (), (), "")


def _entry(line: Line, key: str) -> Entry:
    if line.target.visibility_of(line.check) != "visible":
        return Entry(line, key, None, ())
    shown = [
        _figure(f"{key}-{i}", line.check, case, case.evidence)
        for i, case in enumerate(line.result.cases)
        if case.evidence is not None
    ]
    return Entry(line, key, account(line.result), tuple(shown))


def _figure(key: str, check: str, case: CaseResult, evidence: Evidence) -> Figure:
    """Return the pictures of one case: maps, and for a gradient of some size a scatter plot."""
    if not isinstance(evidence, Arrays):
        title = "training curve" if evidence.kind == "losses" else case.name
        return charts.series(key, title, evidence)
    figure = heat_maps(key, case.name, evidence)
    if check != "gradient" or evidence.found.size == 1:
        return figure
    chart, words = charts.scatter(f"{key}-dots", evidence)
    return replace(figure, charts=(chart,), notes=(*figure.notes, words))


def _all_work(questions: Sequence[Question]) -> list[Work]:
    """Return what is to be done, as `ORDER` says; one cause, or only to wait, is one item."""
    found: dict[tuple[str, str], Work] = {}
    for work in (work for question in questions for work in _work(question)):
        before = found.get(work.cause)
        found[work.cause] = before.and_also(work) if before else work
    waiting = [pair for question in questions for pair in _waiting(question)]
    if waiting:
        links = tuple((entry.key, f"{number} ", entry.line.check) for entry, number in waiting)
        lost = sum(entry.lost for entry, _ in waiting)
        found["", ""] = Work(Verdict.BLOCKED, ("", ""), links, lost, WAITING)
    # Sorting keeps the order of what is equal.
    return sorted(found.values(), key=lambda work: work.urgency)


def _waiting(question: Question) -> list[tuple[Entry, str]]:
    """Return the checks that only wait for another one, with the number of the question."""
    entries = [e for e in question.entries if e.waits and e.said is not None]
    return [] if question.common is not None else [(e, question.target.question) for e in entries]


def _work(question: Question) -> Iterator[Work]:
    """Yield what is to be done for a question, but what only waits."""
    name = f"{question.target.question} {question.target.title}"
    if question.common is not None:
        lost = question.points - question.score
        yield _one(question, question.entries[0], question.common, (question.key, name, ""), lost)
        return
    for entry in question.entries:
        todo = entry.verdict is not Verdict.PASSED and not entry.waits
        if entry.said is not None and todo:
            link = (entry.key, f"{name}: ", entry.line.check)
            said = replace(entry.said, failures=(_first(entry),))
            yield _one(question, entry, said, link, entry.lost)


def _first(entry: Entry) -> str:
    """Return the first message of a check's verdict, or else the first that does not only wait."""
    waiting = (Verdict.PASSED, Verdict.BLOCKED)
    open_cases = [case for case in entry.line.result.cases if case.verdict not in waiting]
    case = next((case for case in open_cases if case.verdict is entry.verdict), open_cases[0])
    alone = len(entry.line.result.cases) == 1
    return case.message if alone else about([case], case.message)


def _one(
    question: Question, entry: Entry, said: Account, link: tuple[str, str, str], lost: float
) -> Work:
    text = said.failures[0] if said.failures else ""
    found = places(clean(text))
    if found and not said.diagnosis:
        at = "{}, line {}".format(*found[0])
        return Work(entry.verdict, ("line", at), (link,), lost, text)
    target = question.target
    cause = (target.name, said.diagnosis or entry.key)
    known = entry.line.result.places
    where = known[0] if known else f"{target.module}.py, class {target.name.partition('.')[2]}"
    place_of = where if target.module in GRADED_MODULES else ""
    return Work(entry.verdict, cause, (link,), lost, text, said.diagnosis, place_of)


def _facts(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is to be known of the run: names and values."""
    extra = value["extra_data"]
    versions = ", ".join(f"{name} {number}" for name, number in extra["versions"].items())
    missing = [f"{layer}: {why}" for layer, why in extra["isolation"]["missing"].items()]
    return [
        ("Folder in the submission", extra["folder"]),
        ("Seed", str(extra["seed"])),
        ("Right answers", f"{extra['oracle']} oracle"),
        ("Isolation", extra["isolation"]["level"]),
        *([("Isolation lacks", "; ".join(missing))] if missing else []),
        ("Versions", f"grader {extra['grader']}, {versions}"),
        ("Machine", f"{extra['environment']['platform']}, {extra['environment']['machine']}"),
        ("Time", f"{value['execution_time']:.1f} s"),
    ]
