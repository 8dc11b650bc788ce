"""Finding the simplest ideas that hold in all samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.arithmetic import undisturbed

from . import axes, calls, entrywise
from .conditions import separating
from .factors import Factor, simplest
from .ideas import Idea, Value, whole
from .places import in_parts
from .sample import Sample

# Samples of this many different sizes have to agree, and so many of them have to be wrong.
SIZES, WRONG_SIZES = 3, 2
# Where others are right, so many sizes of those.
RIGHT_SIZES = 2
# Of results that are one number, which say less.
SCALARS = 4


@dataclass(frozen=True)
class Relation:
    """What all numbers found of a result are.

    Args:
        sentence: says it.
        cost: how far from simple it is.
        idea, factor: work the numbers out.
        condition: whether a case is one that the idea is about; the others are right.
    """

    sentence: str
    cost: int
    idea: Idea
    factor: Factor
    condition: Callable[[Sample], bool] | None = None

    def holds(self, sample: Sample) -> bool:
        """Tell whether the numbers found in a sample are these, too."""
        if self.condition is not None and not self.condition(sample):
            return sample.is_right
        factor = self.factor.of(sample)
        with undisturbed():
            return factor is not None and self.idea.holds(sample, factor)


def relate(samples: Sequence[Sample]) -> list[Relation]:
    """Return the simplest relations that hold in all samples and say something of the wrong ones.

    Args:
        samples: of one result, in all cases of a check, right ones included.
    """
    with undisturbed():
        kept = [sample for sample in samples if sample.is_comparable]
        if not all(np.isfinite(sample.numbers).all() for sample in kept):
            return []
        if not _can_prove(kept, WRONG_SIZES) or not any(x.numbers.any() for x in kept):
            return []
        return _simplest(kept) or _on_condition(kept)


def verified(relations: Iterable[Relation], second: Sequence[Sample]) -> list[Relation]:
    """Return the relations that hold in another draw of the same samples, too."""
    kept = [sample for sample in second if sample.is_comparable]
    return [one for one in relations if kept and all(map(one.holds, kept))]


def _can_prove(samples: Sequence[Sample], wrong_sizes: int) -> bool:
    """Tell whether there are enough samples that are far enough from trivial."""
    telling = [sample for sample in samples if sample.is_telling]
    if not telling and len(samples) >= SCALARS:
        telling = list(samples)
    wrong = [sample for sample in telling if not sample.is_right]
    sizes = [{sample.size for sample in some} for some in (telling, wrong)]
    return len(sizes[0]) >= SIZES and len(sizes[1]) >= wrong_sizes


def _on_condition(samples: Sequence[Sample]) -> list[Relation]:
    """Return what the wrong samples are, if something else tells them from the right ones."""
    wrong = [sample for sample in samples if not sample.is_right]
    right_sizes = {sample.size for sample in samples if sample.is_right}
    if len(right_sizes) < RIGHT_SIZES or not _can_prove(wrong, SIZES):
        return []
    found = separating(samples)
    if found is None:
        return []
    condition, met_by_right = found
    words = (
        f" is right where {condition.words}; elsewhere it is "
        if met_by_right
        else f" is right except where {condition.words}; there it is "
    )
    return [
        replace(
            one,
            sentence=one.sentence.replace(" is ", words, 1),
            condition=lambda sample: condition.of(sample) is not met_by_right,
        )
        for one in _simplest(wrong)
    ]


def _simplest(samples: Sequence[Sample]) -> list[Relation]:
    wrong = [sample for sample in samples if not sample.is_right]
    pilot = min(wrong, key=lambda sample: (not sample.is_telling, sample.right.size))
    samples = [pilot, *(sample for sample in samples if sample is not pilot)]
    values = list(_values(pilot))
    return _holding(_whole(pilot, values), samples) or _holding(_parts(pilot, values), samples)


def _holding(ideas: Iterable[Idea], samples: Sequence[Sample]) -> list[Relation]:
    """Return the simplest of some ideas that hold in all samples."""
    name, found = _name(samples), list[Relation]()
    for idea in sorted(ideas, key=lambda idea: idea.cost):
        if found and idea.cost > found[0].cost:
            break
        factor = _fitting(idea, samples)
        if factor is None:
            continue
        cost = idea.cost + factor.cost
        if found and cost < found[0].cost:
            found.clear()
        if not found or cost == found[0].cost:
            found.append(Relation(factor.fill(idea.words, name), cost, idea, factor))
    return list({one.sentence: one for one in found}.values())


def _name(samples: Sequence[Sample]) -> str:
    names = {sample.spec.original for sample in samples}
    return names.pop() if len(names) == 1 else samples[0].source


def _fitting(idea: Idea, samples: Sequence[Sample]) -> Factor | None:
    """Return the simplest factor with which an idea holds in all samples."""
    known = []
    for sample in samples:
        value = idea.measured(sample)
        if value is None:
            return None
        if not np.isnan(value):
            known.append((value, sample))
    if not known:
        return None
    return simplest([value for value, _ in known], [sample for _, sample in known])


def _values(pilot: Sample) -> Iterator[Value]:
    """Yield what a result may be, entry by entry."""
    yield from (entrywise.constant(), *entrywise.known(pilot), *entrywise.of_known(pilot))
    if pilot.in_form:
        yield from (entrywise.right(), *entrywise.of_right(), *entrywise.with_known(pilot))


def _whole(pilot: Sample, values: Iterable[Value]) -> Iterator[Idea]:
    """Yield all ideas about all entries of a result."""
    yield from map(whole, values)
    yield from map(whole, axes.arranged(pilot))
    yield from map(whole, axes.reduced(pilot))
    yield from map(whole, axes.normalized(pilot))
    if pilot.in_form:
        yield from entrywise.plus(pilot)
        yield from entrywise.bounds()
    yield from axes.sums_of_found(pilot)
    yield from calls.of_calls(pilot)


def _parts(pilot: Sample, values: Sequence[Value]) -> Iterator[Idea]:
    """Yield all ideas about the entries in one place."""
    return in_parts(pilot, [entrywise.zero(), *values])
