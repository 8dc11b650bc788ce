"""Grading what is known, to measure the grader itself: `grader validate`.

Mistakes must lose exactly the points that their entries say, in their own target and in no other
of their module, and must be named by their own sentence; with their own entry taken out of the
catalogue, by no other. Honest variants must keep every point, whatever the seed. Mutants of the
solutions must lose points, unless it is written down why they are as good as the original.
"""

from __future__ import annotations

import atexit
import importlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from .catalogue import Entry, entries
from .errors import UsageError
from .exam import Asked, Exam, name_mistake
from .mutants import mutants
from .oracle import DIAGNOSED, LiveOracle, Oracle
from .paths import MISTAKES, OTHERS, REFERENCE
from .processes import Starter, starter
from .report.messages import explain
from .rubric import GRADED_MODULES, RUBRIC, Target, find_targets
from .sandbox import Limits, Sandbox
from .staging import staging
from .submission import Submission
from .verdict import CheckResult, Verdict

# A check of a mistake may take this long; it is not what is tested here.
PATIENCE = 60.0
# Nothing in the catalogues hangs, but a mutant may.
LIMITS = Limits(call=2.0, check=20.0)


@dataclass(frozen=True)
class Trial:
    """One grading: a submission of a catalogue.

    Its kind is "mistake", "other" (a mistake that the catalogue has not got, written by another
    hand), "honest" or "mutant". `true` are the sentences that may be said of it.
    """

    kind: str
    entry: Entry
    seed: int = 0
    true: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Args:
        trial: what was graded.
        verdicts: by target and check.
        said: what the diagnosis of every check of the own target says, where it says something.
        without: the same, had the catalogue not got the trial's entry.
        text: all that a student reads about the own target.
    """

    trial: Trial
    verdicts: Mapping[str, Mapping[str, str]]
    said: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def caught(self) -> bool:
        """Tell whether any check was not passed."""
        return any(set(checks.values()) != {PASSED} for checks in self.verdicts.values())

    @property
    def named(self) -> bool:
        """Tell whether the own sentence was said, or the message that stands for it."""
        if self.trial.kind == "other":
            return bool(self.said)
        says, message = self.trial.entry.says, self.trial.entry.message
        if message:
            return message in self.text
        return bool(says) and any(
            says in group for text in self.said.values() for group in _groups(text)
        )

    @property
    def misnamed(self) -> list[str]:
        """Return what was said of this trial, or would be without its entry, and is not true."""
        texts = [*self.said.values(), *self.without.values()]
        groups = [group for text in texts for group in _groups(text)]
        return [" Or: ".join(group) for group in groups if not self.trial.true & set(group)]

    def errors(self) -> list[str]:
        """Say what is wrong with the grader, as this trial shows it."""
        entry = self.trial.entry
        if self.trial.kind == "mutant":
            return [] if self.caught or entry.id in explained() else [f"{entry.id}: it survives."]
        found = [
            f"{entry.id}, seed {self.trial.seed}: {target} {check} is {verdict}, {due} is due."
            for target, checks in self.verdicts.items()
            for check, verdict in checks.items()
            if verdict != (due := _due(entry, target, check))
        ]
        found += [f"{entry.id}: named wrongly: {text}" for text in self.misnamed]
        if (entry.says or entry.message) and self.trial.kind == "mistake" and not self.named:
            found.append(f"{entry.id}: not named.")
        return found


PASSED = Verdict.PASSED.value


def _due(entry: Entry, target: str, check: str) -> str:
    return entry.verdicts.get(check, PASSED) if target == entry.target else PASSED


def _groups(text: str) -> list[list[str]]:
    """Return the sentences of a diagnosis; those joined by "Or" are one group."""
    groups: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("Or: "):
            groups[-1].append(line.removeprefix("Or: "))
        else:
            groups.append([line])
    return groups


def mistakes(folder: Path = MISTAKES) -> list[Trial]:
    """Return the trials of a catalogue of mistakes.

    Raises:
        UsageError: an entry is about something that the rubric or the catalogue has not got.
    """
    found = {entry.id: entry for entry in _known(folder)}
    for entry in found.values():
        if not found.keys() >= set(entry.also):
            raise UsageError(f"{entry.id}: `also` names an entry that is not there.")
    return [
        Trial("mistake", entry, true=frozenset({entry.says, *(found[i].says for i in entry.also)}))
        for entry in found.values()
    ]


def others(folder: Path = OTHERS, known: Path = MISTAKES) -> list[Trial]:
    """Return the trials of mistakes that the catalogue of known ones has not got.

    Nothing names them, unless `also` says that a known sentence is true of them.

    Raises:
        UsageError: as for `mistakes`.
    """
    says = {entry.id: entry.says for entry in _known(known)}
    found = _known(folder)
    unknown = [entry.id for entry in found if not says.keys() >= set(entry.also)]
    if unknown:
        raise UsageError(f"{unknown[0]}: `also` names an entry that is not there.")
    return [Trial("other", x, true=frozenset(says[i] for i in x.also)) for x in found]


def honest(folder: Path, seeds: Sequence[int]) -> list[Trial]:
    """Return the trials of a catalogue of honest variants: each with every seed.

    Raises:
        UsageError: as for `mistakes`.
    """
    return [Trial("honest", entry, seed) for entry in _known(folder) for seed in seeds]


def _known(folder: Path) -> list[Entry]:
    found = entries(folder)
    if not found:
        raise UsageError(f"There are no entries in {folder}.")
    targets = {target.name: target for target in RUBRIC}
    for entry in found:
        if entry.target not in targets:
            raise UsageError(f"{entry.id}: the rubric has no target {entry.target!r}.")
        unknown = entry.verdicts.keys() - targets[entry.target].points.keys()
        if unknown:
            raise UsageError(f"{entry.id}: {entry.target} has no check {', '.join(unknown)}.")
    return found


def mutations() -> list[Trial]:
    """Return the trials of all mutants of the reference's solutions."""
    modules = sorted(REFERENCE / f"{name}.py" for name in GRADED_MODULES)
    return [Trial("mutant", entry) for path in modules for entry in mutants(path)]


def explained(folder: Path = MISTAKES) -> dict[str, str]:
    """Return the reason why a mutant is as good as the original, by its id.

    In the file, a reason is indented, and belongs to all ids since the last one.
    """
    found: dict[str, str] = {}
    waiting: list[str] = []
    for line in (folder / "survivors.txt").read_text("utf-8").splitlines():
        if line.startswith("  "):
            found |= dict.fromkeys(waiting, line.strip())
            waiting = []
        elif line and not line.startswith("#"):
            waiting.append(line)
    return found


def examine(
    submission: Submission,
    target: Target,
    seed: int,
    oracle: Oracle,
    workers: Starter,
    limits: Limits,
    history: list[Asked] | None = None,
) -> dict[str, CheckResult]:
    """Return the result of every check of one target, without a run of pytest.

    The checks' functions are called one after the other, as pytest does; `runner.grade` takes the
    whole way, and this one makes hundreds of submissions affordable.
    """
    asked = [] if history is None else history
    found: dict[str, CheckResult] = {}
    with staging(submission) as staged:
        sandbox = Sandbox(workers, staged.stage(target), target.module, limits)
        for check in target.points:
            end = time.monotonic() + PATIENCE
            exam = Exam(target, check, sandbox, oracle, seed, limits, end, None, asked)
            metadata: dict[str, Any] = {}
            module = importlib.import_module(f"{__package__}.checks.test_{check}")
            getattr(module, f"test_{check}")(exam, metadata)
            found[check] = CheckResult.parse(metadata["result"])
        sandbox.close()
    return found


def run(trials: Sequence[Trial], jobs: int) -> Iterator[Outcome]:
    """Grade trials in some processes side by side; yield what becomes of them, in order."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(attempt, trials, chunksize=4)


def attempt(trial: Trial) -> Outcome:
    """Grade one trial: a known mistake for all targets of its module, the rest for their own."""
    entry, oracle = trial.entry, _oracle()
    submission = Submission(entry.files(REFERENCE), entry.id)
    history: list[Asked] = []
    verdicts, said, text = {}, {}, ""
    for target in _targets(trial):
        own = target.name == entry.target
        asked = history if own else None
        results = examine(submission, target, trial.seed, oracle, _workers(), LIMITS, asked)
        verdicts[target.name] = {check: result.verdict.value for check, result in results.items()}
        if own:
            said = {check: x.diagnosis for check, x in results.items() if x.diagnosis}
            text = "\n".join(explain(result, everything=True) for result in results.values())
    return Outcome(trial, verdicts, said, _without(trial, history, oracle), text)


def _targets(trial: Trial) -> Sequence[Target]:
    """Return the targets to grade: an entry's own, and for mistakes those beside it."""
    entry = trial.entry
    if trial.kind == "mistake" or entry.target == entry.module:
        return [target for target in RUBRIC if target.module == entry.module]
    return find_targets((entry.target,))


def _without(trial: Trial, history: Sequence[Asked], oracle: Oracle) -> dict[str, str]:
    """Return what the diagnosis says without the trial's own entry: nothing, or the same."""
    if trial.kind != "mistake" or not trial.entry.says:
        return {}
    texts = {
        check: name_mistake(history, check, oracle, trial.seed, unknown=trial.entry.id)
        for check in DIAGNOSED
    }
    return {check: text for check, text in texts.items() if text}


@cache
def _oracle() -> LiveOracle:
    return LiveOracle()


@cache
def _workers() -> Starter:
    workers = starter()
    atexit.register(workers.close)
    return workers
