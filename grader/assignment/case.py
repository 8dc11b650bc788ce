"""What a case is: one way to exercise a target, and the problem that a seed makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from grader.draw import Draw
from grader.program import Program
from grader.result import ResultSpec

from .adapters import CallAdapter, Example
from .elements import Elements
from .places import Place, here


@dataclass(frozen=True)
class Problem:
    """What a submission is asked in one case.

    Args:
        program: what to run.
        judged: the results that are compared with the oracle's.
        prerequisites: results that must be right before the judged ones mean anything; while they
            are wrong, these are blocked. A result of a repeated call waits for the same one only.
        sizes: the batch sizes of the counted calls (batching).
        oracle_program: what the oracle runs instead of the program.
        picture_program: what only the oracle runs, where pictures are wanted: of a training, its
            `losses`, one an epoch, and the `images` (m, H, W) of the test examples, if they are
            such. They are shown beside what the submission gave; nothing is judged by them.
        adapter, example: what numeric differentiation needs.
        advice: the case earns nothing; this is said if a result is not finite.
        accuracy: the share of test examples that a training has to classify right.
        elements: the entries that a derivation is asked for.
    """

    program: Program
    judged: tuple[ResultSpec, ...]
    prerequisites: tuple[ResultSpec, ...] = ()
    sizes: tuple[int, ...] = ()
    oracle_program: Program = ()
    picture_program: Program = ()
    adapter: CallAdapter | None = None
    example: Example | None = None
    advice: str = ""
    accuracy: float = 0.0
    elements: Elements | None = None


@dataclass(frozen=True)
class Case:
    """A named case of one check of one target; `key` fixes what it draws.

    `weight` is what it counts in the points of its check, beside the other cases; its results share
    it. `place` is the line of the assignment that it comes from.
    """

    target: str
    check: str
    name: str
    build: Callable[[Draw], Problem]
    weight: float = 1.0
    place: Place | None = field(default_factory=here, init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """Return the name under which answers are recorded."""
        return f"{self.target}/{self.check}/{self.name}"

    def problem(self, seed: int) -> Problem:
        """Draw the problem for a seed."""
        return self.build(Draw(seed, self.key))
