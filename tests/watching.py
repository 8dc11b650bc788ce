"""A running `grader watch`: tests save files and read its output."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PATIENCE = 60.0


def _children(process: int) -> list[int]:
    """Return the running child processes of a process."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(word) for task in tasks for word in task.read_text().split()]


class Watching:
    """A running `grader watch` of a folder, and what it prints."""

    def __init__(self, folder: Path, *options: str, before: Sequence[str] = ()) -> None:
        self.home = folder.parent
        command = [*before, sys.executable, "-m", "grader", "watch", str(folder), *options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}
        self.process = subprocess.Popen(
            [*command, "--out", str(self.home / "results.json")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, pattern: str) -> str:
        """Return everything printed up to a line that matches the pattern."""
        found, end = "", time.monotonic() + PATIENCE
        while not re.search(pattern, found):
            found += self.lines.get(timeout=max(end - time.monotonic(), 0.01))
        return found

    def has_worker(self) -> None:
        """Wait until the submission's code runs: on Linux, until the launcher has a child."""
        end = time.monotonic() + PATIENCE
        while not [two for one in _children(self.process.pid) for two in _children(one)]:
            assert time.monotonic() < end
            time.sleep(0.02)

    def score(self) -> float:
        """Return the score in the results."""
        return float(self._results()["score"])

    def seed(self) -> int:
        """Return the seed in the results."""
        return int(self._results()["extra_data"]["seed"])

    def _results(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "results.json").read_text("utf-8"))
        return found

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """End it, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
