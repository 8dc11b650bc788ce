"""The rubric as data: what is graded, under which question, for how many points.

The points of the targets add up to `TOTAL`; extra credit comes on top. To change the points of a
check, change its number here. Case names and inputs live in `cases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import UsageError

TOTAL = 100.0
# Modules that students write in; every other module of the handout is given.
GRADED_MODULES = ("activations", "losses", "layers", "models", "optimizers")
# Ways to come by right numbers that cost the points of "batching", of `replies.FLAGS`; all of them
# are reported to the course staff anyway. An honest solution may use complex numbers.
FORBIDDEN: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RateLimit:
    """How often a student may hand in on Gradescope: so many times in so many hours."""

    submissions: int
    hours: float


# None: as often as they like. Runs in which the autograder failed do not count.
RATE_LIMIT: RateLimit | None = None
# Targets whose measured figure goes to Gradescope's leaderboard, such as "train.digits".
LEADERBOARD: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """What one question grades.

    Args:
        name: "module.Class", or "train.run" for a training run.
        question: the number on the handout.
        title: what it is, in words.
        points: of every check, in the order of the report.
        extra: whether the points are extra credit.
        visibility: of its lines, as Gradescope names it: "visible", "after_due_date",
            "after_published" or "hidden".
        visibilities: of single checks, where it is another.
    """

    name: str
    question: str
    title: str
    points: Mapping[str, float]
    extra: bool = False
    visibility: str = "visible"
    visibilities: Mapping[str, str] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """Return the module that the target is in."""
        return self.name.partition(".")[0]

    @property
    def own(self) -> tuple[str, ...]:
        """Return the modules that come from the submission; the rest is given (fairness)."""
        return (self.module,) if self.module in GRADED_MODULES else GRADED_MODULES

    @property
    def secret(self) -> bool:
        """Tell whether students do not see some line: then no text of the submission is shown.

        All checks of a target share one worker, so what a hidden one asks could be said by another.
        """
        return any(self.visibility_of(check) != "visible" for check in self.points)

    def visibility_of(self, check: str) -> str:
        """Return the visibility of the line of a check."""
        return self.visibilities.get(check, self.visibility)

    @property
    def total(self) -> float:
        """Return the points of all checks."""
        return sum(self.points.values())


# What each check asks, as the report says it.
CHECKS: Mapping[str, str] = {
    "shape": "results have the right shape and type",
    "values": "forward gives the right numbers",
    "gradient": "backward gives the right numbers",
    "batching": "no Python loop over the examples",
    "behaviour": "repeated calls, modes and state",
    "training": "learns real data",
}

RUBRIC: tuple[Target, ...] = (
    Target(
        "activations.ReLU",
        "3.1",
        "ReLU",
        {"shape": 1, "values": 3, "gradient": 3, "batching": 1},
    ),
    Target(
        "activations.Sigmoid",
        "3.2",
        "Sigmoid",
        {"shape": 0.5, "values": 2.5, "gradient": 2, "batching": 1},
    ),
    Target(
        "layers.FullyConnected",
        "3.3",
        "Fully connected layer",
        {"shape": 2, "values": 4, "gradient": 5, "batching": 2, "behaviour": 1},
    ),
    Target(
        "activations.SoftMax",
        "3.4",
        "Softmax",
        {"shape": 1, "values": 4, "gradient": 4, "batching": 1},
    ),
    Target(
        "losses.CrossEntropy",
        "3.5",
        "Cross-entropy",
        {"shape": 1, "values": 3, "gradient": 3, "batching": 1},
    ),
    Target(
        "losses.MSE",
        "3.6",
        "Mean squared error",
        {"shape": 0.5, "values": 1.5, "gradient": 1.5, "batching": 0.5},
    ),
    Target(
        "models.NeuralNetwork",
        "4.1",
        "Neural network",
        {"values": 4, "gradient": 3, "batching": 1, "behaviour": 2},
    ),
    Target("optimizers.SGD", "4.2", "SGD", {"values": 3, "behaviour": 3}),
    Target("train.iris", "4.3", "Training on Iris", {"training": 4}),
    Target(
        "layers.Conv2D",
        "5.1",
        "Convolutional layer",
        {"shape": 2, "values": 6, "gradient": 6, "batching": 3, "behaviour": 1},
    ),
    Target(
        "layers.Pool2D",
        "5.2",
        "Pooling layer",
        {"shape": 1, "values": 2.5, "gradient": 2.5, "batching": 1, "behaviour": 1},
    ),
    Target("train.digits", "5.3", "Training on digits", {"training": 4}),
    Target(
        "layers.BatchNorm1D",
        "5.4",
        "Batch normalization",
        {"shape": 0.5, "values": 1.5, "gradient": 2, "batching": 0.5, "behaviour": 1.5},
        extra=True,
    ),
)


def _names(target: Target) -> tuple[str, str]:
    whole = target.name.lower()
    return whole, whole.rpartition(".")[2]


def find_targets(names: tuple[str, ...]) -> tuple[Target, ...]:
    """Return the targets of those names, questions or class names; all of them for no names.

    Raises:
        UsageError: no target has that name.
    """
    if not names:
        return RUBRIC
    found = []
    for wanted in names:
        name = wanted.lower()
        matches = [t for t in RUBRIC if name in (t.question, *_names(t))]
        if not matches:
            known = "".join(f"\n  {t.question} {t.name}" for t in RUBRIC)
            raise UsageError(f"There is no target {wanted!r}. There are:{known}")
        found += matches
    return tuple(target for target in RUBRIC if target in found)
