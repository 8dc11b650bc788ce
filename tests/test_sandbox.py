"""The sandbox: both ways of starting workers, deaths, time-outs, and what the submission finds."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.errors import GraderError
from grader.isolation.sandbox import Sandbox
from grader.launching.fork_client import ForkServerClient
from grader.launching.protocols import Process, Starter
from grader.launching.spawner import Spawner
from grader.limits import Limits
from grader.paths import PACKAGE
from grader.program import Call, New
from grader.running.examining import examine
from grader.submission import staging
from grader.submission.submission import Submission
from grader.verdict import Verdict
from grader.worker import confine
from grader.worker.places import Places
from grader.worker.stage import Stage
from tests.catalogue import reference_files, spliced
from tests.grading import graded, live, verdicts
from tests.homework import ASSIGNMENT, find_targets

LIMITS = Limits(call=1.0, import_=5.0)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def bare() -> ForkServerClient:
    return ForkServerClient(())


@pytest.fixture(params=[ForkServerClient, bare, Spawner])
def workers(request: pytest.FixtureRequest) -> Iterator[Starter]:
    starter = request.param()
    yield starter
    starter.close()


Make = Callable[[Starter, str], Sandbox]


@pytest.fixture
def sandbox_of() -> Iterator[Make]:
    with contextlib.ExitStack() as stack:

        def make(workers: Starter, code: str) -> Sandbox:
            files = {"activations.py": ("import numpy as np\n" + code).encode()}
            staged = stack.enter_context(staging(ASSIGNMENT, Submission(files, ".")))
            (relu,) = find_targets(("ReLU",))
            return Sandbox(workers, staged.stage(relu), "activations", LIMITS)

        yield make


def _call(sandbox: Sandbox, method: str, *args: object):
    program = (New("it", "activations.It"), Call("it", method, args, out=("found",)))
    return sandbox.run(program, time.monotonic() + 20)


@pytest.mark.slow
def test_a_worker_is_replaced_after_a_death_and_after_a_time_out(
    workers: Starter, sandbox_of: Make
) -> None:
    sandbox = sandbox_of(
        workers,
        "import os\nclass It:\n def die(self): os._exit(7)\n"
        " def hang(self):\n  while True: pass\n def work(self): return 5.0\n",
    )
    for method, verdict in (
        ("work", None),
        ("die", Verdict.CRASHED),
        ("work", None),
        ("hang", Verdict.TIMED_OUT),
        ("work", None),
    ):
        run = _call(sandbox, method)
        assert (run.failure.verdict if run.failure else None) == verdict
        if verdict is None:
            assert run.answers["found"].array == 5.0
    sandbox.close()


@pytest.mark.slow
def test_a_method_that_never_returns_is_called_twice_at_most(
    workers: Starter, sandbox_of: Make
) -> None:
    code = "class It:\n def hang(self):\n  while True: pass\n"
    sandbox = sandbox_of(workers, code)
    failures = [_call(sandbox, "hang").failure for _ in range(5)]
    assert {f.verdict for f in failures} == {Verdict.TIMED_OUT}
    called = ["was not called again" not in f.message for f in failures]
    assert called == [True, True, False, False, False]


@pytest.mark.slow
def test_the_submission_finds_no_grader_no_reference_and_a_clean_environment(
    workers: Starter, sandbox_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    code = """
import os
class It:
    def look(self):
        found = []
        names = ("grader", "grader.answers", "grader.worker.wire", "reference", "tests",
                 "pytest", "click", "autograd")
        for name in names:
            try:
                __import__(name)
                found.append(name)
            except ImportError:
                pass
        found += [key for key in os.environ if "TOKEN" in key]
        raise ValueError(",".join(found) or "nothing")
"""
    run = _call(sandbox_of(workers, code), "look")
    assert run.failure is not None
    assert "raised ValueError: nothing" in run.failure.message


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [("print('epoch 1')\n    print('epoch 2')", 0, "epoch 1\nepoch 2\n"),
     ("raise ValueError('no data')", 1, "ValueError: no data\n")],
)  # fmt: skip
def test_a_training_shows_what_it_prints_and_tells_how_it_ended(
    workers: Starter, body: str, code: int, said: str
) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own is closed to other users
        folder = Path(name) / "student"
        folder.mkdir()
        (folder / "run_it.py").write_text(f"def main():\n    {body}\n", "utf-8")
        Path(name).chmod(0o755)
        shown: list[bytes] = []
        assert workers.train(Stage(str(folder), name, ()), "run_it", shown.append) == code
    assert b"".join(shown).decode().replace("\r", "").rstrip("\n").endswith(said.rstrip("\n"))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="without forking, it is a plain process")
def test_a_training_finds_no_more_of_the_grader_than_has_been_loaded() -> None:
    workers = ForkServerClient()
    shown: list[bytes] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "student"
        folder.mkdir()
        (folder / "run_it.py").write_text("def main():\n    import grader.errors\n", "utf-8")
        Path(name).chmod(0o755)
        try:
            assert workers.train(Stage(str(folder), name, ()), "run_it", shown.append) == 1
        finally:
            workers.close()
    assert b"No module named 'grader.errors'" in b"".join(shown)


@pytest.mark.slow
def test_what_is_counted_are_lines_of_the_submission_and_none_of_the_grader(
    workers: Starter, sandbox_of: Make
) -> None:
    code = """
class It:
    def total(self, X):
        def one(row):
            return row.sum()
        from . import losses
        print(sum(map(one, X)))
        for row in X:
            pass
        return 5.0
"""
    program = (
        New("it", "activations.It"),
        Call("it", "total", (np.ones((9, 2)),), out=("found",), count="lines"),
    )
    (counts,) = sandbox_of(workers, code).run(program, time.monotonic() + 20).counts
    assert {place.partition(":")[0] for place in counts["student"]} == {"activations.py"}
    for loop in ("print", "for row"):
        number = code[: code.index(loop)].count("\n") + 2
        assert counts["student"][f"activations.py:{number}"] >= 9
    assert not any("?" in place or str(PACKAGE) in place for place in counts["library"])


def test_nothing_of_the_grader_is_taken_for_code_of_a_submission(tmp_path: Path) -> None:
    places = Places(str(tmp_path / "submission"), str(tmp_path / "given"))
    own = [str(path) for path in PACKAGE.rglob("*.py")]
    assert {str(PACKAGE / "program.py"), str(PACKAGE / "worker" / "interpreter.py")} <= set(own)
    assert {places.kind(file) for file in own} == {"harness"}
    theirs = ("program.py", "worker/interpreter.py", "grader/worker/wire.py")
    assert {places.kind(str(tmp_path / "submission" / name)) for name in theirs} == {"student"}
    assert {places.kind(name) for name in ("<string>", f"{PACKAGE}_/program.py")} == {"student"}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [bare, Spawner], indirect=True)
def test_a_worker_that_answers_twice_is_a_crash(workers: Starter, sandbox_of: Make) -> None:
    code = "import os\nclass It:\n def split(self):\n  os.fork()\n  return 5.0\n"
    sandbox = sandbox_of(workers, code)
    program = (New("it", "activations.It"), *(Call("it", "split", out=("n",)) for _ in range(4)))
    failure = sandbox.run(program, time.monotonic() + 20).failure
    assert failure is not None
    assert failure.verdict is Verdict.CRASHED
    sandbox.close()


@pytest.mark.slow
def test_a_submission_that_deletes_its_files_hurts_itself_only() -> None:
    files = reference_files()
    code = b"\nimport os, shutil\nshutil.rmtree(os.path.dirname(__file__))\n"
    files["activations.py"] += code
    assert set(verdicts(graded(files, "3.1", "3.3"))["layers.FullyConnected"].values()) == {
        "passed"
    }


@pytest.mark.slow
def test_helpers_of_a_submission_come_along_wherever_they_are() -> None:
    files = reference_files()
    files["shared.py"] = b"def twice(x):\n    return 2 * x\n"
    files["deep/__init__.py"] = b""
    files["deep/er.py"] = b"from ..shared import twice\n"
    files["shapes/__init__.py"] = b""
    files["shapes/inner.py"] = b"def same(x):\n    return x\n"
    files["activations.py"] += b"\ndef halved(x):\n    return x / 2\n"
    code = """
from shapes.inner import same
from .shapes.inner import same as once_more
assert once_more is same  # a module is loaded once, under whichever name
from .deep.er import twice
from .activations import halved
from . import activations as others
from .activations import *

class FullyConnected:
    def backward(self, dLdY):
        dZ = halved(twice(same(self.activation.backward(self.cache["Z"], dLdY))))
        self.gradients["W"] = self.cache["X"].T @ dZ
        self.gradients["b"] = others.halved(2 * dZ).sum(axis=0, keepdims=True)
        return dZ @ self.parameters["W"].T
"""
    files["layers.py"] = spliced(files["layers.py"].decode(), code).encode()
    assert set(verdicts(graded(files, "3.3"))["layers.FullyConnected"].values()) == {"passed"}


def test_everything_imported_from_a_file_that_is_broken_costs_only_its_own_question() -> None:
    files = {**reference_files(), "activations.py": b"def broken(:\n"}
    files["layers.py"] = b"from .activations import *\n" + files["layers.py"].replace(
        b"from __future__ import annotations\n", b""
    )
    assert set(verdicts(graded(files, "3.3"))["layers.FullyConnected"].values()) == {"passed"}


def test_a_failure_names_the_file_the_line_and_the_code() -> None:
    files = reference_files()
    code = "class ReLU:\n    def forward(self, Z):\n        return Z @ Z @ Z[:3]\n"
    files["activations.py"] = spliced(files["activations.py"].decode(), code).encode()
    (case, *_) = graded(files, "3.1").lines[1].result.cases
    lines = files["activations.py"].decode().splitlines()
    number = 1 + next(i for i, line in enumerate(lines) if "Z @ Z @ Z" in line)
    place = f"\n  activations.py:{number}, in forward: return Z @ Z @ Z[:3]"
    assert case.message.startswith("forward raised ValueError: matmul")
    facts = "\n  Z is (5, 8).\n  The inner dimensions of this matrix product differ."
    assert case.message.endswith(place + facts)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no /proc to look at")
def test_no_worker_is_left_behind_by_a_target_that_was_examined_on_its_own() -> None:
    pids: list[int] = []

    class Noted(ForkServerClient):
        def start(self, stage: Stage) -> Process:
            process = super().start(stage)
            pids.append(process.pid)
            return process

    workers, (target,) = Noted(), find_targets(("ReLU",))
    try:
        submission = Submission(reference_files(), ".")
        examine(ASSIGNMENT, submission, target, 0, live(), workers, LIMITS)
        assert pids
        assert workers.settle()
        assert not any(map(_alive, pids))
    finally:
        workers.close()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no /proc to look at")
@pytest.mark.parametrize("old", [False, True], ids=["", "without pidfd_open"])
def test_no_worker_is_left_behind(
    sandbox_of: Make, monkeypatch: pytest.MonkeyPatch, old: bool
) -> None:
    if old:  # as in a Python built for old systems
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    workers = ForkServerClient()
    code = "import os\nclass It:\n def pid(self): return float(os.getpid())\n"
    sandbox = sandbox_of(workers, code)
    pid = int(_call(sandbox, "pid").answers["found"].array)
    assert _alive(pid)
    sandbox.close()  # the launcher ends the worker before it takes the next request
    assert workers.settle()
    assert not _alive(pid)
    pid = int(_call(sandbox, "pid").answers["found"].array)
    workers.close()
    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _alive(pid)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
@pytest.mark.parametrize("again", [False, True], ids=["while it starts", "later"])
def test_a_launcher_that_is_stopped_is_replaced(
    sandbox_of: Make, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    monkeypatch.setattr("grader.launching.fork_client.FIRST_ANSWER", 5.0)
    monkeypatch.setattr("grader.launching.fork_client.ANSWER", 1.0)
    workers = ForkServerClient()
    sandbox = sandbox_of(workers, "class It:\n def work(self): return 5.0\n")
    if again:
        assert _call(sandbox, "work").failure is None
        sandbox.close()
    stopped = workers._process
    stopped.send_signal(signal.SIGSTOP)
    assert _call(sandbox, "work").answers["found"].array == 5.0
    assert stopped.poll() == -signal.SIGKILL
    sandbox.close()
    workers.close()


# Leaves a grandchild in a session of its own, from another thread, and stops the launcher.
LEAVING = """
import ctypes, os, signal, threading, time
def note():
    os.mkdir(f"{FOLDER}/{os.getpid()}")
def fork():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            note()
            time.sleep(60)
        os._exit(0)
class It:
    def leave(self):
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # the death of the launcher does not reach it
        note()
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        os.kill(os.getppid(), signal.SIGSTOP)
        time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
def test_nothing_survives_a_launcher_that_was_stopped(
    sandbox_of: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("grader.launching.fork_client.ANSWER", 1.0)
    workers = ForkServerClient(("limits",))
    assert workers.isolation.missing["limits"] == ""
    failure = _call(sandbox_of(workers, f"FOLDER = {str(tmp_path)!r}\n{LEAVING}"), "leave").failure
    assert failure is not None
    assert failure.verdict is Verdict.TIMED_OUT
    processes = [int(path.name) for path in tmp_path.iterdir()]
    assert len(processes) == 2
    deadline = time.monotonic() + 5
    while any(map(_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(_alive, processes))
    workers.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
def test_what_the_launcher_cannot_do_is_said_with_its_reason() -> None:
    workers = ForkServerClient()
    try:
        with pytest.raises(GraderError, match=r"launcher of workers failed: KeyError: 'pid'"):
            workers.ask({"do": "end"})
        assert workers.isolation.missing.keys() == set(confine.LAYERS)  # it keeps running
    finally:
        workers.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "said"),
    [("os.closerange(3, 99); time.sleep(60)", "stopped answering: its connection to the"),
     ("os.closerange(3, 99); os._exit(7)", "ended the process with exit code 7"),
     ("os.abort()", "crashed Python (signal ")],
    ids=["and sleeps", "and ends", "abort"],
)  # fmt: skip
def test_a_worker_that_closes_its_connection_has_not_crashed_python(
    workers: Starter, sandbox_of: Make, end: str, said: str
) -> None:
    code = f"""
import os, time
class It:
    def work(self):
        {end}
"""
    failure = _call(sandbox_of(workers, code), "work").failure
    assert failure is not None
    assert failure.verdict is Verdict.CRASHED
    assert said in failure.message


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc to look at")
def test_what_cannot_start_leaves_no_descriptor_open() -> None:
    workers = ForkServerClient()
    assert workers.isolation.missing
    before, nowhere = os.listdir("/proc/self/fd"), Stage("/nowhere", "/nowhere", ())
    process = workers.start(nowhere)
    for start in (lambda: workers.train(nowhere, "train", print), lambda: process.pid):
        with pytest.raises(GraderError, match="The launcher of workers failed: FileNotFound"):
            start()
    assert process.stop(kill=True) is None
    assert os.listdir("/proc/self/fd") == before
    workers.close()


@pytest.mark.slow
def test_both_ways_of_starting_workers_give_the_same_verdicts() -> None:
    names = ("activations.Sigmoid", "layers.FullyConnected")
    first = graded(reference_files(), *names, workers=ForkServerClient())
    second = graded(reference_files(), *names, workers=Spawner())
    assert [x.result for x in first.lines] == [x.result for x in second.lines]


@pytest.mark.slow
def test_an_import_that_only_comes_too_late_for_a_check_is_tried_again(sandbox_of: Make) -> None:
    workers = ForkServerClient()
    code = "import time\ntime.sleep(0.3)\nclass It:\n def work(self): return 5.0\n"
    sandbox = sandbox_of(workers, code)
    program = (New("it", "activations.It"), Call("it", "work", out=("found",)))
    late = sandbox.run(program, time.monotonic() + 0.1).failure
    assert late is not None
    assert late.message.startswith(
        "Importing your file was still running when time ran out for this check."
    )
    assert sandbox.run(program, time.monotonic() + 20).answers["found"].array == 5.0
    sandbox.close()
    workers.close()


@pytest.mark.slow
def test_an_import_that_hangs_is_waited_for_once_in_all_targets() -> None:
    files = reference_files()
    files["activations.py"] += b"\nwhile True: pass\n"
    start = time.monotonic()
    found = graded(files, "3.1", "3.2", "3.4", "3.6", limits=Limits(import_=1.0))
    assert time.monotonic() - start < 5.0
    messages = {line.result.cases[0].message for line in found.lines[4:-4]}
    assert messages == {
        "activations.py was not imported again: its import did not finish within 1 s earlier."
    }
    assert found.score == 4
