"""Grading a class on this machine: graders in parallel, one per core."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from grader.course.store import Graded

from .graders import Grader, Lost, Refusal, end_all
from .resident import Ready, Setup, Task
from .tries import STUCK, TRIES, Tries

# Seconds after which a submission is no longer counted as busy: one that hangs delays no other.
SLOW = 8.0
# Seconds between checks of the clock.
_LOOK = 1.0


@dataclass(eq=False)
class Local:
    """Graders on this machine; `close` ends them.

    Args:
        setup: what they grade, and how.
        count: how many graders are busy; if submissions hang, up to twice as many are started.
        packed: returns the packed contents for a hash.
    """

    setup: Setup
    count: int
    packed: Callable[[str], bytes]
    lost: int = 0
    _idle: list[Grader] = field(default_factory=list)
    _busy: dict[Grader, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    _starting: list[Grader] = field(default_factory=list)
    _tries: Tries = field(default_factory=Tries)
    _unstarted: int = 0

    @property
    def name(self) -> str:
        """Return the name of this engine."""
        return f"{self.count} grader{'' if self.count == 1 else 's'} on this machine"

    def ready(self) -> Ready:
        """Start the graders; return what the first one reports.

        Raises:
            Refusal: nothing can be graded here.
        """
        while True:
            while len(self._starting) < self.count:
                self._starting.append(Grader(self.setup))
            if answer := self._begun(self._starting[0]):
                return answer

    def _begun(self, grader: Grader) -> Ready | None:
        """Wait for a grader that is starting; return what it reports, None if it was killed."""
        self._starting.remove(grader)
        try:
            answer = grader.ready()
        except Lost as error:
            end_all([grader])
            self._unstarted += 1
            if self._unstarted == TRIES:
                raise Refusal(f"The graders do not start: {error}") from None
            return None
        self._unstarted = 0
        self._idle.append(grader)
        return answer

    def graded(self, tasks: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Graded]:
        """Grade; yield each outcome as it arrives.

        Args:
            tasks: the hashes of contents, and the names of the requested targets.

        Raises:
            Refusal: nothing can be graded here anymore.
        """
        waiting = deque(tasks)
        while waiting or self._busy:
            self._give(waiting)
            for grader in self._answering():
                if grader in self._starting:
                    self._begun(grader)
                    continue
                task = self._busy[grader]
                found = self._result(grader, task)
                if found is None:
                    waiting.append(task)
                else:
                    yield found

    def _give(self, waiting: deque[tuple[str, tuple[str, ...]]]) -> None:
        """Give tasks to graders, and start graders if there are too few."""
        slow = sum(time.monotonic() - (one.started or 0.0) > SLOW for one in self._busy)
        most = self.count + min(slow, self.count)
        while waiting and self._idle and len(self._busy) < most:
            grader, (contents, targets) = self._idle.pop(), waiting.popleft()
            self._busy[grader] = contents, targets
            grader.ask(Task(contents, self.packed(contents), targets))
        wanted = min(len(waiting), most - len(self._busy))
        while len(self._starting) < wanted:
            self._starting.append(Grader(self.setup))

    def _answering(self) -> list[Grader]:
        """Wait for graders with an answer; kill those that are stuck."""
        by_connection = {one.connection: one for one in (*self._busy, *self._starting)}
        found = wait(list(by_connection), _LOOK)
        for one in self._busy:
            if one.started and time.monotonic() - one.started > STUCK:
                one.kill()
        return [by_connection[one] for one in found]  # type: ignore[index]

    def _result(self, grader: Grader, task: tuple[str, tuple[str, ...]]) -> Graded | None:
        """Return a grader's outcome, None if it is to be tried again."""
        try:
            found = grader.answer()
        except Lost as error:
            self._drop(grader)
            return self._tries.lost(task[0], error, self.name)
        except Refusal:
            self._drop(grader)
            raise
        del self._busy[grader]
        self._idle.append(grader)
        assert isinstance(found, Graded)
        return self._tries.checked(found)

    def _drop(self, grader: Grader) -> None:
        self.lost += 1
        del self._busy[grader]
        end_all([grader])

    def close(self) -> None:
        """End all graders."""
        end_all([*self._idle, *self._busy, *self._starting])
