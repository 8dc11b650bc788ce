"""The rows of a store as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.verdict import CheckResult


@dataclass(frozen=True)
class Run:
    """A row of `runs`: one command, from its start to its end, however often it was ended."""

    id: int
    command: str
    source: str
    kind: str
    started: str
    ended: str | None
    assignment: str
    grader: str
    seed: int
    graders: str
    maximum: float


@dataclass(frozen=True)
class Graded:
    """What came of grading contents, or some targets of them.

    Args:
        contents: their hash.
        results: by target and check; empty if there is a problem.
        seconds: by the clock.
        isolation: for every layer "", or why it is not there.
        place: the machine and process that graded.
        problem: why there are no results; "" if there are.
        is_disturbed: whether a process of the grader was lost meanwhile: somebody killed it, or the
            submission did.
    """

    contents: str
    results: Mapping[tuple[str, str], CheckResult] = field(default_factory=dict)
    seconds: float = 0.0
    isolation: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    problem: str = ""
    is_disturbed: bool = False


@dataclass(frozen=True)
class Kept:
    """A result in the store; it is not fresh if its target has been changed since."""

    id: int
    result: CheckResult
    is_fresh: bool


@dataclass(frozen=True)
class Entry:
    """A row of `submissions`, and whose it is."""

    id: int
    entry: str
    submitted_at: str | None
    late: bool
    contents: str | None
    problem: str
    found: str
    students: tuple[str, ...]
