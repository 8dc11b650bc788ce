"""Naming a mistake: the results of a submission against those that known mistakes would give.

A result is boiled down to a `Signature`: its shape, and three sums of its entries with fixed
random weights. Two different functions that agree in all sums, for inputs of three different
sizes, do not happen; and signatures can be handed to students, who cannot read a solution from
them. A name is said only if the mistake explains *every* result of the check, right ones
included. Mistakes that touch one gradient alone (dW, say) are also named one by one, so that two
of them in one submission are both found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from grader.result import ResultSpec

from .gradcheck import is_single
from .judge import SINGLE_VALUE_RTOL

# Checks that compare numbers of calls; the others have words of their own.
DIAGNOSED = ("values", "gradient", "behaviour", "element")
# Those of them that are about several results, which may be wrong for reasons of their own.
BY_NAME = ("gradient", "element")
# Of the weighted sums, relative to the sum of the absolute values.
SIGNATURE_RTOL = 1e-6
SUMS = 3
# Entries of a result whose weights are kept: some thousands are usual, but a submission may answer
# with as many as a reply has room for.
KEPT = 2**14
# Numbers that differ from the right ones by less than this many tolerances prove nothing.
FAR = 10.0
# Results of this many different sizes have to agree before a mistake is named.
SIZES = 3


@dataclass(frozen=True)
class Signature:
    """What is compared of an array: its shape, weighted sums, and their scale."""

    shape: tuple[int, ...]
    sums: tuple[float, ...]
    scale: float

    def equals(self, other: Signature, rtol: float = SIGNATURE_RTOL) -> bool:
        """Tell whether both are of the same numbers, up to rounding; what overflows is of none."""
        scale = rtol * max(self.scale, other.scale)
        if not np.isfinite(scale):
            return False
        pairs = zip(self.sums, other.sums, strict=True)
        return self.shape == other.shape and all(abs(a - b) <= scale for a, b in pairs)


def signature_tolerance(array: np.ndarray) -> float:
    """Return how far off the signature of an array may be: float32 may be somewhere."""
    return SINGLE_VALUE_RTOL if is_single(array) else SIGNATURE_RTOL


def signature(result: ResultSpec, array: np.ndarray) -> Signature:
    """Return the signature of a named result; (n,) and (1, n) are the same for a bias."""
    values = np.asarray(array, float)
    if result.may_drop_row and values.ndim == 2 and len(values) == 1:
        values = values[0]
    with np.errstate(invalid="ignore"):
        flat = np.nan_to_num(values.ravel(), nan=1.0e3, posinf=1.7e3, neginf=-1.9e3)
        weighted = _weights(flat.size) * flat
    sums = tuple(float(x) for x in weighted.sum(axis=1))
    return Signature(values.shape, sums, float(np.abs(weighted).sum(axis=1).max(initial=0.0)))


def _weights(size: int) -> np.ndarray:
    """Return the weights for so many entries; those for as many as no case has are not kept."""
    return _drawn_weights(size) if size <= KEPT else _drawn_weights.__wrapped__(size)


@lru_cache(maxsize=64)
def _drawn_weights(size: int) -> np.ndarray:
    raw = np.random.PCG64(size).random_raw(SUMS * size)
    return 0.5 + (raw >> np.uint64(11)).reshape(SUMS, size) * 2.0**-53


@dataclass(frozen=True)
class Result:
    """One result of one case.

    Args:
        case: the case's key.
        inputs: the shapes of all arrays that the case is about.
        name: of the result, such as "gradients['W']".
        found: what the submission gave; None where there is no array.
        right: what is due.
        correct: whether the check accepts it (ties, say, are not compared by signature).
        rtol: tolerance for what was found.
    """

    case: str
    inputs: tuple[tuple[int, ...], ...]
    name: str
    found: Signature | None
    right: Signature
    correct: bool
    rtol: float = SIGNATURE_RTOL


# Of a case and a mistake: the results that the mistake makes wrong; None stands for no array.
Effects = Callable[[str, str], Mapping[str, Signature | None]]


def diagnose(
    results: Sequence[Result],
    known: Mapping[str, str],
    effects: Effects,
    by_name: bool = False,
    before: Sequence[Result] = (),
) -> str | None:
    """Return the sentences of the mistakes that the results prove, or None.

    Args:
        results: all results of a check.
        known: the sentence of every mistake of the target, by id.
        effects: what a mistake does to the results of a case.
        by_name: whether mistakes in different results may be found one by one.
        before: results of earlier checks; a mistake that would show in them has to.
    """
    if not has_wrong_numbers(results):
        return None
    possible = [i for i in known if all(_fits(result, i, effects) for result in before)]
    whole = [i for i in possible if _explains(results, i, effects, before)]
    if whole:
        shown_before = [i for i in whole if any(x.name in effects(x.case, i) for x in before)]
        return _either([known[i] for i in shown_before or whole])
    names = dict.fromkeys(x.name for x in results if not x.correct) if by_name else ()
    parts = [_of_one_name(results, name, possible, known, effects) for name in names]
    return "\n".join(dict.fromkeys(part for part in parts if part)) or None


def has_wrong_numbers(results: Iterable[Result]) -> bool:
    """Tell whether there are wrong numbers, which alone can prove a mistake."""
    return any(not result.correct and result.found is not None for result in results)


def _fits(result: Result, mistake: str, effects: Effects) -> bool:
    """Tell whether a result is what a mistake makes of it, if it makes anything of it."""
    made = effects(result.case, mistake)
    if result.name not in made:
        return True
    return _same(made[result.name], result)


def _same(predicted: Signature | None, result: Result) -> bool:
    if predicted is None or result.found is None:
        return predicted is result.found
    return predicted.equals(result.found, result.rtol)


def _explains(
    results: Iterable[Result], mistake: str, effects: Effects, before: Sequence[Result] = ()
) -> bool:
    """Tell whether a mistake gives exactly these results, for inputs of several sizes.

    The sizes of earlier results that it fits count, too.
    """
    sizes, hit = {_size(result) for result in before if result.found is not None}, False
    for result in results:
        made = effects(result.case, mistake)
        changed = result.name in made
        if not changed and not result.correct:
            return False
        if changed and not _same(made[result.name], result):
            return False
        if result.found is not None:
            sizes.add(_size(result))
            hit = hit or (changed and _is_far(made[result.name], result))
    return hit and len(sizes) >= SIZES


def _is_far(predicted: Signature | None, result: Result) -> bool:
    """Tell whether a mistake's numbers are far from the right ones, so that a match proves it."""
    return predicted is not None and not predicted.equals(result.right, FAR * result.rtol)


def _size(result: Result) -> tuple[object, ...]:
    return (result.inputs, result.right.shape)


def _of_one_name(
    results: Sequence[Result],
    name: str,
    possible: Sequence[str],
    known: Mapping[str, str],
    effects: Effects,
) -> str | None:
    """Name what is wrong with one result, by mistakes that touch no other one."""
    of_name = [result for result in results if result.name == name]
    cases = {result.case for result in results}
    found = [
        known[mistake]
        for mistake in possible
        if _explains(of_name, mistake, effects)
        and all(effects(case, mistake).keys() <= {name} for case in cases)
    ]
    return _either(found) if found else None


def _either(sentences: Sequence[str]) -> str:
    """Join what cannot be told apart."""
    return "\nOr: ".join(dict.fromkeys(sentences))
