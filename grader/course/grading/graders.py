"""The trusted handle to a grader that stays: a process of its own, which may die or be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection

from grader.errors import GraderError, UsageError
from grader.paths import PACKAGE

from .resident import Answer, Ready, Refused, Setup, Task

# The same `grader` as here, wherever it lies, and nothing of the current folder.
_BOOT = """
import sys
from importlib import util
folder = sys.argv[1]
spec = util.spec_from_file_location("grader", folder + "/__init__.py",
                                    submodule_search_locations=[folder])
package = sys.modules["grader"] = util.module_from_spec(spec)
spec.loader.exec_module(package)
from grader.course.grading.resident import serve
serve(int(sys.argv[2]))
"""
# Seconds for a grader that is told to end, with all that it has started: usually it takes a tenth
# of them. One that is killed before may leave a launcher behind.
LEAVING = 4.0
# What is told of the last words of a grader.
MAX_WORDS = 2000


class Lost(GraderError):
    """A grader has died; whatever it was at work on has no result."""


class Refusal(UsageError):
    """A grader cannot work here, whatever the submission."""


class Grader:
    """A process that grades one submission after the other."""

    def __init__(self, setup: Setup) -> None:
        """Start it; `ready` waits for it.

        Args:
            setup: what it grades, and how.

        Raises:
            Refusal: this system cannot have one.
        """
        if sys.platform == "win32":
            raise Refusal("A class is graded on Linux or macOS.")
        ours, theirs = socket.socketpair()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the process
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOT, str(PACKAGE), str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=self._words, stderr=self._words,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        self.connection = Connection(ours.detach())
        self.started: float | None = None
        with contextlib.suppress(OSError):
            self.connection.send(setup)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, task: Task) -> None:
        """Give it something to grade; `answer` waits for what comes of it."""
        self.started = time.monotonic()
        with contextlib.suppress(OSError):  # it has died: `answer` says so
            self.connection.send(task)

    def answer(self) -> Answer:
        """Return what it says.

        Raises:
            Lost: it has died.
            Refusal: it cannot work here.
        """
        try:
            answer: Answer = self.connection.recv()
        except (EOFError, OSError):
            raise Lost(f"A grader ended before its time{self._last_words()}") from None
        self.started = None
        if isinstance(answer, Refused):
            raise Refusal(answer.why)
        return answer

    def ready(self) -> Ready:
        """Return what it says when it has started; raises as `answer`."""
        answer = self.answer()
        assert isinstance(answer, Ready)
        return answer

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(LEAVING)
            self._words.seek(0)
            words = self._words.read()[-MAX_WORDS:].decode(errors="replace").strip()
            how = f" by signal {-code}" if code < 0 else f" with exit code {code}"
            return f"{how}{words and ': '}{words}"
        return "."

    def end(self) -> None:
        """End it, with all that it has started; it is killed if it does not obey."""
        end_all([self])

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Kill it: it does not answer any more; `answer` says so."""
        self._process.kill()

    def wait(self, until: float) -> None:
        """Wait for its end, kill it at a time on the clock of `time.monotonic`."""
        try:
            self._process.wait(max(until - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()


def end_all(graders: list[Grader]) -> None:
    """End some graders, all at once; kill those that have not ended after some seconds."""
    for one in graders:
        one.connection.close()
        one.tell(signal.SIGTERM)
    until = time.monotonic() + LEAVING
    for one in graders:
        one.wait(until)
