"""What is graded, under which question, for how many points.

The points add up to TOTAL; extra credit comes on top. To change the points of a check, change its
number here. Case names and inputs live in `cases`.
"""

from __future__ import annotations

from grader.assignment import RateLimit, Target, TargetKind

# Modules that students write in, and those that they are given complete.
GRADED_MODULES = ("activations", "losses", "layers", "models", "optimizers", "derivations")
GIVEN_MODULES = ("__init__", "datasets", "train", "weights")
# Ways to come by right numbers that cost the points of "batching", of `run.FLAGS`; all of
# them are reported to the course staff anyway. An honest solution may use complex numbers.
FORBIDDEN: frozenset[str] = frozenset()
# None: as often as they like. Runs in which the autograder failed do not count.
RATE_LIMIT: RateLimit | None = None
# Targets whose measured figure goes to Gradescope's leaderboard, such as "train.digits".
LEADERBOARD: tuple[str, ...] = ()


def _derivation(prefix: str, question: str, extra: bool = False) -> Target:
    """Return the row of a derivation: people grade it, the checks tell if its formula is wrong."""
    kind, points = TargetKind.DERIVATION, {"element": DERIVATION_POINTS}
    name = f"derivations.{prefix}"
    return Target(name, question, "Derivation", points, kind, extra=extra)


# Of every derivation.
DERIVATION_POINTS = 0
# Points that add up to another number are refused.
TOTAL = 100
RUBRIC: tuple[Target, ...] = (
    Target(
        "activations.ReLU",
        "3.1",
        "ReLU",
        {"shape": 1, "values": 3, "gradient": 3, "batching": 1},
    ),
    _derivation("relu", "3.1"),
    Target(
        "activations.Sigmoid",
        "3.2",
        "Sigmoid",
        {"shape": 0.5, "values": 2.5, "gradient": 2, "batching": 1},
    ),
    _derivation("sigmoid", "3.2"),
    Target(
        "layers.FullyConnected",
        "3.3",
        "Fully connected layer",
        {"shape": 2, "values": 4, "gradient": 5, "batching": 2, "behaviour": 1},
    ),
    _derivation("fully_connected", "3.3"),
    Target(
        "activations.SoftMax",
        "3.4",
        "Softmax",
        {"shape": 1, "values": 4, "gradient": 4, "batching": 1},
    ),
    _derivation("softmax", "3.4"),
    Target(
        "losses.CrossEntropy",
        "3.5",
        "Cross-entropy",
        {"shape": 1, "values": 3, "gradient": 3, "batching": 1},
    ),
    _derivation("cross_entropy", "3.5"),
    Target(
        "losses.MSE",
        "3.6",
        "Mean squared error",
        {"shape": 0.5, "values": 1.5, "gradient": 1.5, "batching": 0.5},
    ),
    _derivation("mse", "3.6"),
    Target(
        "models.NeuralNetwork",
        "4.1",
        "Neural network",
        {"values": 4, "gradient": 3, "batching": 1, "behaviour": 2},
    ),
    Target("optimizers.SGD", "4.2", "SGD", {"values": 3, "behaviour": 3}),
    Target("train.iris", "4.3", "Training on Iris", {"training": 4}, TargetKind.RUN),
    Target(
        "layers.Conv2D",
        "5.1",
        "Convolutional layer",
        {"shape": 2, "values": 6, "gradient": 6, "batching": 3, "behaviour": 1},
    ),
    _derivation("conv2d", "5.1"),
    Target(
        "layers.Pool2D",
        "5.2",
        "Pooling layer",
        {"shape": 1, "values": 2.5, "gradient": 2.5, "batching": 1, "behaviour": 1},
    ),
    Target("train.digits", "5.3", "Training on digits", {"training": 4}, TargetKind.RUN),
    Target(
        "layers.BatchNorm1D",
        "5.4",
        "Batch normalization",
        {"shape": 0.5, "values": 1.5, "gradient": 2, "batching": 0.5, "behaviour": 1.5},
        extra=True,
    ),
    _derivation("batch_norm", "5.4", extra=True),
)
