"""Which tests run which line, and how long they take."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

import coverage

from .copies import Copy
from .mutated import Mutant

# Seconds after which a run of all tests is taken to hang.
PATIENCE = 3600.0
# Seconds that the tests of one mutant may take in all, however many run the changed line.
ENOUGH = 60.0
# Tests this short cost next to nothing, so they come first.
QUICK = 0.05


@dataclass(frozen=True)
class Covering:
    """What one run of all tests showed.

    Args:
        seconds: how long each test takes.
        failed: the tests that fail without any mutant, and so cannot catch one.
        by_line: the tests that run each line of a module; "" stands for all of them, if the line
            ran while tests were imported.
        beside: for code that runs in other processes, which are not traced: the files whose tests
            start such processes, by the start of the module's path.
    """

    seconds: dict[str, float]
    failed: frozenset[str]
    by_line: dict[str, dict[int, set[str]]]
    beside: dict[str, tuple[str, ...]]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Return the tests that could catch a mutant, the quickest first."""
        lines = self.by_line.get(mutant.module, {})
        found = lines.get(mutant.plain_line, set())
        if "" in found:
            found = set(self.seconds) & set().union(*lines.values()) or set(self.seconds)
        files = [x for start, x in self.beside.items() if mutant.module.startswith(start)]
        known = {file for group in files for file in group}
        others = {test for test in self.seconds if test.partition("::")[0] in known}
        usable = (set(found) | others) & self.seconds.keys() - self.failed
        return sorted(usable, key=lambda test: (self.seconds[test], test))

    def enough(self, tests: Sequence[str]) -> list[str]:
        """Return which of these tests to run: quick ones, then some from every file."""
        turns: Counter[str] = Counter()
        in_turn: list[tuple[int, str]] = []
        for test in tests:
            file = test.partition("::")[0]
            quick = self.seconds[test] <= QUICK
            in_turn.append((0 if quick else 1 + turns[file], test))
            turns[file] += not quick
        found, left = set[str](), ENOUGH
        for _, test in sorted(in_turn, key=itemgetter(0)):
            left -= self.seconds[test]
            if not found or left > 0:
                found.add(test)
        return [test for test in tests if test in found]

    def expected(self, tests: Iterable[str]) -> float:
        """Return how long some tests take together."""
        return sum(self.seconds[test] for test in tests)


def cover(
    copy: Copy, modules: Collection[str], package: str, beside: dict[str, tuple[str, ...]],
    options: Collection[str] = (),
) -> Covering:  # fmt: skip
    """Run all tests once."""
    data = copy.folder / ".coverage"
    code, said = copy.pytest(
        [
            *(f"--cov={package}", "--cov-context=test", "--cov-report=", "-vv"),
            *("--durations=0", "--durations-min=0", "-rfE", "--tb=short", *options),
        ],
        PATIENCE,
    )
    if code not in (0, 1) or not data.is_file():
        raise RuntimeError(f"The tests do not run:\n{said[-4000:]}")
    seconds: dict[str, float] = {}
    took = r"^([\d.]+)s (?:setup|call|teardown) +(.+)$"
    for number, test in re.findall(took, said, re.MULTILINE):
        seconds[test] = seconds.get(test, 0.0) + float(number)
    failed = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", said, re.MULTILINE)
    data_of = coverage.CoverageData(str(data))
    data_of.read()
    root = copy.root if copy.sandboxed else copy.folder
    by_line = {
        module: {
            line: {context.partition("|")[0] for context in contexts}
            for line, contexts in data_of.contexts_by_lineno(str(root / module)).items()
        }
        for module in modules
    }
    return Covering(seconds, frozenset(failed), by_line, beside)
