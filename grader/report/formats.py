"""results.json in the words of other services; each function takes its value."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

from grader.rubric import TOTAL
from grader.verdict import Verdict

from . import gradescope
from .messages import WORDS, cut, places

Results = Mapping[str, Any]
FAULT = Verdict.HARNESS_FAULT.value


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


def _seen(results: Results) -> list[Mapping[str, Any]]:
    """Return the lines that students see: other services know no hidden ones."""
    return [test for test in results["tests"] if test["visibility"] == "visible"]


def _status(test: Mapping[str, Any]) -> str:
    if test["extra_data"]["verdict"] == FAULT:
        return "error"
    return "pass" if test["status"] == "passed" else "fail"


def _place(test: Mapping[str, Any]) -> tuple[str, int]:
    found = places(_shown(test)) if test["status"] != "passed" else []
    return found[0] if found else (_file(test), 0)


def _file(test: Mapping[str, Any]) -> str:
    return f"{test['extra_data']['target'].partition('.')[0]}.py"


def _shown(test: Mapping[str, Any]) -> str:
    return cut(gradescope.plain(test).rstrip("\n"))


def markdown(results: Results) -> str:
    """Return a summary in GitHub's Markdown: a table of the questions, then what needs work."""
    rows = ["| question | points | checks |", "|---|---|---|"]
    parts = []
    for target, group in groupby(_seen(results), key=lambda test: test["extra_data"]["target"]):
        tests = list(group)
        score, most = (sum(test[key] for test in tests) for key in ("score", "max_score"))
        points = (
            f"{score:g} (extra)" if "extra credit" in tests[0]["tags"] else f"{score:g} / {most:g}"
        )
        rows.append(f"| {tests[0]['number']} `{target}` | {points} | {_words(tests)} |")
        parts += [_details(test) for test in tests if test["status"] != "passed"]
    whole = sum(test["max_score"] for test in _seen(results))
    score = sum(test["score"] for test in _seen(results))
    selected = "" if whole in (TOTAL, 0) else " of the selected questions"
    head = f"## Score: {score:g} / {whole:g}{selected}\n"
    note = f"{_fenced(results['output'])}\n" if results["output"] else ""
    return "\n".join([head, note, *rows, "", *parts])


def _word(test: Mapping[str, Any]) -> str:
    return WORDS[Verdict(test["extra_data"]["verdict"])]


def _words(tests: Sequence[Mapping[str, Any]]) -> str:
    """Return the verdict of every check; once, if it is the same for all."""
    if len({_word(test) for test in tests}) == 1:
        return _word(tests[0])
    return ", ".join(f"{test['tags'][1]}: {_word(test)}" for test in tests)


def _details(test: Mapping[str, Any]) -> str:
    title = f"{test['number']} {test['tags'][1]}: {_word(test)}"
    return f"<details><summary>{title}</summary>\n\n{_fenced(_shown(test))}\n</details>\n"


def _fenced(text: str) -> str:
    """Return text as a block of code, with a fence longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def junit(results: Results) -> str:
    """Return JUnit's XML: a suite a question, a case a check."""
    root = ET.Element("testsuites", name="grader")
    for target, group in groupby(_seen(results), key=lambda test: test["extra_data"]["target"]):
        tests = list(group)
        failed = [test for test in tests if _status(test) == "fail"]
        faults = [test for test in tests if _status(test) == "error"]
        suite = ET.SubElement(root, "testsuite", name=target, tests=str(len(tests)))
        suite.attrib |= {"failures": str(len(failed)), "errors": str(len(faults))}
        for test in tests:
            case = ET.SubElement(
                suite, "testcase", classname=target, name=test["tags"][1], file=_file(test)
            )
            properties = ET.SubElement(case, "properties")
            for key in ("score", "max_score"):
                ET.SubElement(properties, "property", name=key, value=str(test[key]))
            kind = {"fail": "failure", "error": "error"}.get(_status(test))
            if kind:
                ET.SubElement(case, kind, message=_word(test)).text = _shown(test)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def commands(results: Results) -> str:
    """Return GitHub's workflow commands that annotate lines of the student's files."""
    return "".join(f"{line}\n" for line in _annotations(results))


def _annotations(results: Results) -> Iterator[str]:
    folder = results["extra_data"].get("folder", ".")
    start = "" if folder in (".", "") else f"{folder}/"
    for test in _seen(results):
        if test["status"] == "passed":
            continue
        file, line = _place(test)
        where = f"file={_property(start + file)}" + (f",line={line}" if line else "")
        title = _property(f"{test['number']} {test['tags'][1]}: {_word(test)}")
        yield f"::error {where},title={title}::{_data(_shown(test))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Results], str]] = {
    "gradescope": gradescope.text,
    "classroom": classroom,
    "markdown": markdown,
    "junit": junit,
    "annotations": commands,
}
