"""The trials in an assignment's catalogues, and the expected outcome of each."""

from __future__ import annotations

import ast
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.answers import Entry, entries
from grader.assignment import Assignment, Target
from grader.errors import UsageError
from grader.verdict import EDIT, MISTAKE, RELATION, Finding, Verdict

from .mutants import mutants, reasons

Findings = tuple[Finding, ...]
# In a folder of mistakes: why the mutants that no check catches are as good as the original.
SURVIVORS = "survivors.txt"


@dataclass(frozen=True)
class Trial:
    """One grading: a submission from a catalogue.

    Its kind is "mistake", "other" (a mistake written by someone else, not in the catalogue),
    "honest" or "mutant". `true` has the sentences that may be said about it; `excuse` is why a
    mutant is as good as the original, if someone has written that down.
    """

    kind: str
    entry: Entry
    seed: int = 0
    true: frozenset[str] = frozenset()
    excuse: str = ""

    @property
    def is_first(self) -> bool:
        """Tell whether it is the first trial of its entry."""
        return self.seed == 0


@dataclass(frozen=True)
class Outcome:
    """The outcome of a trial.

    Args:
        trial: what was graded.
        verdicts: by target and check.
        found: what the numbers of each check of its own target prove, if anything.
        without: the same, if the catalogue did not have the trial's entry.
        text: everything a student reads about its own target.
        lost: the points lost in its own target, by check.
        waiting: the part of that which waits for something else that is wrong.
    """

    trial: Trial
    verdicts: Mapping[str, Mapping[str, str]]
    found: Mapping[str, Findings] = field(default_factory=dict)
    without: Mapping[str, Findings] = field(default_factory=dict)
    text: str = ""
    lost: Mapping[str, float] = field(default_factory=dict)
    waiting: Mapping[str, float] = field(default_factory=dict)

    @property
    def caught(self) -> bool:
        """Tell whether any check did not pass; a check that only ran out of time proves nothing."""
        found = {verdict for checks in self.verdicts.values() for verdict in checks.values()}
        return bool(found - NOTHING_SHOWN)

    @property
    def is_counted(self) -> bool:
        """Tell whether tables count it: a mistake counts once, however many seeds are tried."""
        return self.trial.kind not in ("mistake", "other") or self.trial.is_first

    @property
    def late(self) -> bool:
        """Tell whether any check ran out of time."""
        return any(LATE in checks.values() for checks in self.verdicts.values())

    @property
    def named(self) -> bool:
        """Tell whether its own sentence was said, or the message that stands in for it."""
        if self.trial.kind == "other":
            return MISTAKE in self.kinds
        says, message = self.trial.entry.says, self.trial.entry.message
        if message:
            return message in self.text
        return bool(says) and any(says in one.sentences for one in _mistakes(self.found))

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of what was found."""
        return frozenset(one.kind for findings in self.found.values() for one in findings)

    @property
    def related(self) -> bool:
        """Tell whether a relation was all that was found, or accompanied an edit."""
        return not self.named and RELATION in self.kinds

    @property
    def edited(self) -> bool:
        """Tell whether an edit was all that was found."""
        return not self.named and self.kinds == {EDIT}

    @property
    def misnamed(self) -> list[str]:
        """Return false statements about this trial, or ones that would appear without its entry.

        Without it, another entry that agrees in some of the cases may be named for those.
        """
        said = [*_mistakes(self.found), *(x for x in _mistakes(self.without) if not x.where)]
        wrong = [one for one in said if not self.trial.true & set(one.sentences)]
        return [" Or: ".join(one.sentences) for one in wrong]

    def errors(self) -> list[str]:
        """Say what is wrong with the grader, judging by this trial."""
        entry = self.trial.entry
        if self.trial.kind == "mutant":
            what = "it ran out of time, which shows nothing" if self.late else "it survives"
            return [] if self.caught or self.trial.excuse else [f"{entry.id}: {what}."]
        found = [
            f"{entry.id}, seed {self.trial.seed}: {target} {check} is {verdict}; expected {due}."
            for target, checks in self.verdicts.items()
            for check, verdict in checks.items()
            if verdict not in (due := _due(entry, target, check)).split(" or ")
        ]
        named = f"{entry.id}, seed {self.trial.seed}: named wrongly"
        found += [f"{named}: {text}" for text in self.misnamed]
        if (entry.says or entry.message) and self.trial.kind == "mistake" and not self.named:
            found.append(f"{entry.id}, seed {self.trial.seed}: not named.")
        return found


PASSED, LATE = Verdict.PASSED.value, Verdict.TIMED_OUT.value
NOTHING_SHOWN = frozenset({PASSED, LATE, Verdict.NOT_RUN.value, Verdict.HARNESS_FAULT.value})


def _due(entry: Entry, target: str, check: str) -> str:
    return entry.verdicts.get(check, PASSED) if target == entry.target else PASSED


def _mistakes(found: Mapping[str, Findings]) -> Iterator[Finding]:
    """Yield the known mistakes that were named."""
    for findings in found.values():
        yield from (one for one in findings if one.kind == MISTAKE)


def mistakes(assignment: Assignment, folder: Path | None = None) -> list[Trial]:
    """Return the trials for a catalogue of mistakes, by default the assignment's own.

    Every mistake is tried twice: with the seed 0, and with a seed that no other mistake has.

    Raises:
        UsageError: an entry is about something that is not in the rubric or the catalogue, or
            expects no check to fail.
    """
    known = _known(assignment, folder or assignment.folders.mistakes)
    found = {entry.id: entry for entry in known}
    for entry in found.values():
        if not found.keys() >= set(entry.also):
            raise UsageError(f"{entry.id}: `also` names an entry that is not there.")
    _require_verdicts(known)
    return [
        Trial("mistake", entry, seed, frozenset({entry.says, *(found[i].says for i in entry.also)}))
        for entry in found.values()
        for seed in (0, own_seed(entry))
    ]


def own_seed(entry: Entry) -> int:
    """Return a seed for one entry, always the same, so that the catalogue covers many seeds."""
    return 1 + zlib.crc32(entry.id.encode()) % 10**6


def _require_verdicts(found: Sequence[Entry]) -> None:
    for entry in found:
        if all(PASSED in verdict.split(" or ") for verdict in entry.verdicts.values()):
            raise UsageError(f"{entry.id}: it names no check that a mistake like this fails.")


def others(assignment: Assignment, twice: bool = True) -> list[Trial]:
    """Return the trials for mistakes that are not in the catalogue of known ones.

    None of them should be named, unless `also` says that a known sentence is true of them.

    Args:
        assignment: the assignment they belong to.
        twice: whether to try each with a seed of its own, too.

    Raises:
        UsageError: as for `mistakes`.
    """
    folders = assignment.folders
    says = {entry.id: entry.says for entry in _known(assignment, folders.mistakes)}
    found = _known(assignment, folders.others)
    _require_verdicts(found)
    unknown = [entry.id for entry in found if not says.keys() >= set(entry.also)]
    if unknown:
        raise UsageError(f"{unknown[0]}: `also` names an entry that is not there.")
    return [
        Trial("other", entry, seed, frozenset(says[i] for i in entry.also))
        for entry in found
        for seed in ((0, own_seed(entry)) if twice else (0,))
    ]


def honest(assignment: Assignment, folder: Path, seeds: Sequence[int]) -> list[Trial]:
    """Return the trials for a catalogue of correct variants, each with every seed.

    Raises:
        UsageError: as for `mistakes`.
    """
    return [Trial("honest", entry, seed) for entry in _known(assignment, folder) for seed in seeds]


def _known(assignment: Assignment, folder: Path) -> list[Entry]:
    found = entries(folder)
    if not found:
        raise UsageError(f"There are no entries in {folder}.")
    targets = {target.name: target for target in assignment.rubric}
    ids = [entry.id for entry in found]
    for entry in found:
        if ids.count(entry.id) > 1:
            raise UsageError(f"There are two entries {entry.id!r} in {folder}.")
        try:
            ast.parse(entry.code)
        except SyntaxError as error:
            where = f"line {error.lineno} of its code: {(error.text or '').strip()}"
            raise UsageError(
                f"{folder}: {entry.id} is not valid Python ({error.msg}), {where}"
            ) from None
        if entry.target not in targets:
            raise UsageError(f"{entry.id}: the rubric has no target {entry.target!r}.")
        named = {name for text in entry.verdicts.values() for name in text.split(" or ")}
        strange = named - {verdict.value for verdict in Verdict}
        if strange:
            raise UsageError(f"{entry.id}: there is no verdict {', '.join(sorted(strange))}.")
        unknown = entry.verdicts.keys() - targets[entry.target].points.keys()
        if unknown:
            raise UsageError(f"{entry.id}: {entry.target} has no check {', '.join(unknown)}.")
        if entry.module not in assignment.graded_modules:
            modules = ", ".join(assignment.graded_modules)
            raise UsageError(f"{entry.id}: `module` has to be one of {modules}.")
    return found


def unproven(targets: Sequence[Target], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say which checks no mistake or mutant fails: there is no evidence that they can fail."""
    mistaken = [x for x in outcomes if x.trial.kind != "honest"]
    for target in targets:
        own = [x.verdicts[target.name] for x in mistaken if x.trial.entry.target == target.name]
        for check in target.points:
            if all(verdicts[check] in NOTHING_SHOWN for verdicts in own):
                yield f"{target.name}: neither a mistake nor a mutant fails the check {check!r}."


def mutations(assignment: Assignment) -> list[Trial]:
    """Return the trials for all mutants of the reference's solutions.

    Raises:
        UsageError: a reason belongs to no mutant.
    """
    folders, names = assignment.folders, [target.name for target in assignment.rubric]
    modules = sorted(folders.reference / f"{name}.py" for name in assignment.graded_modules)
    excuses = reasons(folders.mistakes / SURVIVORS)
    found = [entry for path in modules for entry in mutants(path, names)]
    strange = excuses.keys() - {entry.id for entry in found}
    if strange:
        path = folders.mistakes / SURVIVORS
        raise UsageError(f"{path}: there is no mutant {min(strange)!r}.")
    return [Trial("mutant", entry, excuse=excuses.get(entry.id, "")) for entry in found]
