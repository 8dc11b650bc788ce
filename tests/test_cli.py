"""The command line: exit codes, formats, and where it finds files."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.assignment.explanations import CHECKS
from grader.cli import main
from grader.cli.command import Audiences
from grader.errors import GraderError, UsageError
from grader.limits import Isolation
from grader.paths import ROOT
from grader.report.messages import MEANINGS
from grader.signals import cleaned_up
from grader.verdict import Verdict
from grader.worker.confine import LAYERS
from tests.catalogue import REFERENCE, entries, reference_files, submission
from tests.homework import ASSIGNMENT, EXPLANATIONS, RUBRIC, STUBS, cases_of, find_targets


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


@pytest.mark.slow
@pytest.mark.parametrize("inside", ["", "student", "repository", "repository/student"])
def test_the_files_are_found_flat_or_in_folders(tmp_path: Path, out: Path, inside: str) -> None:
    _copy(tmp_path / "handed in" / inside)
    (tmp_path / "handed in" / "notes.txt").write_text("not code")
    result = _grade(tmp_path / "handed in", "--only", "3.1", out=out)
    assert result.exit_code == 0, result.output
    assert _score(out) == 8


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "student/", "hw3/", "hw3/student/"])
def test_a_zip_is_graded_as_a_folder_is(tmp_path: Path, out: Path, prefix: str) -> None:
    result = _grade(_zip(tmp_path / "hw.zip", prefix), "--only", "ReLU", out=out)
    assert result.exit_code == 0, result.output
    assert _score(out) == 8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda path: None, "There is no folder or zip"),
        (lambda path: path.mkdir(), "There is nothing to grade"),
        (lambda path: path.write_text("layers"), "is not a folder, zip or tar"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "There is nothing to grade"),
        (lambda path: path.write_bytes(b"PK\x05\x06" + b"\0" * 4), "is not a folder, zip or tar"),
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
    tests = json.loads(out.read_text("utf-8"))["tests"]  # so no older results remain
    assert {test["extra_data"]["verdict"] for test in tests} == {"not_run"}
    assert part in tests[0]["output"]


@pytest.mark.slow
def test_unknown_targets_and_seeds_are_usage_errors(out: Path) -> None:
    result = _grade(REFERENCE, "--only", "9.9", out=out)
    assert (result.exit_code, "There is no question '9.9'" in result.output) == (2, True)
    result = _grade(REFERENCE, "--oracle", "recorded", "--seed", 5, out=out)
    assert (result.exit_code, "Seed 5 has no recorded" in result.output) == (2, True)


@pytest.mark.slow
def test_fail_under_gives_exit_code_one_below_it_only(out: Path) -> None:
    assert _grade(REFERENCE, "--only", "3.1", "--fail-under", 8, out=out).exit_code == 0
    assert _grade(REFERENCE, "--only", "3.1", "--fail-under", 8.5, out=out).exit_code == 1
    assert _score(out) == 8


@pytest.mark.slow
def test_a_fault_of_the_harness_gives_exit_code_three_and_says_so(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("grader.submission.workspace.Staging.stage", broken)
    result = _grade(REFERENCE, "--only", "3.1", out=out)
    assert result.exit_code == 3
    value = json.loads(out.read_text("utf-8"))
    assert value["output"].startswith("The autograder failed; this is not your mistake.")
    assert {t["extra_data"]["verdict"] for t in value["tests"]} == {"harness_fault"}
    assert "no space left on device" in value["tests"][0]["output"]


@pytest.mark.slow
def test_results_that_cannot_be_written_are_said_and_the_grade_is_shown(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = _grade(REFERENCE, "--only", "3.1", out=tmp_path / "file" / "results.json")
    assert result.exit_code == 3
    assert "Error: The results could not be written to" in result.stderr
    assert "Score: 8 / 8" in result.stdout


def _raises(error: BaseException):
    def broken(*_: object, **__: object) -> None:
        raise error

    return broken


@pytest.mark.slow
def test_an_error_while_the_page_is_made_costs_the_page_alone(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.report.html.render", _raises(ValueError("no such picture")))
    result = _grade(REFERENCE, "--only", "3.1", "--html", out.parent / "report.html", out=out)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr
    assert "ValueError: no such picture" in result.stderr
    assert "Score: 8 / 8" in result.stdout
    assert "With pictures" not in result.stdout
    assert _score(out) == 8


@pytest.mark.slow
def test_an_error_while_the_grade_is_printed_leaves_the_results(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.report.terminal.show", _raises(ZeroDivisionError("bar")))
    result = _grade(REFERENCE, "--only", "3.1", out=out)
    assert result.exit_code == 3
    assert "Error: The autograder failed: ZeroDivisionError: bar." in result.stderr
    assert _score(out) == 8


def test_an_error_before_there_is_a_grade_is_in_the_results(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.answers.choose", _raises(RuntimeError("odd file")))
    assert _grade(REFERENCE, "--only", "3.1", out=out).exit_code == 3
    value = json.loads(out.read_text("utf-8"))
    assert {t["extra_data"]["verdict"] for t in value["tests"]} == {"harness_fault"}
    assert "RuntimeError: odd file" in value["tests"][0]["output"]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RuntimeError("odd machine"), 3, "The autograder failed: RuntimeError: odd machine."),
        (GraderError("No launcher."), 3, "The autograder failed: No launcher."),
        (UsageError("Not here."), 2, "Error: Not here."),
        (KeyboardInterrupt(), 130, "Stopped early."),
    ],
)
def test_every_command_ends_with_a_code_that_is_documented(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.report.environment.facts", _raises(error))
    result = CliRunner().invoke(main, ["doctor"])
    assert (result.exit_code, said in result.stderr) == (code, True)
    assert ("Traceback" in result.stderr) == (type(error) is RuntimeError)


def _run(*arguments: object, **streams: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, **streams
    )


@pytest.fixture
def unread() -> Iterator[int]:
    """Yield the write end of a pipe whose read end is closed."""
    ours, theirs = os.pipe()
    os.close(ours)
    yield theirs
    os.close(theirs)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes fail with a different error there")
@pytest.mark.parametrize(("form", "under", "code"), [("terminal", 8, 0), ("gradescope", 8.5, 1)])
def test_a_grade_that_nobody_reads_is_the_same(
    out: Path, unread: int, form: str, under: float, code: int
) -> None:
    options = ("--only", "3.1", "--out", out, "--format", form, "--fail-under", under)
    found = _run("grade", REFERENCE, *options, stdout=unread)
    assert (found.returncode, found.stderr, _score(out)) == (code, "", 8)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes fail with a different error there")
@pytest.mark.parametrize(
    ("arguments", "code"), [(("explain", "3.1"), 0), (("--help",), 0), (("train", STUBS), 0)]
)
def test_a_pipe_that_nobody_reads_changes_no_exit_code(
    unread: int, arguments: tuple[object, ...], code: int
) -> None:
    found = _run(*arguments, stdout=unread)
    assert (found.returncode, found.stderr) == (code, "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGPIPE")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("grade", "nowhere"), 2), (("grade", REFERENCE, "--only", "9.9"), 2),
     (("report", "nothing.json"), 2)],
)  # fmt: skip
def test_a_message_that_nobody_reads_changes_no_exit_code(
    tmp_path: Path, arguments: tuple[object, ...], code: int
) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    found = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(theirs)
    assert found.returncode == code


@pytest.mark.slow
def test_results_that_are_a_link_to_themselves_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    result = _grade(REFERENCE, "--only", "3.1", out=tmp_path / "loop")
    assert result.exit_code == 3
    assert "The results could not be written to" in result.stderr
    assert "Score: 8 / 8" in result.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell")
def test_a_grade_needs_no_stream_to_print_to(out: Path) -> None:
    command = f"exec {sys.executable} -m grader grade {REFERENCE} --only 3.1 --out {out} >&- 2>&-"
    assert subprocess.run(command, shell=True, cwd=ROOT, check=False).returncode == 0
    assert _score(out) == 8


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("grade", STUBS, "--only", "3.6"), 0), (("grade", STUBS, "--only=3.6", "--fail-under=1"), 1),
     (("explain", "3.1"), 3), (("--help",), 3), (("train", STUBS), 3), (("stubs",), 0)],
)  # fmt: skip
def test_what_cannot_be_written_is_told_and_a_grade_stands(
    tmp_path: Path, arguments: tuple[object, ...], code: int
) -> None:
    results = {"grade": ("--out", tmp_path / "results.json"), "stubs": ("--out", tmp_path / "new")}
    said = "Error: The output could not be written: No space left on device.\n"
    with open("/dev/full", "w") as full:
        found = _run(*arguments, *results.get(str(arguments[0]), ()), stdout=full)
    assert (found.returncode, found.stderr) == (code, said)
    assert arguments[0] != "grade" or _score(tmp_path / "results.json") == 0


@pytest.mark.parametrize("option", ["--deadline", "--fail-under"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "1e999", "soon"])
def test_numbers_that_make_no_sense_are_refused(out: Path, option: str, value: str) -> None:
    result = _grade(REFERENCE, option, value, out=out)
    assert (result.exit_code, f"Invalid value for '{option}'" in result.stderr) == (2, True)
    assert not out.exists()


@pytest.mark.slow
def test_an_interrupt_leaves_results_that_say_so(tmp_path: Path, out: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--out", str(out)]
    with subprocess.Popen(command, cwd=REFERENCE.parent, stderr=subprocess.PIPE) as process:
        while not out.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read().decode()
    # CPython dies from the signal itself if it arrives while source text is executed, as when
    # dataclasses are defined on import; a shell shows 130 either way.
    assert process.returncode in (130, -signal.SIGINT), said
    assert "Traceback" not in said
    assert "Stopped early" in said
    value = json.loads(out.read_text("utf-8"))
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"not_run"}
    assert len(value["tests"]) == sum(len(target.points) for target in RUBRIC)


# A submission that hangs on import: the grader is sure to be at work when the signal arrives.
HANGS = "import time\nwhile True:\n    time.sleep(1)\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "number"),
    [
        *((name, signal.SIGTERM) for name in ("grade", "autograde", "train", "watch", "validate")),
        ("grade", signal.SIGHUP),
    ],
)
def test_an_end_from_outside_leaves_no_submission_behind(
    tmp_path: Path, command: str, number: signal.Signals
) -> None:
    place, submission = Path(tempfile.mkdtemp(dir="/tmp")), tmp_path / "submission"
    place.chmod(0o1777)
    submission.mkdir()
    for name in ("activations", "layers", "losses", "models"):
        (submission / f"{name}.py").write_text(HANGS)
    more = {
        "grade": [str(submission), "--out", str(tmp_path / "results.json")],
        "autograde": ["--root", str(tmp_path), "--require-isolation", "any"],
        "train": [str(submission)],
        "watch": [str(submission), "--out", str(tmp_path / "results.json")],
        "validate": ["--no-mutants", "--jobs", "1"],
    }[command]
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "grader", command, *more],
            cwd=REFERENCE.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(place)},
            start_new_session=True,
        ) as process:
            while not list(place.glob("grader-staged-*/*/*/*")):
                assert process.poll() is None
                time.sleep(0.01)
            os.killpg(process.pid, number)  # as `timeout` does
            assert process.stdout is not None
            said = process.stdout.read().decode()
        assert process.returncode == -number, said
        assert "Traceback" not in said
        assert list(place.glob("grader-staged-*")) == []
    finally:
        shutil.rmtree(place)


@pytest.mark.slow
def test_ctrl_c_while_checks_run_is_no_fault_of_the_grader(tmp_path: Path, out: Path) -> None:
    """One question is graded and the next one hangs, so pytest is running and gets the signal."""
    place, submission = Path(tempfile.mkdtemp(dir="/tmp")), tmp_path / "submission"
    place.chmod(0o1777)
    submission.mkdir()
    (submission / "activations.py").write_bytes(reference_files()["activations.py"])
    (submission / "losses.py").write_text(HANGS)
    only = ["--only", "3.1", "--only", "3.6", "--html", str(tmp_path / "report.html")]
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "grader", "grade", str(submission), "--out", str(out), *only],
            cwd=REFERENCE.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(place)},
        ) as process:
            while not list(place.glob("grader-staged-*/*/*/*/losses.py")):
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(3.0)  # the question before it takes milliseconds
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            said = process.stdout.read().decode()
        assert process.returncode == 130, said
        assert said == f"Stopped early; {out} says so, too.\n"
        tests = json.loads(out.read_text("utf-8"))["tests"]
        assert [test["number"] for test in tests] == ["3.1"] * 5 + ["3.6"] * 5
        assert "harness_fault" not in {test["extra_data"]["verdict"] for test in tests}
        assert {t["extra_data"]["verdict"] for t in tests if t["number"] == "3.6"} == {"not_run"}
        assert "killed or ran out of time" in tests[-1]["output"]
        assert list(place.iterdir()) == []
    finally:
        shutil.rmtree(place)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with cleaned_up():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
def test_what_kills_the_grader_leaves_complete_results(out: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--out", str(out)]
    with subprocess.Popen(command, cwd=REFERENCE.parent, stderr=subprocess.DEVNULL) as process:
        while not out.exists():
            time.sleep(0.01)
        process.kill()
    assert json.loads(out.read_text("utf-8"))["score"] == 0


@pytest.mark.slow
def test_isolation_that_cannot_be_had_grades_nothing_and_blames_nobody(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = dict.fromkeys(LAYERS, "it was taken away")
    monkeypatch.setattr(
        "grader.launching.fork_client.ForkServerClient.isolation", Isolation(missing)
    )
    result = _grade(REFERENCE, "--only", "3.1", "--require-isolation", "confined", out=out)
    assert result.exit_code == 3
    value = json.loads(out.read_text("utf-8"))
    assert {t["extra_data"]["verdict"] for t in value["tests"]} == {"harness_fault"}
    assert "'confined' is required" in value["tests"][0]["output"]
    assert value["extra_data"]["isolation"]["level"] == "any"


@pytest.mark.slow
def test_the_doctor_says_which_layers_hold_and_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 0
    missing = dict.fromkeys(LAYERS, "") | {"landlock": "this kernel has no Landlock"}
    monkeypatch.setattr(
        "grader.launching.fork_client.ForkServerClient.isolation", Isolation(missing)
    )
    shown = CliRunner().invoke(main, ["doctor"]).output
    assert "landlock    no: this kernel has no Landlock." in shown
    assert "A submission could read its user's files" in shown
    assert "Isolation: uid." in shown


@pytest.mark.slow
def test_a_fresh_seed_is_another_one_each_time(out: Path) -> None:
    seeds = []
    for _ in range(2):
        assert _grade(REFERENCE, "--only", "3.6", "--seed", "fresh", out=out).exit_code == 0
        seeds.append(json.loads(out.read_text("utf-8"))["extra_data"]["seed"])
    assert seeds[0] != seeds[1]
    assert max(seeds) > 10_000  # of 2^32: both are smaller once in 10^11 runs
    assert _grade(REFERENCE, "--seed", "soon", out=out).exit_code == 2


@pytest.mark.slow
def test_the_gradescope_format_prints_what_is_written(out: Path) -> None:
    result = _grade(REFERENCE, "--only", "3.6", "--format", "gradescope", out=out)
    assert json.loads(result.stdout) == json.loads(out.read_text("utf-8"))


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.mark.slow
def test_the_terminal_shows_one_row_a_question_and_then_what_needs_work(out: Path) -> None:
    found = _grade(STUBS, out=out)
    lines = _lines(found.stdout)
    assert lines[0] == f"Graded: {STUBS}"
    assert lines[1] == "3.1 ReLU 0 / 8 not implemented"
    assert lines[2] == "3.1 Derivation no points not implemented"
    assert lines[len(RUBRIC) - 1] == "5.4 Batch normalization (extra) 0 / 6 not implemented"
    assert "Score: 0 / 100" in lines
    assert re.fullmatch(
        r"3\.1 ReLU: activations\.py:\d+ and activations\.py:\d+", lines[len(RUBRIC) + 5]
    )
    assert re.fullmatch(r"To repeat with the same inputs: --seed \d+", lines[-3])
    assert re.fullmatch(r"Start here: 3\.1 ReLU, activations\.py:\d+", lines[-1])
    assert len(lines) == 2 * len(RUBRIC) + 8  # both trainings wait for the same line
    assert found.stderr == ""


@pytest.mark.slow
def test_quiet_is_the_table_alone_and_verbose_is_everything(out: Path, tmp_path: Path) -> None:
    entry = next(entry for entry in entries("mistaken") if entry.id == "fc-db-mean")
    for name, content in submission(entry).files.items():
        (tmp_path / name).write_bytes(content)
    quiet, usual, verbose = (
        _grade(tmp_path, "--only=3.3", "--only=3.6", "--seed=0", *options, out=out).stdout
        for options in (["--quiet"], [], ["--verbose"])
    )
    assert len(quiet.splitlines()) == 7
    assert usual.startswith(quiet)
    assert "averaged over the batch instead of summed" in usual
    assert "more cases fail" in usual
    assert "more cases fail" not in verbose
    rows = [line for line in _lines(verbose) if re.search(r" \d[\d.]* / \d", line)]
    assert len(rows) == 9 + 1  # every check of both questions, and the score
    assert "batching passed 0.5 / 0.5" in rows


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "bars"), [(60, False), (80, True)])
def test_narrow_terminals_have_no_bars(out: Path, columns: int, bars: bool) -> None:
    runner = CliRunner(env={"COLUMNS": str(columns)})
    found = runner.invoke(main, ["grade", str(REFERENCE), "--only=5.4", "--out", str(out)])
    assert ("━" in found.stdout) == bars
    assert len(found.stdout.splitlines()[1]) <= columns
    assert "Score: 6 / 6 of extra credit" in found.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize(("variable", "colors"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_colors_and_wraps_at_words(
    out: Path, variable: dict[str, str], colors: bool
) -> None:
    text = _on_a_terminal(["explain", "3.1"], 50, variable)
    assert ("\x1b[1m" in text) or not colors
    assert "\x1b[3" not in text or colors
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(map(len, plain.splitlines())) <= 50
    assert "Every result and every entry of" in " ".join(plain.split())


def _on_a_terminal(arguments: list[str], columns: int, variables: dict[str, str]) -> str:
    environment = {"PATH": os.environ["PATH"], "COLUMNS": str(columns), "TERM": "xterm-256color"}
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "grader", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=theirs, stderr=theirs, env=environment | variables
    ) as process:
        os.close(theirs)
        read = b""
        with contextlib.suppress(OSError):  # reading past the end is an error
            while chunk := os.read(ours, 4096):
                read += chunk
    os.close(ours)
    assert process.returncode == 0
    return read.decode()


def test_explain_names_every_check_of_a_question_and_its_cases() -> None:
    found = CliRunner().invoke(main, ["explain", "FullyConnected"])
    assert found.exit_code == 0
    text = " ".join(found.stdout.split())
    (target,) = find_targets(("3.3",))
    assert "3.3 Fully connected layer (layers.FullyConnected): 14 points" in text
    for check, points in target.points.items():
        assert f"{check}, {points:g} point" in text
        assert EXPLANATIONS[check].asks in text
        assert all(case.name in text for case in cases_of(target.name, check))
        assert " ".join(ASSIGNMENT.how(target, check).split()) in text
        assert " ".join(EXPLANATIONS[check].reading.split()) in text
    assert all(meaning in text for meaning in MEANINGS.values())


def test_explain_lists_the_verdicts_once_after_all_that_a_question_names() -> None:
    lines = CliRunner().invoke(main, ["explain", "3.1", "3.2"]).stdout.splitlines()
    names = [number for number, line in enumerate(lines) if line[:4] in ("3.1 ", "3.2 ")]
    assert len(names) == 4  # two classes and their derivations
    assert lines.count("Verdicts") == 1
    assert lines.index("Verdicts") > names[-1]
    assert all(lines[number - 1] == "" for number in names[1:])


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("sigmod", "Sigmoid"), ("FullyConected", "FullyConnected"), ("33", "3.3"), ("3,3", "3.3"),
        ("SoftMx", "SoftMax"), ("layers.Conv2", "layers.Conv2D"), ("Conv2", "Conv2D"),
    ],
)  # fmt: skip
def test_an_unknown_question_is_answered_last_with_the_nearest(name: str, near: str) -> None:
    found = CliRunner().invoke(main, ["explain", name])
    assert found.exit_code == 2
    assert f"There is no question '{name}'. The questions are:\n" in found.output
    assert found.output.splitlines()[-1] == f"Did you mean {near}?"


@pytest.mark.parametrize("names", [["3.3,3.4"], ["3.4, FullyConnected"], [" 3.3 ,, SoftMax ,"]])
def test_questions_may_be_separated_by_commas(names: list[str]) -> None:
    asked = find_targets(names)
    assert {target.question for target in asked} <= {"3.3", "3.4"}
    assert [target.name for target in asked if target.is_class] == [
        "layers.FullyConnected",
        "activations.SoftMax",
    ]


def test_of_several_questions_the_unknown_one_is_named() -> None:
    for names in ("ReLU Sigmiod", "3.3,Sigmiod", "Sigmiod, 3.3"):
        found = CliRunner().invoke(main, ["explain", names])
        assert (found.exit_code, found.output.splitlines()[-1]) == (2, "Did you mean Sigmoid?")
        assert "There is no question 'Sigmiod'. The questions are:\n" in found.output


def test_a_number_with_a_comma_is_a_question_where_the_rubric_has_it() -> None:
    first, *others = RUBRIC
    odd = replace(ASSIGNMENT, rubric=(replace(first, question="3,1"), *others))
    assert odd.find_targets(["3,1"]) == (odd.rubric[0],)


@pytest.mark.parametrize("names", ["", ",", " "])
def test_no_question_at_all_is_refused(names: str) -> None:
    found = CliRunner().invoke(main, ["explain", names])
    assert found.exit_code == 2
    assert f"Error: There is no question {names!r}. The questions are:\n" in found.output


def test_explaining_nothing_lists_the_questions() -> None:
    found = CliRunner().invoke(main, ["explain"])
    assert found.exit_code == 2
    assert found.output.startswith("Error: Name a question:\n  3.1 activations.ReLU\n")


@pytest.mark.parametrize("name", ["3.9", "nonsense", "9.9"])
def test_a_question_that_is_like_none_has_no_guess(name: str) -> None:
    found = CliRunner().invoke(main, ["explain", name])
    assert found.exit_code == 2
    assert "Did you mean" not in found.output


def test_explaining_an_unknown_question_lists_those_there_are() -> None:
    found = CliRunner().invoke(main, ["explain", "9.9"])
    assert found.exit_code == 2
    assert "3.1 activations.ReLU" in found.output


def test_every_check_and_verdict_is_explained() -> None:
    assert EXPLANATIONS.keys() == CHECKS.keys()
    assert set(MEANINGS) == set(Verdict)


@pytest.mark.slow
def test_only_one_question_is_graded_by_any_of_its_names(out: Path) -> None:
    for name in ("4.2", "SGD", "optimizers.SGD"):
        assert _grade(REFERENCE, "--only", name, out=out).exit_code == 0
        tests = json.loads(out.read_text("utf-8"))["tests"]
        assert {test["number"] for test in tests} == {"4.2"}


@pytest.mark.slow
def test_training_prints_both_accuracies() -> None:
    result = CliRunner().invoke(main, ["train", str(REFERENCE)])
    assert result.exit_code == 0
    printed = result.output
    assert "Iris" in printed
    assert "digits" in printed
    assert printed.count("test accuracy 0.9") + printed.count("test accuracy 1.0") == 2


@pytest.mark.slow
def test_training_stubs_says_what_is_missing() -> None:
    result = CliRunner().invoke(main, ["train", str(REFERENCE.parent / "student")])
    assert result.exit_code == 0
    assert "cannot be trained yet. Question 4.1" in result.output


@pytest.mark.slow
def test_training_that_raises_shows_the_lines_of_the_submission_only(tmp_path: Path) -> None:
    for name, content in reference_files().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "optimizers.py").write_text("import nothing_like_this\n")
    result = CliRunner().invoke(main, ["train", str(tmp_path)])
    assert result.exit_code == 1
    assert "No module named 'nothing_like_this'" in result.output
    assert 'File "student/optimizers.py", line 1' in result.output
    assert "launcher" not in result.output


@pytest.mark.slow
def test_training_finds_the_modules_that_a_grade_finds(tmp_path: Path, out: Path) -> None:
    script = """
from . import weights, activations, lines
def main():
    for module in (weights, activations, lines):
        print(module.__file__.split("student/")[-1])
"""
    folders = ("weights.py", "weights", "activations", "lines", "data.py", "data")
    files = {**reference_files(), "train.py": script.encode(), "lines.py": b""}
    files |= {f"{folder}/__init__.py": b"raise ValueError('a package')\n" for folder in folders}
    files["layers.py"] += b"\nfrom . import lines, weights\nfrom .lines import __file__ as _found\n"
    files["layers.py"] += b"assert _found.endswith('lines.py'), _found\n"
    del files["weights.py"]
    for name, content in files.items():
        (tmp_path / "handed in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "handed in" / name).write_bytes(content)
    result = CliRunner().invoke(main, ["train", str(tmp_path / "handed in")])
    assert (result.output, result.exit_code) == ("weights.py\nactivations.py\nlines.py\n", 0)
    assert _grade(tmp_path / "handed in", "--only", "3.3", out=out).exit_code == 0
    assert _score(out) == 14


def test_help_lists_every_command_by_audience_with_whole_sentences() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    headings = ("For students:", "For platforms:", "For course staff:")
    places = [shown.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "..." not in shown.partition("For students")[2]
    listed = [name for commands in Audiences.SECTIONS.values() for name in commands]
    assert {command.name for command in listed} == set(main.commands)
    for command in listed:
        (sentence,) = re.findall(rf"^  {command.name} +((?:.|\n {{4}})*)", shown, re.MULTILINE)
        assert " ".join(sentence.split()).endswith("."), command.name
