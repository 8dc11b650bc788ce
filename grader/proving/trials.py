"""What there is to grade of an assignment's catalogues, and what has to become of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.answers import Entry, entries
from grader.assignment import Assignment
from grader.errors import UsageError
from grader.verdict import Verdict

from .mutants import mutants

# Of a folder of mistakes: why mutants that no check catches are as good as the original.
SURVIVORS = "survivors.txt"


@dataclass(frozen=True)
class Trial:
    """One grading: a submission of a catalogue.

    Its kind is "mistake", "other" (a mistake that the catalogue has not got, written by another
    hand), "honest" or "mutant". `true` are the sentences that may be said of it; `excuse` is why a
    mutant is as good as the original, if somebody has written that down.
    """

    kind: str
    entry: Entry
    seed: int = 0
    true: frozenset[str] = frozenset()
    excuse: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Args:
        trial: what was graded.
        verdicts: by target and check.
        said: what the diagnosis of every check of the own target says, where it says something.
        without: the same, had the catalogue not got the trial's entry.
        text: all that a student reads about the own target.
        lost: the points of the own target that are lost, by check.
        waiting: what of that waits for something else that is wrong.
    """

    trial: Trial
    verdicts: Mapping[str, Mapping[str, str]]
    said: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    lost: Mapping[str, float] = field(default_factory=dict)
    waiting: Mapping[str, float] = field(default_factory=dict)

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
            return [] if self.caught or self.trial.excuse else [f"{entry.id}: it survives."]
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


def mistakes(assignment: Assignment, folder: Path | None = None) -> list[Trial]:
    """Return the trials of a catalogue of mistakes: of the assignment's, if no other is named.

    Raises:
        UsageError: an entry is about something that the rubric or the catalogue has not got.
    """
    known = _known(assignment, folder or assignment.folders.mistakes)
    found = {entry.id: entry for entry in known}
    for entry in found.values():
        if not found.keys() >= set(entry.also):
            raise UsageError(f"{entry.id}: `also` names an entry that is not there.")
    return [
        Trial("mistake", entry, true=frozenset({entry.says, *(found[i].says for i in entry.also)}))
        for entry in found.values()
    ]


def others(assignment: Assignment) -> list[Trial]:
    """Return the trials of mistakes that the catalogue of known ones has not got.

    Nothing names them, unless `also` says that a known sentence is true of them.

    Raises:
        UsageError: as for `mistakes`.
    """
    folders = assignment.folders
    says = {entry.id: entry.says for entry in _known(assignment, folders.mistakes)}
    found = _known(assignment, folders.others)
    unknown = [entry.id for entry in found if not says.keys() >= set(entry.also)]
    if unknown:
        raise UsageError(f"{unknown[0]}: `also` names an entry that is not there.")
    return [Trial("other", x, true=frozenset(says[i] for i in x.also)) for x in found]


def honest(assignment: Assignment, folder: Path, seeds: Sequence[int]) -> list[Trial]:
    """Return the trials of a catalogue of honest variants: each with every seed.

    Raises:
        UsageError: as for `mistakes`.
    """
    return [Trial("honest", entry, seed) for entry in _known(assignment, folder) for seed in seeds]


def _known(assignment: Assignment, folder: Path) -> list[Entry]:
    found = entries(folder)
    if not found:
        raise UsageError(f"There are no entries in {folder}.")
    targets = {target.name: target for target in assignment.rubric}
    for entry in found:
        if entry.target not in targets:
            raise UsageError(f"{entry.id}: the rubric has no target {entry.target!r}.")
        strange = set(entry.verdicts.values()) - {verdict.value for verdict in Verdict}
        if strange:
            raise UsageError(f"{entry.id}: there is no verdict {', '.join(sorted(strange))}.")
        unknown = entry.verdicts.keys() - targets[entry.target].points.keys()
        if unknown:
            raise UsageError(f"{entry.id}: {entry.target} has no check {', '.join(unknown)}.")
    return found


def mutations(assignment: Assignment) -> list[Trial]:
    """Return the trials of all mutants of the reference's solutions."""
    folders, names = assignment.folders, [target.name for target in assignment.rubric]
    modules = sorted(folders.reference / f"{name}.py" for name in assignment.graded_modules)
    excuses = explained(folders.mistakes)
    found = [entry for path in modules for entry in mutants(path, names)]
    return [Trial("mutant", entry, excuse=excuses.get(entry.id, "")) for entry in found]


def explained(folder: Path) -> dict[str, str]:
    """Return the reason why a mutant is as good as the original, by its id.

    In the file, if there is one, a reason is indented, and belongs to all ids since the last one.
    """
    if not (folder / SURVIVORS).is_file():
        return {}
    found: dict[str, str] = {}
    waiting: list[str] = []
    for line in (folder / SURVIVORS).read_text("utf-8").splitlines():
        if line.startswith("  "):
            found |= dict.fromkeys(waiting, line.strip())
            waiting = []
        elif line and not line.startswith("#"):
            waiting.append(line)
    return found
