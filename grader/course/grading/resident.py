"""A long-lived process that grades one submission after another for whoever holds its socket.

What it keeps warm is the third decision of the design: a launcher, and the plan for one seed. It
trusts its input, which comes from the same program; it holds submissions as bytes, and none of
their code runs in it.
"""

from __future__ import annotations

import os
import platform
import select
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from grader import __version__
from grader.answers import Oracle, choose
from grader.assignment import Assignment, load
from grader.course.store import Graded
from grader.course.store.contents import unpacked
from grader.errors import GraderError
from grader.launching import Kept, starter
from grader.paths import HOMEWORK
from grader.running import grade
from grader.signals import cleaned_up, wait_for_children
from grader.verdict import CheckResult, Verdict

from .fingerprints import fingerprints


@dataclass(frozen=True)
class Setup:
    """The settings a grader is started with.

    Args:
        home: the assignment folder; "" for the homework that comes with the grader.
        seed: the seed of all inputs.
        require: the minimum isolation, one of `limits.LEVELS`; with less, nothing is run.
    """

    home: str
    seed: int
    require: str

    @property
    def folder(self) -> Path:
        """Return the assignment folder on this machine."""
        return Path(self.home) if self.home else HOMEWORK


@dataclass(frozen=True)
class Ready:
    """What a grader reports after starting.

    Args:
        fingerprints: by target; if two graders differ in one, their results would differ.
        versions: by name, of everything that may differ between machines.
        isolation: for every layer, "" if it is active or the reason it is missing.
    """

    fingerprints: dict[str, str]
    versions: dict[str, str]
    isolation: dict[str, str]


@dataclass(frozen=True)
class Refused:
    """Why nothing can be graded here, for a reason unrelated to the submissions."""

    why: str


@dataclass(frozen=True)
class Task:
    """Contents to be graded.

    Args:
        contents: their hash.
        packed: see `contents.packed`.
        targets: the names of the requested ones.
    """

    contents: str
    packed: bytes
    targets: tuple[str, ...]


# How a problem starts that is the grader's fault.
FAILED = "the autograder failed on it"
Answer = Ready | Refused | Graded


def versions() -> dict[str, str]:
    """Return the versions that must agree on all machines that grade one class."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"grader": __version__, "Python": python, "numpy": np.__version__}


def serve(descriptor: int) -> None:
    """Grade what arrives on a socket, until its other end is closed.

    Args:
        descriptor: the socket; it delivers a `Setup` first, then tasks.
    """
    connection = Connection(descriptor)
    wait_for_children()
    with cleaned_up():
        threading.Thread(target=_end_with, args=(descriptor,), daemon=True).start()
        try:
            _serve(connection)
        except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
            return  # nobody is waiting for an answer anymore


def _end_with(descriptor: int) -> None:
    """End this process when the other end is closed, even in the middle of a grade."""
    poll = select.poll()
    poll.register(descriptor, 0)  # reports only a hangup
    poll.poll()
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(connection: Connection) -> None:
    setup: Setup = connection.recv()
    workers = Kept(starter())
    try:
        answer = _refusable(partial(_begun, setup, workers))
        connection.send(answer)
        if isinstance(answer, Ready):
            assignment = load(setup.folder)
            grade_one = partial(_graded, assignment, choose(assignment, "live"), setup, workers)
            while True:
                connection.send(_refusable(partial(_failing, grade_one, connection.recv())))
    finally:
        workers.end()


def _refusable(make: Callable[[], Answer]) -> Answer:
    try:
        return make()
    except GraderError as error:
        return Refused(str(error))


def _failing(grade_one: Callable[[Task], Graded], task: Task) -> Graded:
    """Grade; a bug of ours costs one submission its grade, and no other."""
    try:
        return grade_one(task)
    except GraderError:
        raise
    except Exception as error:  # noqa: BLE001 - anything is reported
        lines = traceback.format_exception(error, limit=-3)
        return Graded(task.contents, problem=f"{FAILED}: {''.join(lines).strip()}")


def _begun(setup: Setup, workers: Kept) -> Ready:
    assignment = load(setup.folder)
    assignment.require_reference()
    workers.isolation.require(setup.require)
    marks = fingerprints(assignment, choose(assignment, "live"), setup.seed)
    return Ready(marks, versions(), dict(workers.isolation.missing))


def _graded(
    assignment: Assignment, oracle: Oracle, setup: Setup, workers: Kept, task: Task
) -> Graded:
    started, targets = time.monotonic(), assignment.find_targets(task.targets)
    before, kept = workers.restarts, dict[str, CheckResult]()
    found = grade(
        assignment, unpacked(task.packed), oracle, targets, setup.seed,
        workers=workers, require=setup.require, pictures=True, kept=kept,
    )  # fmt: skip
    results = {
        (x.target.name, x.check): kept.get(f"{x.target.name}-{x.check}", x.result)
        for x in found.lines
    }
    is_disturbed = workers.restarts != before
    if any(result.verdict is Verdict.HARNESS_FAULT for result in results.values()):
        workers.renew()
    missing = dict(found.isolation.missing) if found.isolation else {}
    place = f"{platform.node()}, process {os.getpid()}"
    seconds = round(time.monotonic() - started, 3)
    return Graded(task.contents, results, seconds, missing, place, is_disturbed=is_disturbed)
