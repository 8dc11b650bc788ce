"""The class page in Chromium: it fits, is accessible, and its script sorts and filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.grading.scoring import ByHand
from grader.course.page import render
from grader.course.people import Student
from grader.course.store import Store, opened
from grader.verdict import CaseResult, CheckResult, Finding, Verdict
from tests.graded_classes import ASSIGNMENT, RELU, HandedIn, fill, half, numbers, pictured, wrong

from .test_report import CHROMIUM, Heard, _open, axe, browser

__all__ = ["browser"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found; set CHROMIUM=path"),
]

GRADIENT = (RELU.name, "gradient")
LONG = "a-name-that-goes-on-and-on-" * 8
WIDTHS, SCHEMES = (390, 768, 1280), ("light", "dark")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a page with something in every section."""
    folder = tmp_path_factory.mktemp("class")
    names = ("Zoe", "adam", "Émile", LONG, "Bo", "Cy", "Di", "Ed", "Flo")
    a, b, c, d, e, f, g, h, i = (Student(f"s{n}", name) for n, name in enumerate(names))
    fault = CheckResult((CaseResult("one", Verdict.HARNESS_FAULT, f"Gone. {LONG}"),))
    same = (numbers(1, 2, 3), numbers(4, 5, 6, name="gradients['W']"))
    handed_in = [
        HandedIn(
            [a], {GRADIENT: pictured("dZ is wrong.", findings=(Finding((f"Named. {LONG}",)),))}
        ),
        HandedIn(
            [b, c], {GRADIENT: pictured("dZ is wrong.", findings=(Finding(("Named.", "Else.")),))}
        ),
        HandedIn([d], {GRADIENT: pictured(f"dZ is wrong. {LONG}", numbers=same)}),
        HandedIn([e], {GRADIENT: pictured("dZ is wrong.", numbers=same)}, late=True),
        HandedIn([f], {GRADIENT: fault, (RELU.name, "values"): half()}),
        HandedIn([g], {GRADIENT: CheckResult(half().cases, flags=("threads",))}),
        HandedIn([h], None),
        HandedIn([Student("s9", "Gus")], {GRADIENT: wrong("Alone.", Verdict.RAISED)}),
    ]
    by_hand = {"s0": [ByHand("s0", "3.1", 2, f"a regrade {LONG}")]}
    with opened(folder, create=True) as connection:
        store = Store(connection)
        run = fill(store, handed_in, [i], by_hand)
        page = render(store, ASSIGNMENT, run, lambda one: f"students/{one}/report.html")
    (folder / "index.html").write_text(page, "utf-8")
    return folder / "index.html"


def _unfold(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def _ids(page) -> list[str]:
    """Return the ids in the visible rows of the table of students."""
    cells = page.locator("#roster tbody tr:not([hidden]) th")
    return [text.strip() for text in cells.all_inner_texts()]


def test_nothing_is_fetched_and_nothing_is_complained_about(browser, path: Path) -> None:
    page, heard = _open(browser, path)
    _unfold(page)
    page.wait_for_load_state("networkidle")
    assert heard == Heard(requests=[path.as_uri()])
    assert page.evaluate("document.scripts.length") == 1
    page.close()


def test_no_other_script_runs(browser, path: Path) -> None:
    page, heard = _open(browser, path)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'run'";
            document.body.append(script);
        }"""
    )
    page.wait_for_timeout(100)
    assert page.title() != "run"
    assert [text for text in heard.console if "Content Security Policy" in text]
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_sideways(browser, path: Path, width: int, scheme: str) -> None:
    page, _ = _open(browser, path, width, scheme)
    for unfolded in (False, True):
        if unfolded:
            _unfold(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_barrier(browser, path: Path, width: int, scheme: str) -> None:
    size = {"width": width, "height": 900}
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport=size)
    page = context.new_page()
    page.goto(path.as_uri())
    _unfold(page)
    page.locator("#roster thead button").first.click()
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_a_heading_sorts_by_keyboard_and_says_so(browser, path: Path) -> None:
    page, _ = _open(browser, path)
    name = page.locator("#roster thead th").nth(1)
    name.locator("button").focus()
    page.keyboard.press("Enter")
    assert name.get_attribute("aria-sort") == "ascending"
    assert _ids(page)[:3] == ["s3", "s1", "s4"]  # as people would sort, ignoring case
    page.keyboard.press("Space")
    assert name.get_attribute("aria-sort") == "descending"
    assert _ids(page)[0] == "s0"
    score = page.locator("#roster thead th").nth(2)
    score.locator("button").focus()
    page.keyboard.press("Enter")
    assert name.get_attribute("aria-sort") is None
    shown = page.locator("#roster tbody tr td:nth-child(3)").all_inner_texts()
    numbers_ = [float(text) for text in shown if text]
    assert numbers_ == sorted(numbers_)
    assert shown[-2:] == ["", ""]  # students without a score come last
    page.keyboard.press("Enter")
    shown = page.locator("#roster tbody tr td:nth-child(3)").all_inner_texts()
    assert shown[-2:] == ["", ""]
    page.close()


def test_points_by_hand_are_sorted_as_numbers(browser, path: Path) -> None:
    page, _ = _open(browser, path)
    page.locator("#roster thead th").nth(3).locator("button").press("Enter")
    assert _ids(page)[0] == "s0"
    page.close()


def test_the_table_is_filtered_by_text_and_by_status(browser, path: Path) -> None:
    page, _ = _open(browser, path)
    told = page.locator("#told")
    assert told.inner_text() == "10 students"
    page.get_by_label("Search").focus()
    page.keyboard.type("émile")
    assert _ids(page) == ["s2"]
    assert told.inner_text() == "1 of 10 students"
    page.keyboard.press("Escape")
    page.get_by_label("Search").fill("")
    states = {
        "graded": ["s0", "s1", "s2", "s3", "s4", "s6", "s9"],
        "in part": ["s5"],
        "not graded": ["s7", "s8"],
        "late": ["s4"],
        "by hand": ["s0"],
    }
    for state, ids in states.items():
        page.get_by_label("Show").select_option(state)
        assert _ids(page) == ids
    page.close()


def test_everything_is_there_without_a_script(browser, path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert len(_ids(page)) == 10
    assert not page.locator("#filter").is_visible()
    assert page.locator("button").count() == 0
    page.locator("details.question summary").first.click()
    assert page.locator("table.checks").first.is_visible()
    page.locator("#mistakes ~ ol .example summary").first.click()
    assert page.locator("#mistakes ~ ol figure svg").first.is_visible()
    context.close()


def test_the_keyboard_reaches_every_fold_and_the_focus_is_seen(browser, path: Path) -> None:
    page, _ = _open(browser, path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    folds, seen = page.locator("summary").count(), 0
    nested = page.locator("details details > summary").count()
    for _ in range(200):
        page.keyboard.press("Tab")
        tag, style = page.evaluate(
            "[document.activeElement.tagName,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if tag in ("BODY", "HTML"):
            break
        assert style in ("solid", "auto"), tag
        seen += tag == "SUMMARY"
    assert seen == folds - nested
    page.close()
