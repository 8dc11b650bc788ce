"""Invalid assignments are refused with a reason when they are loaded, derived, or recorded."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from grader.answers import entries, record
from grader.assignment import (
    ActivationAdapter,
    Assignment,
    Case,
    Example,
    Problem,
    counted_calls,
    load,
)
from grader.assignment.fitting import problems
from grader.assignment.stubs import derive_stub
from grader.cli import main
from grader.errors import GraderError, UsageError
from grader.paths import ROOT
from grader.program import Call, New
from grader.report import gradescope
from grader.report.formats import FORMATS
from grader.report.gradescope import results
from grader.result import outputs
from grader.running import not_run
from grader.sampler import Sampler
from tests.homework import ASSIGNMENT, RUBRIC

SECOND = ROOT / "tests" / "assignments" / "logistic_regression"
CASE = ASSIGNMENT.cases[0]


def test_the_homework_fits_together() -> None:
    assert list(problems(ASSIGNMENT)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda a: replace(a, name="My homework"), "the name 'My homework' may have"),
        (lambda a: replace(a, graded_modules="activations"), "graded_modules is a string"),
        (lambda a: replace(a, rubric=()), "the rubric has no target."),
        (lambda a: replace(a, rubric=(*RUBRIC, RUBRIC[0])), "there are two targets"),
        (
            lambda a: replace(a, rubric=(*RUBRIC, replace(RUBRIC[0], name="losses.Huber"))),
            "there are two questions '3.1'.",
        ),
        (lambda a: replace(a, cases=(*a.cases, CASE)), f"there are two cases {CASE.key!r}."),
        (
            lambda a: replace(a, cases=(*a.cases, replace(CASE, target="losses.Huber"))),
            "belongs to no target of the rubric.",
        ),
        (lambda a: replace(a, cases=a.cases[1:2]), "there is no case of the check"),
        (lambda a: replace(a, training_module="run"), "'run' is neither a graded nor a given"),
    ],
)
def test_what_does_not_fit_together_is_said(
    change: Callable[[Assignment], Assignment], problem: str
) -> None:
    assert any(problem in found for found in problems(change(ASSIGNMENT)))


def test_a_region_that_begins_in_another_is_refused() -> None:
    begun = "def f():\n    # BEGIN SOLUTION 1\n    return 1\n"
    with pytest.raises(GraderError, match="begins at line 2 does not end"):
        derive_stub(f"{begun}{begun.replace('f()', 'g()')}    # END SOLUTION\n")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the second assignment for tests to break."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(SECOND, tmp_path / "copy", ignore=ignored))


@pytest.mark.parametrize(
    ("command", "before", "after", "said"),
    [
        ("stubs", "# BEGIN SOLUTION 1\n", "# BEGIN SOLUTION 9\n", "solutions of question 9."),
        ("stubs", "# END SOLUTION", "", "does not end"),
        ("stubs", "# BEGIN SOLUTION 1", "# Begin solution 1", "is '# Begin solution 1'; the marks"),
        ("stubs", "# BEGIN SOLUTION 1", "#BEGIN SOLUTION 1", "is '#BEGIN SOLUTION 1'; the marks"),
        ("stubs", "# BEGIN SOLUTION 1", "pass", "ends a solution region, and none has begun"),
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
    always_three = lambda rng, m: Example({}, {"Z": np.ones((3, 2))}, cotangent=np.ones((3, 2)))  # noqa: E731
    with pytest.raises(ValueError, match="does not draw as many examples as asked"):
        counted_calls(adapter, "forward", always_three)(Sampler(0, "a case"))


def test_an_example_without_a_cotangent_is_refused_by_name() -> None:
    adapter = ActivationAdapter("activations.ReLU")
    with pytest.raises(ValueError, match=r"an Example of activations\.ReLU has no cotangent"):
        adapter.once(Example({}, {"Z": np.ones((3, 2))}), "backward")


def test_a_cell_without_a_target_is_refused_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "cells.py").write_text("# %% half: forgets the 2\nclass MSE:\n    pass\n", "utf-8")
    with pytest.raises(UsageError, match=r"cells\.py: the cell 'half' names no target\."):
        entries(tmp_path)


def test_a_case_that_the_reference_cannot_answer_is_not_recorded(tmp_path: Path) -> None:
    def build(_: Sampler) -> Problem:
        steps = (New("it", "activations.Nothing"), Call("it", "forward", out=("Y",)))
        return Problem(steps, outputs(("Y",)))

    asked = replace(ASSIGNMENT, cases=(Case("activations.ReLU", "values", "odd", build),))
    with pytest.raises(UsageError, match=r"'activations.ReLU/values/odd' cannot be recorded: Miss"):
        record(asked, tmp_path / "recorded.npz")
    assert not (tmp_path / "recorded.npz").exists()


def _change(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def _handout(home: Path, *commands: str) -> tuple[int, str]:
    """Run commands on an assignment, then write its handout to `home/it.zip`."""
    for command in commands:
        done = CliRunner().invoke(main, [command, "--assignment", str(home)])
        assert done.exit_code == 0, done.output
    options = ["--assignment", str(home), "--out", str(home / "it.zip")]
    done = CliRunner().invoke(main, ["handout", *options])
    return done.exit_code, " ".join(done.output.split())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "HOME = ",
            "from .reference.losses import BinaryCrossEntropy\nHOME = ",
            "must not get that",
        ),
        ("Folders.below(HOME)", "Folders.below(HOME.parent)", "write Path(__file__).parent"),
        ('HOME / "fakes.py"', 'HOME.parent / "fakes.py"', "are not a file in"),
        ("HOME = ", "raise SystemExit(0)\nHOME = ", "cannot be imported: SystemExit: 0"),
        ("rubric=RUBRIC", "rubric=None", "line 21: rubric is None; expected a tuple."),
    ],
)
def test_an_assignment_whose_files_are_not_where_they_must_be_is_refused(
    copy: Path, before: str, after: str, said: str
) -> None:
    _change(copy / "assignment.py", before, after)
    done = CliRunner().invoke(main, ["stubs", "--assignment", str(copy)])
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())


def test_a_handout_that_would_not_work_is_not_written(copy: Path) -> None:
    _change(
        copy / "cases" / "activations.py", "from grader", "from pathlib import Path\nfrom grader"
    )
    _change(
        copy / "cases" / "activations.py",
        "def sigmoid()",
        'SIZE = int((Path(__file__).parent / "size.txt").read_text())\n\n\ndef sigmoid()',
    )
    (copy / "cases" / "size.txt").write_text("3")
    code, said = _handout(copy)
    assert code == 2
    assert "The students' zip would not work:" in said
    assert "size.txt" in said
    assert not (copy / "it.zip").exists()


@pytest.mark.slow
def test_a_handout_has_no_honest_variant_whatever_the_folders_are(copy: Path) -> None:
    (copy / "honest").rename(copy / "reference" / "honest")
    _change(
        copy / "assignment.py",
        "Folders.below(HOME)",
        'Folders.below(HOME, honest=HOME / "reference" / "honest")',
    )
    assert _handout(copy)[0] == 0
    with zipfile.ZipFile(copy / "it.zip") as archive:
        assert not [name for name in archive.namelist() if "honest" in name]


@pytest.mark.slow
def test_the_handouts_project_file_is_sound_whatever_the_title_is(copy: Path) -> None:
    tomllib = pytest.importorskip("tomllib")
    title = 'the $\\ell_2$ "norm"'
    _change(copy / "assignment.py", '"Homework: logistic regression in plain numpy"', repr(title))
    assert _handout(copy)[0] == 0
    with zipfile.ZipFile(copy / "it.zip") as archive:
        project = tomllib.loads(archive.read("logistic-regression/pyproject.toml").decode())
    assert project["project"]["description"] == title
    assert project["project"]["name"] == "logistic-regression-grader"


def test_stale_stubs_are_a_usage_error_of_the_handout(copy: Path) -> None:
    (copy / "student" / "losses.py").write_text("# mine\n", "utf-8")
    code, said = _handout(copy)
    assert code == 2
    assert "losses.py is out of date in student/; run `grader stubs` first." in said


@pytest.mark.slow
def test_an_assignment_beside_the_homework_is_no_part_of_the_engine(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("grader", "reference", "student", "container"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    second = tmp_path / "grader" / "assignment" / "second"
    shutil.copytree(SECOND, second, ignore=ignored)
    for home, folder in (("second", "logistic-regression"), ("homework", "nn-homework")):
        path = f"grader/assignment/{home}"
        command = [sys.executable, "-B", "-m", "grader", "handout", "--assignment", path]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        with zipfile.ZipFile(tmp_path / "dist" / "handout.zip") as archive:
            names = archive.namelist()
            assert not [name for name in names if "assignment/second" in name]
            marked = [name for name in names if b"# BEGIN SOLUTION" in archive.read(name)]
        assert marked == [f"{folder}/grader/assignment/stubs.py"]


def test_a_catalogue_that_is_missing_is_no_success_of_validate(copy: Path) -> None:
    shutil.rmtree(copy / "honest")
    options = ["--assignment", str(copy), "--no-mutants", "--only", "4"]
    done = CliRunner().invoke(main, ["validate", *options])
    assert done.exit_code == 2
    assert "There are no entries in" in done.output


def test_points_that_floats_do_not_add_up_to_are_the_whole_all_the_same() -> None:
    points = {"shape": 0.1, "values": 0.2, "gradient": 0.7, "batching": 0.4}
    target = replace(RUBRIC[0], points=points)
    asked = replace(ASSIGNMENT, rubric=(target,))
    found = not_run(asked, "Nothing was run.")
    assert found.is_whole
    assert "of the selected questions" not in FORMATS["markdown"](results(found), asked.total)


@pytest.mark.slow
def test_a_question_without_a_region_is_not_handed_out(copy: Path) -> None:
    path = copy / "reference" / "activations.py"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(x for x in lines if "SOLUTION" not in x) + "\n", "utf-8")
    done = CliRunner().invoke(main, ["stubs", "--assignment", str(copy)])
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert "activations.py has no solution region of question 1 (activations.Sigmoid)" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("old/activations.py", "reference/old/activations.py is neither a graded module"),
        ("spare.py", "reference/spare.py is neither a graded module"),
    ],
)
def test_a_module_that_nobody_names_is_not_handed_out(copy: Path, name: str, said: str) -> None:
    path = copy / "reference" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("SOLUTION = 42\n", "utf-8")
    done = CliRunner().invoke(main, ["stubs", "--assignment", str(copy)])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


PAGE = "# Derivations\n\n<!-- BEGIN SOLUTION 1 -->\n$y (1 - y)$\n<!-- END SOLUTION -->\n"


def test_stubs_keep_the_answers_that_they_replace(copy: Path) -> None:
    """In a checkout, a single command would overwrite a student's own `student/`."""
    command = ["stubs", "--assignment", str(copy)]
    assert CliRunner().invoke(main, command).exit_code == 0
    mine = copy / "student" / "losses.py"
    mine.write_text("mine = 1\n", "utf-8")
    done = CliRunner().invoke(main, command)
    (kept,) = copy.glob("student.replaced-*")
    said = done.output.replace("\n", "")
    assert f"The previous contents of losses.py are kept in {kept}." in said
    assert [path.name for path in kept.iterdir()] == ["losses.py"]
    assert (kept / "losses.py").read_text("utf-8") == "mine = 1\n"
    assert "mine" not in mine.read_text("utf-8")
    assert "kept" not in CliRunner().invoke(main, command).output


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("SOLUTION 1", "SOLUTION 9", "the rubric has no question '9'."),
        ("<!-- END SOLUTION -->", "", "The solution region that begins at line 3 does not end."),
        (
            "SOLUTION 1",
            "SOLUTION",
            "The solution region that begins at line 3 does not name a question.",
        ),
        (
            "<!-- BEGIN SOLUTION 1",
            "<!-- begin solutoin",
            "Line 3 is '<!-- begin solutoin -->'; the",
        ),
        (
            PAGE,
            "# Notes of the staff\n",
            "has no solution region; it would be handed out as it is.",
        ),
    ],
)
def test_a_page_that_cannot_be_handed_out_is_a_usage_error(
    copy: Path, before: str, after: str, said: str
) -> None:
    (copy / "reference" / "writeup.md").write_text(PAGE.replace(before, after), "utf-8")
    out = copy / "out"
    done = CliRunner().invoke(main, ["stubs", "--assignment", str(copy), "--out", str(out)])
    assert done.exit_code == 2, done.output
    shown = " ".join(done.output.split())
    assert said in shown
    assert "reference/writeup.md: " in shown
    assert not out.exists()


@pytest.mark.slow
def test_a_page_is_derived_and_needs_no_answers_recorded_again(copy: Path) -> None:
    (copy / "reference" / "writeup.md").write_text(PAGE, "utf-8")
    code, said = _handout(copy)
    assert code == 2
    assert "writeup.md is out of date in student/; run `grader stubs` first." in said
    assert _handout(copy, "stubs")[0] == 0
    with zipfile.ZipFile(copy / "it.zip") as archive:
        page = archive.read("logistic-regression/student/writeup.md")
    assert page == b"# Derivations\n\nYOUR DERIVATION HERE\n"


@pytest.mark.parametrize("mark", ["# BEGIN SOLUTION 1", "<!-- BEGIN SOLUTION 1 -->"])
def test_a_page_of_the_handout_with_a_solution_in_it_is_refused(copy: Path, mark: str) -> None:
    (copy / "handout").mkdir(exist_ok=True)
    (copy / "handout" / "hints.md").write_text(f"{mark}\n", "utf-8")
    code, said = _handout(copy)
    assert code == 2
    assert "hints.md in the students' zip would contain a solution." in said
    assert not (copy / "it.zip").exists()


def test_a_module_that_is_not_there_is_said(copy: Path) -> None:
    (copy / "reference" / "train.py").unlink()
    done = CliRunner().invoke(main, ["stubs", "--assignment", str(copy)])
    assert done.exit_code == 2
    assert "there is no train.py in reference/." in done.output


@pytest.mark.slow
@pytest.mark.parametrize("command", ["handout", "bundle"])
@pytest.mark.parametrize("folder", ["mistakes", "alternatives"])
def test_explanations_that_are_out_of_date_are_not_handed_out(
    copy: Path, folder: str, command: str
) -> None:
    more = copy / "reference" / folder / "more.py"
    more.parent.mkdir(exist_ok=True)
    more.write_text("# %% more: nothing\n# target: activations.Sigmoid\n", "utf-8")
    options = ["--assignment", str(copy), "--out", str(copy / "it.zip")]
    done = CliRunner().invoke(main, [command, *options])
    assert done.exit_code == 2
    assert "The recorded answers are older than the reference, its known mistakes or its " in (
        " ".join(done.output.split())
    )
    assert not (copy / "it.zip").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("reference/activations.py", "return dY * ", "return 1.000001 * dY * "),
        ("cases/activations.py", "(5, 3)", "(6, 3)"),
    ],
)
def test_answers_that_are_out_of_date_are_not_handed_out(
    copy: Path, file: str, before: str, after: str
) -> None:
    _change(copy / file, before, after)
    code, said = _handout(copy, "stubs")
    assert code == 2
    assert "are out of date; run `grader record` first." in said
    assert _handout(copy, "record")[0] == 0


def test_results_of_another_assignment_are_refused_by_name(tmp_path: Path) -> None:
    gradescope.write(tmp_path / "results.json", results(not_run(load(SECOND), "Nothing was run.")))
    done = CliRunner().invoke(main, ["report", str(tmp_path / "results.json")])
    assert done.exit_code == 2
    assert "which is not part of nn-homework" in " ".join(done.output.split())


def test_the_file_of_an_assignment_names_its_folder() -> None:
    assert load(SECOND / "assignment.py") is load(SECOND)


def test_stand_ins_that_cannot_be_imported_are_a_usage_error(copy: Path) -> None:
    (copy / "fakes.py").write_text("import nothing_like_it\n", "utf-8")
    done = CliRunner().invoke(main, ["record", "--assignment", str(copy)])
    assert done.exit_code == 2
    said = "fakes.py, line 1: this file cannot be imported: ModuleNotFoundError"
    assert said in " ".join(done.output.split())
