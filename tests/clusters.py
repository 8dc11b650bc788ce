"""A Dask cluster of processes on this machine, for the tests and the benchmark."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from distributed import Client

from grader.paths import ROOT

# Seconds to wait for a process to start, and to end.
PATIENCE, LEAVING = 30.0, 5.0


class Processes:
    """A scheduler and workers; `end` ends them all."""

    def __init__(self, folder: Path) -> None:
        """Start a scheduler.

        Args:
            folder: where it and the workers write their files.
        """
        self.folder, self.started = folder, list[subprocess.Popen[bytes]]()
        file = folder / "scheduler.json"
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                    "--scheduler-file", str(file))  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        self._watcher = Client(scheduler_file=str(file), set_as_default=False)
        self.address: str = self._watcher.scheduler.address

    def _start(self, module: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        path = options.pop("path", str(ROOT))
        environment = {
            **os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1",
            "DASK_TEMPORARY_DIRECTORY": str(self.folder),
        }  # fmt: skip
        with (self.folder / f"log-{len(self.started)}").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, cwd=self.folder, **options
            )
        self.started.append(process)
        return process

    def worker(self, *arguments: str, **options: Any) -> tuple[str, subprocess.Popen[bytes]]:
        """Start a worker with one thread; return its address and process once it has joined.

        Args:
            arguments: for `dask worker`.
            options: for its process; `path` is where it imports the grader from.
        """
        before = set(self.addresses())
        process = self._start(
            "dask_worker", self.address, "--host", "127.0.0.1", "--no-dashboard", "--nthreads", "1",
            "--local-directory", str(self.folder), *arguments, **options,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not (new := set(self.addresses()) - before) and time.monotonic() < until:
            time.sleep(0.05)
        return new.pop(), process

    def addresses(self) -> list[str]:
        """Return the addresses of the running workers."""
        return list(self._watcher.nthreads())

    def plugins(self) -> dict[str, list[str]]:
        """Return the names of all plugins of every worker."""
        # A lambda is sent by value: a worker need not have this module.
        return dict(self._watcher.run(lambda dask_worker: list(dask_worker.plugins)))

    def end(self) -> None:
        """End all processes, and wait for them."""
        self._watcher.close()
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.started):
            try:
                process.wait(LEAVING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder)  # a killed worker leaves its own files there
