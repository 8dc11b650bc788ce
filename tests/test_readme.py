"""What the README shows is what the commands print; `test_documents` covers what it quotes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.assignment.explanations import CHECKS
from grader.cli import main
from tests.homework import RUBRIC

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_the_doctor_says_what_is_shown_where_every_layer_holds() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    (shown,) = re.findall(r"^\$ make doctor\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    found = CliRunner().invoke(main, ["doctor"]).stdout
    layers = [line.split()[0] for line in shown.splitlines()]
    said = [line.split()[0] for line in found.splitlines() if not line.startswith(" ")]
    assert said == layers
    if " no:" not in found:
        start = shown.index("answers")  # the lines above it are versions
        assert found.endswith(shown[start:])


PLAIN = re.findall(r"^\$ \.venv/bin/python -I (-m grader .*)$", README, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("line", PLAIN)
def test_the_plain_lines_run(line: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "student", tmp_path / "student")
    command = [sys.executable, *shlex.split(line)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)


def test_every_target_of_the_makefile_is_explained_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (targets,) = re.findall(r"^TARGETS := (.*)$", makefile, re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    explained = re.findall(r"^  ([a-z-]+) +\S", shown.stdout, re.MULTILINE)
    assert sorted(targets.split()) == sorted(explained)


def test_the_rubric_names_only_known_checks() -> None:
    assert {check for target in RUBRIC for check in target.points} == set(CHECKS)
