"""results.json in the formats of other services.

Each of `FORMATS` takes the contents of results.json, which may cover only some questions, and the
points of all questions.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from grader.verdict import Verdict

from . import gradescope
from .cleaning import cut
from .messages import WORDS, places

# GitHub shows no more than this for one step.
MOST_ANNOTATIONS = 10
Results = Mapping[str, Any]
Test = Mapping[str, Any]


def classroom(results: Results) -> str:
    """Return `result=...` for a step's output: what the Classroom reporter reads, in base64."""
    tests = [
        {
            "name": f"{test['number']} {test['name']}",
            "status": _status(test),
            "score": test["score"],
            "message": _shown(test),
            "test_code": "",
            "filename": _place(test)[0],
            "line_no": _place(test)[1],
            "duration": 0,
        }
        for test in _seen(results)
    ]
    statuses = {test["status"] for test in tests}
    value = {
        "version": 1,
        "status": "error" if "error" in statuses else "fail" if "fail" in statuses else "pass",
        "max_score": sum(test["max_score"] for test in _seen(results)),
        "tests": tests,
    }
    text = json.dumps(value, ensure_ascii=False).encode()
    return f"result={base64.b64encode(text).decode()}\n"


def _seen(results: Results) -> list[Test]:
    """Return the lines that students see: other services have no hidden ones."""
    return [test for test in results["tests"] if test["visibility"] == "visible"]


def _hidden_points(results: Results) -> float:
    """Return the points of hidden lines, both those in the results and those left out."""
    hidden = [test for test in results["tests"] if test["visibility"] != "visible"]
    left_out = results["extra_data"].get("hidden_points", 0.0)
    return float(left_out + sum(test["max_score"] for test in hidden))


def _status(test: Test) -> str:
    if test["extra_data"]["verdict"] == Verdict.HARNESS_FAULT.value:
        return "error"
    return "pass" if test["status"] == "passed" else "fail"


def _place(test: Test) -> tuple[str, int]:
    found = places(_shown(test)) if test["status"] != "passed" else []
    return found[0] if found else (_file(test), 0)


def _file(test: Test) -> str:
    return f"{test['extra_data']['target'].partition('.')[0]}.py"


def _shown(test: Test) -> str:
    return cut(gradescope.plain_text(test).rstrip("\n"))


def markdown(results: Results, total: float) -> str:
    """Return a summary in GitHub's Markdown: a table of the questions, then what needs work.

    Args:
        results: the contents of results.json.
        total: the points of all questions in the assignment.
    """
    seen = _seen(results)
    score, most = (sum(test[key] for test in seen) for key in ("score", "max_score"))
    whole = round(most + _hidden_points(results), 2) == total
    selected = "" if whole or not most else " of the selected questions"
    extra = sum(test["score"] for test in seen if _is_extra(test))
    more = f" + {extra:g} extra credit" if extra else ""
    base = f"{round(score - extra, 2):g} / {most:g}{selected}{more}"
    alone = f"{extra:g} of extra credit" if any(map(_is_extra, seen)) else "none"
    head = f"## Score: {base if most else alone}\n"
    note = f"{_fenced(results['output'])}\n" if results["output"] else ""
    rows = ["| question | points | checks |", "|---|---|---|"]
    rows += [_row(target, tests) for target, tests in _by_target(results)]
    parts = [_details(test) for test in seen if test["status"] != "passed"]
    return "\n".join([head, note, *rows, "", *parts])


def _by_target(results: Results) -> Iterator[tuple[str, list[Test]]]:
    """Yield the name of every target, and its visible lines."""
    for target, group in groupby(_seen(results), key=lambda test: test["extra_data"]["target"]):
        yield target, list(group)


def _is_extra(test: Test) -> bool:
    return "extra credit" in test["tags"]


def _row(target: str, tests: Sequence[Test]) -> str:
    """Return the row of a question in the table."""
    score, most = (sum(test[key] for test in tests) for key in ("score", "max_score"))
    points = f"{score:g} (extra)" if _is_extra(tests[0]) else f"{score:g} / {most:g}"
    return f"| {tests[0]['number']} `{target}` | {points} | {_words(tests)} |"


def _word(test: Test) -> str:
    return WORDS[Verdict(test["extra_data"]["verdict"])]


def _words(tests: Sequence[Test]) -> str:
    """Return the verdict of every check, or a single one if all are the same."""
    if len({_word(test) for test in tests}) == 1:
        return _word(tests[0])
    return ", ".join(f"{test['tags'][1]}: {_word(test)}" for test in tests)


def _details(test: Test) -> str:
    title = f"{test['number']} {test['tags'][1]}: {_word(test)}"
    return f"<details><summary>{title}</summary>\n\n{_fenced(_shown(test))}\n</details>\n"


def _fenced(text: str) -> str:
    """Return text as a block of code, with a fence longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def junit(results: Results) -> str:
    """Return JUnit XML: one suite per question, one case per check."""
    root = ET.Element("testsuites", name="grader")
    for target, tests in _by_target(results):
        suite = ET.SubElement(root, "testsuite", name=target, tests=str(len(tests)))
        statuses = [_status(test) for test in tests]
        suite.set("failures", str(statuses.count("fail")))
        suite.set("errors", str(statuses.count("error")))
        for test in tests:
            _add_case(suite, target, test)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ET.Element, target: str, test: Test) -> None:
    case = ET.SubElement(
        suite, "testcase", classname=target, name=test["tags"][1], file=_file(test)
    )
    properties = ET.SubElement(case, "properties")
    for key in ("score", "max_score"):
        ET.SubElement(properties, "property", name=key, value=str(test[key]))
    kind = {"fail": "failure", "error": "error"}.get(_status(test))
    if kind:
        ET.SubElement(case, kind, message=_word(test)).text = _shown(test)


def commands(results: Results) -> str:
    """Return GitHub's workflow commands that annotate lines of the student's files."""
    return "".join(f"{line}\n" for line in _annotations(results))


def _annotations(results: Results) -> Iterator[str]:
    """Yield one command per cause, none for checks that fail for the same reason or only wait."""
    start = _start(results["extra_data"])
    seen = {_key(test["extra_data"]): test for test in _seen(results)}
    causes = [one for one in results["extra_data"].get("work", []) if _key(one) in seen]
    for one in causes[:MOST_ANNOTATIONS]:
        test = seen[_key(one)]
        file, line = _place(test)
        where = f"file={_property(start + file)}" + (f",line={line}" if line else "")
        title = _property(f"{test['number']} {test['tags'][1]}: {_word(test)}")
        text = "\n".join([_shown(test), *one["consequences"]])
        yield f"::error {where},title={title}::{_data(text)}"


def _key(plain: Mapping[str, Any]) -> tuple[str, str]:
    return plain["target"], plain["check"]


def _start(extra: Mapping[str, Any]) -> str:
    """Return the graded folder's path in the repository; an absolute path may lead elsewhere."""
    folder = PurePosixPath(extra.get("place", "/"))
    if folder.is_absolute():
        folder = PurePosixPath(extra.get("folder", "."))
    return f"{folder}/" if folder.parts else ""


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Results, float], str]] = {
    "gradescope": lambda results, _: gradescope.text(results),
    "classroom": lambda results, _: classroom(results),
    "markdown": markdown,
    "junit": lambda results, _: junit(results),
    "annotations": lambda results, _: commands(results),
}
