"""Whatever a submission does, there is a complete report, and points for what is right."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
import signal
import sys
from pathlib import Path

import pytest

from grader.launching import ForkServerClient
from grader.report.gradescope import results
from grader.report.messages import explain
from grader.running import grade, runner
from grader.submission import Submission
from tests.catalogue import reference_files, spliced
from tests.grading import graded, live, shared, verdicts
from tests.homework import ASSIGNMENT, find_targets

# What ReLU.forward does -> the verdict of "values", and part of what the student reads.
BODIES = {
    "return None": ("failed", "Y is None; expected an array. Is there a return?"),
    "return 'ReLU'": ("failed", "Y is a str; expected an array"),
    "return np.maximum(Z, 0).tolist()": ("passed", "Y is a list; expected an array"),
    "return np.maximum(Z, 0).T": ("failed", "Y has shape (8, 5); expected (5, 8)."),
    "return np.maximum(Z, 0)[:1]": ("failed", "Y has shape (1, 8); expected (5, 8)."),
    "return Z * np.nan": ("failed", "Y is NaN everywhere."),
    "return np.maximum(Z, 0) / 0": ("failed", "NaN"),
    "return np.maximum(Z, 0).astype(complex)": ("passed", "complex128"),
    "return np.maximum(Z, 0).astype(object)": ("passed", "object"),
    "return np.maximum(Z, 0).astype(int)": ("failed", "int64"),
    "return np.matrix(np.maximum(Z, 0)) if Z.ndim == 2 else Z": ("partly", "matrix"),
    "return np.ma.masked_less(Z, 0)": ("failed", "MaskedArray"),
    "return (z for z in Z)": ("failed", "generator"),
    "return self": ("failed", "a ReLU; expected an array"),
    "raise ValueError('no idea')": ("raised", "forward raised ValueError: no idea"),
    "return undefined_name": ("raised", "NameError: name 'undefined_name' is not defined"),
    "return self.forward(Z)": ("raised", "RecursionError"),
    "raise SystemExit": ("raised", "Do not end the program"),
    "import sys; sys.exit(0)": ("raised", "Do not end the program"),
    "raise KeyboardInterrupt": ("raised", "KeyboardInterrupt"),
    "class Odd(BaseException): pass\n        raise Odd": ("raised", "Odd"),
    "return np.ones((200_000, 200_000))": ("raised", "MemoryError"),
    "return np.zeros(12_000_000)": ("failed", "shape (12000000,)"),
    "return np.zeros((1,) * 12)": ("failed", "shape (1, 1,"),
    "import os; os._exit(0)": ("crashed", "ended the process with exit code 0"),
    "import ctypes; ctypes.string_at(0)": ("crashed", "SIGSEGV"),
    "import os; os.kill(os.getpid(), 9)": ("raised", "PermissionError"),
    "while True: pass": ("timed_out", "did not return within"),
    "import time; time.sleep(1000)": ("timed_out", "did not return within"),
    "return np.linalg.nothing": ("raised", "AttributeError"),
    "return Z.reshape(7, 7)": ("raised", "cannot reshape"),
}


def _with_forward(body: str) -> dict[str, bytes]:
    files = reference_files()
    patch = f"class ReLU:\n    def forward(self, Z):\n        {body}\n"
    files["activations.py"] = spliced(files["activations.py"].decode(), patch).encode()
    return files


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_a_bad_forward_is_named_and_costs_no_other_check(body: str) -> None:
    result = graded(_with_forward(body), "activations.ReLU", "activations.Sigmoid")
    found = verdicts(result)
    verdict, part = BODIES[body]
    assert found["activations.ReLU"]["values"] == verdict
    assert found["activations.ReLU"]["gradient"] == "passed"
    assert set(found["activations.Sigmoid"].values()) == {"passed"}
    shape, values = (
        x.result
        for x in result.lines
        if x.check in ("shape", "values") and x.target.name[-4:] == "ReLU"
    )
    assert part in explain(shape) + explain(values)
    assert shape.share == 0.5 or not any(x in body for x in ("tolist", "complex", "object"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
@pytest.mark.parametrize("sent", ["SIGKILL", "SIGSTOP"])
@pytest.mark.parametrize(
    ("then", "expected"),
    [("return np.maximum(Z, 0)", {"passed", "partly", "crashed"}),
     ("import time; time.sleep(60)", {"timed_out", "crashed"})],
    ids=["and returns", "and hangs"],
)  # fmt: skip
def test_a_submission_that_ends_or_stops_the_launcher_hurts_itself_only(
    then: str, expected: set[str], sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.launching.fork_client.ANSWER", 2.0)
    body = f"import os, signal; os.kill(os.getppid(), signal.{sent}); {then}"
    for workers in (None, ForkServerClient(("limits",))):  # with these, no layer forbids the signal
        options = {"workers": workers} if workers else {}
        found = verdicts(graded(_with_forward(body), "3.1", "3.2", **options))
        assert found["activations.ReLU"]["values"] in (expected if workers else {"raised"})
        assert "harness_fault" not in found["activations.ReLU"].values()
        assert set(found["activations.Sigmoid"].values()) == {"passed"}


def test_megabytes_of_output_cost_nothing_and_are_cut() -> None:
    result = graded(_with_forward("print('x' * 5_000_000); return np.maximum(Z, 0)"), "3.1")
    assert result.score == result.maximum
    text = explain(result.lines[0].result)
    assert "Your code printed" in text
    assert "(cut)" in text
    assert len(text) < 20_000


def test_control_characters_of_a_submission_do_not_reach_the_report() -> None:
    result = graded(
        _with_forward(r"raise ValueError('\x1b[2J\x07<b>\n::error::no\n##[group]')"), "3.1"
    )
    text = results(result)["tests"][1]["output"]
    assert "\x1b" not in text
    assert "ValueError: ?<b>\n: :error::no\n# #[group]" in text


# Contents of activations.py -> the verdict of all its checks, and part of the message.
FILES: dict[str, tuple[bytes | None, str, str]] = {
    "missing": (None, "not_implemented", "activations.py is not in the submission."),
    "empty": (b"", "not_implemented", "activations.py defines no ReLU."),
    "syntax error": (b"class ReLU(:\n", "raised", "SyntaxError"),
    "other class name": (b"class Relu: pass\n", "not_implemented", "It has Relu; case matters"),
    "wrong signature": (
        b"class ReLU:\n def forward(self): pass\n def backward(self): pass\n",
        "raised",
        "TypeError",
    ),
    "no method": (b"class ReLU: pass\n", "failed", "ReLU has no method forward."),
    "unknown import": (b"import torch\n", "raised", "Only numpy, the standard library"),
    "a misspelled import without a dot": (b"from weigths import x\n", "raised", "with a dot"),
    "raises at import": (b"1 / 0\n", "raised", "ZeroDivisionError"),
    "ends at import": (b"import os; os._exit(3)\n", "crashed", "exit code 3"),
    "exits at import": (b"exit()\n", "raised", "exit"),
    "loops at import": (b"while True: pass\n", "timed_out", "Importing your file did not"),
    "not UTF-8": (b"NAME = '\xff\xfe'\nclass ReLU: pass\n", "raised", "SyntaxError"),
    "NUL bytes": (b"class ReLU: pass\n\0", "raised", "null bytes"),
    "a constructor that fails": (
        b"class ReLU:\n def __init__(self):\n  raise OSError('disk')\n",
        "raised",
        "ReLU() raised OSError: disk",
    ),
    "not a class": (b"ReLU = 5\n", "raised", "TypeError: 'int' object is not callable"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_a_message_on_its_own_questions(name: str) -> None:
    content, verdict, part = FILES[name]
    files = {**reference_files(), "activations.py": content or b""}
    if content is None:
        del files["activations.py"]
    from grader.limits import Limits

    limits = Limits(import_=1.5, call=1.5)
    result = graded(files, "activations.ReLU", "layers.FullyConnected", limits=limits)
    found = verdicts(result)
    blocked = {"blocked"} if verdict == "failed" else set()  # the loop check waits for numbers
    assert set(found["activations.ReLU"].values()) == {verdict} | blocked
    assert set(found["layers.FullyConnected"].values()) == {"passed"}
    assert part in explain(result.lines[0].result)


@pytest.mark.slow
def test_an_endless_loop_everywhere_still_ends_with_every_line_there() -> None:
    files = reference_files()
    endless = "\ndef _endless(*args, **options):\n    while True: pass\n"
    files["layers.py"] += f"{endless}\nFullyConnected.forward = _endless\n".encode()
    result = graded(files, "layers.FullyConnected")
    assert set(verdicts(result)["layers.FullyConnected"].values()) == {"timed_out"}
    # After two timeouts, the method is known not to return.
    assert "was not called again" in explain(result.lines[-1].result)
    assert result.seconds < 20


@pytest.mark.slow
def test_when_the_time_is_up_the_rest_is_not_run() -> None:
    from grader.limits import Limits

    result = graded(reference_files(), limits=Limits(run=0.0))
    assert {v for found in verdicts(result).values() for v in found.values()} == {"not_run"}
    assert result.maximum == 100


@pytest.mark.slow
def test_a_broken_harness_is_said_and_never_blamed_on_the_student() -> None:
    class Broken:
        name = "live"

        def answers(self, *args: object) -> dict:
            raise LookupError("the answers are gone")

        def accept(self, seed: int) -> None: ...

    result = graded(reference_files(), "3.1", oracle=Broken())
    assert set(verdicts(result)["activations.ReLU"].values()) == {"harness_fault"}
    assert "not your mistake" in explain(result.lines[0].result)
    assert "the answers are gone" in explain(result.lines[0].result)
    assert "not your mistake" in results(result)["output"]


def _with_checks(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    """Make the grader run a copy of its checks with some files replaced."""
    copy = folder / f"checks_{secrets.token_hex(8)}"  # Python caches modules by name
    shutil.copytree(runner.CHECKS_FOLDER, copy)
    for name, text in files.items():
        (copy / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.setattr("grader.running.runner.CHECKS_FOLDER", copy)


# Contents of test_values.py -> what went wrong.
BROKEN = {
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    "1 / 0": "ZeroDivisionError: division by zero",
    "def test_values(": "SyntaxError: '(' was never closed",
    "import pytest; pytest.exit('enough')": "enough",
    "import pytest; pytest.skip('no', allow_module_level=True)": "there is no check 'values'",
    "": "there is no check 'values'",
    "def test_values(check_run): pass": "got no result",
    "def test_values(asked, no_such): pass": "fixture 'no_such' not found",
    "raise ValueError('x' * 100_000)": "ValueError: xxxx",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", BROKEN)
def test_a_check_that_is_broken_is_a_fault_of_its_own_lines_only(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_checks(tmp_path, monkeypatch, test_values=text)
    result = graded(reference_files(), "3.1", "3.2")
    for found in verdicts(result).values():
        assert found.pop("values") == "harness_fault"
        assert set(found.values()) == {"passed"}
    values = next(line.result for line in result.lines if line.check == "values")
    assert BROKEN[text] in values.cases[0].message
    assert len(values.cases[0].message) < 4000


def test_a_check_that_there_is_not_is_a_fault_of_its_own_line_only() -> None:
    (relu,) = find_targets(("3.1",))
    odd = dataclasses.replace(relu, points={**relu.points, "elegance": 1})
    submission = Submission(reference_files(), ".")
    result = grade(ASSIGNMENT, submission, live(), (odd,), workers=shared())
    assert "elegance" in results(result)["tests"][-1]["name"]
    found = verdicts(result)["activations.ReLU"]
    assert found.pop("elegance") == "harness_fault"
    assert set(found.values()) == {"passed"}
    assert "there is no check 'elegance'" in explain(result.lines[-1].result)


def test_an_error_inside_of_pytest_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("odd items")

    monkeypatch.setattr("grader.running.plugin._asked", broken)
    result = graded(reference_files(), "3.1")
    assert set(verdicts(result)["activations.ReLU"].values()) == {"harness_fault"}
    assert "got no result: RuntimeError: odd items" in explain(result.lines[0].result)


@pytest.mark.slow
def test_only_ctrl_c_stops_a_grade(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "import os, signal\ndef test_values(asked): os.kill(os.getpid(), signal.SIGINT)\n"
    _with_checks(tmp_path, monkeypatch, test_values=text)
    with pytest.raises(KeyboardInterrupt):
        graded(reference_files(), "3.1")


@pytest.mark.slow
@pytest.mark.parametrize("instead", ["pass", "raise AssertionError('not registered') from None"])
def test_ctrl_c_stops_a_grade_even_where_code_that_cleans_up_loses_it(
    instead: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = f"""
import signal

def test_values(asked):
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        {instead}
"""
    _with_checks(tmp_path, monkeypatch, test_values=text)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        graded(reference_files(), "3.1")
    assert signal.getsignal(signal.SIGINT) is handler
    monkeypatch.undo()
    assert set(verdicts(graded(reference_files(), "3.1"))["activations.ReLU"].values()) == {
        "passed"
    }
