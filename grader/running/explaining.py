"""Explaining wrong numbers: known mistakes first, then what nobody listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import takewhile
from math import inf

from grader.answers import Effect, Oracle
from grader.assignment import Case
from grader.judging import (
    Hypotheses,
    Relation,
    Result,
    Sample,
    multiple,
    relate,
    verified,
    wrong_names,
)
from grader.verdict import EDIT, MISTAKE, RELATION, Finding

from .asked import Asked, CaseRun
from .samples import by_result

# Asks a case once more, with other inputs; None where that cannot be.
Again = Callable[[Case], CaseRun | None]
# What a relation costs at most that says more than an edit.
SIMPLE = 2


def explained(
    history: Sequence[Asked],
    check: str,
    oracle: Oracle,
    seed: int,
    again: Again | None = None,
    unknown: str = "",
) -> tuple[Finding, ...]:
    """Say what the results of a check prove, in the light of those before it.

    Args:
        history: what a target was asked, check after check.
        check: whose results are to be explained.
        oracle: knows the mistakes.
        seed: of the problems.
        again: asks a case once more; without it, no relation is looked for.
        unknown: a mistake to leave out, as if the catalogue did not have it.
    """
    own = [one for one in history if one.case.check == check]
    earlier = takewhile(lambda one: one.case.check != check, history)
    draw = Draw(own, [*earlier], oracle, seed)
    if not wrong_names(draw.results):
        return ()  # before the catalogue is read
    return _Explaining(draw, again, unknown).findings()


@dataclass(frozen=True)
class Draw:
    """What a check asked with one seed, and what it is to be explained by.

    Args:
        own: the cases of the check.
        earlier: those of the checks before it.
        oracle: knows what mistakes and edits give.
        seed: of the problems.
    """

    own: Sequence[Asked]
    earlier: Sequence[Asked]
    oracle: Oracle
    seed: int

    @cached_property
    def samples(self) -> list[Sample]:
        """The results with their numbers."""
        return [sample for one in self.own for sample in one.samples]

    @cached_property
    def sized(self) -> dict[tuple[str, str], Sample]:
        """The samples, by case and name."""
        return {(sample.case, sample.spec.name): sample for sample in self.samples}

    @cached_property
    def results(self) -> list[Result]:
        """The results, of which the numbers are not kept."""
        assert self.samples is not None  # they are read first
        return [result for one in self.own for result in one.results]

    @cached_property
    def before(self) -> list[Result]:
        """The results of earlier checks."""
        return [result for one in self.earlier for result in one.results]

    @cached_property
    def _by_case(self) -> dict[str, Asked]:
        return {one.case.key: one for one in (*self.earlier, *self.own)}

    def effects(self, key: str, hypothesis: str) -> Effect:
        """Return what a hypothesis makes wrong in a case."""
        one = self._by_case[key]
        return self.oracle.effects(one.case, self.seed, one.problem, hypothesis)


# Looks for what explains a draw.
Find = Callable[[Hypotheses, Draw], Finding | None]


@dataclass
class _Explaining:
    """The explanation of one check, see `explained`."""

    draw: Draw
    again: Again | None
    unknown: str

    def __post_init__(self) -> None:
        self._relations: dict[str, list[Relation]] = {}

    def findings(self) -> tuple[Finding, ...]:
        """Return what explains all wrong results together, or else every one by itself."""
        draw, found = self.draw, _Found(wrong_names(self.draw.results))
        known = draw.oracle.known(draw.own[0].case.target)
        known = {i: text for i, text in known.items() if i != self.unknown}
        mistakes = Hypotheses(known, draw.effects, MISTAKE)
        whole = _of_all(mistakes, draw)
        if whole is not None:
            return (whole,)
        found.add(lambda name: _of_group(name, mistakes, draw))
        named = bool(found)
        found.add(partial(self._related, most=SIMPLE))
        if found.missing:
            whole = None if named else self._edited(_of_all)
            if whole is not None:
                return (whole,)
            found.add(lambda name: self._edited(partial(_of_group, name)))
            found.add(self._related)
            found.add(lambda name: _multiple(name, mistakes, draw))
            found.add(lambda name: self._edited(partial(_multiple, name)))
        return found.joined()

    def _edited(self, find: Find) -> Finding | None:
        """Return the edit that explains the draw for which edits are known, and this one, too."""
        known = self.draw.oracle.edits(self.draw.own[0].case.target)
        found = None
        for draw in self._draws_of_edits:
            found = find(Hypotheses(known, draw.effects, EDIT), draw)
            if found is None:
                return None
            known = {i: text for i, text in known.items() if text in found.sentences}
        return found

    @cached_property
    def _draws_of_edits(self) -> list[Draw]:
        """The draw for which it costs little to tell what edits give, and the check's own."""
        if self.draw.oracle.edit_seed(self.draw.seed) == self.draw.seed:
            return [self.draw]
        return [self._second, self.draw] if self._second is not None else []

    @cached_property
    def _second(self) -> Draw | None:
        """The same check with other inputs; None if a case cannot be asked again."""
        oracle, seed = self.draw.oracle, self.draw.oracle.other_seed(self.draw.seed)
        if self.again is None or seed is None:
            return None
        found = []
        for one in self.draw.own:
            again = self.again(one.case)
            if again is None:
                return None
            found.append(Asked(replace(again, waiting=one.waiting)))
        return Draw(found, [], oracle, seed)

    def _related(self, name: str, most: float = inf) -> Finding | None:
        """Return the relation of the results of one name to the right ones, if two draws show it.

        Args:
            name: of the results.
            most: what the relation may cost.
        """
        if name not in self._relations:
            self._relations[name] = self._verified(name)
        held = [one for one in self._relations[name] if one.cost <= most]
        sentences = tuple(dict.fromkeys(one.sentence for one in held))
        return Finding(sentences, (name,), RELATION, apart=True) if held else None

    def _verified(self, name: str) -> list[Relation]:
        found = []
        for samples in by_result(self.draw.samples):
            own = any(sample.spec.original == name for sample in samples)
            relations = relate(samples) if own and self.again is not None else []
            if relations and self._second is not None:
                source = samples[0].source
                second = [one for one in self._second.samples if one.source == source]
                found += verified(relations, second) if len(second) == len(samples) else []
        return found


def _of_all(hypotheses: Hypotheses, draw: Draw) -> Finding | None:
    return hypotheses.of_all(draw.results, draw.before)


def _of_group(name: str, hypotheses: Hypotheses, draw: Draw) -> Finding | None:
    return hypotheses.of_group(draw.results, name, draw.before)


def _multiple(name: str, hypotheses: Hypotheses, draw: Draw) -> Finding | None:
    return multiple(hypotheses, draw.results, draw.sized, name, draw.before)


class _Found:
    """What was found of the results of every name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found: dict[str, Finding | None] = dict.fromkeys(names)

    def __bool__(self) -> bool:
        return any(self._found.values())

    @property
    def missing(self) -> list[str]:
        """The names of the results that nothing was found of."""
        return [name for name, finding in self._found.items() if finding is None]

    def add(self, find: Callable[[str], Finding | None]) -> None:
        """Look for what is missing."""
        self._found |= {name: find(name) for name in self.missing}

    def joined(self) -> tuple[Finding, ...]:
        """Return the findings; what is the same of several results is one."""
        joined: dict[Finding, list[str]] = {}
        for one in filter(None, self._found.values()):
            joined.setdefault(replace(one, results=()), []).extend(one.results)
        return tuple(replace(one, results=tuple(names)) for one, names in joined.items())
