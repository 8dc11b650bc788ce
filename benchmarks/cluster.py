"""Measure submissions per second on a Dask cluster on this machine, versus graders without Dask.

Takes the number of submissions; all are correct, and no two the same. Trainings are left out.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from grader.course.cluster import Cluster
from grader.course.grading import Engine, Local, Setup
from grader.course.store.contents import packed
from grader.submission import Submission
from tests.catalogue import reference_files
from tests.clusters import Processes
from tests.homework import RUBRIC

SETUP = Setup("", 0, "any")
TARGETS = tuple(target.name for target in RUBRIC if target.is_class)


def rate(engine: Engine, contents: dict[str, bytes]) -> float:
    """Return how many submissions are graded per second, once the graders are ready."""
    try:
        engine.ready()
        started = time.perf_counter()
        count = sum(not one.problem for one in engine.graded([(x, TARGETS) for x in contents]))
        assert count == len(contents)
        return count / (time.perf_counter() - started)
    finally:
        engine.close()


def main() -> None:
    """Print a line for one and for two graders, without and with Dask."""
    contents = {}
    for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 60):
        files = reference_files()
        files["activations.py"] += f"\n# {number}\n".encode()
        contents.update([packed(Submission(files, "right"))])
    with tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True) as folder:
        processes = Processes(Path(folder))
        try:
            for count in (1, 2):
                processes.worker("--no-nanny")
                alone = rate(Local(SETUP, count, contents.__getitem__), contents)
                dask = rate(Cluster(SETUP, processes.address, contents.__getitem__), contents)
                ratio = f"{dask / alone:.0%} of the rate without"
                print(f"{count} graders: {alone:.2f} per second, with Dask {dask:.2f}: {ratio}")
        finally:
            processes.end()


if __name__ == "__main__":
    main()
