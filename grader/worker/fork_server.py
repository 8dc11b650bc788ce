"""The launcher's job: forking confined workers, and ending them with everything they started."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from . import access, confine, probing, sweeping, users
from .packages import load_packages
from .preload import load_worker
from .stage import Stage
from .training import train

# Locations of shared libraries that standard library modules need.
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
# A worker that has closed its socket is about to exit; one that keeps running is killed.
EXIT_GRACE = 1.0

# What a child does, given its files, its descriptor, and why it cannot be confined, if so.
Work = Callable[[Stage, int, str], None]


@dataclass
class _Child:
    """A worker's process, its user, and the socket that reserves this user for it."""

    pid: int
    uid: int | None
    claim: socket.socket | None

    def release(self) -> None:
        if self.claim is not None:
            self.claim.close()


@dataclass
class ForkServer:
    """Forks workers, and ends them with everything they started."""

    folder: str
    packages: Mapping[str, str]
    wanted: tuple[str, ...]
    places: tuple[str, ...]
    missing: dict[str, str] = field(default_factory=dict)
    _confinement: confine.Confinement = field(default_factory=lambda: confine.Confinement(()))
    _workers: dict[int, _Child] = field(default_factory=dict)
    _lent: dict[str, str] = field(default_factory=dict)
    _uids: tuple[int, ...] = ()

    def load(self) -> None:
        """Find out which layers hold here; load numpy and everything a worker consists of."""
        confine.hide_memory()
        confine.adopt_orphans()
        load_packages(self.packages)
        sys.path[:] = [path for path in sys.path if os.path.isdir(path)]
        parts = (*sys.path, f"{self.folder}/numpy", f"{self.folder}/numpy.libs", *_LIBRARIES)
        readable = tuple(path for path in parts if os.path.exists(path))
        self._uids = users.without_account() if os.getuid() == 0 else ()
        uid, claim = users.claim_uid(self._uids) if self._uids else (None, None)
        self.missing = probing.probe(self.wanted, readable, uid)
        if claim is not None:
            claim.close()
        closed = {name for path in readable if (name := access.closed_to_others(path))}
        if not self.missing["uid"] and closed:
            self._lend(sorted(closed))
        layers = tuple(layer for layer, why in self.missing.items() if not why)
        self._confinement = confine.Confinement(layers, readable)
        self._confinement.prepare()
        load_worker(self.folder)
        self._confinement.enclose(self.places)

    def _lend(self, closed: list[str]) -> None:
        """Make Python's own files readable by a user who cannot enter a folder above them."""
        if self.missing["landlock"] or not os.path.isdir(access.DESCRIPTORS):
            self.missing["uid"] = f"Python is below {closed[0]}, which other users cannot access"
            return
        self._lent = access.lend([self.folder, *sys.path])
        self.folder = self._lent.get(self.folder, self.folder)
        sys.path[:] = [self._lent.get(path, path) for path in sys.path]
        sys.path_importer_cache.clear()
        for module in list(sys.modules.values()):
            if paths := vars(module).get("__path__"):
                module.__path__ = [self._renamed(path) for path in paths]

    def _renamed(self, path: str) -> str:
        """Return a path below a lent folder under its other name."""
        for folder, name in self._lent.items():
            if path.startswith(folder + os.sep):
                return name + path[len(folder) :]
        return path

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Do what the grader asks for."""
        if request["do"] == "probe":
            return {"missing": self.missing}
        if request["do"] in ("interrupt", "end") and request["pid"] not in self._workers:
            return {"status": None}  # from an earlier launcher, and gone with it
        if request["do"] == "interrupt":
            self._interrupt(request["pid"])
            return {}
        if request["do"] == "end":
            return {"status": self._end(request["pid"], request["kill"])}
        if request["do"] == "start":
            _ = self._serve  # before the fork
        work = self._work if request["do"] == "start" else partial(train, request["module"])
        try:
            return {"pid": self._fork(work, Stage(**request["stage"]), descriptors[0])}
        finally:
            os.close(descriptors[0])

    def _fork(self, work: Work, stage: Stage, descriptor: int) -> int:
        from . import importing  # noqa: PLC0415 - loaded after numpy

        importing.compile_given(stage.given)
        kept = (descriptor, *self._confinement.list_files(stage.submission, stage.given))
        claimed = "uid" in self._confinement.layers
        uid, claim = users.claim_uid(self._uids) if claimed else (None, None)
        try:
            pid = os.fork()
        except OSError:  # too many processes, or too little memory: parts of a worker may remain
            sweeping.kill_orphans(self._workers)
            pid = os.fork()
        if pid == 0:
            self._become_worker(work, stage, kept, uid)
        self._workers[pid] = _Child(pid, uid, claim)
        return pid

    def _become_worker(
        self, work: Work, stage: Stage, kept: tuple[int, ...], uid: int | None
    ) -> None:
        """Become a worker, and never return; keep only some descriptors open, its socket first."""
        code = 1
        try:
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            lent = (int(name.removeprefix(access.DESCRIPTORS)) for name in self._lent.values())
            _close_all_but(*kept, *lent)
            os.chdir(stage.submission)
            problem = ""
            try:
                self._confinement.apply(uid, [stage.submission, stage.given])
            except BaseException as error:  # noqa: BLE001 - the grader has to know
                problem = f"{type(error).__name__}: {error}"
            work(stage, kept[0], problem)
            code = 0
        finally:
            os._exit(code)

    @cached_property
    def _serve(self) -> Callable[[socket.socket, Stage, str], None]:
        """The function that serves in a worker, made on first use: trainings do not need it."""
        from . import serving  # noqa: PLC0415 - loaded after numpy

        serve = serving.readied()
        gc.freeze()  # a garbage collection in a worker would copy every page that it touches
        return serve

    def _work(self, stage: Stage, descriptor: int, problem: str) -> None:
        """Answer the grader; the first frame says whether the process is ready to do so."""
        self._serve(socket.socket(fileno=descriptor), stage, problem)

    def _end(self, pid: int, kill: bool) -> int | None:
        """End a worker and everything it started; return its exit code, None if it was killed."""
        worker = self._workers[pid]
        by_itself = not kill and sweeping.has_ended(pid, EXIT_GRACE)
        status = users.end(pid, worker.uid)
        if status is None:  # it keeps its user, which nobody else gets
            return None
        del self._workers[pid]
        if not self._workers:
            self._confinement.forget_files()
        sweeping.kill_orphans(self._workers)
        worker.release()
        return os.waitstatus_to_exitcode(status) if by_itself else None

    def _interrupt(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGINT)
        except PermissionError:
            uid = self._workers[pid].uid
            if uid is not None:
                users.send_as(uid, pid, signal.SIGINT)

    def close(self) -> None:
        """End all workers: the grader is gone, and may not have had time to end them."""
        for pid in list(self._workers):
            self._end(pid, kill=True)


def _close_all_but(*keep: int) -> None:
    """Connect stdin, stdout and stderr to nothing, and close every other descriptor."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    last = 2
    for number in sorted({*keep, 2**16}):
        os.closerange(last + 1, number)
        last = number
