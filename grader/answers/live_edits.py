"""Running edits of the reference, and of other right ways to compute the same results."""

from __future__ import annotations

import importlib
import types
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.assignment import Assignment, Case, Problem, given_files
from grader.program import Call, Entries, New

from .catalogue import entries
from .edits import Edit, edited, edits_of, lines_of, region_lines
from .oracle import Effect
from .packages import mistaken_package, module_paths, wrong_results


@dataclass(frozen=True)
class _Base:
    """Right code from which edits are made.

    Args:
        package: the package that contains it.
        source: the module's source.
        inside: the lines that may change.
    """

    package: str
    source: str
    inside: Container[int]


class LiveEdits:
    """The results of `edits_of` for a reference and its alternatives."""

    def __init__(self, assignment: Assignment, package: str) -> None:
        """Keep where the reference is; nothing is read yet.

        Args:
            assignment: the assignment that has the reference.
            package: the name under which the reference is imported.
        """
        self._assignment = assignment
        self._package = package
        self._bases: dict[str, dict[str, _Base]] = {}
        self._edits: dict[tuple[str, str], dict[str, Edit]] = {}
        self._modules: dict[str, dict[str, types.ModuleType]] = {}

    def sentences(self, target: str) -> dict[str, str]:
        """Return the sentences of a target's edits, by id, with those of the reference first.

        An id consists of the number of what is edited and the number of the edit: students have the
        ids.
        """
        bases = self._bases_of(target)
        return {i: x.sentence for base in bases for i, x in self._of(target, base).items()}

    def effect(
        self, case: Case, problem: Problem, right: Mapping[str, np.ndarray], edit: str
    ) -> Effect:
        """Return the judged results that an edit makes wrong.

        Args:
            case: the case that is asked.
            problem: the problem of the case.
            right: its right answers.
            edit: the id.
        """
        name = edit.rpartition(" ")[0]
        base, one = self._bases_of(case.target)[name], self._of(case.target, name)[edit]
        if not one.reached & _called(problem):
            return {}
        modules, module = self._modules_of(base.package), case.target.partition(".")[0]
        try:
            with edited(base.package, modules, module, one) as package:
                return wrong_results(package, problem, right)
        except Exception:  # noqa: BLE001 - code that fails to run explains nothing
            return {}

    def _of(self, target: str, base: str) -> dict[str, Edit]:
        """Return the edits of one base, by id."""
        if (target, base) not in self._edits:
            one, given = self._bases_of(target)[base], self._given(target)
            found = enumerate(edits_of(target, one.source, given, one.inside))
            self._edits[target, base] = {f"{base} {number}": edit for number, edit in found}
        return self._edits[target, base]

    def _bases_of(self, target: str) -> dict[str, _Base]:
        if target not in self._bases:
            found = enumerate(self._found(target) if self._given(target) else ())
            self._bases[target] = {str(number): base for number, base in found}
        return self._bases[target]

    def _found(self, target: str) -> Iterator[_Base]:
        folders = self._assignment.folders
        source = (folders.reference / _file(target)).read_text("utf-8")
        yield _Base(self._package, source, region_lines(source))
        for entry in entries(folders.alternatives):
            if entry.target == target:
                source = entry.source(folders.reference)
                package = mistaken_package(self._assignment, entry)
                yield _Base(package, source, lines_of(source, entry.code))

    def _given(self, target: str) -> str:
        """Return the students' version of the target's module."""
        return given_files(self._assignment).get(_file(target), b"").decode()

    def _modules_of(self, package: str) -> dict[str, types.ModuleType]:
        """Return the modules of a package, and the fakes, by name."""
        if package not in self._modules:
            unused = {"__init__", self._assignment.training_module}
            names = sorted({path.stem for path in module_paths(self._assignment)} - unused)
            found = {name: importlib.import_module(f"{package}.{name}") for name in names}
            self._modules[package] = found
        return self._modules[package]


def _file(target: str) -> str:
    return f"{target.partition('.')[0]}.py"


def _called(problem: Problem) -> set[str]:
    """Return the names of the methods and functions that a problem calls."""
    steps = problem.program
    named = {step.what.rpartition(".")[2] for step in steps if isinstance(step, New | Entries)}
    return named | {"__init__", *(step.method for step in steps if isinstance(step, Call))}
