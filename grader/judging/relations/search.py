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
from .places import beyond, places
from .sample import Sample

# Samples of this many different sizes must agree, and this many sizes must be among wrong ones.
SIZES, WRONG_SIZES = 3, 2
# If some samples are right, the number of different sizes that those must have.
RIGHT_SIZES = 2
# The same for results that are a single number, which prove less.
SCALARS = 4


@dataclass(frozen=True)
class Held:
    """An idea that holds in some samples, with a factor."""

    idea: Idea
    factor: Factor

    @property
    def cost(self) -> int:
        """Return how far from simple it is."""
        return self.idea.cost + self.factor.cost

    def words(self, name: str = "") -> str:
        """Put it into words."""
        return self.factor.fill(self.idea.words, name)

    def holds(self, sample: Sample) -> bool:
        """Tell whether it holds in another sample."""
        factor = self.factor.of(sample)
        return factor is not None and self.idea.holds(sample, factor)


@dataclass(frozen=True)
class Relation:
    """What all of the submission's numbers for a result are.

    Args:
        sentence: the relation in words.
        cost: how far from simple it is.
        held: the ideas that it consists of.
        condition: tells whether the ideas apply to a case; in all others, the result is right.
    """

    sentence: str
    cost: int
    held: tuple[Held, ...]
    condition: Callable[[Sample], bool] | None = None

    def holds(self, sample: Sample) -> bool:
        """Tell whether the numbers in a sample also follow this relation."""
        if self.condition is not None and not self.condition(sample):
            return sample.is_right
        with undisturbed():
            return all(held.holds(sample) for held in self.held)


def relate(samples: Sequence[Sample]) -> list[Relation]:
    """Return the simplest relations that hold in all samples and say something about wrong ones.

    Args:
        samples: of one result, in all cases of a check, including right ones. Samples with more
            than `MOST` entries are left out.
    """
    with undisturbed():
        kept = [sample for sample in samples if sample.is_comparable]
        if not all(np.isfinite(sample.numbers).all() for sample in kept):
            return []
        if not _can_prove(kept, WRONG_SIZES) or not any(x.numbers.any() for x in kept):
            return []
        wrong = [sample for sample in kept if not sample.is_right]
        pilot = min(wrong, key=_unfitness)
        kept = [pilot, *(sample for sample in kept if sample is not pilot)]
        values = list(_values(pilot))
        ideas = [x for x in _whole(pilot, values) if x.measured(pilot) is not None]
        found = _of_all_entries(ideas, kept) or list(_in_parts(kept, values))
        return _simplest(found) or _on_condition(ideas, kept)


def verified(relations: Iterable[Relation], second: Sequence[Sample]) -> list[Relation]:
    """Return the relations that also hold in another draw of the same samples."""
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


def _on_condition(ideas: Sequence[Idea], samples: Sequence[Sample]) -> list[Relation]:
    """Return relations for the wrong samples, if a condition separates them from the right ones."""
    wrong = [sample for sample in samples if not sample.is_right]
    right_sizes = {sample.size for sample in samples if sample.is_right}
    if len(right_sizes) < RIGHT_SIZES or not _can_prove(wrong, SIZES):
        return []
    said = f"{_name(samples)} is "
    relations = [x for x in _of_all_entries(ideas, wrong) if x.sentence.startswith(said)]
    found = [_conditioned(relation, said, samples) for relation in _simplest(relations)]
    return [relation for relation in found if relation is not None]


def _conditioned(relation: Relation, said: str, samples: Sequence[Sample]) -> Relation | None:
    """Return a relation of the wrong samples with the one condition under which it holds.

    Args:
        relation: the relation of the wrong samples.
        said: the beginning of its sentence.
        samples: all samples, right and wrong.
    """
    either = [sample.is_right and relation.holds(sample) for sample in samples]
    found = separating(samples, either)
    if found is None:
        return None
    condition, met_by_right = found
    words = (
        f"right where {condition.words}; elsewhere it is "
        if met_by_right
        else f"right except where {condition.words}; there it is "
    )
    return replace(
        relation,
        sentence=f"{said}{words}{relation.sentence.removeprefix(said)}",
        condition=lambda sample: condition.of(sample) is not met_by_right,
    )


def _simplest(relations: Sequence[Relation]) -> list[Relation]:
    """Return the simplest of some relations.

    Statements in terms of the right numbers take precedence over statements about the submission's
    numbers by themselves: the two together would give the right numbers away.
    """
    least = min((relation.cost for relation in relations), default=0)
    found = [relation for relation in relations if relation.cost == least]
    return [relation for relation in found if " right" in relation.sentence] or found


def _of_all_entries(ideas: Iterable[Idea], samples: Sequence[Sample]) -> list[Relation]:
    """Return the simplest ideas about all entries of a result."""
    name = _name(samples)
    return [Relation(f"{x.words(name)}.", x.cost, (x,)) for x in _holding(ideas, samples)]


def _unfitness(sample: Sample) -> tuple[bool, bool, int]:
    """Return how unsuitable a sample is for trying all ideas on it: too trivial, or too large."""
    return not sample.is_telling, 1 in sample.right.shape, sample.right.size


def _holding(ideas: Iterable[Idea], samples: Sequence[Sample]) -> list[Held]:
    """Return the simplest of the ideas that hold in all samples."""
    found: list[Held] = []
    for idea in sorted(ideas, key=lambda idea: idea.cost):
        if found and idea.cost > found[0].cost:
            break
        factor = _fitting(idea, samples)
        if factor is not None:
            found.append(Held(idea, factor))
            found = [held for held in found if held.cost == min(x.cost for x in found)]
    return found


def _in_parts(samples: Sequence[Sample], values: Sequence[Value]) -> Iterator[Relation]:
    """Yield what a result is in one place and elsewhere: right, or something simple."""
    pilot, name = samples[0], _name(samples)
    if not pilot.in_form:
        return
    right, simple = entrywise.exactly_right(), [entrywise.zero(), *entrywise.known(pilot)]
    others = [*simple, entrywise.constant("{value}")]
    for place in (*places(pilot), *beyond(samples, simple)):
        inside = _holding([place.holds(right)], samples)
        elsewhere = [*others, *values] if inside else others
        if not inside and place.is_sign:
            inside = _holding(map(place.holds, others), samples)
        for one in inside:
            for other in _holding(map(place.elsewhere, elsewhere), samples):
                words = f"{one.words()} {place.words}; elsewhere it is {other.words()}"
                yield Relation(f"{name} is {words}.", one.cost + other.cost, (one, other))


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
    factor = simplest([value for value, _ in known], [sample for _, sample in known])
    sizes = {sample.size for _, sample in known}
    return factor if factor is not None and (not factor.cost or len(sizes) >= SIZES) else None


def _values(pilot: Sample) -> Iterator[Value]:
    """Yield what a result may be, entry by entry."""
    yield from entrywise.of_known(pilot)
    if pilot.in_form:
        yield from (entrywise.right(), *entrywise.of_right(), *entrywise.with_known(pilot))


def _whole(pilot: Sample, values: Iterable[Value]) -> Iterator[Idea]:
    """Yield all ideas about all entries of a result."""
    yield from map(whole, entrywise.known(pilot))
    yield whole(entrywise.constant("{value} everywhere"))
    yield from map(whole, values)
    yield from map(whole, axes.arranged(pilot))
    yield from map(whole, axes.reduced(pilot))
    yield from map(whole, axes.normalized(pilot))
    if pilot.in_form:
        yield from entrywise.plus(pilot)
        yield from entrywise.bounds()
    yield from axes.sums_of_found(pilot)
    yield from calls.of_calls(pilot)
