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
from tests.catalogue import REFERENCE


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

    monkeypatch.setattr("grader.submission.Submission.stage", broken)
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


def test_an_interrupt_stops_the_run_and_writes_nothing(tmp_path: Path, out: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--out", str(out)]
    with subprocess.Popen(command, cwd=REFERENCE.parent, stderr=subprocess.PIPE) as process:
        time.sleep(1.2)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in said or process.returncode == -signal.SIGINT
    assert not out.exists()


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


def test_training_prints_both_accuracies(capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(main, ["train", str(REFERENCE)]).exit_code == 0
    printed = capfd.readouterr().out
    assert "Iris" in printed
    assert "digits" in printed
    assert printed.count("test accuracy 0.9") + printed.count("test accuracy 1.0") == 2


def test_training_stubs_says_what_is_missing(capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(main, ["train", str(REFERENCE.parent / "student")]).exit_code == 0
    assert "cannot be trained yet: Question 4.1" in capfd.readouterr().out
