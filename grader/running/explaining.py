"""Explaining wrong numbers: known mistakes first, then what nobody listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

from grader.answers import Effect, Oracle
from grader.assignment import Case
from grader.judging import Hypotheses, Result, Sample, multiple, relate, verified, wrong_names
from grader.verdict import RELATION, Finding

from .asked import Asked, CaseRun
from .samples import by_result, samples_of

# Asks a case once more, with other inputs; None where that cannot be.
Again = Callable[[Case], CaseRun | None]


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
        known = self.oracle.known(self.own[0].case.target)
        known = {i: text for i, text in known.items() if i != self.unknown}
        mistakes = Hypotheses(known, self._effects)
        whole = mistakes.of_all(self.results, self._before)
        if whole is not None:
            return (whole,)
        found = {name: mistakes.of_group(self.results, name, self._before) for name in names}
        related = self._related({name for name in names if found[name] is None})
        explained = {name for one in related for name in one.results}
        for name in names:
            if found[name] is None and name not in explained:
                found[name] = multiple(mistakes, self.results, self._sized, name, self._before)
        return _joined([*filter(None, found.values()), *related])

    def _effects(self, key: str, hypothesis: str) -> Effect:
        one = self._by_case[key]
        return self.oracle.effects(one.case, self.seed, one.problem, hypothesis)

    @cached_property
    def _by_case(self) -> dict[str, Asked]:
        return {one.case.key: one for one in self.history}

    @cached_property
    def _sized(self) -> dict[tuple[str, str], Sample]:
        return {(sample.case, sample.spec.name): sample for sample in self.samples}

    @cached_property
    def _before(self) -> list[Result]:
        """The results of earlier checks."""
        earlier = takewhile(lambda one: one.case.check != self.check, self.history)
        return [result for one in earlier for result in one.results]

    def _related(self, names: set[str]) -> list[Finding]:
        """Return the relations of results to the right ones that two draws show."""
        found = []
        for samples in by_result(self.samples):
            own = {sample.spec.original for sample in samples} & names
            relations = relate(samples) if own and self.again is not None else []
            held = verified(relations, self._second(samples)) if relations else []
            if held:
                sentences = tuple(dict.fromkeys(one.sentence for one in held))
                found.append(Finding(sentences, tuple(sorted(own)), RELATION))
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


def _joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Join the findings that say the same of several results."""
    joined: dict[Finding, list[str]] = {}
    for one in findings:
        joined.setdefault(replace(one, results=()), []).extend(one.results)
    return tuple(replace(one, results=tuple(names)) for one, names in joined.items())
