"""What is graded, under which question, for how many points: 20 in all."""

from __future__ import annotations

from grader.assignment import Target, TargetKind

# Modules that students write in, and those that they get as they are.
GRADED_MODULES = ("activations", "losses", "models", "optimizers", "formulas")
GIVEN_MODULES = ("__init__", "datasets", "train")

RUBRIC: tuple[Target, ...] = (
    Target(
        "activations.Sigmoid",
        "1",
        "Sigmoid",
        {"shape": 0.5, "values": 2, "gradient": 2, "batching": 0.5},
    ),
    Target("formulas.sigmoid", "1", "Derivation", {"element": 0}, TargetKind.DERIVATION),
    Target(
        "losses.BinaryCrossEntropy",
        "2",
        "Binary cross-entropy",
        {"shape": 0.5, "values": 2, "gradient": 2, "batching": 0.5},
    ),
    Target(
        "models.LogisticRegression",
        "3",
        "Logistic regression",
        {"shape": 0.5, "values": 1.5, "gradient": 2, "batching": 1, "behaviour": 1},
    ),
    Target("optimizers.GradientDescent", "4", "Gradient descent", {"values": 1, "behaviour": 1}),
    Target("train.iris", "5", "Training on Iris", {"training": 2}, TargetKind.RUN),
)
