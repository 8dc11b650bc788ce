"""Starting every worker as a new process, where forking is unsafe or unavailable."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from grader.errors import refusals
from grader.limits import Isolation
from grader.worker import confine
from grader.worker.stage import Stage

from . import boot
from .protocols import Show

# Seconds for a killed process to be gone.
KILLED = 5.0
# The code that a training process runs.
_TRAINING = "import sys; sys.path.insert(0, sys.argv[1]); from student.{module} import main; main()"


@dataclass
class _Spawned:
    sock: socket.socket
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def interrupt(self) -> None:
        if sys.platform != "win32":
            self.process.send_signal(signal.SIGINT)

    def stop(self, kill: bool) -> int | None:
        self.sock.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(0 if kill else 1.0)
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(KILLED)
        return None


class Spawner:
    """Starts every worker as a new process: works everywhere, but has to import numpy each time."""

    restarts = 0
    isolation = Isolation(dict.fromkeys(confine.LAYERS, "available on Linux only") | {"limits": ""})

    @refusals(boot.STARTING)
    def start(self, stage: Stage) -> _Spawned:
        """Start one worker."""
        ours, theirs = socket.socketpair()
        windows = sys.platform == "win32"
        process = subprocess.Popen(
            boot.command(f"serve_one({boot.numpy_folder()!r})"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=boot.environment(),
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

    def train(self, stage: Stage, module: str, show: Show) -> int:
        """Train in a new process; show what it prints; return its exit code."""
        start = _TRAINING.format(module=module)
        command = [sys.executable, "-I", "-B", "-c", start, stage.given]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        ) as process:
            assert process.stdout is not None
            while chunk := process.stdout.read(4096):
                show(chunk)
        return process.returncode

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
