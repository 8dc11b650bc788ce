"""What running a program on a submission gave: named answers, and why it did not get to its end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .program import Step
from .verdict import Verdict

# What a worker may report of how a result was come by; see `worker.counting`.
FLAGS = (
    *("forward inside backward", "complex numbers", "compiled code", "threads", "processes"),
    *("signal handlers", "looks into the interpreter", "changed functions"),
)
# What the grader itself notices of counts: they are not signed as a worker's own are.
UNSIGNED = "counts of unknown origin"
# Of failures: the counting was interfered with, or what came was no reply.
TAMPERED, UNREADABLE = "interference with the counting", "unreadable replies"


@dataclass(frozen=True)
class Answer:
    """One result of a step: what it is, and its numbers if it has any that can be compared.

    Of entries that were asked for one by one, it is the first that is no plain number, at `entry`.
    """

    type: str
    about: str
    dtype: str
    array: np.ndarray | None
    entry: tuple[int, ...] = ()

    @property
    def is_placeholder(self) -> bool:
        """Tell whether it is `...`, which starters have where code is to be written."""
        return self.type == "ellipsis"


@dataclass(frozen=True)
class Failure:
    """Why a program did not get to its end.

    `flag` is for the course staff: this does not come of an honest worker.
    """

    verdict: Verdict
    message: str
    flag: str = ""


@dataclass
class Run:
    """What a program gave: named answers, and the failure that ended it, if one did, and where.

    `flags` says how results were come by, as far as the worker tells; see `worker.counting`.
    `changed` are the methods that changed an argument in place; `places` says where those that were
    called are defined.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    failure: Failure | None = None
    ended_at: Step | None = None
    printed: str = ""
    warnings: list[str] = field(default_factory=list)
    changed: tuple[str, ...] = ()
    counts: list[dict[str, dict[str, int]]] = field(default_factory=list)
    flags: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)
