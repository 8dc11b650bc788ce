"""Environment settings for Python and numpy do not change a grade."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.answers import LiveOracle
from grader.assignment import load
from grader.paths import ROOT
from tests.catalogue import reference_files

# Numbers that overflow in later computations, and text that is not ASCII.
ODD = """

def _huge(self, Z):
    print("größer ≥ \N{SNOWMAN}")
    return np.full(Z.shape, 1e308)


def _odd(self, Z):
    return np.where(Z > 0, np.nan, -np.inf)


ReLU.forward, Sigmoid.forward = _huge, _odd
"""
SITE = """
import sys, warnings
import numpy as np
np.seterr(all="raise")
np.set_printoptions(precision=1, threshold=1, legacy="1.13")
warnings.simplefilter("error")
sys.setrecursionlimit(400)
"""
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "overflows are errors": {"PYTHONWARNINGS": "error::RuntimeWarning"},
    "numpy raises": {"PYTHONPATH": "SITE"},
    "no assertions": {"PYTHONOPTIMIZE": "2"},
    "another order of sets": {"PYTHONHASHSEED": "7"},
    "no UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ASCII": {"PYTHONIOENCODING": "ascii", "LC_ALL": "POSIX"},
    "a decimal comma": {"LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"},
    "for developers": {"PYTHONDEVMODE": "1"},
}


@cache
def _plain(folder: Path) -> str:
    return _graded(folder, {})


def _graded(folder: Path, environment: dict[str, str]) -> str:
    """Grade ReLU and Sigmoid in their own process; return the results without the times."""
    site = str(folder.parent / "site")
    variables = {name: value.replace("SITE", site) for name, value in environment.items()}
    out = folder.parent / f"results-{len(list(folder.parent.iterdir()))}.json"
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out)]
    found = subprocess.run(
        [*command, "--only=3.1", "--only=3.2", "--seed=0", "--html", str(out.with_suffix(".html"))],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, b"")
    results = json.loads(out.read_text("utf-8"))
    assert results.pop("execution_time") > 0
    return json.dumps(results)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("environment")
    (home / "site").mkdir()
    (home / "site" / "sitecustomize.py").write_text(SITE)
    (home / "student").mkdir()
    for name, content in reference_files().items():
        (home / "student" / name).write_bytes(content)
    with (home / "student" / "activations.py").open("a", encoding="utf-8") as file:
        file.write(ODD)
    return home / "student"


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_grade_is_the_same_in_every_environment(folder: Path, name: str) -> None:
    plain = _plain(folder)
    verdicts = {test["extra_data"]["verdict"] for test in json.loads(plain)["tests"]}
    assert verdicts >= {"passed", "failed"}
    assert "harness_fault" not in verdicts
    assert _graded(folder, ENVIRONMENTS[name]) == plain


SETTINGS = """
import warnings
import numpy as np
np.seterr(all="raise")
warnings.simplefilter("error")
"""


def test_what_an_assignment_sets_ends_with_its_import(tmp_path: Path) -> None:
    def settings() -> tuple[Any, ...]:
        return np.geterr(), list(warnings.filters)

    home, before = tmp_path / "homework", settings()
    shutil.copytree(
        ROOT / "tests" / "assignments" / "logistic_regression", home,
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    for path in (home / "assignment.py", *(home / "reference").glob("*.py")):
        path.write_text(f"{path.read_text('utf-8')}\n{SETTINGS}", "utf-8")
    assignment = load(home)
    oracle = LiveOracle(assignment)
    for case in assignment.cases:
        oracle.answers(case, 0, case.problem(0))
    assert settings() == before
