"""Bugs that attackers and reviewers found, which must not come back."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.cli import main
from grader.delivery.handout import write_handout
from grader.limits import Limits
from grader.paths import ROOT
from grader.report import terminal
from grader.report.cleaning import MOST_CHARACTERS, Cleaner, clean
from grader.submission.finding import MAX_LEFT_OUT
from grader.verdict import Verdict
from reference.train import train
from tests.catalogue import reference_files, spliced
from tests.grading import graded, verdicts
from tests.homework import ASSIGNMENT, GRADED_MODULES, STUBS, find


def _with(module: str, code: str) -> dict[str, bytes]:
    files = reference_files()
    files[module] = spliced(files[module].decode(), code).encode()
    return files


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "target", "code", "values"),
    [
        ("losses.py", "losses.MSE",
         "class MSE:\n    def forward(self, Y, Y_hat):\n        return 1e-320\n", "failed"),
        ("losses.py", "losses.MSE",
         "class float(np.ndarray):\n    pass\n\n\nclass MSE:\n    def forward(self, Y, Y_hat):\n"
         "        return np.zeros(5).view(float)\n", "failed"),
        ("activations.py", "activations.ReLU",
         "class ReLU:\n    def forward(self, Z):\n        return Z > 0\n"
         "    def backward(self, Z, dY):\n        return dY + 1\n", "failed"),
        ("activations.py", "activations.ReLU",
         "class ReLU:\n    def forward(self, Z):\n"
         "        return np.ones(7_900_000 if len(Z) == 5 else 1)\n"
         "    def backward(self, Z, dY):\n        return dY + 1\n", "failed"),
        ("losses.py", "losses.CrossEntropy",
         "class CrossEntropy:\n    def forward(self, Y, Y_hat):\n"
         "        print('\\n' * 1999 + 'x', end='')\n        return 0.0\n", "failed"),
    ],
    ids=["tiny", "false float", "booleans", "giants", "newlines"],
)  # fmt: skip
def test_odd_results_are_wrong_results_and_no_fault_of_the_grader(
    module: str, target: str, code: str, values: str
) -> None:
    found = verdicts(graded(_with(module, code), target))[target]
    assert found["values"] == values
    assert "harness_fault" not in found.values()


@pytest.mark.slow
def test_a_thread_that_keeps_the_worker_busy_costs_no_other_target_of_the_file() -> None:
    code = """
import re
import threading


class Pool2D:
    def forward(self, X):
        threading.Timer(0.05, re.match, ("(a+)+$", "a" * 40 + "b")).start()
        return X
"""
    found = verdicts(graded(_with("layers.py", code), "5.2", "5.4"))
    assert set(found["layers.BatchNorm1D"].values()) == {"passed"}
    assert "passed" not in found["layers.Pool2D"].values()


def test_a_missing_or_misspelt_method_costs_only_what_it_is_asked_for() -> None:
    source = reference_files()["activations.py"].decode()
    start = source.index("class ReLU")
    source = source[:start] + source[start:].replace("def forward", "def foward", 1)
    result = graded({"activations.py": source}, "3.1")
    assert verdicts(result)["activations.ReLU"] == {
        "shape": "partly", "values": "failed", "gradient": "passed", "batching": "partly",
    }  # fmt: skip
    assert "ReLU has no method forward. It has foward" in result.lines[1].result.cases[0].message


@pytest.mark.parametrize("question", ["4.3"])
def test_the_training_does_not_hold_the_answers_to_its_test(question: str) -> None:
    code = """
class NeuralNetwork:
    def train(self, dataset, epochs, progress=None):
        self.known = dataset.Y_test

    def forward(self, X):
        return self.known
"""
    found = graded(_with("models.py", code), question)
    assert "has no attribute 'Y_test'" in found.lines[0].result.cases[0].message


@pytest.mark.slow
def test_the_training_that_is_graded_is_that_of_make_train_whatever_the_seed() -> None:
    for name, question in (("Iris", "4.3"), ("digits", "5.3")):
        found = [graded(reference_files(), question, seed=seed) for seed in (0, 5)]
        figures = [grade.lines[0].result.cases[0].figure for grade in found]
        assert figures == pytest.approx([train(name, seed=0)] * 2)


LOOPS = {
    "a raw thread": "import _thread\nlock = _thread.allocate_lock()\nlock.acquire()\n"
    "def work():\n    for z in Z: pass\n    lock.release()\n"
    "_thread.start_new_thread(work, ())\nlock.acquire()",
    "the real map": "import builtins\nlist(builtins.map(np.exp, np.asarray(Z)))",
    "no tracer for a while": "import contextlib, sys\nold = sys.gettrace()\n"
    "with contextlib.ExitStack() as stack:\n    stack.callback(sys.settrace, old)\n"
    "    sys.settrace(None)\n    [z for z in Z]",
    "a counter that is emptied": "import inspect, itertools\n[z for z in np.asarray(Z)]\n"
    "frame = inspect.currentframe()\nwhile frame is not None:\n"
    "    counter = frame.f_locals.get('counter')\n    if hasattr(counter, 'student'):\n"
    "        counter.student.clear()\n        counter.libraries.clear()\n"
    "        counter._total = itertools.count()\n    frame = frame.f_back",
    "code under a false name": "import codeop\nspace = {}\n"
    "file = np.__file__.replace('__init__', '_core/arrayprint')\n"
    "exec(codeop.Compile()('def rows(Z):\\n for z in Z: pass\\n', file, 'exec'), space)\n"
    "space['rows'](np.asarray(Z))",
    "arrays that count are refused": "import builtins\nif type(Z) is not np.ndarray:\n"
    "    raise ValueError\nlist(builtins.map(np.exp, Z))",
    "a frame that is not traced": "import inspect\nframe = inspect.currentframe()\n"
    "frame.f_trace_lines = False\nfor z in Z: pass\nframe.f_trace_lines = True",
}


@pytest.mark.parametrize("trick", LOOPS)
def test_loops_that_hide_from_the_count_fail_the_check(trick: str) -> None:
    body = "".join(f"        {line}\n" for line in LOOPS[trick].splitlines())
    code = f"class ReLU:\n    def forward(self, Z):\n{body}        return np.maximum(Z, 0.0)\n"
    found = verdicts(graded(_with("activations.py", code), "3.1"))["activations.ReLU"]
    assert found["values"] == "passed"
    assert found["batching"] in ("failed", "partly")


def _zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.slow
def test_what_would_unpack_without_bounds_or_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    good = {"losses.py": b"x = 1\n"}
    packed = _zip(tmp_path / "a.zip", {**good, "pad.py": b"0" * 900_000}, zipfile.ZIP_BZIP2)
    with pytest.raises(Exception, match="nothing to grade"):
        find(packed)  # no member packed that way is read, not even a small one
    odd = {**good, "helpers.py": b"", "helpers.py/more.py": b"", f"{'n' * 300}.py": b""}
    found = find(_zip(tmp_path / "b.zip", odd))
    assert sorted(found.files) == ["helpers.py", "losses.py"]
    assert "helpers.py/more.py (a file and a folder of the same name)" in found.left_out
    large = {**good, **{f"large{i}.py": b"0" * 2_000_000 for i in range(100)}}
    found = find(_zip(tmp_path / "c.zip", large))
    assert list(found.files) == ["losses.py"]
    assert len(found.left_out) == MAX_LEFT_OUT + 1
    many = {**good, **{f"part{i}.py": b"0" * 900_000 for i in range(30)}}
    assert sum(map(len, find(_zip(tmp_path / "d.zip", many)).files.values())) < 12_000_000


def test_many_files_elsewhere_do_not_hide_the_homework(tmp_path: Path) -> None:
    (tmp_path / "a_library").mkdir()
    for number in range(250):
        (tmp_path / "a_library" / f"module{number}.py").write_text("", "utf-8")
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / "losses.py").write_text("x = 1\n", "utf-8")
    assert find(tmp_path).folder == "student"


@pytest.mark.slow
def test_a_handout_that_is_handed_in_whole_is_graded_by_its_student_folder(tmp_path: Path) -> None:
    write_handout(ASSIGNMENT, tmp_path / "handout.zip")
    with zipfile.ZipFile(tmp_path / "handout.zip") as archive:
        archive.extractall(tmp_path)
    home = tmp_path / ASSIGNMENT.name
    for name in ("models", "optimizers", "layers", "losses", "derivations"):
        (home / "student" / f"{name}.py").unlink()
    found = find(home)
    assert (found.folder, found.lacks(GRADED_MODULES)) == (
        "student",
        ("losses", "layers", "models", "optimizers", "derivations"),
    )
    (home / "student" / "activations.py").unlink()
    with pytest.raises(Exception, match="nothing to grade"):
        find(home)
    before = {path: path.read_bytes() for path in (home / "student").iterdir() if path.is_file()}
    for command in ("stubs", "record"):  # they would overwrite a student's work
        done = subprocess.run(
            [sys.executable, "-m", "grader", command], cwd=home, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"]}, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "needs the reference" in done.stderr
    assert before == {path: path.read_bytes() for path in before}


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.DEVNULL)
    arguments = ["grade", str(STUBS), "--only", "3.6", "--out", str(pipe), "--oracle", "none"]
    assert CliRunner().invoke(main, arguments).exit_code == 2
    reader.kill()
    reader.wait()
    assert pipe.is_fifo()


@pytest.mark.parametrize("split", range(1, 9))
def test_commands_are_cleaned_wherever_the_stream_is_cut(split: int) -> None:
    for text in (b"::error::x\n", b"##[error]x\n", b"##vso[task.complete]\n"):
        cleaner = Cleaner()
        found = cleaner.clean(text[:split]) + cleaner.clean(text[split:]) + cleaner.end()
        assert not found.startswith(("::", "##[", "##vso["))
    cleaner = Cleaner()
    assert cleaner.clean(b"no end") + cleaner.end() == "no end"


def test_a_line_without_an_end_is_shown_in_parts_and_each_is_clean() -> None:
    cleaner = Cleaner()
    assert cleaner.clean(b"x" * MOST_CHARACTERS) == ""
    assert cleaner.clean(b"x") == "x" * (MOST_CHARACTERS + 1) + "\n"
    assert cleaner.clean(b"::error::y") == ""
    assert cleaner.end() == ": :error::y"
    assert cleaner.end() == ""


def test_cleaning_takes_time_in_proportion() -> None:
    text = "\n  " * 200_000 + "x"
    assert clean(text) == text  # a quadratic search would take hours


@pytest.mark.slow
def test_a_terminal_that_knows_no_such_letter_ends_nothing(tmp_path: Path) -> None:
    files = _with("losses.py", "class MSE:\n    def forward(self, Y, Y_hat):\n        print('∑')\n")
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-m", "grader", "grade", str(tmp_path), "--only", "3.6", "-v"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    out = tmp_path / "results.json"
    done = subprocess.run(
        [*command, "--out", str(out)], cwd=ROOT, capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Your code printed" in done.stdout
    assert "∑" in json.loads(out.read_text("utf-8"))["tests"][0]["output"]
    assert done.stdout.decode("cp1252").splitlines()[1].startswith("     question")


HASTY = Limits(call=0.5, check=8.0)
HANGING = """
class ReLU:
    def forward(self, Z):
        Y = np.maximum(Z, 0)
        while Y.size:
            pass
"""


@pytest.mark.slow
def test_a_call_that_hangs_is_told_with_its_line() -> None:
    (line, *_) = graded(_with("activations.py", HANGING), "3.1", limits=HASTY).lines
    message = line.result.cases[0].message
    assert "did not return within 0.5 s. Look for a loop that never ends." in message
    assert re.search(
        r"It was stopped here:\n  activations\.py:\d+, in forward: (while|pass)",
        message,
    )


@pytest.mark.slow
def test_a_hang_that_cannot_be_interrupted_is_told_without_a_line() -> None:
    code = """
import signal


class ReLU:
    def forward(self, Z):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            pass
"""
    (line, *_) = graded(_with("activations.py", code), "3.1", limits=HASTY).lines
    assert line.result.cases[0].verdict is Verdict.TIMED_OUT
    assert line.result.cases[0].message.endswith("Look for a loop that never ends.")


def _seconds_waited(message: str) -> float:
    """Return how many seconds the grader waited, according to a message."""
    found = re.search(r"did not return within ([0-9.]+) s\.", message)
    assert found is not None, message
    return float(found[1])


USED_UP = (
    "The time for grading one submission (0.3 s) was used up before this check: earlier calls and "
    "imports took most of it. Make your code faster."
)


@pytest.mark.slow
def test_once_calls_have_hung_a_training_gets_less_time() -> None:
    found = graded(
        _with("activations.py", HANGING), "3.1", "4.3", limits=Limits(call=0.5, own=10.0)
    )
    training = found.lines[-1].result
    assert training.verdict is Verdict.TIMED_OUT
    assert 1.5 <= _seconds_waited(training.cases[0].message) <= 2.5  # a quarter of what is left
    assert "in forward: " in training.cases[0].message


@pytest.mark.slow
def test_a_call_that_hangs_leaves_time_for_the_questions_after_it() -> None:
    limits = Limits(call=0.5, own=5.0)
    found = graded(_with("activations.py", HANGING), "3.1", "3.2", "3.6", limits=limits)
    assert {line.result.verdict for line in found.lines[4:]} == {Verdict.PASSED}
    assert 0.3 <= _seconds_waited(found.lines[0].result.cases[0].message) <= 0.5


@pytest.mark.slow
def test_what_has_no_time_left_is_told_so_and_nothing_of_loops_or_threads() -> None:
    found = graded(_with("activations.py", HANGING), "3.1", "3.2", limits=Limits(own=0.3))
    messages = [case.message for line in found.lines for case in line.result.cases]
    assert "Earlier calls and imports took most of the 0.3 s" in messages[0]
    assert set(messages[1:]) & {USED_UP}
    assert not any("loop that never ends" in text or "thread" in text for text in messages)
    assert not any("within 0 s" in text or "called again" in text for text in messages)


@pytest.mark.slow
def test_slow_code_is_not_told_to_look_for_an_endless_loop() -> None:
    code = """
import time
class ReLU:
    def forward(self, Z):
        time.sleep(0.3)
        return np.maximum(Z, 0)
"""
    found = graded(_with("activations.py", code), "3.1", limits=Limits(own=1.1))
    messages = {case.message for line in found.lines for case in line.result.cases}
    assert any("1.1 s" in text for text in messages)
    assert not any("never ends" in text or "called again" in text for text in messages)


@pytest.mark.slow
def test_a_slow_import_that_came_back_is_waited_for_again_after_a_hang() -> None:
    files = _with("activations.py", HANGING)
    files["activations.py"] += b"\nimport time\ntime.sleep(0.6)\n"
    found = graded(files, "3.1", "3.2", limits=Limits(call=0.5, own=6.0))
    assert {line.result.verdict for line in found.lines[4:]} == {Verdict.PASSED}


@pytest.mark.slow
def test_the_constructor_of_a_class_is_not_waited_for_again_and_again() -> None:
    code = "class ReLU:\n    def __init__(self):\n        while True:\n            pass\n"
    found = graded(_with("activations.py", code), "3.1", limits=HASTY)
    messages = [case.message for line in found.lines for case in line.result.cases]
    waits = [text for text in messages if text.startswith("ReLU() did not return within 0.5 s.")]
    assert len(waits) == HASTY.hangs
    assert (
        "ReLU was not called again: it did not return within 0.5 s in an earlier call." in messages
    )


@pytest.mark.slow
def test_a_connection_that_is_closed_by_a_call_that_goes_on_is_waited_for_twice() -> None:
    code = """
import os, time
class ReLU:
    def forward(self, Z):
        os.closerange(3, 100)
        time.sleep(60)
"""
    found = graded(_with("activations.py", code), "3.1", limits=HASTY)
    messages = [case.message for line in found.lines for case in line.result.cases]
    assert sum("its connection to the autograder was closed" in text for text in messages) == 2
    assert any("forward was not called again" in text for text in messages)


def _told(code: str, question: str = "3.1", module: str = "activations.py") -> str:
    console = Console(file=io.StringIO(), width=200)
    terminal.show(graded(_with(module, code), question), console)
    return console.file.getvalue()


def test_one_line_of_code_is_one_message_whatever_the_sizes_are() -> None:
    code = "class SoftMax:\n    def forward(self, Z):\n        return Z / np.exp(Z).sum(axis=1)\n"
    told = _told(code, "3.4")
    assert told.count("raised ValueError") == 1
    assert "forward, m = 5; backward, m = 5: forward raised ValueError" in told
    assert re.search(r"\n +Z is \(5, 3\)\.\n +These shapes cannot be broadcast together\.\n", told)
    assert "\n  Also fails: 3.4 values, gradient, batching.\n" in told


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("self.cache = {}\n        return self.cache['Z']", "self.cache is empty."),
        ("return input()", "Remove input(): nobody can type here."),
        ("Y = None\n        return Y * Z", "Y is None, Z is (1, 6)."),
    ],
)
def test_exceptions_that_are_hard_to_read_are_told_with_what_they_mean(
    body: str, hint: str
) -> None:
    assert hint in _told(f"class ReLU:\n    def forward(self, Z):\n        {body}\n")


@pytest.mark.parametrize(
    ("stored", "there"),
    [
        ("{'V': 1.0, 'b': 2.0}", "has no 'W'; it has 'V', 'b'"),
        ("{}", "has no 'W'; it has no entries"),
        ("5", "is of type int; expected a dict with the key 'W'"),
    ],
)
def test_a_gradient_that_is_not_stored_is_told_with_what_is(stored: str, there: str) -> None:
    code = (
        f"class FullyConnected:\n    def backward(self, dLdY):\n        self.gradients = {stored}\n"
    )
    told = _told(f"{code}        return dLdY\n", "3.3", "layers.py")
    assert f"gradients {there}." in told


def test_what_stops_several_questions_is_said_clean() -> None:
    code = "raise ValueError('\\x1b[31mred\\x1b]0;title\\x07')\n"
    console = Console(file=io.StringIO(), width=100)
    terminal.show(graded(_with("layers.py", code), "3.3", "5.1"), console)
    text = console.file.getvalue()
    assert "3.3, 5.1: raised an error" in text
    assert "raised ValueError: red" in text
    assert "\x1b" not in text


def test_a_module_that_is_not_there_is_no_empty_package() -> None:
    code = reference_files()["activations.py"] + b"\nfrom .losess import MSE\n"
    (line, *_) = graded({"activations.py": code}, "3.1").lines
    said = line.result.cases[0].message
    assert said.startswith("Importing your file raised ModuleNotFoundError: No module named 'stud")
    assert said.endswith("Import the homework's modules with a dot: from .losses import ...")


@pytest.mark.slow
def test_a_file_that_cannot_be_imported_is_told_once_and_first() -> None:
    files = {**reference_files(), "activations.py": b"def broken(:\n"}
    files["losses.py"] = (STUBS / "losses.py").read_bytes()
    console = Console(file=io.StringIO(), width=200)
    terminal.show(graded(files, "3.1", "3.2", "3.4", "3.5"), console)
    told = console.file.getvalue()
    assert told.count("SyntaxError") == 1
    assert told.index("3.1, 3.2, 3.4: raised an error") < told.index("Still to write")


def test_advice_names_the_method_and_what_is_said_of_all_checks_is_said_once() -> None:
    told = _told(
        "class ReLU:\n    def forward(self, Z):\n        print('here')\n        Z[Z < 0] = 0\n"
        "        return Z\n    def backward(self, Z, dY):\n        return dY\n"
    )
    assert told.count("forward changes an array that it was given") == 1
    assert told.count("Your code printed") == 1


def test_a_flood_of_prints_is_cut_after_ten_lines() -> None:
    told = _told(
        "class ReLU:\n    def forward(self, Z):\n        for i in range(50):\n"
        "            print('line', i)\n        return -Z\n"
    )
    assert "line 9\n" in told
    assert "line 10\n" not in told
    assert re.search(r"\(cut: \d+ lines were printed\)", told)


@pytest.mark.slow
def test_exact_zeros_are_no_matter_while_the_loss_is_wrong() -> None:
    wrong = (
        "class CrossEntropy:\n    def forward(self, Y, Y_hat):\n"
        "        return -np.sum(Y * np.log(Y_hat))\n"
    )
    right = wrong.replace("\n        return -", "\n        return -1 / len(Y) * ")
    advised = "exact zeros"
    assert advised not in _told(wrong, "3.5", "losses.py").lower()
    assert advised in _told(right, "3.5", "losses.py").lower()


def test_a_training_that_ends_in_nan_says_so() -> None:
    code = (
        "class SGD:\n    def update(self, name, value, gradient, epoch):\n        return np.nan\n"
    )
    found = graded(_with("optimizers.py", code), "4.3").lines[0].result.cases[0]
    assert found.verdict is Verdict.FAILED
    assert found.message.startswith("After training, the network's output")


@pytest.mark.slow
def test_what_the_trainings_have_in_common_is_told_with_its_cause() -> None:
    code = "class NeuralNetwork:\n    def backward(self, *args):\n        raise ValueError\n"
    console = Console(file=io.StringIO(), width=200)
    terminal.show(graded(_with("models.py", code), "4.1", "4.3", "5.3"), console)
    told = console.file.getvalue()
    assert told.count("raised ValueError") == 1
    (also,) = [line for line in told.splitlines() if line.startswith("  Also fails: 4.1 ")]
    assert also.endswith("; 4.3 Training on Iris; 5.3 Training on digits.")
