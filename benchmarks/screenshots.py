"""Take the pictures of the pages for the README, in a Chromium: `make screenshots`.

- docs/pictures/report.png: report.html of the README's first example.
- docs/pictures/class.png: the class page of a made-up class of 60.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from grader.paths import ROOT
from tests import classes
from tests.browser.test_report import CHROMIUM, FLAGS
from tests.documents import example

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1000, "height": 860}
STUDENTS, SEED = 60, 7
COLOURS = 64


def main() -> None:
    """Write both pictures, and print where they are."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = Path(name) / "report.html"
        page.write_text(example("--only", "3.1", "--only", "3.2", "--seed", "0")[1], "utf-8")
        picture(browser, page, "report.png", opened=True)
        picture(browser, class_page(Path(name)), "class.png")
        browser.close()


def class_page(folder: Path) -> Path:
    """Grade a made-up class in a folder; return its page."""
    source = classes.written("gradescope-zip", folder / "source", STUDENTS, SEED)
    command = [
        sys.executable,
        "-m",
        "grader",
        "class",
        str(source),
        "--folder",
        str(folder / "class"),
    ]
    subprocess.run([*command, "--seed", "1"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder / "class" / "index.html"


def picture(browser: Browser, page: Path, name: str, *, opened: bool = False) -> None:
    """Take the top of a page as a PNG of few colors, with its first fold opened if asked to."""
    view = browser.new_page(viewport=SIZE, color_scheme="light")
    view.goto(page.as_uri())
    if opened:
        view.locator("summary").first.click()
    shot = Image.open(io.BytesIO(view.screenshot())).convert("RGB")
    shot.quantize(COLOURS).save(FOLDER / name, optimize=True)
    print(f"Wrote {FOLDER / name}: {(FOLDER / name).stat().st_size:,} bytes.")
    view.close()


if __name__ == "__main__":
    main()
