"""What the README shows is what the commands give."""

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
from tests.homework import EXPLANATIONS, RUBRIC
from tests.wall.corpus import attacks

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_first_example_is_the_real_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = README.split("```console\n")[1].split("```")[0]
    command, _, expected = shown.partition("\n")
    (arguments,) = re.findall(r'^\$ make grade ARGS="(.*)"$', command)
    shutil.copytree(ROOT / "student", tmp_path / "student")
    file = tmp_path / "student" / "activations.py"
    hole = 'raise NotImplementedError("Question 3.1: write ReLU.{}.")'
    text = file.read_text("utf-8")
    for method, body in (("forward", "np.maximum(Z, 0)"), ("backward", "(Z > 0) * 1.0")):
        assert text.count(hole.format(method)) == 1
        text = text.replace(hole.format(method), f"return {body}")
    file.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    files = ["--out", "results.json", "--html", "report.html"]
    result = CliRunner().invoke(main, ["grade", "student", *files, *shlex.split(arguments)])
    assert [x.rstrip() for x in result.stdout.splitlines()] == expected.splitlines()
    assert "`(Z > 0) * 1.0`" in README


def test_the_doctor_says_what_is_shown_where_every_layer_holds() -> None:
    (shown,) = re.findall(r"^\$ make doctor\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    found = CliRunner().invoke(main, ["doctor"]).stdout
    layers = [line.split()[0] for line in shown.splitlines()]
    said = [line.split()[0] for line in found.splitlines() if not line.startswith(" ")]
    assert said == layers
    if " no:" not in found:
        start = shown.index("answers")  # above it stand versions
        assert found.endswith(shown[start:])


def test_the_number_of_hostile_submissions_is_right() -> None:
    assert re.findall(r"grades (\d+) hostile submissions", README) == [str(len(attacks()))]


PLAIN = re.findall(r"^\$ \.venv/bin/python (-m grader .*)$", README, re.MULTILINE)


@pytest.mark.parametrize("line", PLAIN)
def test_the_plain_lines_run(line: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "student", tmp_path / "student")
    command = [sys.executable, *shlex.split(line)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)


def test_the_table_of_checks_names_every_check() -> None:
    table = README.split("What a check asks:")[1].split("\n\n")[1]
    assert [row.strip("| ").split(" | ") for row in table.splitlines()[2:]] == [
        [check, explanation.asks] for check, explanation in EXPLANATIONS.items()
    ]


def test_every_target_of_the_makefile_is_explained_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert sorted(phony.split()) == sorted(explained)


def test_the_rubric_names_only_known_checks() -> None:
    assert {check for target in RUBRIC for check in target.points} == set(CHECKS)
