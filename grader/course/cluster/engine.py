"""Grading a class on the workers of a Dask cluster that is there already.

What is given to which worker is decided here, and not by Dask's scheduler. Only so are three
machines what a submission may take down, whatever the cluster's own `allowed-failures` is; and only
what a worker was at work on when it ended is held against a submission, not what waited there.
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

# What a worker has, for each of its threads: one to grade, and others that wait, so that no thread
# waits for the network. What waits is taken back when another worker has nothing to do.
PER_THREAD = 3
# Seconds between two looks at who is there.
_LOOK = 0.5
# Seconds for a result to come; after that, it is asked for again unless its worker has left.
_FETCHING = 5.0
Wanted = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Given:
    """What was given to a worker, and the answer that is to come."""

    task: Wanted
    worker: str
    future: Any
    is_alone: bool


@dataclass(eq=False)
class Cluster:
    """An engine on a Dask cluster; `close` leaves the cluster as it was.

    Args:
        setup: what is graded, and how.
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
        packed: gives the packed contents of a hash.
        say: tells a person what is waited for, and who is left out.
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
        """Know no worker yet."""
        self._members = Members(self.setup, self.address, self.say)

    @property
    def name(self) -> str:
        """Say what grades."""
        count, threads = len(self._members.threads), sum(self._members.threads.values())
        workers = f"{count} worker{'' if count == 1 else 's'}"
        graders = f"{threads} grader{'' if threads == 1 else 's'}"
        return f"{graders} on {workers} of {self.address}"

    def ready(self) -> Ready:
        """Have graders on all workers; return what the one says that shuts in least.

        Raises:
            UsageError: the scheduler cannot be reached, or Dask is not installed.
            Refusal: a worker, or there is none, cannot grade as this machine would.
        """
        self._members.connect()
        return self._members.first()

    def graded(self, tasks: Sequence[Wanted]) -> Iterator[Graded]:
        """Grade; yield what comes of it, as it comes.

        Args:
            tasks: the hashes of contents, and the names of the targets that are asked for.

        Raises:
            Refusal: the scheduler or all workers have gone.
        """
        self._waiting.extend(tasks)
        while self._waiting or self._last or self._given:
            yield from self._look()
            self._give()
            yield from self._come()

    # Giving.

    def _give(self) -> None:
        """Give every worker what it has room for; what is in `_last` has a worker to itself."""
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
        """Take back what waits at a worker, and give it to those that have nothing to do."""
        free = [x for x, n in threads.items() for _ in range(n - load[x])]
        for key, worker in zip(reversed(self._queued()), free, strict=False):
            given = self._given.pop(key)
            self._members.cancel([given.future])
            self._submit(given.task, worker)
            load.update({given.worker: -1, worker: 1})

    def _queued(self) -> list[str]:
        """Return what waits at its worker: all but the oldest, one for each thread."""
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

    # Taking.

    def _come(self) -> Iterator[Graded]:
        """Wait a moment for what comes, and yield it."""
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
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever Dask says
            if isinstance(error, UNREACHABLE) and given.future.status != "error":
                self._done.put(key)  # `_look` sees whether the worker is still there
                return
            del self._given[key]
            yield from self._again(given, f"{type(error).__name__}: {error}")
        else:
            if found is None:  # another worker, at the address of one that has ended
                yield from self._left(given.worker, self._queued())
                return
            if isinstance(found, Refused):
                raise Refusal(f"{given.worker}: {found.why}")
            del self._given[key]
            yield found

    def _look(self) -> Iterator[Graded]:
        """See who has left, at times, and what becomes of their work."""
        if time.monotonic() - self._looked < _LOOK:
            return
        self._looked = time.monotonic()
        queued = self._queued()
        for worker in self._members.look():
            yield from self._left(worker, queued)

    def _left(self, worker: str, queued: Sequence[str]) -> Iterator[Graded]:
        """Try again elsewhere what a worker had; what it was at work on may have been the cause."""
        self._members.forget([worker])
        for key in [key for key, given in self._given.items() if given.worker == worker]:
            given = self._given.pop(key)
            self._members.cancel([given.future])
            if key in queued:
                self._waiting.appendleft(given.task)
            else:
                yield from self._again(given, f"{worker} ended")

    def _again(self, given: _Given, why: str) -> Iterator[Graded]:
        """Try again what may have taken down its worker, the last time with a worker to itself."""
        contents, _ = given.task
        if found := self._tries.lost(contents, why, given.worker):
            yield found
        elif self._tries.failed(contents) == TRIES - 1:
            self._last.append(given.task)
        else:
            self._waiting.append(given.task)

    def close(self) -> None:
        """Cancel what is not done, and end what was started on the workers."""
        futures = [given.future for given in self._given.values()]
        self._given.clear()
        self._members.cancel(futures)
        self._members.close()
