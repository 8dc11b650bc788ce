"""The mistakes of a class that the numbers prove: each with how many made it."""

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
        sentences: what students read; several are alternatives that no number tells apart.
        question: its number.
        target: such as "activations.ReLU".
        checks: that it was proven in.
        failures: that it was proven for.
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
    """Return all mistakes that are named, the most common first.

    One that is proven in several checks of a question is one mistake.
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
    """Yield each mistake of a diagnosis: a sentence, and those that "Or: " joins to it."""
    group: list[str] = []
    for line in filter(None, diagnosis.splitlines()):
        if group and not line.startswith(OR):
            yield tuple(group)
            group = []
        group.append(line.removeprefix(OR))
    if group:
        yield tuple(group)
