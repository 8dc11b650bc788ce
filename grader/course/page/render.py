"""The page of a class as HTML: one file, nothing from the network, readable without its script.

The only script that runs is `class.js`, which sorts and filters the table of students: the page's
security policy names its hash. The template escapes all text from students.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from grader.assignment import CHECKS, Assignment
from grader.course.grading.scoring import GRADED
from grader.course.store import Run, Store
from grader.report.html import environment
from grader.report.messages import WORDS

from . import drawing, facts
from .examples import Example, example
from .failures import Failure
from .groups import groups
from .named import mistakes
from .statistics import distribution, questions

# Returns the path of a student's report, relative to the page; None if there is none.
Link = Callable[[str], str | None]

_HERE = Path(__file__).parent
# Shown in place of a missing number.
NONE = "\N{EN DASH}"
STATES = ("graded", "in part", "not graded")
# Pictures per page, the most common mistakes first: with forty, a page stays below 2 MB.
MOST_PICTURES = 40
# Student ids listed below a mistake, and groups of one submission in their list.
MOST_LISTED, MOST_SINGLE = 200, 100
# Up to this many students, the table has a column for every question: with these, the page for
# 10,000 students is 5.8 MB instead of 2.7 MB, and takes half again as long.
MANY = 2000


def render(store: Store, assignment: Assignment, run: Run, link: Link) -> str:
    """Return the page.

    Args:
        store: the class store.
        assignment: the assignment that was graded, for titles.
        run: the run whose grades the page shows.
        link: returns, for a student's id, the path of the report relative to the page, such as
            "students/ada/report.html"; None if there is none.
    """
    pupils, scores = facts.pupils(store, run.id), distribution(store, run.id)
    return _template().render(
        assignment=assignment,
        run=run,
        link=_quoted(link),
        scores=scores,
        picture=drawing.histogram(scores, run.maximum) if scores.count else "",
        bins=drawing.bins(scores.scores, run.maximum),
        questions=questions(store, run.id),
        pupils=pupils,
        names={one.id: one.name for one in pupils},
        states=[x for x in STATES if any(one.state == x for one in pupils)],
        without=[one for one in pupils if one.status != GRADED],
        submissions=len({one.submission for one in pupils} - {None}),
        most=_most(assignment),
        columns=[*_titles(assignment)] if len(pupils) <= MANY else [],
        **_wrong(store, assignment, run),
        **_beside(store, run),
        **_words(assignment),
    )


def _wrong(store: Store, assignment: Assignment, run: Run) -> dict[str, Any]:
    """Return the named mistakes, and the groups of other failures, each with an example."""
    named, unnamed = mistakes(store, run.id), groups(store, run.id)
    trainings = {target.name for target in assignment.rubric if target.is_run}
    several = [group for group in unnamed if group.size > 1]
    several.sort(key=lambda group: group.failures[0].target in trainings)
    pictures = _Pictures(store)
    return {
        "mistakes": [(one, pictures.of(f"m{i}", one.failures)) for i, one in enumerate(named)],
        "groups": [
            (one, pictures.of(f"g{i}", one.failures, one.names)) for i, one in enumerate(several)
        ],
        "singles": [group for group in unnamed if group.size == 1],
    }


def _beside(store: Store, run: Run) -> dict[str, Any]:
    return {
        "flags": facts.flags(store, run.id),
        "faults": facts.faults(store, run.id),
        "overrides": facts.by_hand(store, run.id),
        "slowest": facts.slowest(store, run.id),
    }


def _words(assignment: Assignment) -> dict[str, Any]:
    return {
        "titles": _titles(assignment),
        "targets": {one.name: one.title for one in assignment.rubric},
        "asks": CHECKS,
        "stacked": drawing.stacked,
        "kinds": [(verdict.value, WORDS[verdict]) for verdict in drawing.ORDER],
        "most_listed": MOST_LISTED,
        "most_single": MOST_SINGLE,
        "script": Markup(script()),  # noqa: S704 - a file of ours
        "policy": policy(),
    }


def _titles(assignment: Assignment) -> dict[str, str]:
    """Return the title of every question: that of its first target."""
    found: dict[str, str] = {}
    for target in assignment.rubric:
        if not target.is_derivation or target.question not in found:
            found[target.question] = target.title
    return found


def _most(assignment: Assignment) -> dict[str, float]:
    """Return the maximum points of every question."""
    return {
        question: sum(x.total for x in assignment.rubric if x.question == question)
        for question in _titles(assignment)
    }


class _Pictures:
    """Gives every mistake its example, and the first few their pictures."""

    def __init__(self, store: Store) -> None:
        self._store, self._count = store, 0

    def of(self, key: str, failures: Sequence[Failure], names: Sequence[str] = ()) -> Example:
        if self._count >= MOST_PICTURES:
            return Example(failures[0], None)
        found = example(self._store, key, failures, names)
        self._count += found.figure is not None
        return found


def _quoted(link: Link) -> Link:
    """Return a link whose parts are escaped, so that it can only be a path below the page."""

    def of(student: str) -> str | None:
        path = link(student)
        return path and "./" + quote(path, safe="/-_.~")

    return of


@cache
def script() -> str:
    """Return the script of the page."""
    return (_HERE / "class.js").read_text("utf-8")


def policy() -> str:
    """Return the page's security policy: it may show itself, and run its script."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _template() -> Template:
    found = environment(_HERE)
    found.filters |= dict[str, Callable[..., str]](
        percent=_percent, decimals=_decimals, seconds=_seconds, moment=_moment
    )
    return found.get_template("class.html.j2")


def _percent(share: float) -> str:
    """Return a share in percent; less than all is never 100, and more than none is never 0."""
    shown = round(100 * share)
    near = "> 99" if shown == 100 and share < 1 else "< 1" if shown == 0 and share > 0 else ""
    return f"{near or shown}%"


def _decimals(value: float | None) -> str:
    return NONE if value is None or math.isnan(value) else f"{value:.2f}".replace("-", "\u2212")


def _seconds(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.3g} s" if value >= 0.001 else "< 0.001 s"


def _moment(value: str | None) -> str:
    """Return a timestamp from the store in readable form."""
    return value[:16].replace("T", " ") + " UTC" if value else "not ended"
