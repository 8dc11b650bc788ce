"""The outcome of running a program on a submission: named answers, and why it stopped early."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .program import Step
from .verdict import Verdict

# What a worker may report about how a result was obtained; see `worker.counting`.
FLAGS = (
    *("forward inside backward", "complex numbers", "compiled code", "threads", "processes"),
    *("signal handlers", "looks into the interpreter", "changed functions"),
)
# Set by the grader itself: the counts lack the worker's signature.
UNSIGNED = "counts of unknown origin"
# For failures: the counting was tampered with, or the reply was not valid.
TAMPERED, UNREADABLE = "interference with the counting", "unreadable replies"


@dataclass(frozen=True)
class Answer:
    """One result of a step: what it is, and its numbers if any can be compared.

    For entries requested one by one, it is the first that is not a plain number, at `entry`.
    """

    type: str
    about: str
    dtype: str
    array: np.ndarray | None
    entry: tuple[int, ...] = ()

    @property
    def is_placeholder(self) -> bool:
        """Tell whether it is `...`, which starter code has where code is to be written."""
        return self.type == "ellipsis"


@dataclass(frozen=True)
class Failure:
    """Why a program did not finish.

    `flag` is for course staff: an honest worker does not cause this.
    """

    verdict: Verdict
    message: str
    flag: str = ""


@dataclass
class Run:
    """The outcome of a program: named answers, and the failure that ended it, if any, and where.

    `flags` says how results were obtained, as far as the worker reports; see `worker.counting`.
    `changed` has the methods that changed an argument in place; `places` says where the called
    methods are defined.
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
