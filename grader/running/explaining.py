"""Explaining wrong numbers: known mistakes first, then patterns that the catalogue lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import takewhile
from math import inf

from grader.answers import Oracle
from grader.assignment import Case
from grader.judging import Hypotheses, Relation, multiple, relate, verified, wrong_names
from grader.verdict import EDIT, MISTAKE, RELATION, Finding

from .asked import Asked, CaseRun
from .draws import Draw
from .samples import by_result

# Asks a case again with other inputs; None if that is not possible.
Again = Callable[[Case], CaseRun | None]
# Looks for an explanation of a draw.
Find = Callable[[Hypotheses, Draw], Finding | None]
# Maximum cost of a relation that says more than an edit.
SIMPLE = 2


def explained(
    history: Sequence[Asked],
    check: str,
    oracle: Oracle,
    seed: int,
    again: Again = lambda _: None,
    unknown: str = "",
) -> tuple[Finding, ...]:
    """Say what the results of a check prove, taking earlier checks into account.

    An explanation of all results, or of all those with one name, comes first; the rest may be
    explained in some of the cases.

    Args:
        history: what the target was asked, check by check.
        check: the check whose results are to be explained.
        oracle: knows the mistakes.
        seed: the seed of the problems.
        again: asks a case again; where it cannot, no relation is claimed.
        unknown: a mistake to leave out, as if it were not in the catalogue.
    """
    own = [one for one in history if one.case.check == check]
    earlier = takewhile(lambda one: one.case.check != check, history)
    draw = Draw(own, [*earlier], oracle, seed)
    missing = wrong_names(draw.results)
    if not missing:
        return ()  # avoids reading the catalogue
    known = {i: text for i, text in oracle.known(draw.target).items() if i != unknown}
    second = cache(partial(_second, draw, again))
    found = _Part(draw, second, known).findings(missing)
    missing = tuple(name for name in missing if not any(one.is_about(name) for one in found))
    for where, keys in draw.parts() if missing else ():
        part = draw.only(keys)
        names = [name for name in wrong_names(part.results) if name in missing]
        of_second = partial(_only, second, keys)
        said = [replace(one, where="") for one in found]
        more = _Part(part, of_second, known, where).findings(names) if names else []
        found += [one for one in more if replace(one, where="") not in said]
    return tuple(found)


def _second(draw: Draw, again: Again) -> Draw | None:
    """Return the same check with other inputs; None if a case cannot be asked again."""
    seed, found = draw.oracle.other_seed(draw.seed), list[Asked]()
    for one in draw.own if seed is not None else ():
        once_more = again(one.case)
        if once_more is None:
            return None
        found.append(Asked(replace(once_more, waiting=one.waiting)))
    return None if seed is None else Draw(found, [], draw.oracle, seed, draw.before)


def _only(second: Callable[[], Draw | None], keys: Sequence[str]) -> Draw | None:
    draw = second()
    return None if draw is None else draw.only(keys)


@dataclass(frozen=True)
class _Part:
    """Cases of a check that may have a separate explanation.

    Args:
        draw: the cases as they were judged.
        second: returns the same cases with other inputs; None if a case cannot be asked again.
        known: the sentences of the known mistakes.
        where: a description of the cases; "" for all of them.
    """

    draw: Draw
    second: Callable[[], Draw | None]
    known: Mapping[str, str]
    where: str = ""
    _relations: dict[str, list[Relation]] = field(default_factory=dict)

    def findings(self, names: Sequence[str]) -> list[Finding]:
        """Return what explains the results of several names together, or else one by one."""
        together = set(names) >= set(wrong_names(self.draw.results))
        whole = self._mistaken(_of_all) if together else None
        found = _Found([] if whole else names)
        found.add(lambda name: self._mistaken(partial(_of_group, name)))
        named = bool(found)
        found.add(partial(self._related, most=SIMPLE))
        if found.missing and together and not named:
            whole = self._edited(_of_all)
        if whole is None:
            found.add(lambda name: self._edited(partial(_of_group, name)))
            found.add(self._related)
            found.add(lambda name: self._mistaken(partial(_multiple, name)))
            found.add(lambda name: self._edited(partial(_multiple, name)))
        return [replace(one, where=self.where) for one in ([whole] if whole else found.joined())]

    def _mistaken(self, find: Find) -> Finding | None:
        return self._hypothesis(find, self.known, MISTAKE)

    def _edited(self, find: Find) -> Finding | None:
        return self._hypothesis(find, self.draw.oracle.edits(self.draw.target), EDIT)

    def _hypothesis(self, find: Find, known: Mapping[str, str], kind: str) -> Finding | None:
        """Return the hypothesis that explains this draw.

        If the effects of hypotheses are recorded for another draw, only the hypotheses that explain
        that one as well are run, because running all of them is slow. There are too many edits to
        run without such a recording.
        """
        draw, found = self.draw, None
        if draw.oracle.edit_seed(draw.seed) == draw.seed:
            draws = [draw]
        else:
            second = self.second()
            if second is None and kind == EDIT:
                return None
            draws = [draw] if second is None else [second, draw]
        for each in draws:
            found = find(Hypotheses(known, each.effects, kind), each)
            if found is None:
                return None
            known = {i: text for i, text in known.items() if text in found.sentences}
        return found

    def _related(self, name: str, most: float = inf) -> Finding | None:
        """Return how the results of one name relate to the right ones, if two draws show it.

        Args:
            name: the name of the results.
            most: the maximum cost of the relation.
        """
        if name not in self._relations:
            self._relations[name] = self._verified(name)
        held = [one for one in self._relations[name] if one.cost <= most]
        sentences = tuple(dict.fromkeys(one.sentence for one in held))
        return Finding(sentences, (name,), RELATION, apart=True) if held else None

    def _has_all(self, name: str) -> bool:
        """Tell whether all results of a name have numbers, except for those that are waiting."""
        due = [x for x in self.draw.results if x.group == name and x.judged]
        return {(x.case, x.name) for x in due} <= self.draw.sized.keys()

    def _verified(self, name: str) -> list[Relation]:
        found = []
        for samples in by_result(self.draw.samples):
            own = any(sample.spec.original == name for sample in samples)
            relations = relate(samples) if own and self._has_all(name) else []
            second = self.second() if relations else None
            if second is not None:
                again = [one for one in second.samples if one.source == samples[0].source]
                found += verified(relations, again) if len(again) == len(samples) else []
        return found


def _of_all(hypotheses: Hypotheses, draw: Draw) -> Finding | None:
    return hypotheses.of_all(draw.results, draw.before, draw.counted)


def _of_group(name: str, hypotheses: Hypotheses, draw: Draw) -> Finding | None:
    return hypotheses.of_group(draw.results, name, draw.before)


def _multiple(name: str, hypotheses: Hypotheses, draw: Draw) -> Finding | None:
    return multiple(hypotheses, draw.results, draw.sized, name, draw.before)


class _Found:
    """The findings for the results of every name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found: dict[str, Finding | None] = dict.fromkeys(names)

    def __bool__(self) -> bool:
        return any(self._found.values())

    @property
    def missing(self) -> list[str]:
        """The names of the results without a finding."""
        return [name for name, finding in self._found.items() if finding is None]

    def add(self, find: Callable[[str], Finding | None]) -> None:
        """Search for findings for the names that are still missing one."""
        self._found |= {name: find(name) for name in self.missing}

    def joined(self) -> list[Finding]:
        """Return the findings; identical findings for several results are merged."""
        joined: dict[Finding, list[str]] = {}
        for one in filter(None, self._found.values()):
            joined.setdefault(replace(one, results=()), []).extend(one.results)
        return [replace(one, results=tuple(names)) for one, names in joined.items()]
