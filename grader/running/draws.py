"""What a check asked with one seed and what is known about it: the basis of all explanations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.answers import Effect, Oracle
from grader.judging import SIZES, Result, Sample

from .asked import Asked

FORWARD_RIGHT = "where the values are right"


@dataclass(frozen=True)
class Draw:
    """What a check asked with one seed, and what was asked before.

    Args:
        own: the cases of the check.
        earlier: the cases of the checks before it.
        oracle: knows what mistakes and edits produce.
        seed: the seed of the problems.
        counted: results of earlier checks with another seed; only their number matters.
    """

    own: Sequence[Asked]
    earlier: Sequence[Asked]
    oracle: Oracle
    seed: int
    counted: Sequence[Result] = ()

    @property
    def target(self) -> str:
        """Return the name of the target."""
        return self.own[0].case.target

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
        """The results, without their numbers."""
        _ = self.samples  # must be read while the numbers still exist
        return [result for one in self.own for result in one.results]

    @cached_property
    def before(self) -> list[Result]:
        """The results of earlier checks."""
        return [result for one in self.earlier for result in one.results]

    @cached_property
    def _by_case(self) -> dict[str, Asked]:
        return {one.case.key: one for one in (*self.earlier, *self.own)}

    def effects(self, key: str, hypothesis: str) -> Effect:
        """Return which results of a case a hypothesis makes wrong, and what they become."""
        one = self._by_case[key]
        return self.oracle.effects(one.case, self.seed, one.problem, hypothesis)

    def only(self, keys: Sequence[str]) -> Draw:
        """Return the draw restricted to some of its own cases."""
        return replace(self, own=[one for one in self.own if one.case.key in keys])

    def parts(self) -> Iterator[tuple[str, list[str]]]:
        """Yield groups of cases that may have a separate explanation: a description and their keys.

        The groups are the cases with right values, if some values are wrong, and the cases that
        share a non-numeric setting, such as a mode. A group must be large enough to prove
        something.
        """
        for where, keys in self._parts():
            sizes = {x.inputs for one in self.own if one.case.key in keys for x in one.results}
            if len(sizes) >= SIZES and len(keys) < len(self.own):
                yield where, keys

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        values: dict[str, bool] = {}
        for one in self.earlier:
            right = all(result.correct for result in one.results)
            values[one.case.name] = right and values.get(one.case.name, True)
        if not all(values.values()):
            fine = [one.case.key for one in self.own if values.get(one.case.name, False)]
            yield FORWARD_RIGHT, fine
        settings = dict.fromkeys(name for x in self.samples for name in x.settings if "=" in name)
        for setting in settings:
            keys = dict.fromkeys(x.case for x in self.samples if setting in x.settings)
            yield f"with {setting}", list(keys)
