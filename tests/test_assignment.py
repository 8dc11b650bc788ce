"""What an assignment must not be: refused when it is loaded, derived or recorded, with a reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from grader.answers import entries, record
from grader.assignment import ActivationAdapter, Assignment, Case, Example, Problem, counted_calls
from grader.assignment.loading import _problems
from grader.assignment.stubs import derive_stub
from grader.cli import main
from grader.draw import Draw
from grader.errors import GraderError, UsageError
from grader.paths import ROOT
from grader.program import Call, New
from grader.result import outputs
from tests.homework import ASSIGNMENT, RUBRIC

SECOND = ROOT / "tests" / "assignments" / "logistic_regression"
CASE = ASSIGNMENT.cases[0]


def test_the_homework_fits_together() -> None:
    assert list(_problems(ASSIGNMENT)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda a: replace(a, name="My homework"), "the name 'My homework' has more than"),
        (lambda a: replace(a, graded_modules="activations"), "graded_modules is a text"),
        (lambda a: replace(a, rubric=()), "the rubric has no target."),
        (lambda a: replace(a, rubric=(*RUBRIC, RUBRIC[0])), "there are two targets"),
        (
            lambda a: replace(a, rubric=(*RUBRIC, replace(RUBRIC[0], name="losses.Huber"))),
            "there are two questions '3.1'.",
        ),
        (lambda a: replace(a, cases=(*a.cases, CASE)), f"there are two cases {CASE.key!r}."),
        (
            lambda a: replace(a, cases=(*a.cases, replace(CASE, target="losses.Huber"))),
            "is of a target that the rubric does not have.",
        ),
        (lambda a: replace(a, cases=a.cases[1:2]), "there is no case of the check"),
        (lambda a: replace(a, training_module="run"), "'run' is neither a graded nor a given"),
    ],
)
def test_what_does_not_fit_together_is_said(
    change: Callable[[Assignment], Assignment], problem: str
) -> None:
    assert any(problem in found for found in _problems(change(ASSIGNMENT)))


def test_a_region_that_begins_in_another_is_refused() -> None:
    begun = "def f():\n    # BEGIN SOLUTION 1\n    return 1\n"
    with pytest.raises(GraderError, match="begins at line 2 does not end"):
        derive_stub(f"{begun}{begun.replace('f()', 'g()')}    # END SOLUTION\n")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the second assignment, to be spoiled."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(SECOND, tmp_path / "copy", ignore=ignored))


@pytest.mark.parametrize(
    ("command", "before", "after", "said"),
    [
        ("stubs", "# BEGIN SOLUTION 1\n", "# BEGIN SOLUTION 9\n", "no question '9'"),
        ("stubs", "# END SOLUTION", "", "does not end"),
        ("stubs", "class Sigmoid", "class 1Sigmoid", "invalid decimal literal"),
        ("record", "def backward(self, Z", "def backwards(self, Z", "cannot be recorded: Missing"),
        ("record", "# BEGIN SOLUTION 1", "return np.full(Z.shape, np.nan)", "is not finite"),
    ],
)
def test_a_reference_that_cannot_be_used_is_a_usage_error_that_says_where(
    copy: Path, command: str, before: str, after: str, said: str
) -> None:
    path = copy / "reference" / "activations.py"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    out = copy / "out"
    done = CliRunner().invoke(main, [command, "--assignment", str(copy), "--out", str(out)])
    assert done.exit_code == 2, done.output
    shown = " ".join(done.output.split())
    assert said in shown
    assert "activations" in shown
    assert not out.exists()


def test_a_batch_of_another_size_than_asked_is_refused() -> None:
    adapter = ActivationAdapter("activations.ReLU")
    always_three = lambda draw, m: Example({}, {"Z": np.ones((3, 2))}, cotangent=np.ones((3, 2)))  # noqa: E731
    with pytest.raises(ValueError, match="does not draw as many examples as asked"):
        counted_calls(adapter, "forward", always_three)(Draw(0, "a case"))


def test_an_example_without_a_cotangent_is_refused_by_name() -> None:
    adapter = ActivationAdapter("activations.ReLU")
    with pytest.raises(ValueError, match=r"an Example of activations\.ReLU has no cotangent"):
        adapter.once(Example({}, {"Z": np.ones((3, 2))}), "backward")


def test_a_cell_without_a_target_is_refused_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "cells.py").write_text("# %% half: forgets the 2\nclass MSE:\n    pass\n", "utf-8")
    with pytest.raises(UsageError, match=r"cells\.py: the cell 'half' names no target\."):
        entries(tmp_path)


def test_a_case_that_the_reference_cannot_answer_is_not_recorded(tmp_path: Path) -> None:
    def build(_: Draw) -> Problem:
        steps = (New("it", "activations.Nothing"), Call("it", "forward", out=("Y",)))
        return Problem(steps, outputs(("Y",)))

    asked = replace(ASSIGNMENT, cases=(Case("activations.ReLU", "values", "odd", build),))
    with pytest.raises(UsageError, match=r"'activations.ReLU/values/odd' cannot be recorded: Miss"):
        record(asked, tmp_path / "recorded.npz")
    assert not (tmp_path / "recorded.npz").exists()
