"""What a case is: one way to exercise a target, and the problem drawn for a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from grader.program import Program
from grader.result import ResultSpec
from grader.sampler import Sampler

from .adapters import CallAdapter, Example
from .elements import Elements
from .places import Place, here


@dataclass(frozen=True)
class Problem:
    """What a submission is asked in one case.

    Args:
        program: the program to run.
        judged: the results that are compared with the oracle's.
        prerequisites: results that must be right for the judged ones to be meaningful; while they
            are wrong, the judged ones are blocked. A result of a repeated call waits only for the
            same one.
        sizes: the batch sizes of the counted calls (batching).
        oracle_program: what the oracle runs instead of the program.
        picture_program: what only the oracle runs, if pictures are wanted: for a training, its
            `losses`, one per epoch, and the `images` (m, H, W) of the test examples, if they are
            images. They are shown next to the submission's results; nothing is judged by them.
        adapter, example: what numeric differentiation needs.
        advice: for a case that earns no points: what to say if a result is not finite.
        accuracy: the fraction of test examples that a training has to classify correctly.
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
    """A named case of one check of one target; `key` determines what it draws.

    `weight` is its weight in the points of its check, relative to the other cases; its results
    share it. `place` is the line of the assignment that defines it.
    """

    target: str
    check: str
    name: str
    build: Callable[[Sampler], Problem]
    weight: float = 1.0
    place: Place | None = field(default_factory=here, init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """Return the name under which answers are recorded."""
        return f"{self.target}/{self.check}/{self.name}"

    def problem(self, seed: int) -> Problem:
        """Draw the problem for a seed."""
        return self.build(Sampler(seed, self.key))
