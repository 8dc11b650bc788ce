"""The workers of a Dask cluster that may grade: those that would give the same grades as here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.answers import choose
from grader.assignment import load
from grader.course.grading.fingerprints import fingerprints
from grader.course.grading.graders import Refusal
from grader.course.grading.resident import Ready, Refused, Setup, Task, versions
from grader.errors import UsageError
from grader.limits import LEVELS, Isolation

# Seconds for the scheduler to answer.
CONNECTING = 8.0
# Seconds to wait for a first worker.
PATIENCE = 60.0
# Seconds for all workers to report their versions, and to get their graders ready.
STARTING = 120.0
# Seconds for all workers to end their graders.
LEAVING = 4.0
# What Dask raises when a scheduler or a worker does not answer.
UNREACHABLE = (OSError, asyncio.TimeoutError)


@dataclass(eq=False)
class Members:
    """A connection to a cluster, and the set of its workers that may grade.

    A worker that differs from this machine ends the run if it is there at the start. One that joins
    later is only left out, and reported once: the run was started without it.

    Args:
        setup: what to grade, and how.
        address: the scheduler's.
        say: tells the user something, in one sentence.
    """

    setup: Setup
    address: str
    say: Callable[[str], None]
    threads: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"grader-{uuid.uuid4().hex[:12]}")
    client: Any = None
    _marks: dict[str, str] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _asking: threading.Thread | None = None
    _empty_since: float | None = None

    def connect(self) -> None:
        """Connect to the scheduler, and work out what to compare workers with.

        Raises:
            UsageError: it cannot be reached, or this machine cannot produce the values to compare.
        """
        dask = _dask()
        _quieten()
        try:
            asyncio.run(_reach(dask, self.address))  # a failing client prints a traceback
            self.client = dask.Client(self.address, timeout=CONNECTING, set_as_default=False)
        except Exception as error:  # noqa: BLE001 - anything can be wrong with an address
            raise UsageError(f"No Dask scheduler answers at {self.address}: {error}.") from None
        try:
            self.client.run_on_scheduler(versions)
        except ImportError as error:
            raise Refusal(f"The scheduler's environment needs this grader, too: {error}.") from None
        assignment = load(self.setup.folder)
        assignment.require_reference()
        self._marks = fingerprints(assignment, choose(assignment, "live"), self.setup.seed)

    def first(self) -> Ready:
        """Wait for workers, and start graders on all of them; return what the weakest one reports.

        Raises:
            Refusal: there are none, or one of them cannot grade the way this machine would.
        """
        until = time.monotonic() + PATIENCE
        if not self._all():
            self.say(f"{self.address} has no workers yet; waiting {PATIENCE:.0f} s for one.")
        while not (there := self._all()):
            if time.monotonic() > until:
                raise Refusal(f"{self.address} has no workers.")
            time.sleep(0.2)
        try:
            answers = self._ask(there)
        except UNREACHABLE:
            raise Refusal(f"Workers of {self.address} do not answer.") from None
        for why in self.left_out.values():
            raise Refusal(why)
        if not answers:
            raise Refusal(f"All workers of {self.address} left while their graders started.")
        return min(answers.values(), key=lambda x: LEVELS.index(Isolation(x.isolation).level))

    def look(self) -> set[str]:
        """Check which workers are there now, and query the new ones; return those that have left.

        Raises:
            Refusal: no worker has been there for a while.
        """
        there = self._all()
        gone = self.threads.keys() - there.keys()
        self.forget(gone)
        for address in self.left_out.keys() - there.keys():
            del self.left_out[address]
        new = {x: n for x, n in there.items() if x not in self.threads and x not in self.left_out}
        if new and not (self._asking and self._asking.is_alive()):
            self._asking = threading.Thread(target=self._ask_later, args=(new,), daemon=True)
            self._asking.start()
        self._require_some()
        return set(gone)

    def forget(self, addresses: Iterable[str]) -> None:
        """Give no more tasks to some workers; they are queried again if they are still there."""
        for address in list(addresses):
            self.threads.pop(address, None)
            self._begun.discard(address)

    def _require_some(self) -> None:
        if self.threads:
            self._empty_since = None
            return
        if self._empty_since is None:
            self._empty_since = time.monotonic()
            self.say(f"All workers have left; waiting {PATIENCE:.0f} s for another one.")
        if time.monotonic() > self._empty_since + PATIENCE:
            whys = " ".join(self.left_out.values())
            raise Refusal(f"All workers of {self.address} have left. {whys}".strip())

    def _all(self) -> dict[str, int]:
        """Return the number of threads of every worker that is there now.

        Raises:
            Refusal: the scheduler has gone.
        """
        try:
            there: dict[str, int] = dict(self.client.nthreads())
        except (*UNREACHABLE, AttributeError, RuntimeError) as error:
            if self.client.status in ("connecting", "running") and isinstance(error, OSError):
                return dict(self.threads)  # the client reconnects, and closes if there is no answer
            raise self._gone() from None
        return there

    def _ask_later(self, new: Mapping[str, int]) -> None:
        with contextlib.suppress(*UNREACHABLE, RuntimeError):  # also at the end of the run
            before = set(self.left_out)
            self._ask(new)
            for address in self.left_out.keys() - before:
                self.say(f"{self.left_out[address]} It is left out.")

    def _ask(self, there: Mapping[str, int]) -> dict[str, Ready]:
        """Start graders on workers; return the reports of those that may grade from now on."""
        from .at_work import begin

        same = self._chosen(self._run(versions, list(there)), _difference)
        self._begun |= same.keys()
        answers: dict[str, Ready] = {}
        for count in sorted({there[address] for address in same}):
            group = [address for address in same if there[address] == count]
            found = self._run(begin, group, self.name, self.setup, count)
            answers.update(self._chosen(found, self._refusal))
        self.threads.update({address: there[address] for address in answers})
        return answers

    def _chosen(
        self, answers: Mapping[str, Any], refusal: Callable[[str, Any], str]
    ) -> dict[str, Any]:
        """Return the answers that are no reason to exclude their workers."""
        chosen = {}
        for address, answer in answers.items():
            if why := refusal(address, answer):
                if not isinstance(answer, Exception) or address in self._all():  # still there
                    self.left_out[address] = why
            else:
                chosen[address] = answer
        return chosen

    def _refusal(self, address: str, answer: object) -> str:
        """Return why a worker may not grade; "" if it may."""
        if isinstance(answer, Refused):
            return f"{address} cannot grade: {answer.why}"
        if not isinstance(answer, Ready):
            return _difference(address, answer)
        others = [name for name, mark in self._marks.items()
                  if answer.fingerprints.get(name) != mark]  # fmt: skip
        if others:
            return (
                f"{address} would grade {len(others)} of {len(self._marks)} targets by different "
                f"rules than this machine, such as {others[0]}; give both the same files."
            )
        return _difference(address, answer.versions)

    def _run(self, function: Any, addresses: list[str], *args: Any) -> dict[str, Any]:
        """Run a function on workers; return what it returns or raises on each."""
        found: dict[str, Any] = self.client.sync(
            self.client.run, function, *args, workers=addresses, on_error="return",
            callback_timeout=STARTING,
        ) if addresses else {}  # fmt: skip
        return found

    def submit(self, worker: str, key: str, task: Task) -> Any:
        """Give a worker a task; return the future for its outcome.

        Raises:
            Refusal: the scheduler has gone.
        """
        from .at_work import work

        try:
            return self.client.submit(
                work, self.name, task, key=key, workers=[worker], allow_other_workers=False,
                pure=False, retries=0,
            )  # fmt: skip
        except Exception:  # noqa: BLE001 - a closed client raises one of several
            raise self._gone() from None

    def _gone(self) -> Refusal:
        return Refusal(f"The scheduler {self.address} no longer answers.")

    def cancel(self, futures: list[Any]) -> None:
        """Cancel some futures, if the scheduler can still be told."""
        if futures:
            with contextlib.suppress(Exception):
                self.client.sync(self.client.cancel, futures, callback_timeout=LEAVING)

    def close(self) -> None:
        """End all graders on the workers, and the connection; the cluster is left as it was."""
        if self.client is None:
            return
        from .at_work import end

        with contextlib.suppress(Exception):  # the cluster may be gone, or parts of it
            there = self._begun & set(self._all())
            self.client.sync(
                self.client.run, end, self.name, workers=list(there), on_error="ignore",
                callback_timeout=LEAVING,
            )  # fmt: skip
        with contextlib.suppress(Exception):
            self.client.close(timeout=LEAVING)


def _dask() -> Any:
    """Return Dask's package for clusters.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import distributed
    except ModuleNotFoundError as error:
        if error.name not in ("distributed", "dask"):
            raise
        raise UsageError(
            "Grading on a cluster needs the extra `cluster`, which is not installed here: "
            "pip install --editable '.[cluster]' installs it."
        ) from None
    return distributed


def _quieten() -> None:
    """Silence Dask's log messages about workers that come and go: we report those in sentences."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").addFilter(_is_not_of_dask)


def _is_not_of_dask(record: logging.LogRecord) -> bool:
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not kind.__module__.startswith("distributed")


async def _reach(dask: Any, address: str) -> None:
    """Connect to a scheduler, and do nothing else."""
    how = dask.Security().get_connection_args("client")
    comm = await dask.comm.connect(address, timeout=CONNECTING, **how)
    await comm.close()


def _difference(address: str, theirs: object) -> str:
    """Return how a worker's versions differ from the ones here; "" if they do not."""
    if not isinstance(theirs, dict):
        return f"{address} cannot load this grader ({theirs})."
    ours = versions()
    differing = [name for name, version in ours.items() if theirs.get(name) != version]
    there = " and ".join(f"{name} {theirs.get(name)}" for name in differing)
    here = " and ".join(ours[name] for name in differing)
    return f"{address} has {there}, this machine {here}." if differing else ""
