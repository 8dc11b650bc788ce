"""Count how many mistakes outside the catalogue are explained anyway: named, or related.

Takes a folder of wrong submissions in the catalogue's format, whose settings `truth` (and `truth2`)
say what is wrong. Prints one row per submission; with --messages, also everything a student reads,
for comparison with the truth.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from grader.answers import Entry, choose, entries
from grader.launching import starter
from grader.limits import Limits
from grader.report.messages import explain
from grader.running import examine
from grader.submission import Submission
from grader.verdict import CheckResult, Verdict
from tests.homework import ASSIGNMENT

UNLISTED = Path(__file__).parent.parent / "tests" / "submissions" / "unlisted"
LIMITS = Limits(call=10.0, check=60.0)
# Whatever waits for something else, or is right, needs no explanation.
QUIET = (Verdict.PASSED, Verdict.BLOCKED)


def outcome(results: dict[str, CheckResult]) -> str:
    """Return the best explanation of a submission: the kind of a finding, or else what it did."""
    kinds = [one.kind for result in results.values() for one in result.findings]
    verdicts = [x.verdict.value for x in results.values() if x.verdict not in QUIET]
    return next((kind for kind in ("mistake", "relation", "edit") if kind in kinds), "") or (
        "raised" if "raised" in verdicts else "located" if verdicts else "not caught"
    )


def show(entry: Entry, results: dict[str, CheckResult]) -> None:
    """Print what is wrong, and everything the report says about it."""
    for name, text in entry.verdicts.items():
        print(f"  {name}: {text}")
    for check, result in results.items():
        if result.verdict not in QUIET:
            print(f"  -- {check}: {result.verdict.value}\n{explain(result)}")


def main() -> None:
    """Grade all submissions in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=UNLISTED / "second")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--messages", action="store_true")
    asked = parser.parse_args()
    oracle, workers, counts = choose(ASSIGNMENT, "live"), starter(), Counter[str]()
    for entry in entries(asked.folder):
        (target,) = (x for x in ASSIGNMENT.rubric if x.name == entry.target)
        submission = Submission(entry.files(ASSIGNMENT.folders.reference), entry.id)
        started = time.perf_counter()
        results = examine(ASSIGNMENT, submission, target, asked.seed, oracle, workers, LIMITS)
        took, what = time.perf_counter() - started, outcome(results)
        counts[what] += 1
        print(f"{what:10} {took:5.2f} s  {entry.id}: {entry.title}")
        if asked.messages:
            show(entry, results)
    workers.close()
    print(f"{sum(counts.values())} submissions: {dict(counts)}")


if __name__ == "__main__":
    main()
