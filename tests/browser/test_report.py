"""The four reports, opened as files in Chromium: no code runs, nothing is fetched, all fits.

Needs an installed Chromium: `CHROMIUM`, or one of the usual names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.report.html import render
from tests.reports import NAMES, report_of

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

USUAL = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, USUAL)), None)
# The browser must make no network requests of its own.
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found; set CHROMIUM=path"),
]


@dataclass
class Heard:
    """What a page did besides displaying itself."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    found = {name: folder / f"{name}.html" for name in NAMES}
    for name, path in found.items():
        path.write_text(render(report_of(name)), "utf-8")
    return found


def _open(browser, path: Path, width: int = 1280, scheme: str = "light"):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    heard = Heard()
    page.on("console", lambda message: heard.console.append(message.text))
    page.on("pageerror", lambda error: heard.console.append(str(error)))
    page.on("request", lambda request: heard.requests.append(request.url))
    page.on("dialog", lambda dialog: (heard.dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    return page, heard


def _unfold(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_nothing_is_fetched_and_nothing_is_complained_about(
    browser, files, name: str
) -> None:
    page, heard = _open(browser, files[name])
    title = page.title()
    _unfold(page)
    page.wait_for_load_state("networkidle")
    assert heard == Heard(requests=[files[name].as_uri()])
    assert page.title() == title
    assert title.startswith("Grade: ")
    assert page.evaluate("document.scripts.length") == 0
    page.close()


def test_the_policy_of_the_page_refuses_scripts_and_images(browser, files) -> None:
    page, heard = _open(browser, files["hostile"])
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'run'";
            const image = document.createElement("img");
            image.src = "https://example.invalid/x.png";
            document.body.append(script, image);
        }"""
    )
    page.wait_for_timeout(100)
    assert page.title() != "run"
    assert len([text for text in heard.console if "Content Security Policy" in text]) == 2
    page.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_sticks_out_sideways(browser, files, name: str, width: int) -> None:
    page, _ = _open(browser, files[name], width)
    for unfolded in (False, True):
        if unfolded:
            _unfold(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_a_half_right_page_is_short_until_something_is_unfolded(browser, files) -> None:
    page, _ = _open(browser, files["half-wrong"])
    assert page.evaluate("document.documentElement.scrollHeight") < 6000
    page.close()


@pytest.mark.parametrize("link", ["header .start a", "ol.work > li:last-child .links a"])
def test_a_link_unfolds_the_check_that_it_leads_to(browser, files, link: str) -> None:
    page, heard = _open(browser, files["half-wrong"])
    body = page.locator(page.locator(link).get_attribute("href"))
    assert not body.is_visible()
    page.locator(link).click()
    assert body.is_visible()
    page.wait_for_function("scrollY > 0")  # smooth scrolling takes a moment
    assert heard.requests == [files["half-wrong"].as_uri()]
    page.close()


# For every strip of three maps: are they side by side and on the page, and is any mark cut off?
STRIPS = """[...document.querySelectorAll('.maps')].map(strip => {
    const boxes = [...strip.querySelectorAll('svg')].map(one => one.getBoundingClientRect());
    return {
        count: boxes.length,
        level: boxes.every(box => Math.abs(box.top - boxes[0].top) < 1),
        apart: boxes.every((box, i) => i === 0 || box.left >= boxes[i - 1].right),
        inside: boxes.every(box => box.left >= 0 && box.right <= innerWidth && box.width > 20),
        whole: [...strip.querySelectorAll('.worst')].every(one => {
            const mark = one.getBoundingClientRect();
            const map = one.ownerSVGElement.getBoundingClientRect();
            return mark.right <= map.right + .5 && mark.bottom <= map.bottom + .5;
        }),
    };
})"""


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_three_maps_are_side_by_side_and_no_mark_is_cut_off(browser, files, width: int) -> None:
    page, _ = _open(browser, files["half-wrong"], width)
    _unfold(page)
    strips = page.evaluate(STRIPS)
    right = {"count": 3, "level": True, "apart": True, "inside": True, "whole": True}
    assert len(strips) > 20
    assert all(strip == right for strip in strips), strips
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["perfect", "half-wrong", "hostile"])
def test_no_word_of_a_chart_is_cut_off(browser, files, name: str, width: int) -> None:
    page, _ = _open(browser, files[name], width)
    _unfold(page)
    cut = page.evaluate(
        """[...document.querySelectorAll('.below svg text')].filter(text => {
            const word = text.getBoundingClientRect();
            const chart = text.ownerSVGElement.getBoundingClientRect();
            return word.left < chart.left - .5 || word.right > chart.right + .5;
        }).map(text => text.textContent)"""
    )
    assert cut == []
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_reaches_and_opens_every_fold(browser, files, name: str) -> None:
    page, _ = _open(browser, files[name])
    _unfold(page)  # checks are nested in their questions' folds
    page.evaluate("document.querySelectorAll('details.check').forEach(x => x.open = false)")
    checks = page.locator("details.check").count()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    seen = 0
    for _ in range(40 * checks):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "[document.activeElement.tagName, document.activeElement.parentElement.className,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if at[0] == "BODY" or at[0] == "HTML":
            break
        assert at[2] == "solid", at
        if at[0] == "SUMMARY" and at[1] == "check":
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
            page.keyboard.press("Space")
            assert not page.evaluate("document.activeElement.parentElement.open")
            seen += 1
    assert seen == checks
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_no_barrier(browser, files, name: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # axe is a script
    page = context.new_page()
    page.goto(files[name].as_uri())
    _unfold(page)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_a_printed_report_shows_what_is_folded(browser, files) -> None:
    page, _ = _open(browser, files["half-wrong"])
    first = page.locator("details.check .body").first
    assert not first.is_visible()
    page.emulate_media(media="print")
    assert first.is_visible()
    assert first.bounding_box()["height"] > 20
    assert not page.locator(".skip").is_visible()
    page.close()
