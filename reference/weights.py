"""Weight initializers. All of them draw from one generator, so that one seed fixes a whole run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Initializer = Callable[[tuple[int, ...]], np.ndarray]


class _Source:
    """Holds the generator that every initializer draws from."""

    generator = np.random.default_rng(0)


def seed_weights(seed: int | np.random.Generator) -> None:
    """Make every initializer draw from `numpy.random.default_rng(seed)` from now on."""
    _Source.generator = np.random.default_rng(seed)


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of W (n_in, n_out) or of a kernel (kh, kw, C, n_out)."""
    return int(np.prod(shape[:-1])), int(np.prod(shape[:-2])) * shape[-1]


def _normal(shape: tuple[int, ...], scale: float) -> np.ndarray:
    return _Source.generator.normal(0.0, scale, shape)


def _uniform(shape: tuple[int, ...], limit: float) -> np.ndarray:
    return _Source.generator.uniform(-limit, limit, shape)


def initialize_weights(name: str, activation: str | None = None) -> Initializer:
    """Return a function that makes the weights of a given shape.

    Args:
        name: "zeros", "ones", "normal" (standard deviation 0.01), "uniform" (in [-0.01, 0.01]),
            "xavier_uniform", "xavier_normal" (Glorot & Bengio 2010), "he_uniform" or "he_normal"
            (He et al. 2015).
        activation: the name of the layer's activation. The Xavier scale is multiplied by the
            gain of that activation: sqrt(2) for "relu", 5/3 for "tanh", 1 otherwise.

    Raises:
        NotImplementedError: there is no initializer with that name.
    """
    gain = {"relu": 2.0**0.5, "tanh": 5.0 / 3.0}.get(activation or "", 1.0)
    initializers: dict[str, Initializer] = {
        "zeros": np.zeros,
        "ones": np.ones,
        "normal": lambda shape: _normal(shape, 0.01),
        "uniform": lambda shape: _uniform(shape, 0.01),
        "xavier_uniform": lambda shape: _uniform(shape, gain * (6.0 / sum(_fans(shape))) ** 0.5),
        "xavier_normal": lambda shape: _normal(shape, gain * (2.0 / sum(_fans(shape))) ** 0.5),
        "he_uniform": lambda shape: _uniform(shape, (6.0 / _fans(shape)[0]) ** 0.5),
        "he_normal": lambda shape: _normal(shape, (2.0 / _fans(shape)[0]) ** 0.5),
    }
    if name not in initializers:
        raise NotImplementedError(
            f"There is no initializer {name!r}; choose one of: {', '.join(initializers)}."
        )
    return initializers[name]
