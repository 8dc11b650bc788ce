"""What explanations cost: the same submission graded with and without them, alternately.

Takes the reference, in which nothing is wrong, and a submission with an uncatalogued mistake in
every class, which needs the most explanation. Prints the time for all classes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from grader.answers import Entry, choose, entries, module_files, spliced
from grader.launching import Starter, starter
from grader.limits import Limits
from grader.running import examine
from grader.submission import Submission
from tests.homework import ASSIGNMENT

UNLISTED = Path(__file__).parent.parent / "tests" / "submissions" / "unlisted"
LIMITS = Limits(call=10.0, check=60.0)


def all_wrong(known: Iterable[Entry], which: int) -> Submission:
    """Return the reference with a mistake in every class that some mistakes are about."""
    files = module_files(ASSIGNMENT.folders.reference)
    by_target: dict[str, list[Entry]] = {}
    for entry in known:
        by_target.setdefault(entry.target, []).append(entry)
    for found in by_target.values():
        entry = found[which % len(found)]
        name = f"{entry.module}.py"
        files[name] = spliced(files[name].decode(), entry.code).encode()
    return Submission(files, ".", source=f"all wrong, {which}")


def seconds(submission: Submission, workers: Starter, explains: bool) -> float:
    """Grade all classes once; return the time."""
    oracle, taken = choose(ASSIGNMENT, "live"), 0.0
    for target in ASSIGNMENT.rubric:
        if target.is_class:
            started = time.perf_counter()
            examine(ASSIGNMENT, submission, target, 77, oracle, workers, LIMITS, explains=explains)
            taken += time.perf_counter() - started
    return taken


def main() -> None:
    """Grade every submission with and without explanations, alternately."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", type=int, default=3, help="of submissions with mistakes")
    asked, workers = parser.parse_args(), starter()
    known = entries(UNLISTED / "first")
    right = Submission(module_files(ASSIGNMENT.folders.reference), ".", source="nothing wrong")
    wrong = [all_wrong(known, number) for number in range(asked.kinds)]
    for submission in (right, *wrong):
        times: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(asked.rounds):
            for explains, found in times.items():
                found.append(seconds(submission, workers, explains))
        more, less = (statistics.median(times[explains]) for explains in (True, False))
        print(
            f"{submission.source}: {less:.2f} s, with explanations {more:.2f} s, x{more / less:.2f}"
        )
    workers.close()


if __name__ == "__main__":
    main()
