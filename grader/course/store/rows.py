"""The rows of a store as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.verdict import CheckResult


@dataclass(frozen=True)
class Run:
    """A row of `runs`: one command, from its start to its end, however often it was interrupted."""

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
    """The outcome of grading contents, or some targets of them.

    Args:
        contents: their hash.
        results: by target and check; empty if there is a problem.
        seconds: wall-clock time.
        isolation: for every layer, "" if it is active or the reason it is missing.
        place: the machine and process that graded.
        problem: why there are no results; "" if there are.
        is_disturbed: whether a process of the grader died in the meantime, killed by someone or by
            the submission.
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
    """A stored result; it is not fresh if its target has changed since."""

    id: int
    result: CheckResult
    is_fresh: bool


@dataclass(frozen=True)
class Entry:
    """A row of `submissions`, and its owners."""

    id: int
    entry: str
    submitted_at: str | None
    late: bool
    contents: str | None
    problem: str
    found: str
    students: tuple[str, ...]
