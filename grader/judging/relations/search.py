"""Finding the simplest ideas that hold in all samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.arithmetic import undisturbed

from . import axes, calls, entrywise
from .factors import Factor, factors
from .ideas import Idea, whole
from .sample import Sample

# Samples of this many different sizes have to agree, and so many of them have to be wrong.
SIZES, WRONG_SIZES = 3, 2
# Of results that are one number, which say less.
SCALARS = 4


@dataclass(frozen=True)
class Relation:
    """What all numbers found of a result are.

    Args:
        sentence: says it.
        cost: how far from simple it is.
        idea, factor: work the numbers out.
    """

    sentence: str
    cost: int
    idea: Idea
    factor: Factor

    def holds(self, sample: Sample) -> bool:
        """Tell whether the numbers found in a sample are these, too."""
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
        if not _can_prove(kept) or not all(np.isfinite(x.numbers).all() for x in kept):
            return []
        return _simplest(kept)


def verified(relations: Iterable[Relation], second: Sequence[Sample]) -> list[Relation]:
    """Return the relations that hold in another draw of the same samples, too."""
    kept = [sample for sample in second if sample.is_comparable]
    return [one for one in relations if kept and all(map(one.holds, kept))]


def _can_prove(samples: Sequence[Sample]) -> bool:
    """Tell whether there are enough samples that are far enough from trivial."""
    telling = [sample for sample in samples if sample.is_telling]
    if not telling and len(samples) >= SCALARS:
        telling = list(samples)
    wrong = [sample for sample in telling if not sample.is_right]
    sizes, wrong_sizes = ({sample.size for sample in some} for some in (telling, wrong))
    return len(sizes) >= SIZES and len(wrong_sizes) >= WRONG_SIZES


def _simplest(samples: Sequence[Sample]) -> list[Relation]:
    wrong = [sample for sample in samples if not sample.is_right]
    pilot = min(wrong, key=lambda sample: (not sample.is_telling, sample.right.size))
    others = [sample for sample in samples if sample is not pilot]
    name = _name(samples)
    found: list[Relation] = []
    for idea in sorted(_ideas(pilot), key=lambda idea: idea.cost):
        if found and idea.cost > found[0].cost:
            break
        for factor in _fitting(idea, pilot, others):
            cost = idea.cost + factor.cost
            if found and cost < found[0].cost:
                found.clear()
            if not found or cost == found[0].cost:
                found.append(Relation(factor.fill(idea.words, name), cost, idea, factor))
    return list({one.sentence: one for one in found}.values())


def _name(samples: Sequence[Sample]) -> str:
    names = {sample.spec.original for sample in samples}
    return names.pop() if len(names) == 1 else samples[0].source


def _fitting(idea: Idea, pilot: Sample, others: Sequence[Sample]) -> list[Factor]:
    """Return the simplest factors with which an idea holds in all samples."""
    values = []
    for sample in (pilot, *others):
        value = idea.measured(sample)
        if value is None:
            return []
        values.append((value, sample))
    known = [(value, sample) for value, sample in values if not np.isnan(value)]
    if not known:
        return []
    return factors([value for value, _ in known], [sample for _, sample in known])


def _ideas(pilot: Sample) -> Iterator[Idea]:
    """Yield all ideas that may hold in a sample."""
    values = [entrywise.constant(), *entrywise.known(pilot), *entrywise.of_known(pilot)]
    values += [*axes.arranged(pilot), *axes.reduced(pilot), *axes.normalized(pilot)]
    if pilot.in_form:
        values += [entrywise.right(), *entrywise.of_right(), *entrywise.with_known(pilot)]
        yield from entrywise.plus(pilot)
        yield from entrywise.bounds()
    yield from map(whole, values)
    yield from axes.sums_of_found(pilot)
    yield from calls.of_calls(pilot)
