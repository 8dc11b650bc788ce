"""Grading one submission after another in a long-lived process: `make resident` (Linux).

`python benchmarks/resident.py [COUNT] [--fresh]` grades COUNT (default 1,000) submissions with one
launcher and one oracle. They cycle through the reference, the stubs, and the reference with a known
mistake, a new one each time. All have the same seed, as in a class; with `--fresh`, each has its
own. For every 100, it prints the wall and CPU seconds per submission, and the resident memory of
this process and of the launcher; at the end, how much the memory grew per submission after the
first 100.

`python benchmarks/resident.py --reference [--fresh]` prints what grading the reference costs in
such a process, with and without the trainings.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from processes import children, cpu, resident

from grader.answers import Oracle, choose, entries
from grader.assignment import Target, load
from grader.judging import Grade
from grader.launching import Kept, starter
from grader.paths import HOMEWORK
from grader.running import grade
from grader.submission import Submission, find
from grader.verdict import Verdict

ASSIGNMENT = load(HOMEWORK)
COUNT, EVERY, ROUNDS = 1000, 100, 21


@dataclass
class Grader:
    """A long-lived process, and its launcher."""

    workers: Kept = field(default_factory=lambda: Kept(starter()))
    oracle: Oracle = field(default_factory=lambda: choose(ASSIGNMENT, "live"))

    def grade(
        self, submission: Submission, seed: int, targets: Sequence[Target] | None = None
    ) -> Grade:
        """Grade a submission; the grader must not fail."""
        found = grade(ASSIGNMENT, submission, self.oracle, targets, seed, workers=self.workers)
        assert all(x.result.verdict is not Verdict.HARNESS_FAULT for x in found.lines)
        return found

    @property
    def launcher(self) -> int:
        """The launcher's process id."""
        (found,) = children(os.getpid())
        return found

    def used(self) -> tuple[float, float, float]:
        """Return wall seconds, and CPU seconds of this process and of the launcher and workers."""
        return time.perf_counter(), time.process_time(), sum(cpu(self.launcher))


def submissions() -> Iterator[Submission]:
    """Yield the reference, the stubs and a mistake, in turn, forever."""
    folders = ASSIGNMENT.folders
    kinds = [find(folder, ASSIGNMENT) for folder in (folders.reference, folders.student)]
    for entry in itertools.cycle(entries(folders.mistakes)):
        yield from kinds
        yield Submission(entry.files(folders.reference), entry.id)


def many(count: int, fresh: bool) -> None:
    """Grade many; print how long every 100 took, and how much memory they left behind."""
    grader, memory = Grader(), list[tuple[int, float, float]]()
    print("| submissions | s each | CPU ms each: grader | launcher, workers "
          "| MB: grader | launcher |\n|---|---|---|---|---|---|")  # fmt: skip
    before = grader.used()
    for number, submission in enumerate(itertools.islice(submissions(), count), 1):
        grader.grade(submission, number if fresh else 0)
        if number % EVERY == 0 or number == count:
            now, done = grader.used(), (number - 1) % EVERY + 1
            wall, own, theirs = ((b - a) / done for a, b in zip(before, now, strict=True))
            memory.append((number, resident(os.getpid()), resident(grader.launcher)))
            _, ours, launcher = memory[-1]
            print(f"| {number:,} | {wall:.2f} | {1000 * own:.0f} | {1000 * theirs:.0f} "
                  f"| {ours:.1f} | {launcher:.1f} |", flush=True)  # fmt: skip
            before = now
    grader.workers.end()
    first, last = memory[0], memory[-1]
    if last[0] > first[0]:
        grown = (1024 * (b - a) / (last[0] - first[0]) for a, b in zip(first, last, strict=True))
        _, ours, launcher = grown
        print(f"\nMemory for every submission after the first {first[0]}: "
              f"{ours:+.1f} KB of the grader, {launcher:+.1f} KB of the launcher.")  # fmt: skip


def reference(fresh: bool) -> None:
    """Print the medians of grading the reference, alternately with and without the trainings."""
    grader, submission = Grader(), find(ASSIGNMENT.folders.reference, ASSIGNMENT)
    kinds: dict[str, list[Target]] = {
        "all questions": list(ASSIGNMENT.rubric),
        "no training": [target for target in ASSIGNMENT.rubric if target.is_class],
    }
    times: dict[str, list[tuple[float, ...]]] = {name: [] for name in kinds}
    for number in range(ROUNDS + 1):
        for name, targets in kinds.items():
            before = grader.used()
            found = grader.grade(submission, number if fresh else 0, targets)
            assert found.score == sum(line.points for line in found.lines)
            pairs = zip(before, grader.used(), strict=True)
            times[name].append(tuple(b - a for a, b in pairs))
    grader.workers.end()
    print("| the reference, in a warm process | median s | CPU ms: grader "
          "| launcher, workers |\n|---|---|---|---|")  # fmt: skip
    for name, took in times.items():
        wall, own, theirs = map(statistics.median, zip(*took[1:], strict=True))
        print(f"| {name} | {wall:.2f} | {1000 * own:.0f} | {1000 * theirs:.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Grade in one process that stays.")
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    parser.add_argument("--fresh", action="store_true", help="a seed of its own for every grade")
    parser.add_argument("--reference", action="store_true", help="only what the reference costs")
    words = parser.parse_args()
    if words.reference:
        reference(words.fresh)
    else:
        many(words.count, words.fresh)
