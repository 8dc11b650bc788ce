"""Mutate the grader itself: `python -m tests.mutation.run SEED MINUTES [MODULES ...]`.

Mutants are drawn at random from the seed, taking the modules in turn, until the minutes are up;
each is tried with the tests that run the changed line. A survivor is a hole in the tests, unless
`survivors.txt` says why it is not.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate, chain, zip_longest
from pathlib import Path
from queue import SimpleQueue

from grader.paths import ROOT
from grader.proving.mutants import reasons

from .copies import Copy, can_sandbox, copy
from .covering import Covering, cover
from .mutated import Mutant, mutants_of, mutated, plain

SURVIVORS = Path(__file__).parent / "survivors.txt"
# Modules whose code runs in processes that are not traced, and the tests that start those.
BESIDE = {
    "grader/worker/": (
        "tests/test_sandbox.py", "tests/test_confine.py", "tests/test_found.py",
        "tests/test_hostile.py", "tests/test_batching.py", "tests/test_verdicts.py",
        "tests/test_bad_input.py", "tests/test_rules.py", "tests/test_second_assignment.py",
    ),
    "grader/worker/training": ("tests/test_cli.py",),
    "grader/signals": ("tests/test_cli.py",),
    "grader/cli/": ("tests/test_cli.py", "tests/test_autograde.py", "tests/test_watch.py"),
    "grader/__main__": ("tests/test_cli.py",),
}  # fmt: skip
# Seconds of tests in the first batch, which kills most mutants.
BATCH = 6.0
# What pytest ends with if it ran no test.
NO_TESTS = 5

KILLED, SURVIVED, TIMED_OUT, UNRUN = "killed", "survived", "timed out", "run by no test"


@dataclass(frozen=True)
class Tried:
    """What became of a mutant: its fate, and how many of its tests were run."""

    mutant: Mutant
    fate: str
    run: int = 0
    there: int = 0

    def __str__(self) -> str:
        """Return a text for whoever looks for the hole."""
        where = f"{self.mutant.module}:{self.mutant.line}: {self.fate}"
        counted = f" (ran {self.run} of {self.there} tests)" if self.there else ""
        return f"{where}{counted}\n    {self.mutant.key}"


def drawn(by_module: Sequence[Sequence[Mutant]], seed: int) -> Iterator[Mutant]:
    """Yield mutants in a random order, one from every module in turn."""
    draw = random.Random(seed)
    shuffled = [draw.sample(mutants, len(mutants)) for mutants in by_module]
    draw.shuffle(shuffled)
    return (x for x in chain.from_iterable(zip_longest(*shuffled)) if x is not None)


def batches(tests: Sequence[str], covering: Covering) -> Iterator[list[str]]:
    """Yield tests to start together: a few seconds of them, then all others."""
    totals = accumulate(covering.seconds[test] for test in tests)
    few = sum(total < BATCH for total in totals)
    yield from filter(None, ([*tests[:few]], [*tests[few:]]))


def attempt(mutant: Mutant, source: str, place: Copy, covering: Covering) -> Tried:
    """Try one mutant of a module in a copy, and restore the copy."""
    there, run = covering.tests_of(mutant), 0
    if not there:
        return Tried(mutant, UNRUN)
    place.write(mutant.module, mutated(source, mutant))
    try:
        for batch in batches(covering.enough(there), covering):
            run += len(batch)
            (place.folder / "selected.txt").write_text("\n".join(batch), "utf-8")
            limit = 30 + 5 * covering.expected(batch)
            code, _ = place.pytest(["-x", "--tb=no", "@selected.txt"], limit)
            if code == NO_TESTS:  # says nothing about the mutant
                raise RuntimeError(f"pytest ran no test of {', '.join(batch)}.")
            if code != 0:
                return Tried(mutant, TIMED_OUT if code is None else KILLED, run, len(there))
    finally:
        place.write(mutant.module, plain(source))
    return Tried(mutant, SURVIVED, run, len(there))


def try_all(
    mutants: Iterator[Mutant], sources: Mapping[str, str], places: Sequence[Copy],
    covering: Covering, seconds: float, tell: Callable[[str], None],
) -> list[Tried]:  # fmt: skip
    """Try mutants side by side, one in each copy, until time is up."""
    end, free, found = time.monotonic() + seconds, SimpleQueue[Copy](), list[Tried]()
    for place in places:
        free.put(place)

    def one(mutant: Mutant) -> None:
        place = free.get()
        try:
            if time.monotonic() < end:
                found.append(attempt(mutant, sources[mutant.module], place, covering))
                if found[-1].fate in (SURVIVED, UNRUN):
                    tell(str(found[-1]))
        finally:
            free.put(place)

    with ThreadPoolExecutor(len(places)) as pool:
        try:
            list(pool.map(one, mutants))
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C, start no more of them
    return found


def table(found: Sequence[Tried]) -> str:
    """Return what became of the mutants of every module."""
    fates = (KILLED, TIMED_OUT, SURVIVED, UNRUN)
    by_module = Counter((x.mutant.module, x.fate) for x in found)
    modules = sorted({x.mutant.module for x in found})
    rows = [("module", *fates)]
    rows += [(m, *(str(by_module[m, fate]) for fate in fates)) for m in modules]
    rows += [("all", *(str(sum(x.fate == fate for x in found)) for fate in fates))]
    return "\n".join(f"{row[0]:40}" + "".join(f"{x:>16}" for x in row[1:]) for row in rows)


def prepared(root: Path, sources: Mapping[str, str], stack: ExitStack, cores: int) -> list[Copy]:
    """Return copies of a project, one for each core, their modules as `ast.unparse` writes them."""
    sandboxed, places = can_sandbox(), []
    for _ in range(cores):
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mutants-"))
        places.append(copy(root, Path(folder), sandboxed))
        for module, source in sources.items():
            places[-1].write(module, plain(source))
    return places


# Recorded answers depend on the text of these, and their digest detects any change to it.
RESTED_ON = ("grader/assignment/homework/fakes.py",)


def sources_of(root: Path, package: str) -> dict[str, str]:
    """Return the modules of a package, by their paths: as they are now, whatever is saved later."""
    paths = {x.relative_to(root).as_posix(): x for x in sorted((root / package).rglob("*.py"))}
    return {name: path.read_text("utf-8") for name, path in paths.items() if name not in RESTED_ON}


def run(
    root: Path, package: str, seed: int, seconds: float, *, chosen: Sequence[str] = (),
    survivors: Path = SURVIVORS, beside: dict[str, tuple[str, ...]] = BESIDE,
    options: Sequence[str] = ("-n", "auto"), cores: int = 1,
    tell: Callable[[str], None] = lambda text: print(text, flush=True),
) -> int:  # fmt: skip
    """Mutate a package of a project; return 1 if an unexplained mutant survives."""
    sources, explained = sources_of(root, package), reasons(survivors)
    by_module = [list(mutants_of(module, source)) for module, source in sources.items()]
    there = {mutant.key for mutants in by_module for mutant in mutants}
    for key in explained.keys() - there:
        tell(f"{survivors.name}: no longer matches any mutant: {key}")
    asked = [
        [x for x in mutants if x.key not in explained and _is_chosen(x.module, chosen)]
        for mutants in by_module
    ]
    with ExitStack() as stack:
        places = prepared(root, sources, stack, cores)
        tell("All tests are run once, to see which lines they run: this takes some minutes.")
        start = time.monotonic()
        covering = cover(places[0], sources, package, beside, options)
        tell(f"{len(covering.seconds)} tests in {time.monotonic() - start:.0f} s.")
        for test in sorted(covering.failed):
            tell(f"It fails without any mutant, so it is left out: {test}")
        found = try_all(drawn(asked, seed), sources, places, covering, seconds, tell)
    counted, fates = sum(map(len, asked)), Counter(x.fate for x in found)
    tell(f"\n{table(found)}\n\n{len(found)} of {counted} mutants tried; "
         f"{len(explained)} more are explained.")  # fmt: skip
    return 1 if fates[SURVIVED] or fates[UNRUN] else 0


def _is_chosen(module: str, chosen: Sequence[str]) -> bool:
    return not chosen or module.startswith(tuple(chosen))


def main() -> int:
    """Mutate the grader as the command line says."""
    seed, minutes, *chosen = sys.argv[1:]
    if not can_sandbox():
        print("This needs root on Linux, and unshare: a mutant might kill or remove anything.")
        return 0
    # If a shell started this in the background, SIGINT is ignored, and tests of Ctrl-C would fail.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return run(
        ROOT, "grader", int(seed), 60 * float(minutes), chosen=chosen, cores=os.cpu_count() or 1
    )


if __name__ == "__main__":
    sys.exit(main())
