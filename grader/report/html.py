"""The report as one HTML page: no script, no other file, nothing from the network.

The template escapes every text, and so do `heatmaps` and `charts`, which draw the pictures.
A submission's name, output and exceptions are plain text on this page and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from grader.judging import Grade
from grader.verdict import Verdict

from .cleaning import clean
from .gradescope import FAULT, results
from .messages import WORDS, introduction
from .pictures import inputs_of, pictures_of
from .source import code_of_work
from .views import views_of
from .work import start_here, work_in


def render(grade: Grade, for_staff: bool = True, when: datetime | None = None) -> str:
    """Return the page.

    Args:
        grade: the grade.
        for_staff: whether to include the flags and the seed of a grade with the live oracle.
        when: the date and time of the grade, if the page should show it.
    """
    questions, facts = views_of(grade, pictures_of), results(grade)
    work = work_in(questions)
    start = start_here(work)
    return _template().render(
        grade=grade,
        questions=questions,
        folder=clean(PurePath(grade.submission.place).name),
        run=_run(facts["extra_data"], when),
        start=start,
        at=next((one.first.key for one in work if one.start == start), ""),
        work=[(one, code_of_work(grade, one, None)) for one in work],
        extra=grade.extra,
        fault=FAULT if grade.faults else "",
        remarks=[clean(text) for text in grade.remarks],
        left_out=[clean(name) for name in grade.submission.left_out],
        flags=facts["extra_data"]["flags"] if grade.oracle == "live" and for_staff else [],
        facts=_facts(facts, for_staff or grade.oracle != "live"),
    )


@cache
def _template() -> Template:
    return environment().get_template("report.html.j2")


def environment(*folders: Path) -> Environment:
    """Return the Jinja environment for this package's templates, and those in other folders.

    `report.css` is the style of all pages; `figures.html.j2` has the macros for pictures.
    """
    found = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= dict[str, Callable[..., Any]](
        number=_number, word=_word, clean=clean, introduction=introduction, inputs=inputs_of
    )
    return found


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _word(verdict: Verdict) -> str:
    return WORDS[verdict]


def _run(extra: dict[str, Any], when: datetime | None) -> str:
    """Return when and with what it was graded, for the head of the page."""
    date = [f"{when:%B} {when.day}, {when:%Y, %H:%M}"] if when else []
    return ", ".join([*date, _versions(extra)])


def _versions(extra: dict[str, Any]) -> str:
    numbers = {"grader": extra["grader"], **extra["versions"]}
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


def _facts(value: dict[str, Any], seed: bool) -> list[tuple[str, str]]:
    """Return facts about the run: names and values."""
    extra = value["extra_data"]
    missing = [f"{layer}: {why}" for layer, why in extra["isolation"]["missing"].items()]
    return [
        ("Folder in the submission", extra["folder"]),
        *([("Seed", str(extra["seed"]))] if seed else []),
        ("Right answers", f"{extra['oracle']} oracle"),
        ("Isolation", extra["isolation"]["level"]),
        *([("Isolation gaps", "; ".join(missing))] if missing else []),
        ("Versions", _versions(extra)),
        ("Machine", f"{extra['environment']['platform']}, {extra['environment']['machine']}"),
        ("Time", f"{value['execution_time']:.1f} s"),
    ]
