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
from grader.verdict import EDIT, RELATION, Finding

from .asked import Asked, CaseRun
from .samples import by_result, samples_of

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
    return _Explaining(history, check, oracle, seed, again, unknown).findings()


@dataclass
class _Explaining:
    """The explanation of one check, see `explained`."""

    history: Sequence[Asked]
    check: str
    oracle: Oracle
    seed: int
    again: Again | None
    unknown: str

    def __post_init__(self) -> None:
        self.own = [one for one in self.history if one.case.check == self.check]
        self.samples = [sample for one in self.own for sample in one.samples]
        self.results = [result for one in self.own for result in one.results]

    def findings(self) -> tuple[Finding, ...]:
        """Return what explains all wrong results together, or else every one by itself."""
        names = wrong_names(self.results)
        if not names:
            return ()  # before the catalogue is read
        target = self.own[0].case.target
        known = {i: x for i, x in self.oracle.known(target).items() if i != self.unknown}
        mistakes = Hypotheses(known, self._effects)
        whole = mistakes.of_all(self.results, self._before)
        if whole is not None:
            return (whole,)
        found = _Found(names)
        found.add(lambda name: mistakes.of_group(self.results, name, self._before))
        named = bool(found)
        found.add(partial(self._related, most=SIMPLE))
        if found.missing:
            edits = Hypotheses(self.oracle.edits(target), self._effects, EDIT)
            whole = None if named else edits.of_all(self.results, self._before)
            if whole is not None:
                return (whole,)
            found.add(lambda name: edits.of_group(self.results, name, self._before))
            found.add(self._related)
            for some in (mistakes, edits):
                found.add(partial(self._multiple, some))
        return found.joined()

    def _effects(self, key: str, hypothesis: str) -> Effect:
        one = self._by_case[key]
        return self.oracle.effects(one.case, self.seed, one.problem, hypothesis)

    @cached_property
    def _by_case(self) -> dict[str, Asked]:
        return {one.case.key: one for one in self.history}

    @cached_property
    def _relations(self) -> dict[str, list[Relation]]:
        return {}

    @cached_property
    def _sized(self) -> dict[tuple[str, str], Sample]:
        return {(sample.case, sample.spec.name): sample for sample in self.samples}

    @cached_property
    def _before(self) -> list[Result]:
        """The results of earlier checks."""
        earlier = takewhile(lambda one: one.case.check != self.check, self.history)
        return [result for one in earlier for result in one.results]

    def _multiple(self, hypotheses: Hypotheses, name: str) -> Finding | None:
        return multiple(hypotheses, self.results, self._sized, name, self._before)

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
        for samples in by_result(self.samples):
            own = any(sample.spec.original == name for sample in samples)
            relations = relate(samples) if own and self.again is not None else []
            found += verified(relations, self._second(samples)) if relations else []
        return found

    def _second(self, samples: Sequence[Sample]) -> list[Sample]:
        """Return the same samples of another draw; none where one is missing."""
        cases, source = {sample.case for sample in samples}, samples[0].source
        found = [one for key in cases for one in self._once_more(key) if one.source == source]
        return found if len(found) == len(samples) else []

    def _once_more(self, key: str) -> tuple[Sample, ...]:
        if key not in self._asked_again:
            one = self.again and self.again(self._by_case[key].case)
            found = samples_of(one.question, one.run.answers) if one else ()
            self._asked_again[key] = tuple(x for x in found if x.is_comparable)
        return self._asked_again[key]

    @cached_property
    def _asked_again(self) -> dict[str, tuple[Sample, ...]]:
        return {}


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
