"""The seeds: the public ones are known, so a grade that counts draws one that is not."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.answers import choose
from grader.cli import main
from grader.paths import ROOT
from grader.program import Call
from tests.homework import ASSIGNMENT, CASES

RELU = "activations.ReLU"
SECOND = ROOT / "tests" / "assignments" / "logistic_regression"
# The code below the recorded answers: it looks up its arguments, and computes nothing.
REPLAYING = """
import numpy as np

class ReLU:
    def forward(self, *arrays):
        key = b" ".join(array.tobytes() for array in arrays)
        return np.frombuffer(ANSWERS[key]).reshape(arrays[0].shape)

    backward = forward
"""


@pytest.fixture(scope="module")
def replaying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a submission made from what the handout has: the cases, and the recorded answers."""
    recorded, answers = choose(ASSIGNMENT, "recorded"), dict[bytes, bytes]()
    for case in (case for case in CASES if case.target == RELU):
        problem = case.problem(0)
        found = recorded.answers(case, 0, problem)
        for step in problem.program:
            if isinstance(step, Call):
                arrays = [array.tobytes() for array in step.args]
                # The answer to a warm-up is neither recorded nor graded.
                answer = found.get("".join(step.out))
                answers[b" ".join(arrays)] = arrays[0] if answer is None else answer.tobytes()
    folder = tmp_path_factory.mktemp("replaying")
    (folder / "activations.py").write_text(f"ANSWERS = {answers!r}\n{REPLAYING}", "utf-8")
    return folder


def _grade(folder: Path, out: Path, *options: str) -> Result:
    done = CliRunner().invoke(
        main, ["grade", str(folder), "--only", "3.1", "--out", str(out), *options]
    )
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--seed", "0"), ("--oracle", "recorded")])
def test_recorded_answers_earn_all_points_where_the_seed_is_public(
    replaying: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    assert "Score: 8 / 8" in _grade(replaying, tmp_path / "results.json", *options).output


@pytest.mark.slow
def test_recorded_answers_earn_nothing_where_the_reference_is(
    replaying: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results.json"
    assert "Score: 0 / 8" in _grade(replaying, out).output
    tests = json.loads(out.read_text("utf-8"))["tests"]
    assert [test["extra_data"]["verdict"] for test in tests] == ["raised"] * 4 + ["not_implemented"]


WRONG = """
class ReLU:
    def forward(self, Z):
        return Z

    def backward(self, Z, dY):
        return dY
"""


def _results(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    del found["execution_time"]
    return found


@pytest.mark.slow
def test_a_drawn_seed_is_said_everywhere_and_repeats_the_grade(tmp_path: Path) -> None:
    (tmp_path / "activations.py").write_text(WRONG, "utf-8")
    outs, page = [tmp_path / f"{number}.json" for number in range(3)], tmp_path / "report.html"
    said = _grade(tmp_path, outs[0], "--html", str(page)).output
    (seed,) = re.findall(r"^To repeat with the same inputs: --seed (\d+)$", said, re.MULTILINE)
    assert _results(outs[0])["extra_data"]["seed"] == int(seed)
    assert seed in page.read_text("utf-8")
    _grade(tmp_path, outs[1], "--seed", seed)
    _grade(tmp_path, outs[2])
    first, again, other = map(_results, outs)
    assert first == again
    assert first["tests"] != other["tests"]


@pytest.mark.slow
def test_recorded_answers_have_the_first_seed_of_theirs_which_is_no_secret(tmp_path: Path) -> None:
    """An assignment need not have seed 0 among its public seeds."""
    home = tmp_path / "assignment"
    shutil.copytree(SECOND, home, ignore=shutil.ignore_patterns("__pycache__"))
    file, end = home / "assignment.py", '    training_module="train",\n'
    text = file.read_text("utf-8")
    assert text.count(end) == 1
    file.write_text(text.replace(end, f"{end}    public_seeds=(7, 3),\n"), "utf-8")
    option, out = ["--assignment", str(home)], tmp_path / "results.json"
    assert CliRunner().invoke(main, ["record", *option]).exit_code == 0
    command = ["grade", str(home / "reference"), "--only", "4", "--oracle", "recorded", *option]
    done = CliRunner().invoke(main, [*command, "--out", str(out)])
    assert (done.exit_code, "--seed" in done.output) == (0, False), done.output
    assert _results(out)["extra_data"]["seed"] == 3
