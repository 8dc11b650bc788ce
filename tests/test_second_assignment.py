"""A second assignment, from its folder to the zips: the engine is not tied to the first one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from grader.answers import entries
from grader.assignment import BEGIN, END, load, write_files
from grader.cli import main
from grader.paths import HOMEWORK, PACKAGE, ROOT
from tests.pages import read
from tests.watching import Watching

FOLDER = Path(__file__).parent / "assignments" / "logistic_regression"
REFERENCE, STUDENT = FOLDER / "reference", FOLDER / "student"
OPTION = ("--assignment", str(FOLDER))
BARE = {"PATH": os.environ["PATH"], "COLUMNS": "100"}

# What a submission with this mistake gets.
MISTAKE = "bce-backward-fused"
SENTENCE = (
    "This is the gradient with respect to Z, the sigmoid's input; the question asks for the one "
    "with respect to Y_hat."
)
SCORES = {
    "1": {"shape": 0.5, "values": 2, "gradient": 2, "batching": 0.5, "element": 0},
    "2": {"shape": 0.25, "values": 2, "gradient": 0, "batching": 0.25},
    "3": {"shape": 0.5, "values": 1.5, "gradient": 2, "batching": 1, "behaviour": 1},
    "4": {"values": 1, "behaviour": 1},
    "5": {"training": 2},
}
Run = subprocess.CompletedProcess[str]


def _invoke(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], env=environment)


def _run(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> Run:
    command = [sys.executable, "-B", "-m", "grader", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**BARE, **environment}, capture_output=True, text=True, check=False
    )


def _results(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _scores(results: dict[str, Any]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for test in results["tests"]:
        found.setdefault(test["number"], {})[test["extra_data"]["check"]] = test["score"]
    return found


def _texts(results: dict[str, Any]) -> list[tuple[str, str, float, str]]:
    return [
        (test["number"], test["extra_data"]["check"], test["score"], test["output"])
        for test in results["tests"]
    ]


def _mistaken() -> dict[str, bytes]:
    (entry,) = [one for one in entries(REFERENCE / "mistakes") if one.id == MISTAKE]
    assert entry.says == SENTENCE
    return entry.files(REFERENCE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with submissions: `mistaken` and `stubs`."""
    folder = tmp_path_factory.mktemp("second")
    write_files(folder / "mistaken", _mistaken())
    shutil.copytree(STUDENT, folder / "stubs")
    return folder


Grading = Callable[[str | Path, str], tuple[Run, dict[str, Any]]]


@pytest.fixture(scope="module")
def grading(home: Path) -> Grading:
    """Return a function that grades a submission once per oracle, and remembers the results."""
    done: dict[tuple[str, str], tuple[Run, dict[str, Any]]] = {}

    def grade(submission: str | Path, oracle: str) -> tuple[Run, dict[str, Any]]:
        key = (str(submission), oracle)
        if key not in done:
            out = home / f"{Path(submission).name}-{oracle}.json"
            more = ("--oracle", oracle, "--seed", "0", "--out", out)
            run = _run("grade", home / submission, *OPTION, *more)
            done[key] = (run, _results(out))
        return done[key]

    return grade


def test_the_engine_knows_nothing_of_it() -> None:
    names = "|".join(target.name.partition(".")[2] for target in load(FOLDER).rubric)
    assert names == "Sigmoid|sigmoid|BinaryCrossEntropy|LogisticRegression|GradientDescent|iris"
    for path in PACKAGE.rglob("*.*"):
        if path.suffix in (".py", ".j2", ".md", ".json") and not path.is_relative_to(HOMEWORK):
            assert not re.search(rf"\b({names})\b|logistic", path.read_text("utf-8")), path


def test_the_students_files_are_those_that_the_reference_gives(tmp_path: Path) -> None:
    assert _invoke("stubs", "--check", *OPTION).exit_code == 0
    wrong = _invoke("stubs", "--check", "--out", tmp_path, *OPTION)
    assert wrong.exit_code == 1
    assert f"{tmp_path / 'models.py'} differs from what" in wrong.output
    assert _invoke("stubs", "--out", tmp_path, *OPTION).output == f"Wrote 9 files to {tmp_path}.\n"
    written = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    kept = {p.relative_to(STUDENT).as_posix() for p in STUDENT.rglob("*.*") if p.suffix != ".pyc"}
    assert written == kept


@pytest.mark.slow
def test_the_reference_has_full_marks_live_and_recorded(grading: Grading) -> None:
    for oracle in ("live", "recorded"):
        run, results = grading(REFERENCE, oracle)
        assert run.returncode == 0, run.stderr
        assert "Score: 20 / 20" in run.stdout.splitlines()
        assert (results["score"], results["extra_data"]["oracle"]) == (20, oracle)
        assert [test["max_score"] for test in results["tests"]] == [
            points for checks in _points().values() for points in checks.values()
        ]
    first, second = (grading(REFERENCE, oracle)[1] for oracle in ("live", "recorded"))
    assert _texts(first) == _texts(second)


def _points() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for target in load(FOLDER).rubric:
        found.setdefault(target.question, {}).update(target.points)
    return found


@pytest.mark.slow
def test_stubs_have_no_points_and_every_message_names_a_hole(grading: Grading) -> None:
    run, results = grading("stubs", "recorded")
    assert (run.returncode, results["score"]) == (0, 0)
    holes = {
        name: [i for i, line in enumerate(_lines(f"{name}.py"), start=1) if "raise NotImpl" in line]
        for name in ("activations", "losses", "models", "optimizers", "formulas")
    }
    assert [len(lines) for lines in holes.values()] == [2, 2, 2, 1, 1]
    for test in results["tests"]:
        data = test["extra_data"]
        assert data["verdict"] == "not_implemented"
        module = data["target"].partition(".")[0].replace("train", "models")
        places = [f"{module}.py:{line}, in " for line in holes[module]]
        assert any(place in test["output"] for place in places), test["output"]
        assert "is not implemented yet: Question " in test["output"]
    for module, question in (("activations", "1 Sigmoid"), ("losses", "2 Binary cross-entropy")):
        first, second = holes[module]
        assert f"  {question}: {module}.py:{first} and {module}.py:{second}\n" in run.stdout
    assert f"  4 Gradient descent: optimizers.py:{holes['optimizers'][0]}\n" in run.stdout
    assert f"  5 Training on Iris: waiting for models.py:{holes['models'][0]}\n" in run.stdout


def _lines(name: str) -> list[str]:
    return (STUDENT / name).read_text("utf-8").splitlines()


@pytest.mark.slow
def test_a_mistake_gets_its_sentence_live_and_recorded_alike(grading: Grading) -> None:
    for oracle in ("live", "recorded"):
        run, results = grading("mistaken", oracle)
        assert run.returncode == 0, run.stderr
        assert _scores(results) == SCORES
        assert results["score"] == 17.5
        told = {
            (test["number"], test["extra_data"]["check"])
            for test in results["tests"]
            if SENTENCE in test["output"]
        }
        assert told == {("2", "gradient")}
        assert f"\n    {SENTENCE}\n" in run.stdout
    live, recorded = (grading("mistaken", oracle)[1] for oracle in ("live", "recorded"))
    assert _texts(live) == _texts(recorded)


@pytest.mark.slow
def test_a_submission_that_learns_nothing_fails_the_training(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in REFERENCE.glob("*.py")}
    source = files["optimizers.py"].decode()
    assert source.count("self.lr * ") == 1
    files["optimizers.py"] = source.replace("self.lr * ", "0.0 * ").encode()
    write_files(tmp_path / "student", files)
    out = tmp_path / "results.json"
    done = _invoke("grade", tmp_path / "student", "--only", "5", "--out", out, *OPTION)
    assert done.exit_code == 0
    (test,) = _results(out)["tests"]
    assert (test["score"], test["extra_data"]["verdict"]) == (0, "failed")
    assert "The test accuracy is 0.500" in test["output"]


@pytest.mark.slow
def test_a_training_without_images_is_pictured_with_recorded_answers(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    more = ("--only", "5", "--oracle", "recorded", "--html", page, "--out", tmp_path / "out.json")
    done = _invoke("grade", REFERENCE, *more, *OPTION)
    assert done.exit_code == 0, done.output
    (check,) = read(page.read_text("utf-8")).all("details", kind="check")
    losses, accuracy = (svg.one("desc").text for svg in check.all("svg"))
    start, _, end = losses.partition("; the reference solution's is ")
    assert start.startswith("Your loss is 0.693 in the first epoch, ")
    assert end == start.removeprefix("Your loss is ") + "."
    assert accuracy == "0.941; expected at least 0.9."
    assert not list(check.all("ul", kind="tiles"))


@pytest.mark.slow
def test_the_variable_does_the_same_as_the_option(home: Path, grading: Grading) -> None:
    out = home / "variable.json"
    more = ("--out", out, "--only", "BinaryCrossEntropy", "--only", "4", "--seed", "0")
    run = _run("grade", home / "mistaken", *more, GRADER_ASSIGNMENT=str(FOLDER))
    assert run.returncode == 0, run.stderr
    chosen = [row for row in _texts(grading("mistaken", "live")[1]) if row[0] in ("2", "4")]
    assert _texts(_results(out)) == chosen
    told = _invoke("explain", "4", GRADER_ASSIGNMENT=str(FOLDER))
    assert told.output == _invoke("explain", "4", *OPTION).output
    assert _invoke("explain", "4").exit_code == 2  # the homework has no question 4


@pytest.mark.slow
def test_the_page_shows_the_second_assignment_alone(home: Path) -> None:
    page = home / "report.html"
    more = ("--only", "2", "--out", home / "page.json", "--html", page, "--quiet")
    run = _run("grade", home / "mistaken", *OPTION, *more)
    assert run.returncode == 0, run.stderr
    text = page.read_text("utf-8")
    assert "Binary cross-entropy" in text
    assert SENTENCE.replace("'", "&#39;") in text
    assert not re.search("neural|ReLU|SoftMax", text)


def test_a_question_is_explained() -> None:
    told = _invoke("explain", "5", "Sigmoid", *OPTION)
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert lines[0] == "1 Sigmoid (activations.Sigmoid): 5 points"
    assert "5 Training on Iris (train.iris): 2 points" in lines
    assert (
        "training, 2 points: Does your own model learn to tell two species of Iris apart?" in lines
    )
    layouts = "a column, in Fortran order; a column, as a view"
    assert f"  Cases: a column; a matrix; |z| up to 1000; {layouts}." in lines
    unknown = _invoke("explain", "3.1", *OPTION)
    assert unknown.exit_code == 2
    assert (
        "There is no question '3.1'. The questions are:\n  1 activations.Sigmoid\n"
        in unknown.output
    )


@pytest.mark.slow
def test_the_training_script_is_run(home: Path) -> None:
    run = _run("train", REFERENCE, *OPTION)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "loss 0.693 -> 0.077\ntest accuracy 0.941 (0.9 expected)\n"
    run = _run("train", home / "stubs", *OPTION)
    hole = "Question 3: write LogisticRegression.forward."
    assert (run.returncode, run.stdout) == (0, f"Iris cannot be trained yet. {hole}\n")


@pytest.mark.slow
def test_doctor_tells_where_the_answers_come_from() -> None:
    told = _invoke("doctor", *OPTION)
    assert told.exit_code == 0
    assert re.search(r"^answers +from the reference, for any seed$", told.output, re.MULTILINE)


@pytest.mark.slow
def test_results_are_printed_in_other_formats(home: Path, grading: Grading) -> None:
    grading("mistaken", "live")
    results = home / "mistaken-live.json"
    page = _invoke("report", results, *OPTION)
    assert page.exit_code == 0
    assert page.output.startswith("## Score: 17.5 / 20\n")
    assert _invoke("report", results, "--format", "junit", *OPTION).output.count("<testcase ") == 17


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    shutil.copytree(STUDENT, tmp_path / "student")
    found = Watching(tmp_path / "student", *OPTION, "--only", "1", "--only", "4")
    yield found
    found.end()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_every_save_is_graded(watching: Watching, tmp_path: Path) -> None:
    text = watching.until(r"Start here: 1 Sigmoid, .*\n")
    assert "  4 Gradient descent: optimizers.py:" in text
    assert "  1 Sigmoid: activations.py:" in text
    new = tmp_path / "optimizers.py"
    new.write_bytes((REFERENCE / "optimizers.py").read_bytes())
    new.replace(tmp_path / "student" / "optimizers.py")
    text = watching.until("Including earlier results")
    assert "4 Gradient descent: 0 -> 2 of 2" in text
    assert "Sigmoid" not in text
    assert "Including earlier results: 2 / 7 points" in text
    assert watching.score() == 2
    assert watching.interrupt() == 0


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unzipped handout, in a folder of its own."""
    return _unzipped("handout", tmp_path_factory.mktemp("handout")) / "logistic-regression"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unzipped bundle, in a folder of its own."""
    return _unzipped("bundle", tmp_path_factory.mktemp("bundle"))


def _unzipped(command: str, folder: Path) -> Path:
    made = _invoke(command, "--out", folder / "it.zip", *OPTION)
    assert made.exit_code == 0, made.output
    with zipfile.ZipFile(folder / "it.zip") as archive:
        archive.extractall(folder / "it")
    return folder / "it"


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.slow
def test_the_handout_grades_without_the_reference(handout: Path) -> None:
    run = _run("grade", "student", cwd=handout)
    assert run.returncode == 0, run.stderr
    assert "Score: 0 / 20" in run.stdout.splitlines()
    results = _results(handout / "results.json")
    assert (results["score"], results["extra_data"]["oracle"]) == (0, "recorded")
    assert {test["extra_data"]["verdict"] for test in results["tests"]} == {"not_implemented"}
    assert "5 Training on Iris: waiting for models.py" in run.stdout
    live = _run("grade", "student", "--oracle", "live", cwd=handout)
    assert live.returncode == 2
    assert "needs the reference, which is not part of the handout" in live.stderr


@pytest.mark.slow
def test_the_handout_names_the_mistake_too(handout: Path, grading: Grading) -> None:
    write_files(handout.parent / "mine", _mistaken())
    run = _run("grade", "../mine", "--out", "../mine.json", cwd=handout)
    assert run.returncode == 0, run.stderr
    assert _texts(_results(handout.parent / "mine.json")) == _texts(
        grading("mistaken", "recorded")[1]
    )


@pytest.mark.slow
def test_the_handout_has_no_solution_and_nothing_of_the_homework(handout: Path) -> None:
    files = _contents(handout)
    solved = {"".join(line.split()) for line in _solution_lines()}
    assert len(solved) > 8
    for name, content in files.items():
        text = "".join(content.decode("utf-8", "replace").split())
        assert not [line for line in solved if line in text], name
        assert BEGIN.encode() not in content or name == "grader/assignment/stubs.py", name
        assert not {"mistakes", "honest", "reference"} & {*Path(name).parts}, name
    first = {c for folder in (HOMEWORK, ROOT / "reference", ROOT / "student")
             for c in _contents(folder).values() if c.strip()}  # fmt: skip
    assert not [name for name, content in files.items() if content in first]
    own = {p.stem for p in (handout / "student").glob("*.py")}
    assert own == {
        "__init__",
        "activations",
        "datasets",
        "formulas",
        "losses",
        "models",
        "optimizers",
        "train",
    }
    page = files["README.md"].decode()
    assert page.startswith("# Homework: logistic regression in plain numpy\n")
    assert "| 2 | Binary cross-entropy | `losses.BinaryCrossEntropy` | 5 |" in page
    assert "| 5 | Training on Iris | `make train` | 2 |" in page


def _solution_lines() -> set[str]:
    """Return the lines of all solution regions, and of the mistakes, that no stub has."""
    given = " ".join(path.read_text("utf-8") for path in STUDENT.glob("*.py"))
    found: set[str] = set()
    for path in REFERENCE.glob("*.py"):
        inside = False
        for line in path.read_text("utf-8").splitlines():
            text = line.strip()
            inside = text.startswith(BEGIN) or (inside and text != END)
            found |= {text} if inside and not text.startswith(("#", '"""')) else set()
    for entry in entries(REFERENCE / "mistakes"):
        found |= {text for line in entry.code.splitlines() if "=" in (text := line.strip())}
    return {text for text in found if len(text) > 12 and text not in given}


def _platform(root: Path, files: dict[str, bytes]) -> Path:
    """Write a folder laid out as Gradescope's /autograder."""
    write_files(root / "submission", files)
    (root / "results").mkdir()
    return root


@pytest.mark.slow
def test_the_bundle_grades_a_submission_live(bundle: Path, tmp_path: Path) -> None:
    assert (bundle / "run_autograder").is_file()
    root = _platform(tmp_path / "autograder", _mistaken())
    more = ("--root", root, "--require-isolation", "any")
    run = _run("autograde", *more, cwd=bundle)
    assert run.returncode == 0, run.stderr
    results = _results(root / "results" / "results.json")
    assert (_scores(results), results["extra_data"]["oracle"]) == (SCORES, "live")
    (told,) = [t for t in results["tests"] if (t["number"], t["score"]) == ("2", 0)]
    assert SENTENCE.partition(",")[0] in told["output"]


def test_the_bundle_has_results_for_the_case_that_nothing_runs(bundle: Path) -> None:
    fault = _results(bundle / "fault.json")
    assert [test["number"] for test in fault["tests"]] == list("11111222233333445")
    assert {test["extra_data"]["verdict"] for test in fault["tests"]} == {"harness_fault"}


@pytest.mark.slow
def test_the_platforms_command_takes_a_folder(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in REFERENCE.glob("*.py")}
    root = _platform(tmp_path / "autograder", files)
    run = _run("autograde", "--root", root, "--require-isolation", "any", *OPTION)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "Score: 20.0; verdicts: passed.\n"


@pytest.mark.slow
def test_the_catalogues_of_a_question_hold() -> None:
    """`.ci/run` validates all of them."""
    run = _run("validate", "--only", "4", "--seeds", "2", "--jobs", "1", *OPTION)
    assert run.returncode == 0, run.stdout
    assert run.stdout.splitlines()[-1] == "26 submissions graded: 0 errors."


@pytest.mark.slow
def test_the_recorded_answers_are_those_of_the_reference(tmp_path: Path) -> None:
    made = _invoke("record", "--out", tmp_path / "recorded.npz", *OPTION)
    assert made.exit_code == 0, made.output
    with np.load(tmp_path / "recorded.npz") as new, np.load(FOLDER / "recorded.npz") as old:
        assert new.files == old.files
        for name in new.files:
            if old[name].dtype == np.uint8:  # what was asked, and the sentences
                assert new[name].tobytes() == old[name].tobytes(), name
            else:
                np.testing.assert_allclose(new[name], old[name], 1e-9, 1e-12, err_msg=name)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return the assignment's folder, copied."""
    ignored = shutil.ignore_patterns("__pycache__", "student", "honest")
    shutil.copytree(FOLDER, tmp_path / "copy", ignore=ignored)
    return tmp_path / "copy"


def _refused(folder: Path) -> str:
    """Return why a folder is no assignment; commands that use it end with exit code 2."""
    found = _invoke("explain", "1", "--assignment", folder)
    again = _invoke("explain", "1", GRADER_ASSIGNMENT=str(folder))
    assert (found.exit_code, again.exit_code) == (2, 2)
    assert again.output == found.output
    return found.output.removeprefix("Error: ").strip()


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    why = _refused(tmp_path / "nowhere")
    assert (
        why
        == f"There is no folder {tmp_path}/nowhere; an assignment is a folder with assignment.py."
    )


def test_a_folder_without_its_file_is_refused(tmp_path: Path) -> None:
    assert _refused(tmp_path) == f"{tmp_path} is not an assignment: it has no assignment.py."


def test_an_assignment_that_cannot_be_imported_is_refused(copy: Path) -> None:
    _replace(copy / "assignment.py", "from .rubric import", "from .points import")
    said = "the assignment cannot be imported: ModuleNotFoundError: No module named 'points'"
    assert _refused(copy) == f"{copy / 'assignment.py'}, line 11: {said}"


def test_a_file_without_the_value_is_refused(copy: Path) -> None:
    _replace(copy / "assignment.py", "ASSIGNMENT = Assignment(", "HOMEWORK = Assignment(")
    why = f"{copy / 'assignment.py'} defines no ASSIGNMENT = Assignment(...)."
    assert _refused(copy) == why


def test_a_check_without_cases_is_refused(copy: Path) -> None:
    _replace(copy / "rubric.py", '{"values": 1, "behaviour": 1}', '{"values": 1, "gradient": 1}')
    missing = "there is no case of the check 'gradient' of optimizers.GradientDescent."
    assert _refused(copy) == f"{copy / 'rubric.py'}, line 31: {missing}"


def test_every_command_refuses_what_is_no_assignment(tmp_path: Path) -> None:
    commands: tuple[tuple[str, ...], ...] = (
        ("grade", str(STUDENT)), ("watch", str(STUDENT)), ("train", str(STUDENT)),
        ("autograde", "--root", str(tmp_path)), ("report", str(FOLDER / "rubric.py")), ("doctor",),
        ("stubs",), ("record",), ("handout",), ("bundle",), ("validate",),
    )  # fmt: skip
    for command in commands:
        found = _invoke(*command, "--assignment", tmp_path)
        assert found.exit_code == 2, command
        assert f"Error: {tmp_path} is not an assignment: it has no assignment.py." in found.output


@pytest.mark.slow
def test_an_assignment_can_lie_anywhere(copy: Path, tmp_path: Path) -> None:
    """Changing a number in its rubric is all it takes to change the points."""
    _replace(copy / "rubric.py", '{"values": 1, "behaviour": 1}', '{"values": 3, "behaviour": 2}')
    out = tmp_path / "results.json"
    run = _run("grade", copy / "reference", "--only", "4", "--out", out, "--assignment", copy)
    assert run.returncode == 0, run.stderr
    assert [test["max_score"] for test in _results(out)["tests"]] == [3, 2]
    assert _results(out)["score"] == 5
    zipped = _invoke("handout", "--out", tmp_path / "it.zip", "--assignment", copy)
    assert zipped.exit_code == 2
    assert "is out of date in student/; run `grader stubs` first." in zipped.output
    assert not (tmp_path / "it.zip").exists()
