"""Numeric gradients that know how far they can be trusted.

The derivative is a 4-point central difference with steps of +-h and +-2h. A kink of the function
within 2h shows up as a disagreement between the two halves, or as curvature that does not shrink
with h; such entries are called unusable and never count against anyone. The tolerance is relative
to the condition scale S_i = sum_k |J_ik| |dY_k|, so it does not depend on the magnitude of the
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.assignment import Coupling

# The step at which 4-point differences of float64 code are most accurate (median error 2e-14).
# Inputs are multiples of 2^-10, so that adding the step is exact.
STEP = 2.0**-11
# Smallest relative error that counts as a contradiction; correct code stays 1e-7 below it.
GRADIENT_RTOL = 1e-6
# Entries whose two estimates differ by more than this fraction of the scale sit at a kink.
KINK = 1e-3
# Below this fraction of the largest scale, a scale is negligible: 1e-300 where softmax saturates.
FLOOR = 1e-9
# Below this fraction of the largest scale, entries may be 0 in right and in wrong gradients alike.
VANISHING = 1e-6
# If more than this fraction of the entries is unusable, the comparison says nothing.
MOST_UNUSABLE = 0.2
_NODES = (-2, -1, 1, 2)
# The same for code that computes in float32, where 4-point differences are most accurate at 2^-6.
SINGLE_STEP = 2.0**-6
SINGLE_GRADIENT_RTOL = 2e-3
JITTER = 1e-9

Evaluate = Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]]


@dataclass(frozen=True)
class Numeric:
    """A numeric gradient, the scale on which errors are judged, and how far it can be trusted.

    `kink` is how much the estimates disagree and `noise` what rounding may add; all have the same
    shape. `single` says that f computes in float32, as far as its values show.
    """

    value: np.ndarray
    scale: np.ndarray
    kink: np.ndarray
    noise: np.ndarray
    single: bool = False

    def agrees(self, analytic: np.ndarray) -> bool | None:
        """Tell whether a gradient agrees with this one; None if too few entries are usable."""
        if analytic.shape != self.value.shape:
            return False
        if not self.says:
            return None
        return bool(np.all(self.fits(analytic)[self.usable]))

    def fits(self, analytic: np.ndarray) -> np.ndarray:
        """Return which entries agree with those measured; says nothing about unusable ones."""
        rtol = SINGLE_GRADIENT_RTOL if self.single or is_single(analytic) else GRADIENT_RTOL
        tolerance = rtol * self.scale + self.kink + self.noise + self._least
        return np.asarray(np.abs(analytic - self.value) <= tolerance)

    @property
    def says(self) -> bool:
        """Tell whether enough entries are usable."""
        return bool(np.mean(~self.usable) <= MOST_UNUSABLE)

    @property
    def vanishing(self) -> np.ndarray:
        """Return at which entries the gradient is negligible compared with the others."""
        return np.asarray(self.scale <= VANISHING * np.max(self.scale, initial=0.0))

    @property
    def usable(self) -> np.ndarray:
        """Return which entries are far enough from a kink to be informative."""
        return np.asarray(self.kink <= KINK * self.scale + self.noise + self._least)

    @property
    def _least(self) -> float:
        return FLOOR * float(np.max(self.scale, initial=0.0))


def is_single(array: np.ndarray) -> bool:
    """Tell whether all numbers are representable in float32, whatever the array's dtype."""
    with np.errstate(over="ignore"):
        return array.dtype == np.float32 or np.array_equal(array, array.astype(np.float32))


def numeric_gradient(
    evaluate: Evaluate,
    point: np.ndarray,
    dY: np.ndarray,
    coupling: Coupling,
    step: float | None = None,
) -> Numeric | None:
    """Return the gradient of sum(f(P) * dY) with respect to P, at one point.

    Args:
        evaluate: returns f(P) for every P of a sequence, in one call if possible.
        point: P, of any shape.
        dY: cotangent, of the shape of f(P).
        coupling: what the definition of f permits. A probe can only veto it: if the submission's f
            couples entries that the right f does not, entries are perturbed one at a time.
        step: h; None for `STEP`.

    Returns:
        The gradient, or None if f does not return finite arrays of the shape of dY.
    """
    h = STEP if step is None else step
    found = _differentiated(evaluate, point, dY, coupling, h)
    if found is not None and found.single:
        return _differentiated(evaluate, point, dY, coupling, h * SINGLE_STEP / STEP)
    return found


def _differentiated(
    evaluate: Evaluate, point: np.ndarray, dY: np.ndarray, coupling: Coupling, step: float
) -> Numeric | None:
    methods = {Coupling.SAMPLES: _by_samples, Coupling.COLUMNS: _by_columns}
    if coupling in methods:
        found = methods[coupling](evaluate, point, dY, step)
        if found is not None:
            return found
    return _by_entries(evaluate, point, dY, step)


def _by_samples(evaluate: Evaluate, P: np.ndarray, dY: np.ndarray, h: float) -> Numeric | None:
    """Perturb entry j of every sample at once; all copies and the point itself form one batch."""
    m, n = P.shape[0], P[0].size
    copies = np.broadcast_to(P.reshape(m, n), (n, 4, m, n)).copy()
    for j in range(n):
        copies[j, :, :, j] += np.array(_NODES)[:, None] * h
    stack = np.concatenate([copies.reshape(-1, *P.shape[1:]), P])
    alone, together = evaluate([P, stack])
    if alone.shape != dY.shape or together.shape != (len(stack), *dY.shape[1:]):
        return None
    if not np.allclose(together[-m:], alone, rtol=GRADIENT_RTOL, atol=0.0):
        return None  # samples depend on their neighbors
    moved = together[:-m].reshape(n, 4, *dY.shape)
    found = _difference(moved, alone, dY, h, axes=tuple(range(1, dY.ndim)))
    return found and _shaped(found, lambda a: a.T.reshape(P.shape))


def _by_columns(evaluate: Evaluate, P: np.ndarray, dY: np.ndarray, h: float) -> Numeric | None:
    """Perturb position k of every column at once."""
    rows = P.reshape(-1, P.shape[-1])
    moves = np.zeros((len(rows), 4, *rows.shape))
    for k in range(len(rows)):
        moves[k, :, k, :] = np.array(_NODES)[:, None] * h
    probe = rows.copy()
    probe[:, 0] += h
    points = [*(rows + moves.reshape(-1, *rows.shape)), rows, probe]
    outputs = evaluate([p.reshape(P.shape) for p in points])
    if any(out.shape != dY.shape for out in outputs):
        return None
    alone, probed = outputs[-2], outputs[-1]
    if not np.array_equal(alone[..., 1:], probed[..., 1:]):
        return None  # columns depend on their neighbors
    moved = np.stack(outputs[:-2]).reshape(len(rows), 4, *dY.shape)
    found = _difference(moved, alone, dY, h, axes=tuple(range(dY.ndim - 1)))
    return found and _shaped(found, lambda a: a.reshape(P.shape))


def _by_entries(evaluate: Evaluate, P: np.ndarray, dY: np.ndarray, h: float) -> Numeric | None:
    """Perturb one entry at a time."""
    moves = np.zeros((P.size, 4, P.size))
    for j in range(P.size):
        moves[j, :, j] = np.array(_NODES) * h
    points = (P.reshape(-1) + moves).reshape(-1, *P.shape)
    outputs = evaluate([*points, P])
    if any(out.shape != dY.shape for out in outputs):
        return None
    moved = np.stack(outputs[:-1]).reshape(P.size, 4, *dY.shape)
    found = _difference(moved, outputs[-1], dY, h, axes=tuple(range(dY.ndim)))
    return found and _shaped(found, lambda a: a.reshape(P.shape))


def _shaped(numeric: Numeric, shape: Callable[[np.ndarray], np.ndarray]) -> Numeric:
    value, scale, kink, noise = map(
        shape, (numeric.value, numeric.scale, numeric.kink, numeric.noise)
    )
    return Numeric(value, scale, kink, noise, numeric.single)


def _difference(
    moved: np.ndarray, base: np.ndarray, dY: np.ndarray, h: float, axes: tuple[int, ...]
) -> Numeric | None:
    """Differentiate along axis 1 of `moved` (entries, 4 nodes, *dY.shape), then contract with dY.

    `axes` are the axes of dY to sum over; those of an entry's own outputs stay.
    """
    if not (np.isfinite(moved).all() and np.isfinite(base).all()):
        return None
    over = tuple(axis + 1 for axis in axes)
    f2m, f1m, f1p, f2p = (moved[:, k] for k in range(4))
    near, far = (f1p - f1m) / (2 * h), (f2p - f2m) / (4 * h)
    slope = (4 * near - far) / 3

    def total(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.sum(values, axis=over))

    bend_near = total((f1p - 2 * base + f1m) * dY) / h
    bend_far = total((f2p - 2 * base + f2m) * dY) / (2 * h)
    halves = np.abs(total(near * dY) - total(far * dY))
    kink = np.maximum(halves, np.abs(2 * bend_near - bend_far) / 2)
    scale = total(np.abs(slope) * np.abs(dY))
    # Exact differences of multiples of 2^-10 also fit into float32; those of rounded values jitter,
    # or vanish next to a large sum.
    rounded = is_single(moved)
    single = rounded and bool(np.any(kink > JITTER * scale))
    size = 4 * total(np.abs(moved).max(axis=1) * np.abs(dY)) / h
    fine, coarse = (np.finfo(kind).eps * size for kind in (float, np.float32))
    noise = np.where(single | (rounded & (scale < coarse)), coarse, fine)
    return Numeric(total(slope * dY), scale, kink, noise, single)
