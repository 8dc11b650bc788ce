"""docs/another-assignment.md, followed word for word in an empty folder."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.assignment import CHECKS, Assignment
from grader.cli import main
from grader.paths import ROOT

PAGE = (ROOT / "docs" / "another-assignment.md").read_text("utf-8")
# Every code block with the paragraph before it; a file's paragraph begins with its path.
BLOCKS = re.findall(r"((?:^[^\n]+\n)*)\n^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {
    path[1]: code
    for paragraph, language, code in BLOCKS
    if language == "python" and (path := re.match(r"`(poisson/[\w/]+\.py)` ", paragraph))
}
CONSOLES = [code for _, language, code in BLOCKS if language == "console"]
COMMANDS = [
    (command, shown)
    for console in CONSOLES
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)
]
CHANGES = re.findall(r"^\| `(.+)` becomes `(.+)` \| `(.+)` \|$", PAGE, re.MULTILINE)
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


def test_every_block_is_a_file_or_a_console() -> None:
    assert len(re.findall(r"^ *```", PAGE, re.MULTILINE)) == 2 * len(BLOCKS)
    assert (len(FILES), len(CONSOLES), len(BLOCKS)) == (5, 3, 8)
    assert "".join(f"$ {command}\n{shown}" for command, shown in COMMANDS) == "".join(CONSOLES)
    assert len(COMMANDS) == 10


def _write(folder: Path) -> None:
    for path, code in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(code, "utf-8")


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = re.sub(r"^grader ", f"'{sys.executable}' -B -m grader ", command)
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def _tidy(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def _matches(output: str, shown: str) -> bool:
    """Tell whether output matches what is shown: `...` is a wildcard, and columns may be wider."""
    pattern = re.escape(_tidy(shown)).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, _tidy(output), re.DOTALL) is not None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no sed")
def test_the_page_goes_from_an_empty_folder_to_a_graded_submission(tmp_path: Path) -> None:
    _write(tmp_path)
    for command, shown in COMMANDS:
        done = _run(command, tmp_path)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert _matches(done.stdout, shown), (command, done.stdout)
    zips = {path.name for path in (tmp_path / "dist").iterdir()}
    assert zips == {"handout.zip", "autograder.zip"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
def test_an_honest_variant_shows_that_the_reference_is_wrong(tmp_path: Path) -> None:
    _write(tmp_path)
    file = tmp_path / "poisson" / "reference" / "counts.py"
    text, right = file.read_text("utf-8"), "(1 - Y / Y_hat) / len(Y)"
    assert text.count(right) == 1
    file.write_text(text.replace(right, "1 - Y / Y_hat"), "utf-8")
    done = _run("grader grade poisson/reference --only 2 --assignment poisson", tmp_path)
    assert "Score: 5 / 5" in done.stdout
    options = "--only PoissonLoss --seeds 1 --no-mutants"
    done = _run(f"grader validate --assignment poisson {options}", tmp_path)
    assert done.returncode == 1
    assert "loss-by-rows, seed 0: counts.PoissonLoss gradient is partly" in done.stdout


@pytest.mark.parametrize(("before", "after", "message"), CHANGES)
def test_what_does_not_fit_together_is_refused_as_shown(
    before: str, after: str, message: str, tmp_path: Path
) -> None:
    _write(tmp_path)
    file = tmp_path / "poisson" / "assignment.py"
    text = file.read_text("utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), "utf-8")
    done = CliRunner().invoke(main, ["stubs", "--assignment", str(tmp_path / "poisson")])
    assert done.exit_code == 2
    assert re.search(r"^Error: (.*: )?" + re.escape(message) + r"$", done.output, re.MULTILINE)
    assert not (tmp_path / "poisson" / "student").exists()


def test_every_field_and_every_check_is_on_the_page() -> None:
    assert len(CHANGES) == PAGE.count("` becomes `") == 8
    words = set(re.findall(r"\w+", PAGE))
    assert {field.name for field in dataclasses.fields(Assignment) if field.init} <= words
    for check in CHECKS:
        assert re.search(rf"^\|.*`{check}`.*\|$", PAGE, re.MULTILINE), check
