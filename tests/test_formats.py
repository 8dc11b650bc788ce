"""The formats of other services, made from one results.json."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import random
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
from grader.report.gradescope import FAULT, plain_text, results
from grader.report.messages import introduction
from grader.running import failed, not_run
from grader.submission import Submission
from grader.verdict import CaseResult, CheckResult, Finding, Verdict
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_summary_is_a_table_and_the_messages_in_fences(wrong) -> None:
    text = _as("markdown", wrong)
    points = sum(test["max_score"] for test in wrong["tests"])
    assert text.startswith(f"## Score: {wrong['score']:g} / {points:g} of the selected questions\n")
    assert "| 3.1 `activations.ReLU` | 8 / 8 | passed |" in text
    assert text.count("<details>") == sum(t["status"] != "passed" for t in wrong["tests"])
    assert "layers.py:" in text


@pytest.mark.parametrize(
    ("asked", "said", "shown"),
    [
        (("3.1", "5.4"), "8 / 8 of the selected questions + 6 extra credit",
         "8 / 8 of the selected questions + 6 extra credit"),
        (("5.4",), "6 of extra credit", "6 / 6 of extra credit"),
        (("derivations.relu",), "none", "What was graded earns no points"),
    ],
)  # fmt: skip
def test_extra_credit_is_said_beside_the_score(
    asked: tuple[str, ...], said: str, shown: str
) -> None:
    grade = graded(reference_files(), *asked)
    assert FORMATS["markdown"](results(grade), 100.0).startswith(f"## Score: {said}\n")
    (total,) = re.findall(r'<p class="total">(.*?)</p>', html.render(grade))
    assert " ".join(re.sub("<.*?>", "", total).split()) == shown


def test_nothing_of_a_submission_leaves_its_fence_or_becomes_a_command(wrong) -> None:
    evil = "```\n</details>\n````\n::error::gone\n<script>"
    value = json.loads(json.dumps(wrong))
    line = next(test for test in value["tests"] if test["status"] == "failed")
    line["output"] = evil
    assert f"`````text\n{evil}\n`````" in _as("markdown", value)
    commands = _as("annotations", value).splitlines()
    assert len(commands) == 1
    start = "::error file=fc-loop-outer-products/layers.py,"
    assert all(command.startswith(start) for command in commands), commands
    root = ET.fromstring(_as("junit", value))
    assert evil in [node.text for node in root.iter("failure")]


def _blocks(text: str) -> list[str]:
    """Return GitHub's code blocks: from a fence to the next one as long, on a line of its own."""
    found, fence, lines = [], "", []
    for line in text.split("\n"):
        opening = re.match("(`{3,})[^`]*$", line)
        if not fence and opening:
            fence, lines = opening[1], []
        elif fence and re.fullmatch(rf" {{0,3}}`{{{len(fence)},}}[ \t]*", line):
            found.append("\n".join(lines))
            fence = ""
        elif fence:
            lines.append(line)
    assert not fence, "a code block is never closed"
    return found


def test_text_of_a_submission_stays_in_its_fence_whatever_fences_it_has(wrong) -> None:
    rng = random.Random(5)
    texts = ["`" * n for n in range(1, 12)] + ["```\n````\n`````", "a ``` b", "  ```", "~~~\n```"]
    texts += ["".join(rng.choices(["`", "```", "\n", "x", " "], k=30)) + "x" for _ in range(200)]
    value = json.loads(json.dumps(wrong))
    failed_tests = [test for test in value["tests"] if test["status"] != "passed"]
    for text in texts:
        value["output"] = failed_tests[0]["output"] = text
        shown = _as("markdown", value)
        assert _blocks(shown)[:2] == [text, text]
        assert len(_blocks(shown)) == 1 + len(failed_tests)


def test_what_is_said_of_the_whole_run_stands_above_the_table(wrong) -> None:
    """Such as what was not graded; if there is nothing to say, there is no empty block."""
    value = json.loads(json.dumps(wrong))
    value["output"] = "Not graded: losses.py (a link)"
    head, *rest = _as("markdown", value).split("\n")
    assert head.startswith("## Score: ")
    assert rest[:6] == [
        "", "```text", "Not graded: losses.py (a link)", "```", "", "| question | points | checks |"
    ]  # fmt: skip
    value["output"] = ""
    assert _as("markdown", value).split("\n")[1:4] == ["", "", "| question | points | checks |"]
    nothing = results(not_run(ASSIGNMENT, "There is ``` nothing to grade."))
    text = _as("markdown", nothing)
    assert set(_blocks(text)) == {"There is ``` nothing to grade."}
    assert "| 3.1 `activations.ReLU` | 0 / 8 | not run |" in text
    fault = results(failed(ASSIGNMENT, "no reference"))
    assert _blocks(_as("markdown", fault))[0] == FAULT


def test_long_messages_are_cut_with_a_note(wrong) -> None:
    value = json.loads(json.dumps(wrong))
    line = next(test for test in value["tests"] if test["status"] == "failed")
    line["output"] = "x" * 50_000
    for name in ("classroom", "markdown", "annotations"):
        assert len(_as(name, value)) < 40_000
    assert "(cut: 50000 characters)" in _as("markdown", value)


EVIL = "<script>alert(1)</script>\n  x < y, layers.py:3\n</pre><img src=x onerror=y>\n&lt;b&gt;"


def _evil(message: str, printed: str = "") -> Grade:
    case = CaseResult("a case", Verdict.FAILED, message, (message,))
    found = CheckResult((case,), printed or message, (Finding((message,)),))
    line = Line(ASSIGNMENT.rubric[0], "shape", found)
    return Grade(ASSIGNMENT, (line,), 0, "live", 0.0, Submission({}, "."))


def test_gradescope_shows_plain_html_in_which_nothing_of_a_submission_is_a_tag() -> None:
    (shown,) = results(_evil(EVIL), "html")["tests"]
    assert shown["output_format"] == "html"
    assert set(re.findall(r"<[^>]*>", shown["output"])) == {
        *("<p>", "</p>", "<pre>", "</pre>", "<strong>", "</strong>", "<em>", "</em>", "<br>"),
    }
    assert "<pre>x &lt; y, layers.py:3</pre>" in shown["output"]


def test_html_outputs_hold_the_words_of_the_text_and_are_read_by_the_other_formats(wrong) -> None:
    (text,), (html,) = (results(_evil(EVIL), form)["tests"] for form in ("text", "html"))
    assert plain_text(html).split() == text["output"].split()
    value = json.loads(json.dumps(wrong))
    value["tests"] = [html]
    value["extra_data"]["work"] = [{**html["extra_data"], "consequences": []}]
    assert "line=3" in _as("annotations", value)
    (message,) = [node.text for node in ET.fromstring(_as("junit", value)).iter("failure")]
    assert "<script>alert(1)</script>" in message


def test_long_html_is_cut_between_two_tags() -> None:
    (shown,) = results(_evil("<" * 3900, ">" * 3900), "html")["tests"]
    assert len(shown["output"]) < 21_000
    assert shown["output"].endswith("</pre>\n<p>(cut off here: there is more)</p>\n") or shown[
        "output"
    ].endswith("</p>\n<p>(cut off here: there is more)</p>\n")
    assert shown["output"].count("<p>") == shown["output"].count("</p>")


@pytest.mark.parametrize("diagnosis", [None, "dX is doubled."])
def test_a_mistake_is_announced_only_where_one_is_named(diagnosis: str | None) -> None:
    cases = (CaseResult("one", Verdict.FAILED, "Y is wrong."), CaseResult("two", Verdict.PASSED))
    found = (Finding((diagnosis,)),) if diagnosis else ()
    line = Line(ASSIGNMENT.rubric[0], "values", CheckResult(cases, "", found))
    grade = Grade(ASSIGNMENT, (line,), 0, "live", 0.0, Submission({}, "."))
    console = Console(file=io.StringIO(), width=200)
    terminal.show(grade, console)
    value, page = results(grade), results(grade, "html")
    texts = [value["tests"][0]["output"], page["tests"][0]["output"], console.file.getvalue()]
    texts += [html.render(grade), _as("markdown", value), _as("junit", value)]
    proven = introduction(Finding(("",)))
    for text in texts:
        assert text.count(proven) == bool(diagnosis)
        assert "Y is wrong." in text
        after = re.sub(r"<[^>]*>|\s+", " ", text.partition(proven)[2]).strip()
        assert not diagnosis or after.startswith(diagnosis)
    assert value["tests"][0]["extra_data"]["diagnosis"] == diagnosis


def test_figures_are_on_the_leaderboard_only_where_all_may_see_them() -> None:
    cases = (CaseResult("a", Verdict.FAILED, figure=0.25), CaseResult("b", Verdict.PASSED))
    training = next(target for target in ASSIGNMENT.rubric if "training" in target.points)

    def board(visibility: str, names: tuple[str, ...]) -> object:
        assignment = dataclasses.replace(ASSIGNMENT, leaderboard=names)
        target = dataclasses.replace(training, visibilities={"training": visibility})
        line = Line(target, "training", CheckResult(cases))
        return results(Grade(assignment, (line,), 0, "live", 0.0, Submission({}, ".")))[
            "leaderboard"
        ]

    shown = {"name": training.title, "value": 0.25, "order": "desc"}
    assert board("visible", (training.name,)) == [shown]
    assert board("visible", ()) == board("visible", ("layers.Conv2D",)) == []
    for visibility in ("hidden", "after_due_date", "after_published"):
        assert board(visibility, (training.name,)) == []


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
    assert "does not contain results" in found.output
