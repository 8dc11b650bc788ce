"""The processes beside the grader: a launcher without secrets, and the workers it forks.

The launcher has numpy loaded and nothing else, so that a worker is ready a few milliseconds after
it is asked for. It is started with a clean environment and isolated from the user's site-packages
settings; a worker inherits from it one socket, and nothing of the grader. The launcher keeps the
rights it was started with; a worker gives them up (`confine`) before it sees the submission.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from . import confine

# Between the users of Debian and the dynamic ones of systemd; one for every worker at a time.
UIDS = range(60700, 61100)
# Where shared libraries lie that modules of the standard library need.
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
# A worker that has closed its socket is about to end; one that goes on is killed.
PATIENCE = 1.0
SWEEP = 5.0


# What a child does: its files, its descriptor, and why it cannot be confined, if so.
Work = Callable[[dict[str, Any], int, str], None]


class _NumpyOnly(importlib.abc.MetaPathFinder):
    """Finds numpy, and no other package that happens to be installed beside it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "numpy":
            return None
        return importlib.machinery.PathFinder.find_spec(fullname, [self._folder])


@dataclass
class _Worker:
    """A worker's process, its user, and the name that keeps this user to itself."""

    pid: int
    uid: int | None
    claim: socket.socket | None

    def release(self) -> None:
        if self.claim is not None:
            self.claim.close()


@dataclass
class Launcher:
    """Forks workers, and ends them with all they started."""

    folder: str
    packages: Mapping[str, str]
    wanted: tuple[str, ...]
    missing: dict[str, str] = field(default_factory=dict)
    _confinement: confine.Confinement = field(default_factory=lambda: confine.Confinement(()))
    _workers: dict[int, _Worker] = field(default_factory=dict)
    _lent: dict[str, str] = field(default_factory=dict)

    def load(self) -> None:
        """Find out which layers hold here; load numpy and what a worker is made of."""
        confine.hide_memory()
        confine.adopt_orphans()
        confine.load_packages(self.packages)
        sys.path[:] = [path for path in sys.path if os.path.isdir(path)]
        parts = (*sys.path, f"{self.folder}/numpy", f"{self.folder}/numpy.libs", *_LIBRARIES)
        readable = tuple(path for path in parts if os.path.exists(path))
        uid, claim = _claim_uid() if os.getuid() == 0 else (None, None)
        self.missing = confine.probe(self.wanted, readable, uid)
        if claim is not None:
            claim.close()
        closed = {name for path in readable if (name := confine.closed_to_others(path))}
        if not self.missing["uid"] and closed:
            self._lend(sorted(closed))
        layers = tuple(layer for layer, why in self.missing.items() if not why)
        self._confinement = confine.Confinement(layers, readable)
        self._confinement.prepare()
        load_worker(self.folder)

    def _lend(self, closed: list[str]) -> None:
        """Make Python's own files readable for a user who cannot enter a folder above them."""
        if self.missing["landlock"]:
            self.missing["uid"] = f"Python is below {closed[0]}, which other users cannot enter"
            return
        self._lent = confine.lend([self.folder, *sys.path])
        self.folder = self._lent.get(self.folder, self.folder)
        sys.path[:] = [self._lent.get(path, path) for path in sys.path]
        sys.path_importer_cache.clear()
        for module in list(sys.modules.values()):
            if paths := vars(module).get("__path__"):
                module.__path__ = [self._renamed(path) for path in paths]

    def _renamed(self, path: str) -> str:
        """Return a path below a lent folder by its other name."""
        for folder, name in self._lent.items():
            if path.startswith(folder + os.sep):
                return name + path[len(folder) :]
        return path

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Do what the grader asks for."""
        if request["do"] == "probe":
            return {"missing": self.missing}
        if request["do"] in ("interrupt", "end") and request["pid"] not in self._workers:
            return {"status": -signal.SIGKILL}  # of a launcher before this one, and gone with it
        if request["do"] == "interrupt":
            os.kill(request["pid"], signal.SIGINT)
            return {}
        if request["do"] == "end":
            return {"status": self._end(request["pid"], request["kill"])}
        work = _work if request["do"] == "start" else _train
        try:
            return {"pid": self._fork(work, request["stage"], descriptors[0])}
        finally:
            os.close(descriptors[0])

    def _fork(self, work: Work, stage: dict[str, Any], descriptor: int) -> int:
        worker = importlib.import_module("grader.worker")
        worker.compile_given(stage["given"])
        uid, claim = _claim_uid() if "uid" in self._confinement.layers else (None, None)
        pid = os.fork()
        if pid == 0:
            self._become_worker(work, stage, descriptor, uid)
        self._workers[pid] = _Worker(pid, uid, claim)
        return pid

    def _become_worker(
        self,
        work: Work,
        stage: dict[str, Any],
        descriptor: int,
        uid: int | None,
    ) -> None:
        """Be a worker, and never come back."""
        code = 1
        try:
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            _close_all_but(descriptor, *(int(name[14:]) for name in self._lent.values()))
            os.chdir(stage["submission"])
            problem = ""
            try:
                self._confinement.apply(uid, [stage["submission"], stage["given"]])
            except BaseException as error:  # noqa: BLE001 - the grader has to know
                problem = f"{type(error).__name__}: {error}"
            work(stage, descriptor, problem)
            code = 0
        finally:
            os._exit(code)

    def _end(self, pid: int, kill: bool) -> int:
        """End a worker and everything that it started; return its exit code."""
        worker = self._workers[pid]
        status = None if kill else _wait(pid, PATIENCE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if status is None:
            status = os.waitpid(pid, 0)[1]
        del self._workers[pid]
        if worker.uid is not None:
            _kill_all_of(worker.uid)
        self._kill_orphans()
        worker.release()
        return os.waitstatus_to_exitcode(status)

    def _kill_orphans(self) -> None:
        """Kill what a dead worker has left: the launcher is the parent of all of it now."""
        end = time.monotonic() + SWEEP
        while (orphans := set(_children()) - set(self._workers)) and time.monotonic() < end:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def load_worker(folder: str) -> None:
    """Load numpy from a folder, and the worker; after this nothing else can be imported from it."""
    sys.meta_path.append(_NumpyOnly(folder))
    # Loaded once here, not at their first use in every worker.
    for name in ("numpy.linalg", "numpy.ma", "numpy.random", "grader.worker"):
        importlib.import_module(name)
    sys.modules["grader"].__path__ = []


def _claim_uid() -> tuple[int, socket.socket]:
    """Take a user that no other worker on this machine has now; the socket is the claim.

    Two workers of one user could disturb each other, and the sweep after one would end both.
    An abstract socket's name goes with the process that holds it.

    Raises:
        RuntimeError: all are taken.
    """
    for uid in UIDS:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0nn-homework-grader-uid-{uid}")
        except OSError:
            claim.close()
            continue
        if not _has_account(uid):
            return uid, claim
        claim.close()
    raise RuntimeError(f"All users from {UIDS[0]} to {UIDS[-1]} are taken by other graders.")


def _has_account(uid: int) -> bool:
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _close_all_but(*keep: int) -> None:
    """Connect stdin, stdout and stderr with nothing, and close every other descriptor."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    last = 2
    for number in sorted({*keep, 2**16}):
        os.closerange(last + 1, number)
        last = number


def _work(stage: dict[str, Any], descriptor: int, problem: str) -> None:
    """Answer the grader; the first frame says whether the process is ready for it."""
    worker = importlib.import_module("grader.worker")
    worker.serve(socket.socket(fileno=descriptor), worker.Stage(**stage), problem)


def _train(stage: dict[str, Any], descriptor: int, problem: str) -> None:
    """Run the training script of a staged package `student`; what it prints goes to the grader."""
    for number in (1, 2):
        os.dup2(descriptor, number)
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    if problem:
        print(f"The training cannot be isolated: {problem}", flush=True)  # noqa: T201
        return
    sys.path.insert(0, stage["given"])
    try:
        importlib.import_module("student.train").main()
    except BaseException as error:
        _print_traceback(error, stage["given"] + os.sep)
        raise
    finally:
        sys.stdout.flush()


def _print_traceback(error: BaseException, folder: str) -> None:
    """Print a traceback from the first file of the submission on, with paths inside it."""
    frames = error.__traceback__
    while frames is not None and not frames.tb_frame.f_code.co_filename.startswith(folder):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames))
    print(text.replace(folder, ""))  # noqa: T201 - to the grader, as the submission prints


def _wait(pid: int, seconds: float) -> int | None:
    """Return the status of a child that ends within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(0.001)
    return None


def _kill_all_of(uid: int) -> None:
    """Kill every process of a user, from a process of that user, which spares itself."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            for _ in range(2):  # a fork may have been under way
                os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def _children() -> Iterable[int]:
    """Return the children of this process."""
    file = f"/proc/self/task/{os.getpid()}/children"
    with contextlib.suppress(OSError), open(file, encoding="ascii") as children:
        return [int(pid) for pid in children.read().split()]
    return []


def serve_forks(
    descriptor: int, folder: str, packages: Mapping[str, str], layers: Sequence[str]
) -> None:
    """Fork a worker, or end one, for every request of the grader, until it goes away.

    Args:
        descriptor: of the control socket.
        folder: where numpy is.
        packages: where each of `confine.PACKAGES` is.
        layers: what to confine workers with, where it can be had.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    launcher = Launcher(folder, packages, tuple(layers))
    launcher.load()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            return
        try:
            answer = launcher.answer(json.loads(message), descriptors)
        except Exception as error:  # noqa: BLE001 - the grader reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        control.send(json.dumps(answer).encode())


def serve_one(folder: str) -> None:
    """Be one worker in a process of its own, where forking is not safe.

    The first line of stdin says where the socket and the files are.
    """
    request = json.loads(sys.stdin.buffer.readline())
    if sys.platform == "win32":
        sock = socket.fromshare(bytes.fromhex(request["share"]))
    else:
        sock = socket.socket(fileno=request["descriptor"])
    load_worker(folder)
    confine.limit_resources()
    _work(request["stage"], sock.detach(), "")
