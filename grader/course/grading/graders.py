"""The trusted handle to a long-lived grader: a separate process, which may die or be killed."""

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

# The same `grader` package as here, wherever it is installed, and nothing from the current folder.
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
# Seconds for a grader to shut down with everything it started when told to; usually it takes a
# tenth of that. Killing it earlier may leave a launcher behind.
LEAVING = 4.0
# How much of a grader's last output is quoted.
MAX_WORDS = 2000


class Lost(GraderError):
    """A grader has died; the task it was working on has no result."""


class Refusal(UsageError):
    """A grader cannot work here, whatever the submission."""


class Grader:
    """A process that grades one submission after another."""

    def __init__(self, setup: Setup) -> None:
        """Start the process; `ready` waits for it.

        Args:
            setup: what it grades, and how.

        Raises:
            Refusal: this system cannot run one.
        """
        if sys.platform == "win32":
            raise Refusal("A class is graded on Linux or macOS.")
        ours, theirs = socket.socketpair()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed together with the process
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
        """Send it a task; `answer` waits for the outcome."""
        self.started = time.monotonic()
        with contextlib.suppress(OSError):  # it has died: `answer` reports that
            self.connection.send(task)

    def answer(self) -> Answer:
        """Return its answer.

        Raises:
            Lost: it has died.
            Refusal: it cannot work here.
        """
        try:
            answer: Answer = self.connection.recv()
        except (EOFError, OSError):
            raise Lost(f"A grader ended unexpectedly{self._last_words()}") from None
        self.started = None
        if isinstance(answer, Refused):
            raise Refusal(answer.why)
        return answer

    def ready(self) -> Ready:
        """Return its report after starting; raises the same errors as `answer`."""
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
        """End it, with everything it started; it is killed if it does not obey."""
        end_all([self])

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Kill it: no more answers come, and `answer` reports that."""
        self._process.kill()

    def wait(self, until: float) -> None:
        """Wait for its end; kill it at a given time on the clock of `time.monotonic`."""
        try:
            self._process.wait(max(until - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()


def end_all(graders: list[Grader]) -> None:
    """End some graders, all at once; kill those that have not ended after a few seconds."""
    for one in graders:
        one.connection.close()
        one.tell(signal.SIGTERM)
    until = time.monotonic() + LEAVING
    for one in graders:
        one.wait(until)
