"""How long a student waits after a save: `make watching`.

`grader watch` runs on a copy of the reference, and then of the stubs. After its first rounds, a
comment is added to a file, ten times; it measures the seconds from the write until the verdict on
the file's first class is printed, and until everything affected is graded, the trainings last.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.answers import module_files
from grader.assignment import Target, given_files, load, write_files
from grader.paths import HOMEWORK
from tests.watching import Watching

ASSIGNMENT = load(HOMEWORK)
SAVES = 10
FILES = ("activations.py", "losses.py")
LAST = ASSIGNMENT.find_targets(["train.digits"])[0]


def _row(target: Target) -> str:
    """Return the pattern of a target's row in the table."""
    return rf"(?m)^{re.escape(target.question)} +{re.escape(target.title)}"


# How the last round after a save ends: the trainings have their own round.
END = _row(LAST) + r"[\s\S]*^With what was graded before"


def saved(watching: Watching, file: Path) -> tuple[float, float]:
    """Save a file; return the seconds until the verdict on its first class, and until the end."""
    first = next(x for x in ASSIGNMENT.rubric if x.module == file.stem)
    start = time.monotonic()
    with file.open("a", encoding="utf-8") as stream:
        stream.write("# saved\n")
    watching.until(_row(first))
    verdict = time.monotonic() - start
    watching.until(END)
    return verdict, time.monotonic() - start


def main() -> None:
    """Print the medians."""
    kinds = {
        "the reference": {**given_files(ASSIGNMENT), **module_files(ASSIGNMENT.folders.reference)},
        "the stubs": given_files(ASSIGNMENT),
    }
    print("| watched | saved | its first class: median s | longest s | all that it concerns |")
    print("|---|---|---|---|---|")
    for kind, files in kinds.items():
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / "student"
            write_files(folder, files)
            watching = Watching(folder)
            try:
                watching.until(END)
                for name in FILES:
                    times = [saved(watching, folder / name) for _ in range(SAVES)]
                    verdicts, ends = zip(*times, strict=True)
                    print(f"| {kind} | {name} | {statistics.median(verdicts):.2f} "
                          f"| {max(verdicts):.2f} | {statistics.median(ends):.2f} |")  # fmt: skip
            finally:
                watching.end()


if __name__ == "__main__":
    main()
