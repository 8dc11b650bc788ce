"""Right answers by running the reference, and the reference with a known mistake in it."""

from __future__ import annotations

import contextlib
import importlib
import types
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from grader.arithmetic import undisturbed
from grader.assignment import (
    Assignment,
    Case,
    Problem,
    given_files,
)
from grader.draw import fresh_seed
from grader.judging import Signature, fitted, signature
from grader.program import Call, Entries, New, Program
from grader.result import ResultSpec
from grader.worker.interpreter import Interpreter
from grader.worker.values import numbers

from .catalogue import Entry, entries
from .edits import Edit, edited, edits_of
from .oracle import Effect, drawable, wanted
from .packages import mistaken_package, package_modules, reference_package
from .recorded import RecordedOracle

# Of one result of a mistake: more is no known one.
MAX_BYTES = 2**24
# For so many seeds it is kept what mistakes make of a case.
SEEDS = 4


class LiveOracle:
    """Answers by running the reference in this process."""

    name = "live"

    def __init__(
        self, assignment: Assignment, recorded: RecordedOracle | None = None, edits: bool = True
    ) -> None:
        """Import the reference from its folder, as a package that no other assignment has.

        Args:
            assignment: that has the reference.
            recorded: knows what edits of the same reference give, which takes long to work out.
            edits: whether there are any edits.

        Raises:
            UsageError: there is no reference.
        """
        assignment.require_reference()
        self._assignment = assignment
        self._recorded, self._has_edits = recorded, edits
        self._package = reference_package(assignment)
        # The last problem of every case, and its answers: mistakes are compared with them.
        self._last: dict[str, tuple[Problem | None, Mapping[str, np.ndarray]]] = {}
        # By case, of the last few seeds, what mistakes make of it.
        self._effects: defaultdict[str, dict[int, dict[str, Effect]]] = defaultdict(dict)
        self._edited: dict[str, Mapping[str, Edit]] = {}

    @cached_property
    def _catalogue(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in entries(self._assignment.folders.mistakes)}

    @cached_property
    def _modules(self) -> dict[str, types.ModuleType]:
        """The modules of the reference, and the stand-ins."""
        unused = {"__init__", self._assignment.training_module}
        names = sorted({path.stem for path in package_modules(self._assignment)} - unused)
        return {name: importlib.import_module(f"{self._package}.{name}") for name in names}

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Run the program; `problem.oracle_program` where there is one."""
        before, found = self._last.get(case.key, (None, {}))
        if before is not problem:
            found = self._run(problem)
            self._last[case.key] = problem, found
        return found

    def _run(self, problem: Problem) -> Mapping[str, np.ndarray]:
        if problem.advice:
            return {}
        objects = self._objects(problem.oracle_program or problem.program)
        return {name: np.asarray(objects[name], float) for name in wanted(problem)}

    def _objects(self, program: Program) -> Mapping[str, Any]:
        """Run a program, and return all that it made, by name."""
        interpreter = Interpreter(self._package)
        with undisturbed():
            for step in program:
                interpreter.run(step)
        return interpreter.objects

    def pictured(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Look it up, or run `picture_program`."""
        if self._recorded is not None and problem.picture_program:
            for one in self._recorded.seeds:  # a training is the same, whatever the seed
                if self._recorded.has(case, one, problem):
                    return self._recorded.pictured(case, one, problem)
        return drawable(self._objects(problem.picture_program))

    def known(self, target: str) -> Mapping[str, str]:
        """Read the catalogue."""
        return {e.id: e.says for e in self._catalogue.values() if e.target == target and e.says}

    def edits(self, target: str) -> Mapping[str, str]:
        """Look them up, or change the reference in every way that has a name."""
        if self._recorded is not None:
            return self._recorded.edits(target)
        if not self._has_edits:
            return {}
        return {number: edit.sentence for number, edit in self._edits(target).items()}

    def _edits(self, target: str) -> Mapping[str, Edit]:
        if target not in self._edited:
            name = f"{target.partition('.')[0]}.py"
            source = self._assignment.folders.reference / name
            given = given_files(self._assignment).get(name, b"").decode()
            found = edits_of(target, source.read_text("utf-8"), given) if given else {}
            self._edited[target] = found
        return self._edited[target]

    def edit_seed(self, seed: int) -> int:
        """Return a recorded seed, if there is one."""
        seeds = self._recorded.seeds if self._recorded is not None else []
        return seed if seed in seeds or not seeds else seeds[0]

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Run the program on the reference with this mistake or edit in it."""
        seeds = self._effects[case.key]
        seeds[seed] = found = seeds.pop(seed, {})  # the last that is used is the last to go
        if mistake not in found:
            found[mistake] = self._effect(case, seed, problem, mistake)
        for old in [*seeds][:-SEEDS]:
            del seeds[old]
        return found[mistake]

    def _effect(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        right = self.answers(case, seed, problem)
        if mistake in self._catalogue:
            package = mistaken_package(self._assignment, self._catalogue[mistake])
            return _wrong_results(package, problem, right)
        if self._recorded is not None and self._recorded.has(case, seed, problem):
            return self._recorded.effects(case, seed, problem, mistake)
        edit = self._edits(case.target)[mistake]
        if not edit.reached & _called(problem):
            return {}
        try:
            module = case.target.partition(".")[0]
            with edited(self._package, self._modules, module, edit) as package:
                return _wrong_results(package, problem, right)
        except Exception:  # noqa: BLE001 - what is no function any more explains nothing
            return {}

    def dependence(
        self, case: Case, seed: int, problem: Problem, entry: tuple[int, ...]
    ) -> np.ndarray:
        """Run the reference with every number moved."""
        elements = problem.elements
        assert elements is not None
        interpreter, (step,) = Interpreter(self._package), elements.probe(entry)
        with undisturbed():
            numbers = np.asarray(interpreter.run(step)[elements.result], float)
        right = self.answers(case, seed, problem)[elements.result]
        return elements.dependence(numbers, float(np.abs(right).max()))

    def default_seed(self) -> int:
        """Draw one: the answers to the public seeds are in the handout, to be replayed."""
        return fresh_seed()

    def other_seed(self, seed: int) -> int:
        """Return the one for edits, or the next."""
        return seed + 1 if seed == self.edit_seed(seed) else self.edit_seed(seed)

    def accept(self, seed: int) -> None:
        """Answer for every seed."""


def _called(problem: Problem) -> set[str]:
    """Return the names of the methods and functions that a problem calls."""
    steps = problem.program
    named = {step.what.rpartition(".")[2] for step in steps if isinstance(step, New | Entries)}
    return named | {"__init__", *(step.method for step in steps if isinstance(step, Call))}


def _wrong_results(package: str, problem: Problem, right: Mapping[str, np.ndarray]) -> Effect:
    """Run a problem on a package; return the judged results that are not the right ones."""
    interpreter = Interpreter(package)
    specs = {result.name: result for result in problem.judged}
    made: dict[str, Signature | None] = {}
    with contextlib.suppress(Exception), undisturbed():
        for step in problem.program:  # later steps may change arrays that earlier ones gave
            results = interpreter.run(step).items()
            made |= {n: _signed(specs[n], value, right[n]) for n, value in results if n in specs}
    signed = {name: made.get(name) for name in specs if name in right}
    return {
        name: found
        for name, found in signed.items()
        if found is None or not found.equals(signature(specs[name], right[name]))
    }


def _signed(result: ResultSpec, value: object, right: np.ndarray) -> Signature | None:
    """Return the signature of what a worker would send as numbers."""
    array = numbers(value, MAX_BYTES)
    if array is None:
        return None
    in_form = fitted(array, right.shape)
    return signature(result, array if in_form is None else in_form)
