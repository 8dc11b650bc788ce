"""What runs on the workers of a Dask cluster: long-lived graders, one per thread of a worker.

Dask sends these functions by name; the code is the worker's own. A worker thread only waits for
its grader, which is a separate process, so no submission can harm the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Iterator
from typing import Any

from distributed import WorkerPlugin, get_worker

from grader.course.grading.graders import LEAVING, Grader, Lost, Refusal, end_all
from grader.course.grading.resident import Ready, Refused, Setup, Task
from grader.course.grading.tries import STUCK, Tries
from grader.course.store import Graded

# Seconds without a task before graders are ended: the client that asked for them may be dead.
IDLE = 600.0


class Graders(WorkerPlugin):
    """The graders of one worker, from `begin` to `end`."""

    def __init__(self, setup: Setup) -> None:
        """Start nothing yet: `setup` does that on the worker."""
        self._setup = setup
        self._place = ""
        self._idle: list[Grader] = []
        self._busy: set[Grader] = set()
        self._change = threading.Condition()
        self._is_closed = False
        self._timer: threading.Timer | None = None

    def setup(self, worker: Any) -> None:
        """Remember which worker this is."""
        self._place = worker.address

    def teardown(self, worker: Any) -> Awaitable[None]:
        """End all graders; the worker carries on with its other tasks."""
        return asyncio.to_thread(self.close)

    def ready(self, count: int) -> Ready:
        """Start graders; return what the first one reports.

        Args:
            count: how many graders.

        Raises:
            Lost: a grader does not start.
            Refusal: nothing can be graded here.
        """
        started = [Grader(self._setup) for _ in range(count)]
        try:
            answers = [grader.ready() for grader in started]
        except (Lost, Refusal):
            end_all(started)
            raise
        with self._change:
            self._idle += started
        self._watch()
        if self._is_closed:
            self.close()
        return answers[0]

    def graded(self, task: Task) -> Graded | Refused | None:
        """Return the outcome of grading a task; None if the graders are ended in the meantime."""
        tries = Tries()
        while not self._is_closed:
            if found := self._tried(task, tries):
                return found
        return None

    def _tried(self, task: Task, tries: Tries) -> Graded | Refused | None:
        try:
            with self._taken() as grader:
                grader.ask(task)
                if not grader.connection.poll(STUCK):
                    grader.kill()
                found = grader.answer()
        except Lost as error:
            return None if self._is_closed else tries.lost(task.contents, error, self._place)
        except Refusal as error:
            return Refused(str(error))
        assert isinstance(found, Graded)
        return tries.checked(found)

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Grader]:
        """Take an idle grader, or start one; it is ended if it fails."""
        with self._change:
            grader = self._idle.pop() if self._idle else None
            is_new = grader is None
            grader = grader or Grader(self._setup)
            self._busy.add(grader)
        works = False
        try:
            if is_new:
                grader.ready()
            yield grader
            works = not self._is_closed
        finally:
            if not works:
                end_all([grader])
            with self._change:
                self._busy.discard(grader)
                self._idle += [grader] if works else []
                self._change.notify_all()
            self._watch()

    def _watch(self) -> None:
        """End graders that have been idle for a while."""
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE, self._end_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_idle(self) -> None:
        with self._change:
            idle, self._idle = self._idle, []
        end_all(idle)

    def close(self) -> None:
        """End all graders; tasks in progress get no result."""
        self._is_closed = True
        if self._timer:
            self._timer.cancel()
        with self._change:
            for grader in self._busy:
                grader.tell(signal.SIGTERM)
        self._end_idle()
        with self._change:
            self._change.wait_for(lambda: not self._busy, LEAVING)
            for grader in self._busy:
                grader.tell(signal.SIGKILL)


async def begin(name: str, setup: Setup, threads: int, dask_worker: Any) -> Ready | Refused:
    """Start graders on this worker; return what they report.

    Args:
        name: the name of the plugin that keeps them: one per class being graded.
        setup: what they grade, and how.
        threads: the worker's number of threads.
        dask_worker: this worker; Dask passes it in.
    """
    graders = Graders(setup)
    await dask_worker.plugin_add(graders, name)
    try:
        return await asyncio.to_thread(graders.ready, threads)
    except (Lost, Refusal) as error:
        await dask_worker.plugin_remove(name)
        return Refused(str(error))


async def end(name: str, dask_worker: Any) -> None:
    """End the graders that `begin` started here, if any."""
    if name in dask_worker.plugins:
        await dask_worker.plugin_remove(name)


def work(name: str, task: Task) -> Graded | Refused | None:
    """Grade; None if there are no graders of that name, as on a worker that was restarted.

    A refusal is about this machine, such as a full disk, and not about the task.
    """
    graders = get_worker().plugins.get(name)
    return graders.graded(task) if graders else None
