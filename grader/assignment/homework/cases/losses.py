"""Cases of the losses."""

from __future__ import annotations

import numpy as np

from grader.assignment import Builder, Case, Coupling, Example, LossAdapter, exercises, one_call
from grader.sampler import Sampler

# Moving a probability of 0.05 by 2^-14 keeps 1/y smooth to 1e-9.
_PROBABILITY_STEP = 2.0**-14


_NAMED = {"name": "cross_entropy"}


def _unlikely(rng: Sampler) -> Example:
    # The smallest is 2^-9: there, an epsilon of 1e-8 still changes 1/y by 5e-6 only.
    Y, Y_hat = rng.one_hot((4, 3)), rng.probabilities((4, 3))
    rare = 2.0 ** -np.arange(6.0, 10.0)[:, None]
    rest = Y_hat * (1.0 - Y)
    Y_hat = Y * rare + rest * (1.0 - rare) / rest.sum(axis=1, keepdims=True)
    return Example(_NAMED, {"Y": Y, "Y_hat": Y_hat})


def _zeros(rng: Sampler) -> Example:
    Y = rng.one_hot((3, 4))
    return Example(_NAMED, {"Y": Y, "Y_hat": Y.copy()})


def cross_entropy() -> list[Case]:
    """Return the cases of CrossEntropy."""
    adapter = LossAdapter(
        "losses.CrossEntropy", {"Y_hat": Coupling.ENTRIES}, step=_PROBABILITY_STEP
    )

    def one_hot(m: int, k: int) -> Builder:
        return lambda rng: Example(
            _NAMED, {"Y": rng.one_hot((m, k)), "Y_hat": rng.probabilities((m, k))}
        )

    def soft(m: int, k: int) -> Builder:
        def build(rng: Sampler) -> Example:
            Y, Y_hat, rows = rng.probabilities((m, k)), rng.probabilities((m, k)), np.arange(m)
            # One of every row is 1/16, so that the draw does not decide whether a bound of 0.1 for
            # probabilities shows.
            Y_hat[rows, rows % k] = 0.0
            Y_hat *= (15 / 16) / Y_hat.sum(axis=1, keepdims=True)
            Y_hat[rows, rows % k] = 1 / 16
            return Example(_NAMED, {"Y": Y, "Y_hat": Y_hat})

        return build

    cases = exercises(
        adapter,
        {"m = 1": one_hot(1, 4), "m = 5": one_hot(5, 3)},
        {
            "one-hot targets": one_hot(5, 3),
            "soft targets": soft(4, 5),
            "one example": one_hot(1, 5),
            "unlikely targets": _unlikely,
        },
        lambda rng, m: one_hot(m, 4)(rng),
    )
    places = {"forward": "inside the logarithm", "backward": "in the denominator"}
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        hint = (
            f"exact zeros in Y_hat give {{what}}; a small constant {places[direction]} avoids it."
        )
        build = one_call(adapter, direction, _zeros, advice=hint)
        cases.append(Case(adapter.target, check, "exact zeros", build))
    return cases


def mse() -> list[Case]:
    """Return the cases of MSE."""
    adapter = LossAdapter("losses.MSE", {"Y_hat": Coupling.ENTRIES})

    def pair(m: int, k: int) -> Builder:
        return lambda rng: Example(
            {"name": "mse"},
            {"Y": rng.signed(0.125, 1.0, (m, k)), "Y_hat": rng.signed(1.0, 3.0, (m, k))},
        )

    return exercises(
        adapter,
        {"m = 1": pair(1, 4), "m = 5": pair(5, 3)},
        {"several outputs": pair(5, 3), "one output": pair(4, 1), "one example": pair(1, 5)},
        lambda rng, m: pair(m, 3)(rng),
    )
