"""Starting and ending the processes of a submission, and what isolation they have here."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .confine import LAYERS, PACKAGES, hide_memory
from .errors import GraderError
from .paths import PACKAGE
from .worker import Stage

# `grader` is importable only while its own modules load: the submission finds an empty package.
_BOOT = """
import sys, types
package = types.ModuleType("grader")
package.__path__ = [sys.argv[1]]
sys.modules["grader"] = package
from grader import launcher
launcher.{entry}
"""
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
}
# Without these, Windows finds no DLLs, and an old OpenBLAS may choose a wrong kernel.
_INHERITED = ("SYSTEMROOT", "PATH", "OPENBLAS_CORETYPE", "LD_LIBRARY_PATH")
# Takes what a training prints, as it comes.
Show = Callable[[bytes], None]
LEVELS = ("any", "confined", "uid")


class NotIsolated(GraderError):
    """The isolation that was required cannot be had here."""


@dataclass(frozen=True)
class Isolation:
    """Which layers of `confine` the workers have here, and why the others are missing.

    Args:
        missing: for every layer "", or the reason why it is not there.
    """

    missing: Mapping[str, str]

    @property
    def level(self) -> str:
        """Return the strongest of `LEVELS` that holds.

        "uid": another user and the filter of system calls; "confined": the filter; else "any".
        """
        if self.missing["seccomp"]:
            return "any"
        return "confined" if self.missing["uid"] else "uid"

    def require(self, level: str) -> None:
        """Raise unless a level, or a stronger one, holds.

        Raises:
            NotIsolated: it does not; the text says which layers are missing, and why.
        """
        if LEVELS.index(self.level) < LEVELS.index(level):
            reasons = "; ".join(f"{layer}: {why}" for layer, why in self.missing.items() if why)
            raise NotIsolated(
                f"The isolation {level!r} is required and cannot be had here ({reasons})."
            )


class Process(Protocol):
    """A worker's process."""

    sock: socket.socket

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in what it runs, where the platform can do that."""

    def stop(self, kill: bool) -> int:
        """End it if asked to; return its exit code, negative for a signal."""


class Starter(Protocol):
    """Starts workers."""

    @property
    def isolation(self) -> Isolation:
        """What the workers have."""

    def start(self, stage: Stage) -> Process:
        """Start one worker."""

    def train(self, stage: Stage, show: Show) -> int:
        """Run the training script of a package; show what it prints; return its exit code."""

    def close(self) -> None:
        """Give back what starting takes."""


def _command(entry: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-B", "-c", _BOOT.format(entry=entry), str(PACKAGE)]


def _numpy_folder() -> str:
    return str(Path(np.__path__[0]).parent)


def _package_folders() -> dict[str, str]:
    """Return where what the layers are built with is installed, as far as it is."""
    found = {name: importlib.util.find_spec(name) for name in PACKAGES}
    origins = {name: spec.origin for name, spec in found.items() if spec and spec.origin}
    return {name: str(Path(origin).parent.parent) for name, origin in origins.items()}


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, **_ENVIRONMENT}


@dataclass
class _Forked:
    sock: socket.socket
    launcher: Launcher
    pid: int

    def interrupt(self) -> None:
        self.launcher.ask({"do": "interrupt", "pid": self.pid})

    def stop(self, kill: bool) -> int:
        self.sock.close()
        status: int = self.launcher.ask({"do": "end", "pid": self.pid, "kill": kill})["status"]
        return status


class Launcher:
    """Starts workers by forking a process that has numpy loaded."""

    def __init__(self, layers: Sequence[str] = LAYERS) -> None:
        """Start the launcher; it loads numpy while the grader goes on.

        Args:
            layers: what to confine workers with, where it can be had.
        """
        self._layers = tuple(layers)
        hide_memory()
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        what = (_numpy_folder(), _package_folders(), self._layers)
        entry = f"serve_forks({theirs.fileno()}, *{what!r})"
        self._process = subprocess.Popen(
            _command(entry),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=[theirs.fileno()],
            cwd="/",
            start_new_session=True,
        )
        theirs.close()

    @cached_property
    def isolation(self) -> Isolation:
        """What the workers have: the launcher has tried every layer in a child."""
        return Isolation(self.ask({"do": "probe"})["missing"])

    def start(self, stage: Stage) -> _Forked:
        """Fork one worker."""
        ours, theirs = socket.socketpair()
        with theirs:
            reply = self.ask({"do": "start", "stage": asdict(stage)}, [theirs.fileno()])
        return _Forked(ours, self, reply["pid"])

    def train(self, stage: Stage, show: Show) -> int:
        """Fork a worker that trains; show what it prints; return its exit code.

        It gets a terminal of its own if the grader has one: the progress bar needs it.
        """
        ours, theirs = os.openpty() if sys.stdout.isatty() else os.pipe()
        try:
            reply = self.ask({"do": "train", "stage": asdict(stage)}, [theirs])
        finally:
            os.close(theirs)
        try:
            with contextlib.suppress(OSError):  # a terminal ends with an error
                while chunk := os.read(ours, 4096):
                    show(chunk)
        finally:
            os.close(ours)
            ended = self.ask({"do": "end", "pid": reply["pid"], "kill": False})
        return int(ended["status"])

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """Send a request; a launcher that is gone (killed, say) is started again once.

        Raises:
            GraderError: the launcher does not start, or could not do it.
        """
        for _ in range(2):
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], list(descriptors))
                reply = self._control.recv(65536)
                if reply:
                    return _checked(json.loads(reply))
            except ConnectionError:
                pass
            self.close()
            self._start()
            if request["do"] in ("interrupt", "end"):
                return {"status": -int(signal.SIGKILL)}
        raise GraderError("The launcher of workers does not start.")

    def close(self) -> None:
        """End the launcher."""
        self._control.close()
        self._process.kill()
        self._process.wait()


def _checked(reply: dict[str, Any]) -> dict[str, Any]:
    if "error" in reply:
        raise GraderError(f"The launcher of workers failed: {reply['error']}")
    return reply


@dataclass
class _Spawned:
    sock: socket.socket
    process: subprocess.Popen[bytes]

    def interrupt(self) -> None:
        if sys.platform != "win32":
            self.process.send_signal(signal.SIGINT)

    def stop(self, kill: bool) -> int:
        self.sock.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(0 if kill else 1.0)
        self.process.kill()
        return self.process.wait()


class Spawner:
    """Starts every worker as a new process: slower by the import of numpy, but everywhere."""

    isolation = Isolation(dict.fromkeys(LAYERS, "it is there on Linux only") | {"limits": ""})

    def start(self, stage: Stage) -> _Spawned:
        """Start one worker."""
        ours, theirs = socket.socketpair()
        windows = sys.platform == "win32"
        process = subprocess.Popen(
            _command(f"serve_one({_numpy_folder()!r})"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=() if windows else [theirs.fileno()],
        )
        request: dict[str, Any] = {"stage": asdict(stage)}
        if sys.platform == "win32":
            request["share"] = theirs.share(process.pid).hex()
        else:
            request["descriptor"] = theirs.fileno()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.close()
        theirs.close()
        return _Spawned(ours, process)

    def train(self, stage: Stage, show: Show) -> int:
        """Run the training script as a new process; show what it prints; return its exit code."""
        start = (
            "import sys; sys.path.insert(0, sys.argv[1]); from student.train import main; main()"
        )
        command = [sys.executable, "-I", "-B", "-c", start, stage.given]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        ) as process:
            assert process.stdout is not None
            while chunk := process.stdout.read(4096):
                show(chunk)
        return process.returncode

    def close(self) -> None:
        """Nothing is kept."""


class Kept:
    """A starter that outlives the grades it is given to."""

    def __init__(self, inner: Starter) -> None:
        """Keep the real one; whoever made that closes it."""
        self._inner = inner

    @property
    def isolation(self) -> Isolation:
        """What its workers have."""
        return self._inner.isolation

    def start(self, stage: Stage) -> Process:
        """Start one worker."""
        return self._inner.start(stage)

    def train(self, stage: Stage, show: Show) -> int:
        """Run the training script of a package."""
        return self._inner.train(stage, show)

    def close(self) -> None:
        """Stay open."""


def starter() -> Starter:
    """Return what starts workers on this platform."""
    return Launcher() if sys.platform == "linux" else Spawner()
