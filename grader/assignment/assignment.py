"""Everything that a homework requires, as one value."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError

from .case import Case
from .explanations import STANDARD, Explanation
from .places import Place, here, of_keyword
from .target import RateLimit, Target


@dataclass(frozen=True)
class Folders:
    """Where the files of an assignment are.

    Args:
        home: contains `assignment.py`, and the modules that it imports.
        reference: the solution, in marked regions; a handout has none.
        student: the students' files, which `grader stubs` writes.
        given: the students' files as handed out, which only a handout has.
        recorded: the right answers for public seeds, which `grader record` writes.
        mistakes: known wrong variants; they name mistakes and test the grader. Never handed out.
        alternatives: right code structured differently from the reference; wrong numbers may come
            from one change to it. Never handed out.
        honest: correct variants that the grader has to accept.
        others: mistakes written by someone who has not read the catalogue.
        pages: files in the students' zip that are specific to this homework, such as its README.
    """

    home: Path
    reference: Path
    student: Path
    given: Path
    recorded: Path
    mistakes: Path
    alternatives: Path
    honest: Path
    others: Path
    pages: Path

    @classmethod
    def below(cls, home: Path, **elsewhere: Path) -> Folders:
        """Return the usual places below a folder, except for those passed by name."""
        places = {
            "reference": home / "reference",
            "student": home / "student",
            "given": home / "given",
            "recorded": home / "recorded.npz",
            "honest": home / "honest",
            "others": home / "others",
            "pages": home / "handout",
            **elsewhere,
        }
        for name in ("mistakes", "alternatives"):
            places.setdefault(name, places["reference"] / name)
        return cls(home, **places)


@dataclass(frozen=True, eq=False)
class Assignment:
    """What a homework requires. Two of them are equal only if they are the same object.

    Args:
        name: in file names: lowercase letters, digits, and dashes.
        title: what it is, in words.
        folders: where its files are.
        graded_modules: the modules that students write code in.
        rubric: what is graded, in the order of the report.
        cases: the inputs that every check tries on every target.
        given_modules: the modules that students get as they are.
        fakes: a module with the given objects that targets are judged with, if any.
        explanations: what each check asks, in a student's words.
        notes: additional remarks on a check of a module's targets, by module and check.
        training_module: the given module whose `main` trains, for `grader train`.
        forbidden: ways to obtain right numbers that cost the points of "batching".
        rate_limit: how often students may submit on Gradescope; None for no limit.
        leaderboard: targets whose measured value goes to Gradescope's leaderboard.
        public_seeds: the seeds whose answers are recorded for students.
        declared_total: what the points must add up to, excluding extra credit; None for any total.
        place: the line of the assignment that defines all this.
    """

    name: str
    title: str
    folders: Folders
    graded_modules: tuple[str, ...]
    rubric: tuple[Target, ...]
    cases: tuple[Case, ...]
    given_modules: tuple[str, ...] = ("__init__",)
    fakes: Path | None = None
    explanations: Mapping[str, Explanation] = field(default_factory=lambda: STANDARD)
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    training_module: str = ""
    forbidden: frozenset[str] = frozenset()
    rate_limit: RateLimit | None = None
    leaderboard: tuple[str, ...] = ()
    public_seeds: tuple[int, ...] = (0, 1)
    declared_total: float | None = None
    place: Place | None = field(default_factory=here, init=False, repr=False, compare=False)

    def place_of(self, field: str) -> Place | None:
        """Return the line of the assignment on which the value of a field is written, if any."""
        return self.place and of_keyword(self.place, field)

    @property
    def total(self) -> float:
        """Return the points of all questions, excluding extra credit."""
        return round(sum(target.total for target in self.rubric if not target.extra), 2)

    @property
    def has_reference(self) -> bool:
        """Tell whether the solution is available here."""
        return (self.folders.reference / "__init__.py").is_file()

    def require_reference(self) -> None:
        """Raise an error unless the solution is available here.

        Raises:
            UsageError: it is not available.
        """
        if self.has_reference:
            return
        if self.folders.given.is_dir():
            raise UsageError("This needs the reference, which is not part of the handout.")
        raise UsageError(f"There is no reference in {self.folders.reference}: no __init__.py.")

    @property
    def importable_modules(self) -> tuple[str, ...]:
        """Return the modules that a student's file may import, excluding packages and scripts."""
        kept = ("__init__", self.training_module)
        return (*self.graded_modules, *(name for name in self.given_modules if name not in kept))

    def cases_of(self, target: str, check: str) -> list[Case]:
        """Return the cases of one check of one target."""
        return [case for case in self.cases if (case.target, case.check) == (target, check)]

    def submitted_modules(self, target: Target) -> tuple[str, ...]:
        """Return the modules a target takes from the submission; for fairness, others are given."""
        if not target.is_run:
            return (target.module,)
        derived = {one.module for one in self.rubric if one.is_derivation}
        return tuple(module for module in self.graded_modules if module not in derived)

    def how(self, target: Target, check: str) -> str:
        """Return what the grader does in a check of a target."""
        note = self.notes.get((target.module, check), "")
        return " ".join(filter(None, (self.explanations[check].how, note)))

    def _unknown(self, name: str) -> str:
        """Say that no question has this name, and suggest a similar one."""
        names: dict[str, str] = {}
        for target in self.rubric:  # a class comes before the derivation of the same name
            for word in target.called:
                names.setdefault(word.lower(), word)
        written = name.lower().replace(",", ".")
        near = difflib.get_close_matches(written, names, n=1, cutoff=0.7)
        hint = f"\nDid you mean {names[near[0]]}?" if near else ""
        return f"There is no question {name!r}. The questions are:\n{self.questions}{hint}"

    @property
    def questions(self) -> str:
        """Return one line per question, with its number and its name."""
        return "\n".join(f"  {target.question} {target.name}" for target in self.rubric)

    def _called(self, name: str) -> list[Target]:
        return [target for target in self.rubric if target.is_called(name)]

    def find_targets(self, names: Sequence[str]) -> tuple[Target, ...]:
        """Return the targets with those names, questions, or class names; all targets if no names.

        A string may hold several names, separated by commas or spaces.

        Raises:
            UsageError: no target has that name.
        """
        if not names:
            return self.rubric
        found: list[Target] = []
        for name in names:
            whole = self._called(name) or self._called(name.replace(",", "."))
            for part in [name] if whole else name.replace(",", " ").split() or [name]:
                matches = self._called(part)
                if not matches:
                    raise UsageError(self._unknown(part))
                found += matches
        return tuple(target for target in self.rubric if target in found)
