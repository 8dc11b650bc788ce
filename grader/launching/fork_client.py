"""The client of the fork server: it starts the launcher, and asks it for workers."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from grader.errors import GraderError, MachineError, is_refusal, refusals
from grader.files import temporary_folders
from grader.limits import Isolation
from grader.worker import confine, sweeping
from grader.worker.stage import Stage

from . import boot
from .protocols import Show

# Seconds for the launcher to answer. The first answer waits for numpy, whose files may be cold.
FIRST_ANSWER = 60.0
# A fork takes milliseconds; ending a worker and sweeping up after it takes at most 6 s.
ANSWER = 15.0
# Seconds for a launcher to end by itself, along with the workers that are still running.
LEAVING = 2.0
# What is said about a request that the launcher did not live to answer.
LOST = "it has ended, or did not answer"


@dataclass
class _Forked:
    """A worker that is being forked, or is running."""

    sock: socket.socket
    client: ForkServerClient
    number: int | None = None
    error: Exception | None = None

    def told(self, answer: dict[str, Any]) -> None:
        """Process the launcher's answer about the fork."""
        try:
            self.number = self.client.forked(answer)
        except GraderError as error:
            self.error = error

    @property
    def pid(self) -> int:
        """Its process ID; waits for the launcher's answer.

        Raises:
            GraderError: it was not forked.
        """
        if self.number is None and self.error is None and not self.client.settle():
            self.client.restart()
        if self.number is None:
            raise self.error or GraderError(f"The launcher of workers failed: {LOST}")
        return self.number

    def interrupt(self) -> None:
        self.client.ask({"do": "interrupt", "pid": self.pid})

    def stop(self, kill: bool) -> int | None:
        self.sock.close()
        try:
            pid = self.pid
        except GraderError:
            return None  # there is nothing to end
        return self.client.end(pid, kill)


class ForkServerClient:
    """Starts workers by forking the launcher, a process that has numpy loaded."""

    def __init__(self, layers: Sequence[str] = confine.LAYERS) -> None:
        """Start the launcher; it loads numpy while the grader continues.

        Args:
            layers: the layers to confine workers with, where available.
        """
        self._layers = tuple(layers)
        self.restarts = 0
        self._workers = set[int]()
        # Callbacks for the answers to come, in the order of the requests.
        self._waiting: deque[Callable[[dict[str, Any]], Any]] = deque()
        confine.hide_memory()
        self._start()

    @refusals(boot.STARTING)
    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        what = (boot.numpy_folder(), boot.package_folders(), self._layers, temporary_folders())
        entry = f"serve_forks({theirs.fileno()}, *{what!r})"
        with contextlib.ExitStack() as stack:
            stack.enter_context(theirs)
            stack.enter_context(self._control)
            self._process = subprocess.Popen(
                boot.command(entry),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=boot.environment(),
                pass_fds=[theirs.fileno()],
                cwd="/",
                start_new_session=True,
            )
            stack.pop_all()
        theirs.close()
        self._control.settimeout(FIRST_ANSWER)

    @cached_property
    def isolation(self) -> Isolation:
        """The workers' isolation: the launcher has tried every layer in a child process."""
        return Isolation(self.ask({"do": "probe"})["missing"])

    def start(self, stage: Stage) -> _Forked:
        """Fork one worker; this does not wait for it."""
        with refusals(boot.STARTING):
            ours, theirs = socket.socketpair()
        forked = _Forked(ours, self)
        with theirs, contextlib.ExitStack() as stack:
            stack.enter_context(ours)
            request = {"do": "start", "stage": asdict(stage)}
            if not self._post(request, forked.told, theirs.fileno()):
                forked.told(self.ask(request, [theirs.fileno()]))
            stack.pop_all()
        return forked

    def end(self, pid: int, kill: bool) -> int | None:
        """End a worker; return its exit code; None if it was killed, which is not waited for."""
        self._workers.discard(pid)
        request = {"do": "end", "pid": pid, "kill": kill}
        if kill and self._post(request, lambda _: None):
            return None
        status: int | None = self.ask(request)["status"]
        return status

    def forked(self, answer: dict[str, Any]) -> int:
        """Return the process ID of a worker that was forked."""
        pid = int(checked(answer)["pid"])
        self._workers.add(pid)
        return pid

    def train(self, stage: Stage, module: str, show: Show) -> int:
        """Fork a worker that trains; show what it prints; return its exit code.

        It gets its own terminal if the grader has one, because the progress bar needs it.
        """
        ours, theirs = os.openpty() if sys.stdout.isatty() else os.pipe()
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, ours)
            request = {"do": "train", "module": module, "stage": asdict(stage)}
            try:
                pid = self.forked(self.ask(request, [theirs]))
            finally:
                os.close(theirs)
            try:
                while chunk := _read(ours):
                    show(chunk)
            finally:
                status = self.end(pid, kill=False)
        return -signal.SIGKILL if status is None else status

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """Send a request; a launcher that is gone or does not answer is restarted once.

        A submission may kill or stop it where no layer forbids signals.

        Raises:
            GraderError: the launcher does not start, or could not do it.
        """
        for _ in range(2):
            found: list[dict[str, Any]] = []
            if self._post(request, found.append, *descriptors) and self.settle() and found:
                return checked(found[0])
            self.restart()
            if request["do"] in ("interrupt", "end"):
                return {"status": None}
        raise GraderError("The launcher of workers does not start.")

    def _post(
        self,
        request: Mapping[str, Any],
        take: Callable[[dict[str, Any]], Any],
        *descriptors: int,
    ) -> bool:
        """Send a request whose answer is handled later; tell whether it could be sent."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            socket.send_fds(self._control, [json.dumps(request).encode()], list(descriptors))
            self._waiting.append(take)
            return True
        return False

    def settle(self) -> bool:
        """Receive all outstanding answers; tell whether they arrived."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            while self._waiting:
                if not (reply := self._control.recv(65536)):
                    return False
                self._control.settimeout(ANSWER)
                self._waiting.popleft()(json.loads(reply))
            return True
        return False

    def restart(self) -> None:
        """End the launcher and everything that it has started, and start another one."""
        self.restarts += 1
        self.close()
        self._workers.clear()
        while self._waiting:
            self._waiting.popleft()({"error": LOST})
        self._start()

    def close(self) -> None:
        """End the launcher, its workers, and everything that they started.

        The launcher can end whatever is still running as its own user, which this process may not
        be allowed to do.
        """
        self._control.close()
        _wait_for(self._process, LEAVING if self._workers or self._waiting else 0)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)  # as their parent, it has to stay
            sweeping.kill_below(self._process.pid)
        self._process.kill()
        _wait_for(self._process, ANSWER)


def _wait_for(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until a process has ended, but at most some seconds."""
    # Old kernels and Pythons lack this function, and `select` accepts no descriptor above 1023.
    with contextlib.suppress(OSError, AttributeError, ValueError):
        ended = os.pidfd_open(process.pid)
        try:
            select.select([ended], [], [], seconds)  # immediate, unlike `Popen.wait`
        finally:
            os.close(ended)
        seconds = 0
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _read(descriptor: int) -> bytes:
    """Return what was printed; nothing at the end, which a terminal signals with an error."""
    with contextlib.suppress(OSError):
        return os.read(descriptor, 4096)
    return b""


def checked(reply: dict[str, Any]) -> dict[str, Any]:
    """Return the launcher's answer, unless it says what it could not do.

    Raises:
        MachineError: the machine refuses it.
        GraderError: it failed.
    """
    if is_refusal(reply.get("errno")):
        raise MachineError(boot.STARTING, reply["errno"])
    if "error" in reply:
        raise GraderError(f"The launcher of workers failed: {reply['error']}")
    return reply
