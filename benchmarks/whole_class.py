"""Measuring a whole class: `make class-benchmark N=1000` (Linux).

`python benchmarks/whole_class.py [COUNT]` makes a class of COUNT (default 600) submissions, no two
the same: the reference, mistakes from the catalogue, correct variants, and hostile code that does
not hang. It grades them with `grader class` and prints, for every tenth of them, submissions per
second, how busy the cores were, and the memory of the command and of its graders.

Before that, it grades some of them ROUNDS times in turn: with `grader class`, with a loop of
`grader grade`, and with a loop of plain tests of the same classes, `pytest benchmarks/bare`, in
one process each. The plain tests train nothing, confine nothing and explain nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from processes import TICK, children, resident

from grader.paths import ROOT
from tests import catalogue
from tests.wall.corpus import attacks

COUNT, SOME, ROUNDS = 600, 12, 3
PYTHON = [sys.executable, "-m"]


def submissions(seed: int = 0) -> Iterator[Mapping[str, bytes]]:
    """Yield submissions forever, no two the same: of every eight, four are correct."""
    draw = random.Random(seed)
    mistaken = [*catalogue.entries("mistaken")]
    honest = [*catalogue.entries("honest")]
    hostile = [one for one in attacks() if not one.slow]
    for row in (mistaken, honest, hostile):
        draw.shuffle(row)
    reference = catalogue.reference_files()
    kinds: tuple[Iterator[Callable[[], Mapping[str, bytes]]], ...] = (
        itertools.repeat(lambda: reference),
        (lambda one=one: one.files(ROOT / "reference") for one in itertools.cycle(mistaken)),
        (lambda one=one: one.files(ROOT / "reference") for one in itertools.cycle(honest)),
        (lambda one=one: one.files() for one in itertools.cycle(hostile)),
    )
    order = (0, 1, 2, 1, 0, 1, 2, 3)
    for number, kind in enumerate(itertools.cycle(order)):
        files = dict(next(kinds[kind])())
        files["activations.py"] = files["activations.py"] + f"\n# {number}\n".encode()
        yield files


def write(folder: Path, count: int) -> None:
    """Write a class of `count` students into a folder."""
    for number, files in enumerate(itertools.islice(submissions(), count)):
        for name, content in files.items():
            path = folder / f"s{number:05}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def class_command(source: Path, folder: Path) -> list[str]:
    """Return the command that grades a class."""
    words = ["grader", "class", str(source), "--folder", str(folder), "--seed", "1"]
    return [*PYTHON, *words, "--reports", "none"]


def busy() -> tuple[float, float]:
    """Return the seconds that all cores were busy, and the total seconds, since boot."""
    line = Path("/proc/stat").read_text("utf-8").splitlines()[0]
    times = [int(word) * TICK for word in line.split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times)


def graded(store: Path) -> int:
    """Return how many submissions have been graded."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as found:
            return int(found.execute("SELECT count(*) FROM gradings").fetchone()[0])
    except sqlite3.OperationalError:  # does not exist yet
        return 0


def memory(command: int) -> tuple[float, float]:
    """Return the MB of the command, and of its largest grader."""
    found = []
    for pid in children(command):
        with contextlib.suppress(OSError, ValueError):
            found.append(resident(pid))
    return resident(command), max(found, default=0.0)


def many(count: int) -> None:
    """Grade a class; print one row for every tenth of it."""
    with tempfile.TemporaryDirectory() as place:
        source, folder = Path(place) / "source", Path(place) / "class"
        write(source, count)
        print(f"\n{count:,} submissions, {os.cpu_count()} cores\n")
        print("| graded | per second | cores busy | MB: command | grader |\n|---|---|---|---|---|")
        start = time.monotonic()
        with subprocess.Popen(
            class_command(source, folder), cwd=ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as command:  # fmt: skip
            before, since, cores = 0, start, busy()
            for goal in [count * part // 10 for part in range(1, 11)]:
                while (done := graded(folder / "class.db")) < goal and command.poll() is None:
                    time.sleep(0.5)
                now, cores_now = time.monotonic(), busy()
                share = (cores_now[0] - cores[0]) / (cores_now[1] - cores[1])
                rate, sizes = (done - before) / (now - since), memory(command.pid)
                print(f"| {done:,} | {rate:.2f} | {100 * share:.0f} % "
                      f"| {sizes[0]:.0f} | {sizes[1]:.0f} |", flush=True)  # fmt: skip
                before, since, cores = done, now, cores_now
            written = time.monotonic()
            assert command.wait() == 0
        size = (folder / "class.db").stat().st_size / 1e6
        print(f"\n{count / (time.monotonic() - start):.2f} per second in all; reading, and writing "
              f"what comes out (the last {time.monotonic() - written:.1f} s), included. "
              f"The store has {size:.1f} MB.")  # fmt: skip


def loops() -> None:
    """Print submissions per second for a class, and for two loops, run alternately."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "source"
        write(source, SOME)
        bare = [*PYTHON, "pytest", "-q", "-p", "no:cacheprovider", "benchmarks/bare"]
        out = Path(place) / "results.json"
        grade = [[*PYTHON, "grader", "grade", str(one), "--seed", "1", "--out", str(out)]
                 for one in sorted(source.iterdir())]  # fmt: skip
        for number in range(ROUNDS):
            kinds = {
                "`grader class`": [class_command(source, Path(place) / f"class{number}")],
                "a loop of `grader grade`": grade,
                "a loop of `pytest benchmarks/bare`": [bare] * SOME,
            }
            for name, commands in kinds.items():
                start = time.monotonic()
                for command in commands:
                    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
                times.setdefault(name, []).append(time.monotonic() - start)
    print(f"\n| {SOME} submissions | per second | ratio |\n|---|---|---|")
    medians = {name: SOME / statistics.median(took) for name, took in times.items()}
    for name, rate in medians.items():
        ratio = rate / medians["a loop of `grader grade`"]
        print(f"| {name} | {rate:.2f} | {ratio:.1f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure how a class is graded.")
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    wanted = parser.parse_args()
    loops()
    many(wanted.count)
