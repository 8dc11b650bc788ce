"""Stray files with the names of modules and settings change no grade."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.paths import ROOT
from tests.homework import REFERENCE

NAMES = """random math numpy rich pytest click json logging tempfile socket statistics jinja2
pytest_jsonreport watchfiles landlockpy seccompy conftest sitecustomize""".split()
MARK = "a scratch file ran"
WAYS = {"plain": ["-m", "grader"], "isolated": ["-I", "-m", "grader"]}


def scatter(folder: Path) -> None:
    for name in NAMES:
        (folder / f"{name}.py").write_text(f"raise SystemExit({MARK!r})\n", "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_scratch_files_here_and_in_the_submission_change_no_grade(tmp_path: Path, way: str) -> None:
    shutil.copytree(REFERENCE, tmp_path / "student", ignore=shutil.ignore_patterns("mistakes"))
    scatter(tmp_path)
    scatter(tmp_path / "student")
    others = tmp_path / "others"
    others.mkdir()
    scatter(others)
    if way == "plain":  # Python itself runs this one, before anything else
        (others / "sitecustomize.py").unlink()
    done = subprocess.run(
        [sys.executable, *WAYS[way], "grade", "student", "--only", "3.6", "--only", "4.2"],
        env={**os.environ, "PYTHONPATH": f"{others}{os.pathsep}{ROOT}"},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, MARK in done.stderr, done.stderr) == (0, False, "")
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["score"] == 10


def test_modules_that_cannot_be_imported_are_told_with_the_settings_that_may_be_why() -> None:
    code = "import sys; sys.modules['click'] = None; from grader.__main__ import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (3, (
        "Error: Python did not start correctly (import of click halted; None in sys.modules), "
        "and PYTHONPATH may be why: unset it, or write `python -I -m grader`.\n"
    ))  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot remove the current folder")
def test_a_current_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    found = CliRunner().invoke(main, ["grade", str(REFERENCE)])
    assert (found.exit_code, found.stderr.splitlines()[-1]) == (
        2, "Error: The current folder no longer exists: change to another one."
    )  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "container" / "setup.sh",
     *(path for path in (ROOT / "grader").rglob("*") if path.suffix in (".md", ".yml", ".sh"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)  # fmt: skip
def test_every_line_that_starts_a_module_keeps_scratch_files_out(page: Path) -> None:
    """The tests are not installed; in the container, the grader starts in a folder of its own."""
    text = page.read_text("utf-8")
    lines = re.findall(r"python[0-9.]*\"? .*?-m (?!tests\.)\S+", text)
    assert [line for line in lines if "-I " not in line] == []
