"""Cases of the binary cross-entropy."""

from __future__ import annotations

import numpy as np

from grader.assignment import Builder, Case, Coupling, Example, LossAdapter, exercises, one_call
from grader.sampler import Sampler

# Moving a probability of 0.125 by 2^-14 keeps 1/y smooth to 1e-9.
_STEP = 2.0**-14
_ADVICE = (
    "probabilities of exactly 0 or 1 give {what}, and a sigmoid rounds to them for large |z|; keep "
    "what you take the logarithm of, or divide by, a little away from 0."
)


def _batch(m: int, low: float = 0.125, high: float = 0.875) -> Builder:
    def build(rng: Sampler) -> Example:
        Y = (rng.signs((m, 1)) + 1.0) / 2.0
        return Example({}, {"Y": Y, "Y_hat": rng.uniform(low, high, (m, 1))})

    return build


def _of_class(label: float) -> Builder:
    def build(rng: Sampler) -> Example:
        return Example({}, {"Y": np.array([[label]]), "Y_hat": rng.uniform(0.125, 0.375, (1, 1))})

    return build


def _surprising(rng: Sampler) -> Example:
    """Draw a batch (8, 1) whose labels have probabilities of 2^-6 to 2^-9."""
    Y = (rng.signs((8, 1)) + 1.0) / 2.0
    rare = np.repeat(2.0 ** -np.arange(6.0, 10.0), 2)[:, None]
    return Example({}, {"Y": Y, "Y_hat": np.where(Y == 1.0, rare, 1.0 - rare)})


def _certain(rng: Sampler) -> Example:
    Y = (rng.signs((4, 1)) + 1.0) / 2.0
    return Example({}, {"Y": Y, "Y_hat": Y.copy()})


def binary_cross_entropy() -> list[Case]:
    """Return the cases of BinaryCrossEntropy."""
    adapter = LossAdapter("losses.BinaryCrossEntropy", {"Y_hat": Coupling.ENTRIES}, step=_STEP)
    cases = exercises(
        adapter,
        {"m = 1": _of_class(1.0), "m = 5": _batch(5)},
        {
            "both classes": _batch(7),
            "one example of class 0": _of_class(0.0),
            "one example of class 1": _of_class(1.0),
            "surprising labels": _surprising,
        },
        lambda rng, m: _batch(m)(rng),
    )
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        build = one_call(adapter, direction, _certain, advice=_ADVICE)
        cases.append(Case(adapter.target, check, "exact zeros and ones", build))
    return cases
