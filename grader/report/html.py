"""The report as one page of HTML: no script, no other file, nothing from the network.

The template escapes every text; the pictures come from `heatmaps` and `charts`, which do the same.
What a submission is called, prints or raises is text in this page and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from grader.judging import Grade
from grader.verdict import Verdict

from .cleaning import clean
from .gradescope import FAULT, results
from .messages import WORDS, introduction
from .pictures import pictures_of
from .views import views_of
from .work import work_in


def render(grade: Grade, for_staff: bool = True) -> str:
    """Return the page.

    Args:
        grade: what came of it.
        for_staff: with the flags and the seed of a grade with the live oracle.
    """
    questions, facts = views_of(grade, pictures_of), results(grade)
    return _template().render(
        grade=grade,
        questions=questions,
        work=work_in(questions),
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
    """Return what renders the templates of this room, and those of other folders.

    `report.css` is the style of all pages, `figures.html.j2` has the macros of pictures.
    """
    found = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= dict[str, Callable[..., str]](
        number=_number, word=_word, clean=clean, introduction=introduction
    )
    return found


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _word(verdict: Verdict) -> str:
    return WORDS[verdict]


def _facts(value: dict[str, Any], seed: bool) -> list[tuple[str, str]]:
    """Return what is to be known of the run: names and values."""
    extra = value["extra_data"]
    versions = ", ".join(f"{name} {number}" for name, number in extra["versions"].items())
    missing = [f"{layer}: {why}" for layer, why in extra["isolation"]["missing"].items()]
    return [
        ("Folder in the submission", extra["folder"]),
        *([("Seed", str(extra["seed"]))] if seed else []),
        ("Right answers", f"{extra['oracle']} oracle"),
        ("Isolation", extra["isolation"]["level"]),
        *([("Isolation lacks", "; ".join(missing))] if missing else []),
        ("Versions", f"grader {extra['grader']}, {versions}"),
        ("Machine", f"{extra['environment']['platform']}, {extra['environment']['machine']}"),
        ("Time", f"{value['execution_time']:.1f} s"),
    ]
