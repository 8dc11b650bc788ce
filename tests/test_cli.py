"""The command line: exit codes, formats, what is found where."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.confine import LAYERS
from grader.processes import Isolation
from grader.rubric import RUBRIC
from tests.catalogue import REFERENCE, reference_files


def _grade(*arguments: object, out: Path) -> Result:
    return CliRunner().invoke(main, ["grade", *map(str, arguments), "--out", str(out)])


def _score(out: Path) -> float:
    return json.loads(out.read_text("utf-8"))["score"]


def _copy(folder: Path) -> Path:
    shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _zip(path: Path, prefix: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in REFERENCE.glob("*.py"):
            archive.write(file, f"{prefix}{file.name}")
        archive.writestr("__MACOSX/._layers.py", b"\x00")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


@pytest.mark.parametrize("inside", ["", "student", "repository", "repository/student"])
def test_the_files_are_found_flat_or_in_folders(tmp_path: Path, out: Path, inside: str) -> None:
    _copy(tmp_path / "handed in" / inside)
    (tmp_path / "handed in" / "notes.txt").write_text("not code")
    result = _grade(tmp_path / "handed in", "--only", "3.1", out=out)
    assert result.exit_code == 0, result.output
    assert _score(out) == 8


@pytest.mark.parametrize("prefix", ["", "student/", "hw3/", "hw3/student/"])
def test_a_zip_is_graded_as_a_folder_is(tmp_path: Path, out: Path, prefix: str) -> None:
    result = _grade(_zip(tmp_path / "hw.zip", prefix), "--only", "ReLU", out=out)
    assert result.exit_code == 0, result.output
    assert _score(out) == 8


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda path: None, "There is no folder or zip"),
        (lambda path: path.mkdir(), "There is nothing to grade"),
        (lambda path: path.write_text("layers"), "is neither a folder nor a zip"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "There is nothing to grade"),
        (lambda path: path.write_bytes(b"PK\x05\x06" + b"\0" * 4), "is neither a folder nor a zip"),
    ],
    ids=["no such folder", "empty folder", "a text", "empty zip", "broken zip"],
)
def test_where_there_is_nothing_to_grade_the_exit_code_is_two(
    tmp_path: Path, out: Path, make, part: str
) -> None:
    make(tmp_path / "thing")
    result = _grade(tmp_path / "thing", out=out)
    assert result.exit_code == 2
    assert part in result.output.replace("\n", " ")
    assert not out.exists()


def test_unknown_targets_and_seeds_are_usage_errors(out: Path) -> None:
    result = _grade(REFERENCE, "--only", "9.9", out=out)
    assert (result.exit_code, "There is no target '9.9'" in result.output) == (2, True)
    result = _grade(REFERENCE, "--oracle", "recorded", "--seed", 5, out=out)
    assert (result.exit_code, "Seed 5 has no recorded" in result.output) == (2, True)


def test_fail_under_gives_exit_code_one_below_it_only(out: Path) -> None:
    assert _grade(REFERENCE, "--only", "3.1", "--fail-under", 8, out=out).exit_code == 0
    assert _grade(REFERENCE, "--only", "3.1", "--fail-under", 8.5, out=out).exit_code == 1
    assert _score(out) == 8


def test_a_fault_of_the_harness_gives_exit_code_three_and_says_so(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("grader.staging.Staging.stage", broken)
    result = _grade(REFERENCE, "--only", "3.1", out=out)
    assert result.exit_code == 3
    value = json.loads(out.read_text("utf-8"))
    assert value["output"].startswith("The autograder failed; this is not your mistake.")
    assert {t["extra_data"]["verdict"] for t in value["tests"]} == {"harness_fault"}
    assert "no space left on device" in value["tests"][0]["output"]


def test_results_that_cannot_be_written_are_said_and_the_grade_is_shown(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = _grade(REFERENCE, "--only", "3.1", out=tmp_path / "file" / "results.json")
    assert result.exit_code == 3
    assert "Error: The results could not be written to" in result.stderr
    assert "Score: 8 / 8" in result.stdout


def test_an_interrupt_leaves_results_that_say_so(tmp_path: Path, out: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--out", str(out)]
    with subprocess.Popen(command, cwd=REFERENCE.parent, stderr=subprocess.PIPE) as process:
        while not out.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read().decode()
    # CPython ends by the signal itself if it came during an exec of text, as dataclasses do on
    # import; a shell shows 130 either way.
    assert process.returncode in (130, -signal.SIGINT), said
    assert "Traceback" not in said
    assert "Stopped before the end" in said
    value = json.loads(out.read_text("utf-8"))
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"not_run"}
    assert len(value["tests"]) == sum(len(target.points) for target in RUBRIC)


def test_what_kills_the_grader_leaves_complete_results(out: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--out", str(out)]
    with subprocess.Popen(command, cwd=REFERENCE.parent, stderr=subprocess.DEVNULL) as process:
        while not out.exists():
            time.sleep(0.01)
        process.kill()
    assert json.loads(out.read_text("utf-8"))["score"] == 0


def test_isolation_that_cannot_be_had_grades_nothing_and_blames_nobody(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = dict.fromkeys(LAYERS, "it was taken away")
    monkeypatch.setattr("grader.processes.Launcher.isolation", Isolation(missing))
    result = _grade(REFERENCE, "--only", "3.1", "--require-isolation", "confined", out=out)
    assert result.exit_code == 3
    value = json.loads(out.read_text("utf-8"))
    assert {t["extra_data"]["verdict"] for t in value["tests"]} == {"harness_fault"}
    assert "'confined' is required" in value["tests"][0]["output"]
    assert value["extra_data"]["isolation"]["level"] == "any"


def test_the_doctor_says_which_layers_hold_and_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 0
    missing = dict.fromkeys(LAYERS, "") | {"landlock": "this kernel has no Landlock"}
    monkeypatch.setattr("grader.processes.Launcher.isolation", Isolation(missing))
    shown = CliRunner().invoke(main, ["doctor"]).output
    assert "landlock  no: this kernel has no Landlock." in shown
    assert "A submission could read the files of its user" in shown
    assert "Isolation: uid." in shown


def test_a_fresh_seed_is_another_one_each_time(out: Path) -> None:
    seeds = []
    for _ in range(2):
        assert _grade(REFERENCE, "--only", "3.6", "--seed", "fresh", out=out).exit_code == 0
        seeds.append(json.loads(out.read_text("utf-8"))["extra_data"]["seed"])
    assert seeds[0] != seeds[1]
    assert _grade(REFERENCE, "--seed", "soon", out=out).exit_code == 2


def test_the_gradescope_format_prints_what_is_written(out: Path) -> None:
    result = _grade(REFERENCE, "--only", "3.6", "--format", "gradescope", out=out)
    assert json.loads(result.stdout) == json.loads(out.read_text("utf-8"))


def test_the_terminal_shows_every_check_its_points_and_the_score(out: Path) -> None:
    result = _grade(REFERENCE, "--only", "5.4", out=out)
    assert "Batch normalization (extra)" in result.output
    assert "1.5 / 1.5" in result.output
    assert "Score: 6 / 0 of the selected questions, 6 of them extra credit" in result.output


def test_only_one_question_is_graded_by_any_of_its_names(out: Path) -> None:
    for name in ("4.2", "SGD", "optimizers.SGD"):
        assert _grade(REFERENCE, "--only", name, out=out).exit_code == 0
        tests = json.loads(out.read_text("utf-8"))["tests"]
        assert {test["number"] for test in tests} == {"4.2"}


def test_training_prints_both_accuracies() -> None:
    result = CliRunner().invoke(main, ["train", str(REFERENCE)])
    assert result.exit_code == 0
    printed = result.output
    assert "Iris" in printed
    assert "digits" in printed
    assert printed.count("test accuracy 0.9") + printed.count("test accuracy 1.0") == 2


def test_training_stubs_says_what_is_missing() -> None:
    result = CliRunner().invoke(main, ["train", str(REFERENCE.parent / "student")])
    assert result.exit_code == 0
    assert "cannot be trained yet: Question 4.1" in result.output


def test_training_that_raises_shows_the_lines_of_the_submission_only(tmp_path: Path) -> None:
    for name, content in reference_files().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "optimizers.py").write_text("import nothing_like_this\n")
    result = CliRunner().invoke(main, ["train", str(tmp_path)])
    assert result.exit_code == 1
    assert "No module named 'nothing_like_this'" in result.output
    assert 'File "student/optimizers.py", line 1' in result.output
    assert "launcher" not in result.output
