"""Where the time of a whole grade goes, on both sides of the wall: `make profile` (Linux).

- The grader: `grader grade reference` with timers around what it calls (listed in `timers.py`); of
  several runs, the one with the median wall time. Waiting is wall time without CPU: for workers,
  for the launcher, and on a busy machine for a processor.
- The launcher and its workers in the same run, by the CPU time that Linux counted.
- Stages: one worker after another, and the programs of all cases, in this process.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from processes import children, cpu
from timers import IMPORTS, OTHER, WRAPPED

from grader.assignment import Case, Target, load
from grader.isolation import Sandbox
from grader.launching import starter
from grader.limits import Limits
from grader.paths import HOMEWORK, ROOT
from grader.program import Call, Program
from grader.submission import find, staging

ASSIGNMENT = load(HOMEWORK)
ROUNDS, WORKERS = 5, 30
STARTED, ENDED = "Python's start", "Python's end"
ROWS = [
    STARTED,
    *(f"imports: {package}" for package in dict.fromkeys(IMPORTS.values())),
    *WRAPPED,
    OTHER,
    ENDED,
]


def whole(folder: Path) -> dict[str, Any]:
    """Grade once with timers and once without; return the rows: calls, wall and CPU seconds."""
    words = ["grade", "reference", "--seed", "0"]
    words += ["--out", f"{folder}/results.json", "--html", f"{folder}/report.html"]
    timers, rows = Path(__file__).with_name("timers.py"), folder / "timers.json"
    start, before = time.monotonic(), _waited()
    _finish(str(timers), str(rows), *words)
    end, used = time.monotonic(), _waited() - before
    _finish("-m", "grader", *words)
    found: dict[str, Any] = json.loads(rows.read_text("utf-8"))
    found["rows"][STARTED][1] -= start
    found["rows"][ENDED] = [1, end - found["ended"], used - found["used"]]
    return found | {"wall": end - start, "plain": time.monotonic() - end}


def _finish(*words: str) -> None:
    command = [sys.executable, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def _waited() -> float:
    """Return the CPU seconds of all children that have ended."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def grader() -> None:
    """Print where the grader's own time goes, and how much its launcher and workers used."""
    with tempfile.TemporaryDirectory() as folder:
        runs = sorted((whole(Path(folder)) for _ in range(ROUNDS)), key=lambda run: run["wall"])
    run = runs[ROUNDS // 2]
    print("| the grader | calls | wall ms | CPU ms | waiting ms |\n|---|---|---|---|---|")
    for row in ROWS:
        calls, wall, used = run["rows"].get(row, (0, 0.0, 0.0))
        shown = "" if row.startswith("imports") else f"{calls:.0f}"
        print(f"| {row} | {shown} | {_ms(wall)} | {_ms(used)} | {_ms(max(wall - used, 0.0))} |")
    used = sum(row[2] for row in run["rows"].values())
    waiting = _ms(max(run["wall"] - used, 0.0))
    print(f"| all | | {_ms(run['wall'])} | {_ms(used)} | {waiting} |")
    plain = statistics.median(run["plain"] for run in runs)
    print(f"| the same without timers (median) | | {_ms(plain)} | | |")
    ready, end = run["launcher"]["ready"], run["launcher"]["at the end"]
    print("\n| the launcher and its workers, in the same run | CPU ms |\n|---|---|")
    print(f"| the launcher: its start, until it is ready | {_ms(sum(ready))} |")
    print(f"| the launcher: its work from then on | {_ms(end[0] - ready[0])} |")
    print(f"| all workers | {_ms(end[1] - ready[1])} |")


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"


def stages() -> None:
    """Print the stages of a launcher and of one worker, then all programs in a grade."""
    print("\n| the worker's side | times | wall ms | CPU ms of launcher and workers |")
    print("|---|---|---|---|")
    started = [_started() for _ in range(ROUNDS)]
    wall, used = (_ms(statistics.median(found)) for found in zip(*started, strict=True))
    print(f"| the launcher: until it is ready (median) | {ROUNDS} | {wall} | {used} |")
    workers = starter()
    (launcher,) = children(os.getpid())
    with staging(ASSIGNMENT, find(ASSIGNMENT.folders.reference, ASSIGNMENT)) as staged:

        def sandbox(target: Target) -> Sandbox:
            return Sandbox(workers, staged.stage(target), target.module, Limits())

        (target,) = (x for x in ASSIGNMENT.rubric if x.name == "layers.FullyConnected")
        before, times = sum(cpu(launcher)), [_stages(sandbox(target)) for _ in range(WORKERS)]
        names = ("a worker: forked, confined, ready", "its import of the submission", "its end")
        for name, taken in zip(names, zip(*times, strict=True), strict=True):
            print(f"| {name} (median) | {WORKERS} | {_ms(statistics.median(taken))} | |")
        used = (sum(cpu(launcher)) - before) / WORKERS
        print(f"| these three (mean) | {WORKERS} | {_ms(sum(map(sum, times)) / WORKERS)} "
              f"| {_ms(used)} |")  # fmt: skip
        _programs(sandbox, launcher, used)
    workers.close()


def _started() -> tuple[float, float]:
    """Return the seconds and the CPU seconds until a launcher is ready."""
    start, workers = time.perf_counter(), starter()
    assert workers.isolation.level  # asking for it waits for the launcher
    wall, (launcher,) = time.perf_counter() - start, children(os.getpid())
    used = sum(cpu(launcher))
    workers.close()
    return wall, used


def _stages(sandbox: Sandbox) -> tuple[float, float, float]:
    """Return the seconds until a worker is ready, for its import, and for its shutdown."""
    start = time.perf_counter()
    _run(sandbox, ())
    imported = time.perf_counter()
    sandbox.close()
    return sandbox.waited, imported - start - sandbox.waited, time.perf_counter() - imported


def _programs(sandbox: Callable[[Target], Sandbox], launcher: int, worker: float) -> None:
    """Print the time to answer all programs, by kind; `worker` is the CPU time of an idle one."""
    for kind in ("calls that are not counted", "calls that are counted", "a training"):
        before, used, wall, count = sum(cpu(launcher)), 0.0, 0.0, 0
        for target in ASSIGNMENT.rubric:
            cases = [case for case in ASSIGNMENT.cases if case.target == target.name]
            programs = [x.problem(0).program for x in cases if _kind(x) == kind]
            if not programs:
                continue
            box = sandbox(target)
            _run(box, ())
            start = time.perf_counter()
            for program in programs:
                _run(box, program)
            wall, count, used = wall + time.perf_counter() - start, count + len(programs), used + 1
            box.close()
        spent = sum(cpu(launcher)) - before - used * worker
        print(f"| answering: {kind} | {count} | {_ms(wall)} | {_ms(spent)} |")


def _kind(case: Case) -> str:
    """Return what a case requests from a worker."""
    if case.check == "training":
        return "a training"
    counted = any(isinstance(x, Call) and x.count for x in case.problem(0).program)
    return "calls that are counted" if counted else "calls that are not counted"


def _run(sandbox: Sandbox, program: Program) -> None:
    run = sandbox.run(program, time.monotonic() + 60, Limits().training)
    assert run.failure is None, run.failure


if __name__ == "__main__":
    grader()
    stages()
