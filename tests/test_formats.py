"""The formats of other services, made of one results.json."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.cli import main
from grader.cli.options import FORMATS as NAMES
from grader.judging import Grade, Line
from grader.report import html, terminal
from grader.report.formats import FORMATS
from grader.report.gradescope import plain_text, results
from grader.running import failed
from grader.submission import Submission
from grader.verdict import CaseResult, CheckResult, Verdict
from tests.catalogue import entries, reference_files, submission
from tests.grading import graded
from tests.homework import ASSIGNMENT


def _as(name: str, value: dict[str, Any]) -> str:
    return FORMATS[name](value, ASSIGNMENT.total)


@pytest.fixture(scope="module")
def wrong() -> dict[str, Any]:
    entry = next(entry for entry in entries("mistaken") if entry.id == "fc-loop-outer-products")
    return results(graded(submission(entry), "3.1", "3.3", "4.3"))


@pytest.fixture(scope="module")
def right() -> dict[str, Any]:
    return results(graded(reference_files(), "3.1", "5.4"))


def _classroom(value: dict[str, Any]) -> dict[str, Any]:
    line = _as("classroom", value)
    assert line.startswith("result=")
    assert line.count("\n") == 1
    found: dict[str, Any] = json.loads(base64.b64decode(line.removeprefix("result=")))
    return found


def test_the_command_knows_every_format() -> None:
    assert tuple(FORMATS) == NAMES


def test_classrooms_points_and_counts_agree_with_the_grade(wrong, right) -> None:
    for value, status in ((wrong, "fail"), (right, "pass")):
        found = _classroom(value)
        assert found["version"] == 1
        assert found["status"] == status
        assert sum(test["score"] for test in found["tests"]) == value["score"]
        assert found["max_score"] == sum(test["max_score"] for test in value["tests"])
        passed = [test for test in found["tests"] if test["status"] == "pass"]
        assert len(passed) == sum(test["status"] == "passed" for test in value["tests"])
    loop = next(t for t in _classroom(wrong)["tests"] if t["status"] == "fail")
    assert loop["filename"] == "layers.py"
    assert loop["line_no"] > 0


def test_a_fault_of_the_grader_is_an_error_and_no_failure() -> None:
    value = results(failed(ASSIGNMENT, "no reference"))
    assert _classroom(value)["status"] == "error"
    root = ET.fromstring(_as("junit", value))
    assert len(root.findall(".//error")) == len(value["tests"])
    assert not root.findall(".//failure")


def test_the_summary_is_a_table_and_the_messages_in_fences(wrong) -> None:
    text = _as("markdown", wrong)
    points = sum(test["max_score"] for test in wrong["tests"])
    assert text.startswith(f"## Score: {wrong['score']:g} / {points:g} of the selected questions\n")
    assert "| 3.1 `activations.ReLU` | 8 / 8 | passed |" in text
    assert text.count("<details>") == sum(t["status"] != "passed" for t in wrong["tests"])
    assert "layers.py, line" in text


def test_nothing_of_a_submission_leaves_its_fence_or_becomes_a_command(wrong) -> None:
    evil = "```\n</details>\n````\n::error::gone\n<script>"
    value = json.loads(json.dumps(wrong))
    line = next(test for test in value["tests"] if test["status"] == "failed")
    line["output"] = evil
    assert f"`````text\n{evil}\n`````" in _as("markdown", value)
    commands = _as("annotations", value).splitlines()
    assert len(commands) == sum(test["status"] != "passed" for test in value["tests"])
    start = "::error file=fc-loop-outer-products/layers.py,"
    assert all(command.startswith(start) for command in commands), commands
    root = ET.fromstring(_as("junit", value))
    assert evil in [node.text for node in root.iter("failure")]


def test_long_messages_are_cut_with_a_note(wrong) -> None:
    value = json.loads(json.dumps(wrong))
    line = next(test for test in value["tests"] if test["status"] == "failed")
    line["output"] = "x" * 50_000
    for name in ("classroom", "markdown", "annotations"):
        assert len(_as(name, value)) < 40_000
    assert "(cut: it is 50000 long)" in _as("markdown", value)


EVIL = (
    "<script>alert(1)</script>\n  x < y, layers.py, line 3\n</pre><img src=x onerror=y>\n&lt;b&gt;"
)


def _evil(message: str, printed: str = "") -> Grade:
    case = CaseResult("a case", Verdict.FAILED, message, (message,))
    line = Line(ASSIGNMENT.rubric[0], "shape", CheckResult((case,), printed or message, message))
    return Grade(ASSIGNMENT, (line,), 0, "live", 0.0, Submission({}, "."))


def test_gradescope_shows_plain_html_in_which_nothing_of_a_submission_is_a_tag() -> None:
    (shown,) = results(_evil(EVIL), "html")["tests"]
    assert shown["output_format"] == "html"
    assert set(re.findall(r"<[^>]*>", shown["output"])) == {
        *("<p>", "</p>", "<pre>", "</pre>", "<strong>", "</strong>", "<em>", "</em>", "<br>"),
    }
    assert "<pre>x &lt; y, layers.py, line 3</pre>" in shown["output"]


def test_html_outputs_hold_the_words_of_the_text_and_are_read_by_the_other_formats(wrong) -> None:
    (text,), (html,) = (results(_evil(EVIL), form)["tests"] for form in ("text", "html"))
    assert plain_text(html).split() == text["output"].split()
    value = json.loads(json.dumps(wrong))
    value["tests"] = [html]
    assert "line=3" in _as("annotations", value)
    (message,) = [node.text for node in ET.fromstring(_as("junit", value)).iter("failure")]
    assert "<script>alert(1)</script>" in message


def test_long_html_is_cut_between_two_tags() -> None:
    (shown,) = results(_evil("<" * 3900, ">" * 3900), "html")["tests"]
    assert len(shown["output"]) < 21_000
    assert shown["output"].endswith("</pre>\n<p>(cut: there is more)</p>\n") or shown[
        "output"
    ].endswith("</p>\n<p>(cut: there is more)</p>\n")
    assert shown["output"].count("<p>") == shown["output"].count("</p>")


def test_points_are_given_to_the_hundredth_everywhere() -> None:
    right, wrong = (CaseResult(x, x) for x in (Verdict.PASSED, Verdict.FAILED))
    thirds = {"shape": (right, wrong, wrong), "values": (right, right, wrong)}
    target = dataclasses.replace(ASSIGNMENT.rubric[0], points={"shape": 2.0, "values": 2.0})
    lines = tuple(Line(target, check, CheckResult(cases)) for check, cases in thirds.items())
    grade = Grade(ASSIGNMENT, (*lines, lines[0]), 0, "live", 0.0, Submission({}, "."))
    assert [line.score for line in grade.lines] == [0.67, 1.33, 0.67]
    assert grade.score == 2.67
    value = results(grade)
    assert value["score"] == 2.67
    assert [test["score"] for test in value["tests"]] == [0.67, 1.33, 0.67]
    assert [test["score"] for test in _classroom(value)["tests"]] == [0.67, 1.33, 0.67]
    scores = [node.get("value") for node in ET.fromstring(_as("junit", value)).iter("property")]
    assert scores[::2] == ["0.67", "1.33", "0.67"]
    console = Console(file=io.StringIO(), width=200)
    terminal.show(grade, console)
    for text in (_as("markdown", value), console.file.getvalue(), html.render(grade)):
        assert text.count("2.67") >= 2
        assert not re.search(r"\b2\.[67]\b", text)


def test_junit_has_a_suite_a_question_and_a_case_a_check(wrong) -> None:
    root = ET.fromstring(_as("junit", wrong))
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"activations.ReLU", "layers.FullyConnected", "train.iris"}
    suite = suites["layers.FullyConnected"]
    assert int(suite.get("tests", "")) == len(suite) == 5
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == 1


def test_results_are_printed_again_in_any_format(tmp_path: Path, wrong) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(wrong), "utf-8")
    for name in NAMES:
        found = CliRunner().invoke(main, ["report", str(path), "--format", name])
        assert found.exit_code == 0
        assert found.stdout == _as(name, wrong)
    path.write_text('{"tests": 3}', "utf-8")
    found = CliRunner().invoke(main, ["report", str(path)])
    assert found.exit_code == 2
    assert "does not hold results" in found.output
