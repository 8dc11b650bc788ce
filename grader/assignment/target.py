"""What a question grades, and for how many points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from .places import Place, here

# The visibilities of lines, as Gradescope names them; what students see first comes first.
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class RateLimit:
    """How often a student may submit on Gradescope: a number of times in a number of hours."""

    submissions: int
    hours: float


class TargetKind(Enum):
    """What is graded.

    A class of one module, a training run that all modules take part in, or a derivation: functions
    of one module that return single entries of derived gradients.
    """

    CLASS = "class"
    RUN = "run"
    DERIVATION = "derivation"


@dataclass(frozen=True)
class Target:
    """What one question grades.

    Args:
        name: "module.Class", "script.run" for a training run, or "module.prefix" for a derivation,
            whose functions begin with the prefix.
        question: the number on the handout.
        title: what it is, in words.
        points: the points of every check, in the order of the report.
        kind: a class, a training run, or a derivation.
        extra: whether the points are extra credit.
        visibility: the visibility of its lines, one of `VISIBILITIES`.
        visibilities: the visibility of individual checks that differ.
        loop_cap: the fraction of its points that it can earn at most while "batching" finds a loop.
        place: the line of the assignment that defines it.
    """

    name: str
    question: str
    title: str
    points: Mapping[str, float]
    kind: TargetKind = TargetKind.CLASS
    extra: bool = False
    visibility: str = "visible"
    visibilities: Mapping[str, str] = field(default_factory=dict)
    loop_cap: float = 1.0
    place: Place | None = field(default_factory=here, init=False, repr=False, compare=False)

    @property
    def module(self) -> str:
        """Return the module that the target is in."""
        return self.name.partition(".")[0]

    @property
    def is_class(self) -> bool:
        """Tell whether it is a class, whose module a student writes."""
        return self.kind is TargetKind.CLASS

    @property
    def is_run(self) -> bool:
        """Tell whether it is a training run."""
        return self.kind is TargetKind.RUN

    @property
    def is_derivation(self) -> bool:
        """Tell whether it is a derivation, whose module a student writes."""
        return self.kind is TargetKind.DERIVATION

    @property
    def secret(self) -> bool:
        """Tell whether students do not see some line: then no submission text is shown."""
        return any(self.visibility_of(check) != "visible" for check in self.points)

    def visibility_of(self, check: str) -> str:
        """Return the visibility of the line of a check."""
        return self.visibilities.get(check, self.visibility)

    @property
    def total(self) -> float:
        """Return the points of all checks."""
        return sum(self.points.values())

    @property
    def called(self) -> tuple[str, str, str]:
        """Return what a person may call this target: its question, its class, its name."""
        return self.question, self.name.rpartition(".")[2], self.name

    def is_called(self, name: str) -> bool:
        """Tell whether a person means this target, ignoring case."""
        return name.lower() in map(str.lower, self.called)
