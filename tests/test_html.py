"""The HTML report: the same numbers and words as results.json, one file, and nothing runs in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.delivery.handout import handout_files
from grader.evidence import Table as EvidenceTable
from grader.judging import Grade
from grader.paths import ROOT
from grader.report.gradescope import results
from grader.report.html import render
from grader.report.messages import WORDS
from grader.report.work import STOPPING
from grader.running import UNFINISHED, failed, grade, not_run
from grader.submission import Submission
from grader.verdict import Verdict
from tests.catalogue import reference_files
from tests.grading import QUICK, graded, live, shared
from tests.homework import ASSIGNMENT, STUBS
from tests.pages import Node, read
from tests.reports import MISTAKES, NAMES, SCRIPT, report_of


@cache
def page_of(name: str) -> Node:
    return read(render(report_of(name)))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _points(score: float, most: float) -> str:
    return f"{score:g} / {most:g}" if most else "no points"


def _checks(page: Node) -> list[Node]:
    return list(page.all("details", kind="check"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_the_numbers_and_the_words_of_results_json(name: str) -> None:
    tests = results(report_of(name))["tests"]
    lines = report_of(name).lines
    for test, line, check in zip(tests, lines, _checks(page_of(name)), strict=True):
        summary = check.children[0]
        assert summary.name == "summary"
        assert summary.one(kind="name").text == test["tags"][1]
        assert summary.one(kind="chip").text == WORDS[Verdict(test["extra_data"]["verdict"])]
        assert summary.one(kind="points").text == _points(test["score"], line.points)
        # The page shows the student's lines only once, below their cause.
        for said in re.sub(r"(?m)^ *(> )? *\d+ \|.*\n?", "", test["output"]).splitlines():
            assert _squeezed(said.removeprefix("Your code printed:")) in _squeezed(check.text)
        for case, verdict in test["extra_data"]["cases"].items():
            if len(test["extra_data"]["cases"]) > 1:
                row = next(r for r in check.all("tr") if r.children[0].text == case)
                assert row.one(kind="chip").text == WORDS[Verdict(verdict)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_totals_are_those_of_results_json(name: str) -> None:
    value, page = results(report_of(name)), page_of(name)
    extra = round(sum(t["score"] for t in value["tests"] if "extra credit" in t["tags"]), 2)
    total = page.one("p", kind="total")
    assert total.one(kind="score").text == f"{round(value['score'] - extra, 2):g}"
    assert (f"+ {extra:g} extra credit" in total.text) == bool(extra)
    (tab,) = (x.text for x in page.all("title") if x.text.startswith("Grade: "))
    maximum = f"{report_of(name).maximum:g}"
    assert tab == f"Grade: {value['score'] - extra:g} / {maximum}" + (
        f" + {extra:g}" if extra else ""
    )
    rows = [question.children[0] for question in page.all("details", kind="question")]
    for target, row in zip(ASSIGNMENT.rubric, rows, strict=True):
        own = [t for t in value["tests"] if t["extra_data"]["target"] == target.name]
        points = sum(target.points.values())
        score = round(sum(t["score"] for t in own), 2)
        assert row.one(kind="points").text == _points(score, points)
        done = [float(bar.attributes["width"]) for bar in row.all("rect", kind="done")]
        shares = [100 * score / points] if points else []
        assert done == pytest.approx(shares, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_needs_work_comes_in_order_and_accounts_for_every_point(name: str) -> None:
    items = list(page_of(name).all("li"))
    items = [item for item in items if list(item.all(kind="lost"))]
    said = [item.one(kind="lost").text.split()[0] for item in items]
    firsts = [next(iter(item.all("a"))).text.partition(" ")[0] for item in items]
    named = [{a.text[:3] for a in item.all("a") if a.text[1] == "."} for item in items]
    stops = [len(questions - {"4.3", "5.3"}) > 1 for questions in named]
    chips = [item.one(kind="chip").text for item in items]
    ranks = [
        (lost == "no", not (several and chip in map(WORDS.get, STOPPING)), question)
        for lost, several, chip, question in zip(said, stops, chips, firsts, strict=True)
    ]
    assert ranks == sorted(ranks)
    lost = sum(float(one) for one in said if one != "no")
    expected = sum(line.points - line.score for line in report_of(name).lines)
    assert lost == pytest.approx(expected, abs=0.02 * len(items))
    keys = {a.attributes["href"] for item in items for a in item.all("a")}
    for line in report_of(name).lines:
        question = f"#q{re.sub('[._]', '-', line.target.name.lower())}"
        linked = bool({question, f"{question}-{line.check}"} & keys)
        is_wrong = line.result.verdict is not Verdict.PASSED
        assert linked == is_wrong, (line.target.name, line.check)


@pytest.mark.slow
def test_what_needs_work_names_the_mistake_the_file_and_the_line() -> None:
    page = page_of("half-wrong")
    items = [item.text for item in page.one("ol", kind="work").all("li")]
    (relu,) = [text for text in items if "3.1 ReLU: gradient" in text]
    assert "the gradient from above (dY) is not multiplied in" in relu
    assert re.search(r"Look at activations\.py:\d+ \(backward\)", relu)
    (softmax,) = [text for text in items if "3.4 Softmax: shape" in text]
    assert re.search(r"activations\.py:\d+, in forward: return powers", softmax)
    (also,) = [text for text in items if "Also fails 5 checks" in text]
    assert also == softmax  # one cause, one item
    assert "Also fails: 3.4 Softmax: values, gradient, batching; 4.3" in softmax
    assert "Waiting for it: 3.1 ReLU: shape, batching" in relu
    assert "2 checks wait for it" in relu
    assert "Nothing: every check passed." in page_of("perfect").text
    assert not list(page_of("perfect").all("ol"))


@pytest.mark.slow
def test_the_page_says_first_where_to_start_and_leads_there() -> None:
    page = page_of("half-wrong")
    start = page.one("header").one("p", kind="start")
    assert re.fullmatch(r"Start here: 3\.1 ReLU, activations\.py:\d+", start.text)
    href = start.one("a").attributes["href"]
    first = next(page.one("ol", kind="work").all("li"))
    assert next(first.all("a")).attributes["href"] == href == "#qactivations-relu-gradient"
    (check,) = [x for x in _checks(page) if x.one(kind="body").attributes["id"] == href[1:]]
    assert check.children[0].one(kind="name").text == "gradient"
    assert not list(page_of("perfect").all("p", kind="start"))


@pytest.mark.slow
def test_the_whole_method_of_the_student_is_folded_below_its_place() -> None:
    items = list(page_of("half-wrong").one("ol", kind="work").all("li"))
    (relu,) = [item for item in items if "3.1 ReLU" in next(item.all("a")).text]
    fold = next(relu.all("details"))
    assert "open" not in fold.attributes
    assert re.fullmatch(r"Look at activations\.py:\d+ \(backward\)", fold.children[0].text)
    line = int(fold.children[0].text.partition(":")[2].partition(" ")[0])
    shown = fold.one("pre").text.splitlines()
    source = report_of("half-wrong").submission.files["activations.py"].decode().splitlines()
    assert shown[0].split(maxsplit=1) == [str(line), source[line - 1].strip()]
    assert not list(fold.all("mark"))
    (softmax,) = [item for item in items if "3.4 Softmax" in next(item.all("a")).text]
    assert re.match(r"> \d+ +return powers / powers", softmax.one("mark").text)
    assert all(
        not list(item.all("pre")) for item in page_of("stubs").one("ol", kind="work").all("li")
    )


def _with_inputs(table: EvidenceTable) -> Node:
    """Return the page of a grade with a table for ReLU's wrong gradient."""
    found = report_of("half-wrong")
    lines = list(found.lines)
    (at,) = [
        i
        for i, line in enumerate(lines)
        if (line.target.name, line.check) == ("activations.ReLU", "gradient")
    ]
    result = lines[at].result
    first, *rest = result.cases
    cases = (replace(first, table=table), *rest)
    lines[at] = replace(lines[at], result=replace(result, cases=cases))
    return read(render(replace(found, lines=tuple(lines))))


@pytest.mark.slow
def test_the_inputs_beside_wrong_entries_are_a_table_with_a_caption() -> None:
    nan = float("nan")
    columns = ("Z", "dY", "yours", "expected")
    rows = (("[0, 2]", (1.5, nan, nan, 0.25)), ("<b>", (-2.0, 1.0, 1.0, 0.0)))
    page = _with_inputs(EvidenceTable(columns, rows))
    (check,) = [
        check
        for check in _checks(page)
        if check.one(kind="body").attributes["id"] == "qactivations-relu-gradient"
    ]
    (table,) = [t for t in check.all("table") if t.one("caption").text == "Inputs and results"]
    assert [x.text for x in table.one("thead").all("th")] == ["entry", *columns]
    shown = [[x.text for x in row.children] for row in table.one("tbody").all("tr")]
    assert shown == [["[0, 2]", "1.5", "", "NaN", "0.25"], ["<b>", "-2", "1", "1", "0"]]


@pytest.mark.slow
def test_checks_are_folded_and_open_are_the_questions_with_something_of_their_own() -> None:
    page = page_of("half-wrong")
    assert not [x for x in _checks(page) if "open" in x.attributes]
    folded = {
        x.one("h3").text for x in page.all("details", kind="question") if "open" not in x.attributes
    }
    assert "3.6 Mean squared error" in folded  # not implemented
    assert "4.1 Neural network" in folded  # all correct
    assert not {"3.1 ReLU", "3.2 Sigmoid", "5.2 Pooling layer"} & folded
    for name in ("perfect", "stubs"):
        assert not [x for x in page_of(name).all("details") if "open" in x.attributes]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_one_file_in_which_nothing_can_run_or_be_fetched(name: str) -> None:
    text, page = render(report_of(name)), page_of(name)
    assert text.startswith("<!DOCTYPE html>")
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert policy.split("; ")[:3] == [
        "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:",
    ]  # fmt: skip
    forbidden = {"script", "img", "link", "iframe", "object", "embed", "base", "form", "image"}
    for node in page.all():
        assert node.name not in forbidden
        assert not [key for key in node.attributes if key.startswith("on") or key == "src"]
        assert node.attributes.get("href", "#").startswith("#")
    style = page.one("style").text
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_anchors_names_headings_and_tables_are_sound(name: str) -> None:
    page = page_of(name)
    ids = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    for node in page.all():
        assert node.attributes.get("href", "#").removeprefix("#") in {"", *ids}
        assert set(node.attributes.get("aria-labelledby", "").split()) <= set(ids)
    levels = [int(n.name[1]) for n in page.all() if re.fullmatch("h[1-6]", n.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in page.all("table"):
        assert table.children[0].name == "caption"
        assert all(th.attributes["scope"] in ("col", "row") for th in table.all("th"))
    for drawing in page.all("svg"):
        if drawing.attributes.get("aria-hidden") != "true":
            assert drawing.attributes["role"] == "img"
            assert [child.name for child in drawing.children[:2]] == ["title", "desc"]
            assert all(child.text for child in drawing.children[:2])
    for details in page.all("details"):
        assert details.children[0].name == "summary"
    for landmark in ("header", "main", "footer"):
        page.one(landmark)
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("body").children[0].attributes["href"] == "#work"


@pytest.mark.slow
def test_what_a_submission_is_called_prints_and_raises_is_text_and_nothing_else() -> None:
    text, page = render(report_of("hostile")), page_of("hostile")
    assert text.count("&lt;script&gt;") > 10
    assert page.text.count(SCRIPT) > 5
    assert "{{ 7 * 7 }}" in page.text
    assert "</style></title></pre>]]>-->" in page.text
    assert "\x1b" not in text
    assert "\u202e" not in text
    printed = [pre.text for pre in page.all("pre")]
    assert any(SCRIPT in one and "x" * 400 in one for one in printed)
    assert f"{SCRIPT}.py (not a regular file)" in [node.text for node in page.all("code")]
    assert SCRIPT in [node.text for node in page.one("footer").all("dd")]


@pytest.mark.slow
def test_the_head_names_the_graded_folder_the_date_and_the_versions() -> None:
    found = replace(report_of("perfect"), submission=Submission({}, ".", source="hw/my answers"))
    header = read(render(found, when=datetime(2026, 3, 9, 8, 5, tzinfo=timezone.utc))).one("header")
    assert header.one("h1").text == "Grade report: my answers"
    extra = results(found)["extra_data"]
    versions = ", ".join(f"{name} {number}" for name, number in extra["versions"].items())
    said = f"grader {extra['grader']}, {versions}"
    assert header.one("p", kind="run").text == f"March 9, 2026, 08:05, {said}"
    assert read(render(found)).one("p", kind="run").text == said


@pytest.mark.slow
def test_the_facts_of_the_run_are_there() -> None:
    footer = page_of("perfect").one("footer")
    facts = dict(
        zip([n.text for n in footer.all("dt")], [n.text for n in footer.all("dd")], strict=True)
    )
    extra = results(report_of("perfect"))["extra_data"]
    assert facts["Seed"] == "0"
    assert facts["Right answers"] == "live oracle"
    assert facts["Isolation"] == extra["isolation"]["level"]
    assert f"numpy {extra['versions']['numpy']}" in facts["Versions"]
    assert re.fullmatch(r"\d+\.\d s", facts["Time"])


def test_a_run_that_did_not_finish_and_a_grader_that_failed_are_said() -> None:
    waiting = read(render(not_run(ASSIGNMENT, UNFINISHED)))
    assert UNFINISHED in waiting.one("ol", kind="work").text
    broken = read(render(failed(ASSIGNMENT, "no <space> left")))
    assert "this is not your mistake" in broken.one("p", role="alert").text
    assert "no <space> left" in broken.text


def _hidden(name: str, check: str) -> Grade:
    found = ASSIGNMENT.find_targets((name,))
    targets = [replace(target, visibilities={check: "hidden"}) for target in found]
    files = dict(report_of("half-wrong").submission.files)
    options = {"limits": QUICK, "workers": shared(), "pictures": True}
    return grade(ASSIGNMENT, Submission(files, "."), live(), targets, **options)


@pytest.mark.slow
def test_lines_that_students_do_not_see_give_no_message_and_no_picture() -> None:
    found = _hidden("activations.ReLU", "gradient")
    assert not [
        c for x in found.lines if x.check == "gradient" for c in x.result.cases if c.evidence
    ]
    page = read(render(found))
    (check,) = [c for c in _checks(page) if c.children[0].one(kind="name").text == "gradient"]
    assert "is not shown to students (hidden)" in check.text
    assert not list(check.all("svg"))
    assert "dZ is wrong" not in page.text
    assert "not multiplied in" not in page.text


@pytest.mark.slow
def test_evidence_is_kept_only_if_asked_for_and_never_gets_into_results_json() -> None:
    files = report_of("half-wrong").submission
    plain = graded(files)
    assert not [case for x in plain.lines for case in x.result.cases if case.evidence]
    kept = [
        sum(c.evidence is not None for c in x.result.cases) for x in report_of("half-wrong").lines
    ]
    assert max(kept) == 4
    both = [results(one) | {"execution_time": 0} for one in (plain, report_of("half-wrong"))]
    assert both[0] == both[1]


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colors as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _palettes() -> list[dict[str, str]]:
    style = (ROOT / "grader" / "report" / "report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in blocks]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half_and_pictures_of_three(scheme: int) -> None:
    palette = _palettes()[scheme]
    assert set(palette) == set(_palettes()[0])
    for name in ("ink", "quiet", "link", "good", "half", "bad", "todo", "wait"):
        for ground in ("paper", "sheet", "mark"):
            assert _contrast(palette[name], palette[ground]) >= 4.5, (name, ground)
    for name in ("less", "more", "done", "focus", "ink"):
        for ground in ("paper", "sheet", "zero"):
            assert _contrast(palette[name], palette[ground]) >= 3, (name, ground)


# Machado, Oliveira and Fernandes (2009): what protanopes, deuteranopes and tritanopes see.
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.01182, 0.04294, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.3039)),
}  # fmt: skip


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_two_signs_stay_apart_for_the_color_blind(scheme: int, kind: str) -> None:
    seen = []
    for name in ("less", "more"):
        color = _palettes()[scheme][name]
        parts = [(int(color[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
        rows = BLINDNESS[kind]
        seen.append([sum(a * b for a, b in zip(row, parts, strict=True)) for row in rows])
    distance = sum(
        (max(a, 0) ** (1 / 2.2) - max(b, 0) ** (1 / 2.2)) ** 2 for a, b in zip(*seen, strict=True)
    )
    assert distance**0.5 > 0.4


@pytest.mark.slow
def test_the_command_writes_the_page_beside_the_results(tmp_path: Path) -> None:
    out, page = tmp_path / "results.json", tmp_path / "deep" / "report.html"
    command = ["grade", str(STUBS), "--only", "3.6", "--out", str(out), "--html", str(page)]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 0
    assert f"\nWith pictures: {page}\n" in found.stdout
    assert "Question 3.6" in read(page.read_text("utf-8")).text
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "deep",
        "report.html",
        "results.json",
    ]


@pytest.mark.slow
def test_a_page_that_cannot_be_written_is_said_and_the_grade_is_shown(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    page, out = tmp_path / "file" / "report.html", tmp_path / "results.json"
    command = ["grade", str(STUBS), "--only", "3.6", "--out", str(out), "--html", str(page)]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 3
    assert "Error: The report could not be written to" in found.stderr
    assert "Score: 0 / 4 of the selected questions\n" in found.stdout
    assert "With pictures" not in found.stdout
    assert json.loads(out.read_text("utf-8"))["score"] == 0


@pytest.mark.slow
def test_without_the_option_nothing_of_the_page_is_loaded(tmp_path: Path) -> None:
    out = str(tmp_path / "results.json")
    code = (
        "import sys\nfrom grader.cli import main\n"
        f"try: main(['grade', {str(STUBS)!r}, '--only', '3.6', '--out', {out!r}])\n"
        "except SystemExit: print('jinja2' in sys.modules, 'grader.report.html' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "False False"


def test_the_handout_has_the_page_and_its_style() -> None:
    files = handout_files(ASSIGNMENT)
    assert {"grader/report/report.html.j2", "grader/report/report.css"} <= set(files)
    makefile = files["Makefile"].decode()
    assert "--html report.html" in makefile
    assert "report.html" in files[".gitignore"].decode().split()


@pytest.mark.slow
def test_the_half_wrong_submission_has_the_mistakes_that_it_is_made_of() -> None:
    said = [x.result.diagnosis for x in report_of("half-wrong").lines if x.result.diagnosis]
    assert len(set(said)) >= len(MISTAKES) - 1  # a loop is named only by its line
    assert report_of("perfect").submission.files == reference_files()
