"""A class on a Dask cluster: the grades are those of one machine, whatever the workers do.

`make class-test` runs these; they need the extra `cluster`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
import psutil

from grader.assignment import write_files
from grader.course.cluster import members
from grader.course.cluster.engine import Cluster
from grader.course.grading.graders import Refusal
from grader.course.grading.local import Local
from grader.course.grading.resident import Setup
from grader.course.store import Graded
from grader.course.store.contents import packed
from grader.delivery.bundle import bundle_files
from grader.errors import GraderError, UsageError
from grader.paths import PACKAGE, ROOT
from grader.submission import Submission
from tests.catalogue import entries, reference_files, submission
from tests.clusters import Processes
from tests.homework import ASSIGNMENT, RUBRIC, STUBS, find

pytestmark = pytest.mark.course

SETUP = Setup("", 11, "any")
TARGETS = ("activations.ReLU", "layers.FullyConnected")
COUNT = 60
# The plugins that Dask itself installs on every worker.
_OWN = ["shuffle"]
_PR_CAPBSET_DROP, _CAP_SETUID = 24, 7
_HANGING = "\n\nclass ReLU:\n    def forward(self, Z):\n        while True:\n            pass\n"


@cache
def _contents() -> dict[str, bytes]:
    """Return packed submissions by their hash: the stubs, mistaken ones, and right ones."""
    chosen = [find(STUBS), *(submission(x) for x in entries("mistaken") if x.target in TARGETS)]
    found = dict(packed(one) for one in chosen[: COUNT // 2])
    for number in range(COUNT - len(found)):
        found.update([packed(_changed(f"\n# {number}\n"))])
    return found


def _changed(more: str) -> Submission:
    files = reference_files()
    files["activations.py"] += more.encode()
    return Submission(files, "changed")


def _tasks() -> list[tuple[str, tuple[str, ...]]]:
    return [(hash_, TARGETS) for hash_ in list(_contents())[:COUNT]]  # tests add others


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Return a cluster of three workers, one of them with a nanny."""
    with _cluster(tmp_path_factory.mktemp("cluster"), ["--no-nanny", "--no-nanny", "--nanny"]) as x:
        yield x


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Return a cluster that has no workers yet."""
    with _cluster(tmp_path_factory.mktemp("bare"), []) as processes:
        yield processes


@contextlib.contextmanager
def _cluster(folder: Path, workers: list[str]) -> Iterator[Processes]:
    processes = Processes(folder)
    try:
        for option in workers:
            processes.worker(option)
        yield processes
    finally:
        processes.end()


@contextlib.contextmanager
def _worker(processes: Processes, **options: Any) -> Iterator[str]:
    """Run a worker for a while; yield its address."""
    address, process = processes.worker("--no-nanny", **options)
    try:
        yield address
    finally:
        process.terminate()
        process.wait()
        _wait_until(lambda: address not in processes.addresses())


@contextlib.contextmanager
def _engine(
    processes: Processes, setup: Setup = SETUP, said: list[str] | None = None
) -> Iterator[Cluster]:
    """Yield an engine; once it is closed, check that it left nothing on the cluster."""
    engine = Cluster(
        setup, processes.address, _contents().__getitem__, ([] if said is None else said).append
    )
    try:
        yield engine
    finally:
        started = time.monotonic()
        engine.close()
        assert time.monotonic() - started < 3.0
    assert all(names == _OWN for names in processes.plugins().values())
    _wait_until(lambda: not _graders(processes))


def _graders(processes: Processes) -> list[int]:
    """Return the graders of all live workers."""
    found = []
    for process in processes.started:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    if "grader.course.grading.resident" in " ".join(child.cmdline()):
                        found.append(child.pid)
    return found


def _wait_until(condition: Callable[[], bool], timeout: float = 5.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _plain(found: list[Graded]) -> dict[str, Any]:
    assert len({one.contents for one in found}) == len(found), "something was graded twice"
    assert not [one.problem for one in found if one.problem]
    return {
        one.contents: {key: (x.verdict, x.share, x.diagnosis) for key, x in one.results.items()}
        for one in found
    }


def test_the_grades_are_those_of_one_machine_when_a_worker_is_killed(processes: Processes) -> None:
    _, victim = processes.worker("--no-nanny")
    found = []
    with _engine(processes) as engine:
        assert engine.ready().versions["grader"]
        assert engine.name.startswith("4 graders on 4 workers of tcp://127.0.0.1:")
        graders = _graders(processes)
        assert len(graders) == 4
        for one in engine.graded(_tasks()):
            found.append(one)
            if len(found) == COUNT // 4:
                victim.kill()
        assert len({one.place for one in found}) >= 3
    local = Local(SETUP, 2, _contents().__getitem__)
    try:
        local.ready()
        expected = _plain(list(local.graded(_tasks())))
    finally:
        local.close()
    assert len(expected) == COUNT
    assert _plain(found) == expected
    _wait_until(lambda: not [pid for pid in graders if psutil.pid_exists(pid)])


def test_a_run_that_is_interrupted_beside_another_ends_its_own(processes: Processes) -> None:
    with _engine(processes) as outer:
        outer.ready()
        inner = Cluster(SETUP, processes.address, _contents().__getitem__)
        try:
            inner.ready()
            next(inner.graded(_tasks()))
            assert len(_graders(processes)) == 6
        finally:
            inner.close()
        assert len(_plain(list(outer.graded(_tasks()[:4])))) == 4
        _wait_until(lambda: len(_graders(processes)) == 3)


def _copy(folder: Path, name: str, old: str, new: str) -> str:
    """Make a copy of the grader with one change; return its folder."""
    shutil.copytree(PACKAGE, folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "reference").symlink_to(ROOT / "reference")
    path = folder / "grader" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return str(folder)


def _refusal(processes: Processes, setup: Setup = SETUP) -> str:
    with _engine(processes, setup) as engine, pytest.raises(Refusal) as refusal:
        engine.ready()
    return str(refusal.value)


def test_a_worker_of_another_version_is_refused_or_left_out_if_it_comes_later(
    bare: Processes, tmp_path: Path
) -> None:
    said: list[str] = []
    path = _copy(tmp_path, "__init__.py", '__version__ = "', '__version__ = "9.')
    with contextlib.ExitStack() as stack:
        stack.enter_context(_worker(bare))
        with _engine(bare, said=said) as engine:
            version = engine.ready().versions["grader"]
            address = stack.enter_context(_worker(bare, path=path))
            why = f"{address} has grader 9.{version}, this machine {version}."
            running = engine.graded(_tasks()[:6])
            found = [next(running)]
            _wait_until(lambda: bool(said), 20.0)
            assert len(_plain([*found, *running])) == 6
            assert said == [f"{why} It is left out."]
        assert _refusal(bare) == why


def test_a_worker_of_the_image_grades_as_this_folder_does(bare: Processes, tmp_path: Path) -> None:
    write_files(tmp_path, bundle_files(ASSIGNMENT))
    with _worker(bare, path=str(tmp_path)), _engine(bare) as engine:
        assert engine.ready().fingerprints.keys() == {target.name for target in RUBRIC}


def test_a_worker_with_other_rules_is_refused(bare: Processes, tmp_path: Path) -> None:
    path = _copy(tmp_path, "limits.py", "call: float = 5.0", "call: float = 4.0")
    with _worker(bare, path=path) as address:
        assert _refusal(bare).startswith(f"{address} would grade ")


def test_a_worker_that_has_no_grader_is_refused(bare: Processes, tmp_path: Path) -> None:
    (tmp_path / "grader").mkdir()
    (tmp_path / "grader" / "__init__.py").write_text('__version__ = "0"\n')
    with _worker(bare, path=str(tmp_path)) as address:
        # If a grader is also installed, Python finds the missing modules there.
        said = (f"{address} cannot load this grader (", f"{address} has grader 0,")
        assert _refusal(bare).startswith(said)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has capabilities")
def test_a_worker_without_the_isolation_that_is_required_is_refused(bare: Processes) -> None:
    def drop() -> None:
        if os.geteuid() == 0:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SETUID, 0, 0, 0)

    with _worker(bare), _worker(bare, preexec_fn=drop) as address:
        why = _refusal(bare, Setup(SETUP.home, SETUP.seed, "uid"))
        assert "cannot grade: Isolation level 'uid' is required, but not available here" in why
        assert os.geteuid() != 0 or why.startswith(address)
        with _engine(bare) as engine:
            assert engine.ready().isolation["uid"], "the least isolated worker is not reported"


def test_an_assignment_has_to_be_on_every_worker(bare: Processes, tmp_path: Path) -> None:
    here = tmp_path / "here"
    shutil.copytree(ROOT / "tests" / "assignments" / "logistic_regression", here)
    with _worker(bare):
        with _engine(bare, Setup(str(here), 3, "any")) as engine:
            engine._members.connect()
            shutil.rmtree(here)
            with pytest.raises(Refusal, match=r"^tcp://\S+ cannot grade: .*/here"):
                engine._members.first()
        nowhere = Setup(str(tmp_path / "nowhere"), 3, "any")
        with _engine(bare, nowhere) as engine, pytest.raises(GraderError):
            engine.ready()


def test_what_takes_three_workers_down_is_told_and_costs_nobody_else(tmp_path: Path) -> None:
    hash_, bytes_ = packed(_changed(_HANGING))
    _contents()[hash_] = bytes_
    tasks = [*_tasks()[:4], (hash_, TARGETS[:1]), *_tasks()[4:10]]
    with _cluster(tmp_path, []) as processes:
        pids = dict(processes.worker("--no-nanny") for _ in range(4))
        with _engine(processes) as engine:
            engine.ready()
            killer = threading.Thread(
                target=_kill_workers_on, args=(engine, hash_, pids), daemon=True
            )
            killer.start()
            found = list(engine.graded(tasks))
        assert len(processes.addresses()) == 1
    problems = [one for one in found if one.problem]
    assert [one.contents for one in problems] == [hash_]
    assert problems[0].problem.startswith("it took down 3 workers of the cluster; the last time:")
    assert len(_plain([one for one in found if not one.problem])) == 10


def _kill_workers_on(engine: Cluster, hash_: str, workers: dict[str, Any]) -> None:
    """Kill every worker that is grading these contents."""
    while True:
        time.sleep(0.2)
        queued = engine._queued()
        for key, given in dict(engine._given).items():
            if (
                given.task[0] == hash_
                and key not in queued
                and workers[given.worker].poll() is None
            ):
                workers[given.worker].send_signal(signal.SIGKILL)


# What a submission may try in order to reach the cluster that grades it: each attempt must raise.
_REACHING = """

import os, socket


class ReLU:
    def forward(self, Z):
        tried = {tried}
        reached = []
        for name in tried:
            try:
                eval(name)
                reached.append(name)
            except (OSError, ValueError, ImportError):
                pass
        raise RuntimeError("tried " + str(len(tried)) + ", reached " + repr(reached))
"""


def test_a_submission_reaches_nothing_of_the_cluster(bare: Processes) -> None:
    with _worker(bare) as address, _engine(bare) as engine:
        pid = bare.started[-1].pid
        both = [psutil.Process(one.pid) for one in (bare.started[0], bare.started[-1])]
        ports = [x.laddr.port for one in both for x in one.net_connections() if not x.raddr]
        (scratch,) = filter(Path.is_dir, bare.folder.glob("dask-scratch-space/worker-*"))
        assert int(address.rpartition(":")[2]) in ports
        tried = [
            f"os.listdir({str(scratch)!r})",
            f"open({str(bare.folder / 'scheduler.json')!r})",
            f"open({str(scratch / 'left')!r}, 'w')",
            f"open('/proc/{pid}/environ')",
            f"os.listdir('/proc/{pid}/fd')",
            f"os.kill({pid}, 0)",
            *(f"socket.create_connection(('127.0.0.1', {port}), 1.0)" for port in ports),
            "socket.socket(socket.AF_UNIX)",
        ]
        names = {"os": os, "socket": socket}
        for name in tried:  # outside the sandbox, each attempt succeeds
            eval(name, names)
        hash_, bytes_ = packed(_changed(_REACHING.replace("{tried}", repr(tried))))
        _contents()[hash_] = bytes_
        missing = engine.ready().isolation
        if missing["landlock"] or missing["seccomp"]:
            pytest.skip("Landlock or seccomp is missing here")
        (found,) = engine.graded([(hash_, TARGETS[:1])])
    told = " ".join(case.message for x in found.results.values() for case in x.cases)
    assert f"tried {len(tried)}, reached []" in told


def test_a_scheduler_that_goes_ends_the_run_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "CONNECTING", 3.0)
    with _cluster(tmp_path, ["--no-nanny"]) as processes:
        engine = Cluster(SETUP, processes.address, _contents().__getitem__)
        try:
            engine.ready()
            running = engine.graded(_tasks())
            next(running)
            processes.started[0].kill()
            with pytest.raises(Refusal, match="no longer answers"):
                list(running)
        finally:
            engine.close()


def test_no_workers_are_a_sentence(bare: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "PATIENCE", 0.5)
    said: list[str] = []
    with _engine(bare, said=said) as engine, pytest.raises(Refusal, match="has no workers"):
        engine.ready()
    assert len(said) == 1


def test_no_scheduler_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "CONNECTING", 1.0)
    started = time.monotonic()
    with pytest.raises(UsageError, match=r"^No Dask scheduler answers at tcp://127.0.0.1:9: "):
        Cluster(SETUP, "tcp://127.0.0.1:9", {}.__getitem__).ready()
    assert time.monotonic() - started < 4.0


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="the extra `cluster`"):
        Cluster(SETUP, "tcp://127.0.0.1:9", {}.__getitem__).ready()
