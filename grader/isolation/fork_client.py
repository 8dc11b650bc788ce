"""The client of the fork server: it starts the launcher, and asks it for workers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from grader.errors import GraderError
from grader.limits import Isolation
from grader.worker import confine
from grader.worker.stage import Stage

from . import boot
from .protocols import Show


@dataclass
class _Forked:
    sock: socket.socket
    client: ForkServerClient
    pid: int

    def interrupt(self) -> None:
        self.client.ask({"do": "interrupt", "pid": self.pid})

    def stop(self, kill: bool) -> int:
        self.sock.close()
        status: int = self.client.ask({"do": "end", "pid": self.pid, "kill": kill})["status"]
        return status


class ForkServerClient:
    """Starts workers by forking a process that has numpy loaded, the launcher."""

    def __init__(self, layers: Sequence[str] = confine.LAYERS) -> None:
        """Start the launcher; it loads numpy while the grader goes on.

        Args:
            layers: what to confine workers with, where it can be had.
        """
        self._layers = tuple(layers)
        confine.hide_memory()
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        what = (boot.numpy_folder(), boot.package_folders(), self._layers)
        entry = f"serve_forks({theirs.fileno()}, *{what!r})"
        self._process = subprocess.Popen(
            boot.command(entry),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=boot.environment(),
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

    def train(self, stage: Stage, module: str, show: Show) -> int:
        """Fork a worker that trains; show what it prints; return its exit code.

        It gets a terminal of its own if the grader has one: the progress bar needs it.
        """
        ours, theirs = os.openpty() if sys.stdout.isatty() else os.pipe()
        try:
            request = {"do": "train", "module": module, "stage": asdict(stage)}
            reply = self.ask(request, [theirs])
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
