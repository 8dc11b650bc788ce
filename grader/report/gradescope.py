"""results.json in Gradescope's format; `results.schema.json` beside this file describes it."""

from __future__ import annotations

import html
import json
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from grader import __version__
from grader.assignment import CHECKS
from grader.files import replace_text
from grader.judging import Grade, Line
from grader.limits import Isolation
from grader.verdict import Verdict

from .cleaning import clean, cut
from .messages import (
    ADVICE,
    PRINTED,
    WORDS,
    Account,
    account,
    aligned,
    as_text,
    introduction,
    places,
)
from .source import code_of_check
from .work import Work, start_here, work_of

# Gradescope silently cuts outputs at 100,000 characters.
LONGEST = 20_000
# Maximum number of items that need work, listed above all tests.
MOST_CAUSES = 12
_TAG = re.compile("<[^<>]*>")
FAULT = "The autograder failed; this is not your mistake. Please tell the course staff."


def results(grade: Grade, form: str = "text") -> dict[str, Any]:
    """Return a grade as the contents of results.json.

    Args:
        grade: the grade.
        form: the format of the tests' outputs: "text", or "html" for Gradescope's page, which
            sanitizes HTML and is not known to allow pictures, so there are none.
    """
    work = [one for one in work_of(grade) if one.verdict is not Verdict.BLOCKED]
    said = [*_in_order(work), *(clean(text) for text in grade.remarks)]
    said += [f"Not graded: {clean(name)}" for name in grade.submission.left_out]
    if not grade.lines:
        said.append("None of the graded checks are shown.")
    return {
        "score": grade.score,
        "execution_time": round(grade.seconds, 3),
        "output": "\n".join([FAULT, *said] if grade.faults else said),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(grade, line, form) for line in grade.lines],
        "leaderboard": list(_leaderboard(grade)),
        "extra_data": _extra_data(grade) | {"work": [_cause(one) for one in work]},
    }


def _in_order(work: Sequence[Work]) -> Iterator[str]:
    """Yield where to start, and what needs work, in the order to fix it."""
    if start := start_here(work):
        yield f"Start here: {clean(start)}"
    if len(work) > 1:
        yield "What needs work, in this order:"
        for number, one in enumerate(work[:MOST_CAUSES], 1):
            where = " ({}:{})".format(*one.at) if one.at else ""
            told = [f"{one.title}: {WORDS[one.verdict]}{where}.", *one.consequences]
            yield clean(f"{number}. {' '.join(told)}")
    if more := len(work[MOST_CAUSES:]):
        yield f"And {more} more."


def _cause(work: Work) -> dict[str, Any]:
    """Return an item of work: the check that reports it, and its consequences."""
    target, check = work.first.target, work.first.check
    return {
        "target": target.name,
        "check": check or next(iter(target.points)),
        "consequences": work.consequences,
    }


def _leaderboard(grade: Grade) -> Iterator[dict[str, Any]]:
    """Yield the measured figures that everybody may see."""
    for line in grade.lines:
        target = line.target
        if target.name not in grade.assignment.leaderboard:
            continue
        if target.visibility_of(line.check) != "visible":
            continue
        for case in line.result.cases:
            if case.figure is not None:
                yield {"name": target.title, "value": case.figure, "order": "desc"}


def _extra_data(grade: Grade) -> dict[str, Any]:
    return {
        "grader": __version__,
        "seed": grade.seed,
        "oracle": grade.oracle,
        "folder": clean(grade.submission.folder),
        "place": clean(grade.submission.place),
        "isolation": _isolation(grade.isolation),
        "hidden_points": grade.hidden_points,
        "flags": [
            {"target": line.target.name, "check": line.check, "flag": flag}
            for line in grade.lines
            if grade.oracle != "recorded"  # staff only
            for flag in line.result.flags
        ],
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pytest": version("pytest"),
        },
        "environment": {"platform": sys.platform, "machine": platform.machine()},
    }


def _isolation(isolation: Isolation | None) -> dict[str, Any]:
    if isolation is None:
        return {"level": "none", "missing": {}}
    missing = {layer: clean(why) for layer, why in isolation.missing.items() if why}
    return {"level": isolation.level, "missing": missing}


def _test(grade: Grade, line: Line, form: str) -> dict[str, Any]:
    said = account(line.result)
    shown = code_of_check(grade, line, said)
    code = str(shown) if shown else ""
    passed = line.result.verdict is Verdict.PASSED
    target = line.target
    return {
        "number": target.question,
        "name": f"{target.title}: {CHECKS.get(line.check, line.check)}",
        "name_format": "text",
        "score": line.score,
        "max_score": 0 if target.extra else line.points,
        "status": "passed" if passed else "failed",
        "output": markup(said, code)
        if form == "html"
        else cut(clean(as_text(said, code)), LONGEST),
        "output_format": form,
        "visibility": target.visibility_of(line.check),
        "tags": [target.name, line.check, *(["extra credit"] if target.extra else [])],
        "extra_data": {
            "target": target.name,
            "check": line.check,
            "verdict": line.result.verdict.value,
            "cases": {case.name: case.verdict.value for case in line.result.cases},
            "diagnosis": line.result.diagnosis,
        },
    }


def markup(said: Account, code: str = "") -> str:
    """Return a message as simple HTML: paragraphs, code, and named mistakes in bold."""
    whole = ""
    for block in _blocks(said, code):
        if len(whole) + len(block) > LONGEST:
            return f"{whole}<p>(cut off here: there is more)</p>\n"
        whole += block
    return whole


def _blocks(said: Account, code: str) -> Iterator[str]:
    for one in said.findings:
        yield f"<p>{introduction(one)}</p>\n<p><strong>{_escaped(str(one))}</strong></p>\n"
    for text in said.failures[:1]:
        yield from _paragraphs(text)
    if said.table:
        yield f"<pre>{_escaped(aligned(said.table))}</pre>\n"
    for text in filter(None, (*said.failures[1:], said.rest, said.place)):
        yield from _paragraphs(text)
    if code:
        yield f"<pre>{_escaped(code)}</pre>\n"
    for text in filter(None, (said.right, *said.notes)):
        yield from _paragraphs(text)
    for text in said.advice:
        yield f"<p><em>{ADVICE}{_escaped(text)}</em></p>\n"
    if said.printed:
        yield f"<p>{PRINTED}</p>\n<pre>{_escaped(said.printed)}</pre>\n"


def _paragraphs(text: str) -> Iterator[str]:
    """Yield a message as paragraphs, and the submission's lines that it quotes."""
    for code, group in groupby(clean(text).split("\n"), _is_code):
        tag, end = ("pre", "\n") if code else ("p", "<br>\n")
        yield f"<{tag}>{end.join(_escaped(line.strip()) for line in group)}</{tag}>\n"


def _is_code(line: str) -> bool:
    """Tell whether a line of a message quotes the submission, with its location."""
    return line.startswith("  ") and bool(places(line))


def _escaped(text: str) -> str:
    return html.escape(cut(clean(text)))


def plain_text(test: Mapping[str, Any]) -> str:
    """Return the output of a test as text, whatever its format."""
    output = str(test["output"])
    if test.get("output_format") != "html":
        return output
    return html.unescape(_TAG.sub("", output))


def text(value: Mapping[str, Any]) -> str:
    """Return the contents of results.json as JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(path: Path, value: dict[str, Any]) -> None:
    """Write JSON atomically: readers see either the old file or the complete new one."""
    replace_text(path, text(value))
