"""The mistakes of a class that the numbers prove: each with how many students made it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from grader.course.store import Store

from .failures import Failure, Owners, failures

OR = "Or: "


@dataclass(frozen=True)
class Mistake:
    """A named mistake.

    Args:
        sentences: what students read; several are alternatives that no number can tell apart.
        question: its number.
        target: such as "activations.ReLU".
        checks: the checks that proved it.
        failures: the failures that it explains.
        owners: whose they are.
    """

    sentences: tuple[str, ...]
    question: str
    target: str
    checks: tuple[str, ...]
    failures: tuple[Failure, ...]
    owners: Owners

    @property
    def size(self) -> int:
        """Return how many submissions made it."""
        return len(self.owners.submissions)


def mistakes(store: Store, run: int) -> list[Mistake]:
    """Return all named mistakes, the most common first.

    A mistake that is proven in several checks of a question counts as one.
    """
    found: dict[tuple[str, tuple[str, ...]], list[Failure]] = defaultdict(list)
    for one in failures(store, run):
        for sentences in alternatives(one.diagnosis):
            found[one.target, sentences].append(one)
    named = [
        Mistake(
            sentences, alike[0].question, target, tuple(dict.fromkeys(x.check for x in alike)),
            tuple(alike), Owners.of([one.owners for one in alike]),
        )
        for (target, sentences), alike in found.items()
    ]  # fmt: skip
    return sorted(named, key=lambda mistake: -mistake.size)


def alternatives(diagnosis: str) -> Iterator[tuple[str, ...]]:
    """Yield each mistake in a diagnosis: a sentence, with any alternatives joined by "Or: "."""
    group: list[str] = []
    for line in filter(None, diagnosis.splitlines()):
        if group and not line.startswith(OR):
            yield tuple(group)
            group = []
        group.append(line.removeprefix(OR))
    if group:
        yield tuple(group)
