"""Grading a class on the workers of a Dask cluster that is already running.

This module, not Dask's scheduler, decides which worker gets what. That guarantees that a
submission may take down at most three machines, whatever the cluster's `allowed-failures` is, and
that only the tasks a worker was running when it died are held against a submission, not those
still in its queue.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.course.grading.graders import Refusal
from grader.course.grading.resident import Ready, Refused, Setup, Task
from grader.course.grading.tries import TRIES, Tries
from grader.course.store import Graded

from .members import UNREACHABLE, Members

# Tasks per worker thread: one to grade, and others in the queue, so that no thread waits for the
# network. Queued tasks are taken back when another worker is idle.
PER_THREAD = 3
# Seconds between checks of which workers are there.
_LOOK = 0.5
# Seconds to wait for a result; after that, it is requested again unless its worker has left.
_FETCHING = 5.0
Wanted = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Given:
    """A task that was given to a worker, and its pending answer."""

    task: Wanted
    worker: str
    future: Any
    is_alone: bool


@dataclass(eq=False)
class Cluster:
    """An engine on a Dask cluster; `close` leaves the cluster as it was.

    Args:
        setup: what to grade, and how.
        address: the scheduler's, such as "tcp://10.0.0.1:8786".
        packed: returns the packed contents for a hash.
        say: tells the user what is being waited for, and which workers are left out.
    """

    setup: Setup
    address: str
    packed: Callable[[str], bytes]
    say: Callable[[str], None] = lambda _: None
    _waiting: deque[Wanted] = field(default_factory=deque)
    _last: deque[Wanted] = field(default_factory=deque)
    _given: dict[str, _Given] = field(default_factory=dict)
    _done: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    _tries: Tries = field(default_factory=lambda: Tries("workers of the cluster"))
    _number: int = 0
    _looked: float = 0.0

    def __post_init__(self) -> None:
        """Start without any known worker."""
        self._members = Members(self.setup, self.address, self.say)

    @property
    def name(self) -> str:
        """Return the name of this engine."""
        count, threads = len(self._members.threads), sum(self._members.threads.values())
        workers = f"{count} worker{'' if count == 1 else 's'}"
        graders = f"{threads} grader{'' if threads == 1 else 's'}"
        return f"{graders} on {workers} of {self.address}"

    def ready(self) -> Ready:
        """Start graders on all workers; return the report of the one with the weakest isolation.

        Raises:
            UsageError: the scheduler cannot be reached, or Dask is not installed.
            Refusal: there is no worker, or one cannot grade the way this machine would.
        """
        self._members.connect()
        return self._members.first()

    def graded(self, tasks: Sequence[Wanted]) -> Iterator[Graded]:
        """Grade; yield each outcome as it arrives.

        Args:
            tasks: the hashes of contents, and the names of the requested targets.

        Raises:
            Refusal: the scheduler or all workers have gone.
        """
        self._waiting.extend(tasks)
        while self._waiting or self._last or self._given:
            yield from self._look()
            self._give()
            yield from self._come()

    # Handing out tasks.

    def _give(self) -> None:
        """Fill every worker's queue; a task in `_last` gets a worker to itself."""
        load = Counter(given.worker for given in self._given.values())
        alone = {given.worker for given in self._given.values() if given.is_alone}
        threads = {x: n for x, n in dict(self._members.threads).items() if x not in alone}
        while self._waiting:
            worker = min(threads, key=lambda x: load[x] / threads[x], default=None)
            if worker is None or load[worker] >= PER_THREAD * threads[worker]:
                return
            self._submit(self._waiting.popleft(), worker)
            load[worker] += 1
        self._take_back(load, threads)
        for worker in [x for x in threads if not load[x]][: len(self._last)]:
            self._submit(self._last.popleft(), worker, is_alone=True)

    def _take_back(self, load: Counter[str], threads: dict[str, int]) -> None:
        """Take back tasks queued at a worker, and give them to idle ones."""
        free = [x for x, n in threads.items() for _ in range(n - load[x])]
        for key, worker in zip(reversed(self._queued()), free, strict=False):
            given = self._given.pop(key)
            self._members.cancel([given.future])
            self._submit(given.task, worker)
            load.update({given.worker: -1, worker: 1})

    def _queued(self) -> list[str]:
        """Return the tasks queued at their workers: all but the oldest, one per thread."""
        seen, found = Counter[str](), []
        for key, given in self._given.items():
            seen[given.worker] += 1
            if seen[given.worker] > self._members.threads.get(given.worker, 0):
                found.append(key)
        return found

    def _submit(self, task: Wanted, worker: str, is_alone: bool = False) -> None:
        contents, targets = task
        self._number += 1
        key = f"grade-{contents[:12]}-{self._members.name}-{self._number}"
        future = self._members.submit(worker, key, Task(contents, self.packed(contents), targets))
        self._given[key] = _Given(task, worker, future, is_alone)
        future.add_done_callback(lambda done: self._done.put(done.key))

    # Receiving results.

    def _come(self) -> Iterator[Graded]:
        """Wait a moment for results, and yield them."""
        try:
            keys = [self._done.get(timeout=_LOOK)]
        except queue.Empty:
            return
        while not self._done.empty():
            keys.append(self._done.get())
        for key in keys:
            if key in self._given:
                yield from self._answer(key)

    def _answer(self, key: str) -> Iterator[Graded]:
        given = self._given[key]
        try:
            found = given.future.result(timeout=_FETCHING)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever Dask raises
            if isinstance(error, UNREACHABLE) and given.future.status != "error":
                self._done.put(key)  # `_look` checks whether the worker is still there
                return
            del self._given[key]
            yield from self._again(given, f"{type(error).__name__}: {error}")
        else:
            if found is None:  # another worker, at the address of one that has died
                yield from self._left(given.worker, self._queued())
                return
            if isinstance(found, Refused):
                raise Refusal(f"{given.worker}: {found.why}")
            del self._given[key]
            yield found

    def _look(self) -> Iterator[Graded]:
        """Check now and then which workers have left, and reassign their tasks."""
        if time.monotonic() - self._looked < _LOOK:
            return
        self._looked = time.monotonic()
        queued = self._queued()
        for worker in self._members.look():
            yield from self._left(worker, queued)

    def _left(self, worker: str, queued: Sequence[str]) -> Iterator[Graded]:
        """Retry a lost worker's tasks elsewhere; those that were running may be the cause."""
        self._members.forget([worker])
        for key in [key for key, given in self._given.items() if given.worker == worker]:
            given = self._given.pop(key)
            self._members.cancel([given.future])
            if key in queued:
                self._waiting.appendleft(given.task)
            else:
                yield from self._again(given, f"{worker} ended")

    def _again(self, given: _Given, why: str) -> Iterator[Graded]:
        """Retry a task that may have taken down its worker; the last try has a worker to itself."""
        contents, _ = given.task
        if found := self._tries.lost(contents, why, given.worker):
            yield found
        elif self._tries.failed(contents) == TRIES - 1:
            self._last.append(given.task)
        else:
            self._waiting.append(given.task)

    def close(self) -> None:
        """Cancel unfinished tasks, and end what was started on the workers."""
        futures = [given.future for given in self._given.values()]
        self._given.clear()
        self._members.cancel(futures)
        self._members.close()
