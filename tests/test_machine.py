"""Machines that offer less than usual: a grade or one clear sentence, and never an endless wait."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.errors import MachineError
from grader.launching import boot
from grader.launching.fork_client import checked
from grader.worker import launcher, sweeping
from grader.worker.fork_server import ForkServer
from grader.worker.stage import Stage
from tests.homework import REFERENCE

IS_ROOT = sys.platform == "linux" and os.geteuid() == 0
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these limits exist only on Linux")
Result = subprocess.CompletedProcess[str]


def _needs(tool: str, *arguments: str) -> pytest.MarkDecorator:
    """Skip where a tool is missing, or is not permitted to do its job."""
    works = IS_ROOT and shutil.which(tool) is not None
    if works:
        command = [tool, *arguments, "true"]
        works = subprocess.run(command, check=False, capture_output=True).returncode == 0
    return pytest.mark.skipif(not works, reason=f"it needs root and a working {tool}")


def _grade(
    folder: Path,
    script: str = 'exec "$@"',
    limits: Callable[[], object] | None = None,
    environ: Mapping[str, str] = os.environ,
    wrapped: tuple[str, ...] = (),
) -> Result:
    """Grade one question of the reference, started from a shell."""
    grader = [sys.executable, "-m", "grader", "grade", str(REFERENCE), "--only", "3.1"]
    command = [*wrapped, "sh", "-c", script, "sh", *grader, "--out", str(folder / "results.json")]
    return subprocess.run(
        command, cwd=REFERENCE.parent, capture_output=True, text=True, check=False,
        preexec_fn=limits, env=dict(environ), timeout=60,
    )  # fmt: skip


def _score(folder: Path) -> float:
    score: float = json.loads((folder / "results.json").read_text("utf-8"))["score"]
    return score


def _is_one_sentence(done: Result, says: str) -> bool:
    """Tell whether a grade ended as documented, with one sentence that says why."""
    return (
        done.returncode == 2
        and done.stdout == ""
        and re.fullmatch(r"Error: [^\n]+\.\n", done.stderr) is not None
        and says in done.stderr
    )


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_that_is_closed_costs_nothing(tmp_path: Path, closed: str) -> None:
    done = _grade(tmp_path, f'exec "$@" {closed}')
    assert (done.returncode, done.stderr) == (0, "")
    assert _score(tmp_path) == 8


@pytest.mark.slow
def test_a_parent_that_ignores_its_children_costs_nothing(tmp_path: Path) -> None:
    done = _grade(tmp_path, 'exec env --ignore-signal=CHLD "$@"')
    assert (done.returncode, done.stderr) == (0, "")
    assert _score(tmp_path) == 8


@pytest.mark.slow
@pytest.mark.parametrize("files", [9, 20])
def test_few_open_files_are_enough_or_named(tmp_path: Path, files: int) -> None:
    done = _grade(tmp_path, limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files,) * 2))
    if files < 20:
        assert _is_one_sentence(done, "Too many open files; allow more open files (ulimit -n)")
        tests = json.loads((tmp_path / "results.json").read_text("utf-8"))["tests"]
        assert {test["extra_data"]["verdict"] for test in tests} == {"not_run"}
    else:
        assert (done.returncode, done.stderr, _score(tmp_path)) == (0, "", 8)


@pytest.mark.skipif(IS_ROOT, reason="root may start any number of processes")
def test_too_few_processes_are_named(tmp_path: Path) -> None:
    done = _grade(tmp_path, limits=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)))
    assert _is_one_sentence(done, "allow more processes (ulimit -u)")


def test_a_fork_that_the_machine_refuses_is_no_fault_of_the_launcher() -> None:
    told = launcher.told(BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"))
    with pytest.raises(MachineError, match=r"temporarily unavailable; allow more processes"):
        checked(told)


def test_a_grader_that_goes_while_it_is_answered_leaves_a_launcher_that_ends_well() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, ours:
        what = (boot.numpy_folder(), boot.package_folders(), (), ())
        process = subprocess.Popen(
            boot.command(f"serve_forks({theirs.fileno()}, *{what!r})"),
            stderr=subprocess.PIPE, env=boot.environment(), pass_fds=[theirs.fileno()],
        )  # fmt: skip
        ours.send(json.dumps({"do": "probe"}).encode())
    assert process.communicate(timeout=60) == (None, b"")
    assert process.returncode == 0


def test_a_fork_that_is_refused_is_tried_again_once_what_workers_left_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    did: list[str] = []

    def fork() -> int:
        did.append("fork")
        if len(did) == 1:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return 4321

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(sweeping, "kill_orphans", lambda _: did.append("sweep"))
    server = ForkServer("", {}, (), ())
    with tempfile.TemporaryDirectory() as empty:
        assert server._fork(lambda *_: None, Stage(empty, empty, ()), 0) == 4321
    assert did == ["fork", "sweep", "fork"]


@pytest.mark.slow
def test_temporary_files_go_elsewhere_where_their_folder_is_missing(tmp_path: Path) -> None:
    done = _grade(tmp_path, environ={**os.environ, "TMPDIR": str(tmp_path / "missing")})
    assert (done.returncode, done.stderr, _score(tmp_path)) == (0, "", 8)


MOUNTED = _needs("unshare", "--mount")


@pytest.mark.slow
@MOUNTED
@pytest.mark.parametrize("place", ["/proc", "/dev/shm"])
def test_a_place_that_is_missing_costs_nothing(tmp_path: Path, place: str) -> None:
    hide = f'mount -t tmpfs -o ro none {place} && exec "$@"'
    done = _grade(tmp_path, hide, wrapped=("unshare", "--mount"))
    assert (done.returncode, done.stderr, _score(tmp_path)) == (0, "", 8)


@pytest.mark.slow
@MOUNTED
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    full = "/dev/shm"
    script = f'mount -t tmpfs -o size=64k none {full} && TMPDIR={full} exec "$@"'
    done = _grade(tmp_path, script, wrapped=("unshare", "--mount"))
    assert _is_one_sentence(done, f"cannot be written to {full}: No space left on device; free")


@MOUNTED
def test_devices_that_are_missing_are_named(tmp_path: Path) -> None:
    done = _grade(tmp_path, 'mount -t tmpfs none /dev && exec "$@"', wrapped=("unshare", "--mount"))
    assert _is_one_sentence(done, "No such file or directory (/dev/null)")


# Grades code that hangs, then leaves another hang running and exits.
HANGING = """
import os, sys, time
from grader.isolation import Request, Sandbox
from grader.launching import ForkServerClient
from grader.limits import Limits
from grader.program import Call, New
from grader.submission import staging
from grader.submission.submission import Submission
from tests.homework import ASSIGNMENT, find_targets

code = b"class It:\\n def hang(self):\\n  while True: pass\\n def work(self): pass\\n"
workers, (relu,) = ForkServerClient(), find_targets(("ReLU",))
print(workers.isolation.missing["uid"])
with staging(ASSIGNMENT, Submission({"activations.py": code}, ".")) as staged:
    sandbox = Sandbox(workers, staged.stage(relu), "activations", Limits(call=0.2))
    for method in ("hang", "work"):
        program = (New("it", "activations.It"), Call("it", method))
        run = sandbox.run(program, time.monotonic() + 20)
        print(run.failure.message if run.failure else None)
    sandbox._worker.ask(Request((New("it", "activations.It"), Call("it", "hang"))))
    print(sandbox._worker._process.pid, workers._process.pid, flush=True)
    time.sleep(0.2)
    if sys.argv[1] == "closed":
        workers.close()
    else:
        os._exit(0)
"""


@pytest.mark.slow
@_needs("setpriv", "--bounding-set", "-kill")
@pytest.mark.parametrize("how", ["closed", "killed"])
@pytest.mark.parametrize(
    ("lost", "uid"),
    [("-kill", ""), ("-setuid", "this process is not allowed to (Operation not permitted)")],
)
def test_root_without_its_rights_ends_what_hangs(lost: str, uid: str, how: str) -> None:
    command = ["setpriv", "--bounding-set", lost, sys.executable, "-c", HANGING, how]
    done = subprocess.run(
        command, cwd=REFERENCE.parent, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    layer, hung, where, worked, pids = done.stdout.splitlines()
    assert layer == uid
    assert hung.startswith("hang did not return within 0.2 s.")
    assert where == "  activations.py:3, in hang: while True: pass"
    assert worked == "None"
    for pid in map(int, pids.split()):
        _wait_for_end(pid)


def _wait_for_end(pid: int) -> None:
    """Wait until a process has ended; its new parent may leave it a zombie."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} is still running")


def test_without_numpy_it_is_numpy_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match="No module named 'numpy'"):
        boot.numpy_folder()
