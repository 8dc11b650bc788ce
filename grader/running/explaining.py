"""Explaining wrong numbers: known mistakes first, then what nobody listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from grader.answers import Effect, Oracle
from grader.judging import Hypotheses, wrong_names
from grader.verdict import Finding

from .asked import Asked


def explained(
    history: Sequence[Asked], check: str, oracle: Oracle, seed: int, unknown: str = ""
) -> tuple[Finding, ...]:
    """Say what the results of a check prove, in the light of those before it.

    Args:
        history: what a target was asked, check after check.
        check: whose results are to be explained.
        oracle: knows the mistakes.
        seed: of the problems.
        unknown: a mistake to leave out, as if the catalogue did not have it.
    """
    own = [one for one in history if one.case.check == check]
    results = [result for one in own for result in one.results]
    names = wrong_names(results)
    if not names:
        return ()  # before the catalogue is read
    by_case = {one.case.key: one for one in history}

    def effects(key: str, hypothesis: str) -> Effect:
        one = by_case[key]
        return oracle.effects(one.case, seed, one.problem, hypothesis)

    target = own[0].case.target
    known = {i: text for i, text in oracle.known(target).items() if i != unknown}
    earlier = takewhile(lambda one: one.case.check != check, history)
    before = [result for one in earlier for result in one.results]
    mistakes = Hypotheses(known, effects)
    whole = mistakes.of_all(results, before)
    if whole is not None:
        return (whole,)
    found = {name: mistakes.of_group(results, name, before) for name in names}
    return _joined(x for x in found.values() if x is not None)


def _joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Join the findings that say the same of several results."""
    joined: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in findings:
        joined.setdefault((one.kind, one.sentences), []).extend(one.results)
    return tuple(
        Finding(sentences, tuple(names), kind) for (kind, sentences), names in joined.items()
    )
