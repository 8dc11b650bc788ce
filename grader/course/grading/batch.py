"""Grading what is in a store: request what is missing, and write each result as it arrives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.assignment import Target
from grader.course.store import Entry, Graded, Run, Store

from .resident import Ready
from .scoring import Scorer

# Contents, and the names of the requested targets.
Wanted = tuple[str, tuple[str, ...]]


class Engine(Protocol):
    """Something that grades, on this machine or on many."""

    @property
    def name(self) -> str:
        """Return the name of the engine."""
        ...

    def ready(self) -> Ready:
        """Start; return what the first grader reports."""
        ...

    def graded(self, tasks: Sequence[Wanted]) -> Iterator[Graded]:
        """Grade; yield each outcome as it arrives."""
        ...

    def close(self) -> None:
        """End everything that was started."""
        ...


def wanted(
    store: Store,
    fingerprints: Mapping[str, str],
    entries: Sequence[Entry],
    targets: Sequence[Target],
) -> list[Wanted]:
    """Return what has to be graded: each contents once, and only what is not in the store."""
    done = store.done(fingerprints)
    contents = dict.fromkeys(x.contents for x in entries if x.contents is not None)
    found = []
    for hash_ in contents:
        missing = [
            target.name
            for target in targets
            if any((hash_, target.name, check) not in done for check in target.points)
        ]
        if missing:
            found.append((hash_, tuple(missing)))
    return found


@dataclass(frozen=True)
class Batch:
    """Grades the submissions in a store, and writes every result as it arrives."""

    store: Store
    run: Run
    scorer: Scorer
    fingerprints: Mapping[str, str]

    def grade(
        self,
        engine: Engine,
        tasks: Sequence[Wanted],
        entries: Sequence[Entry],
        told: Callable[[Graded], None] = lambda _: None,
    ) -> None:
        """Grade the requested tasks; afterward every submission has its lines and its grade.

        Args:
            engine: does the grading.
            tasks: what to grade.
            entries: the submissions whose grades are written.
            told: called with every result.
        """
        self.store.clear_run(self.run)
        given = [one for several in self.scorer.by_hand.values() for one in several]
        rows = ((x.student, x.question, x.points, x.reason) for x in given)
        self.store.keep_by_hand(self.run, rows)
        owners: dict[str, list[Entry]] = {}
        for entry in entries:
            owners.setdefault(entry.contents or "", []).append(entry)
        waiting = {contents for contents, _ in tasks}
        self._write(one for one in entries if one.contents not in waiting)
        for graded in engine.graded(tasks) if tasks else ():
            self.store.add_results(self.run, graded, self.fingerprints)
            self._write(owners[graded.contents])
            told(graded)
        self.scorer.write_others()

    def _write(self, entries: Collection[Entry] | Iterator[Entry]) -> None:
        for entry in entries:
            self.scorer.write(entry)
