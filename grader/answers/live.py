"""Right answers obtained by running the reference, also with a known mistake in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from grader.arithmetic import undisturbed
from grader.assignment import Assignment, Case, Problem
from grader.program import Program
from grader.sampler import fresh_seed
from grader.worker.interpreter import Interpreter

from .catalogue import Entry, entries
from .live_edits import LiveEdits
from .oracle import Effect, drawable, wanted
from .packages import mistaken_package, reference_package, wrong_results
from .recorded import RecordedOracle

# Number of seeds for which the effects of mistakes on a case are kept.
SEEDS = 4


class LiveOracle:
    """Answers by running the reference in this process."""

    name = "live"

    def __init__(
        self, assignment: Assignment, recorded: RecordedOracle | None = None, edits: bool = True
    ) -> None:
        """Import the reference from its folder, as a package that no other assignment shares.

        Args:
            assignment: the assignment that has the reference.
            recorded: knows the effects of mistakes in this same reference and of its edits, which
                take long to compute.
            edits: whether there are any edits.

        Raises:
            UsageError: there is no reference.
        """
        assignment.require_reference()
        self._assignment = assignment
        self._recorded, self._has_edits = recorded, edits
        self._package = reference_package(assignment)
        # The last problem of every case, and its answers, which mistakes are compared with.
        self._last: dict[str, tuple[Problem | None, Mapping[str, np.ndarray]]] = {}
        # By case, for the last few seeds: the effects of mistakes.
        self._effects: defaultdict[str, dict[int, dict[str, Effect]]] = defaultdict(dict)
        self._edits = LiveEdits(assignment, self._package)
        # The last problem of every case, its seed, and whether its answers are recorded.
        self._looked_up: dict[str, tuple[Problem | None, int, bool]] = {}

    @cached_property
    def _catalogue(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in entries(self._assignment.folders.mistakes)}

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Run the program, or `problem.oracle_program` if there is one."""
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
        """Run a program, and return everything that it created, by name."""
        interpreter = Interpreter(self._package)
        with undisturbed():
            for step in program:
                interpreter.run(step)
        return interpreter.objects

    def pictured(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Look it up, or run `picture_program`."""
        if self._recorded is not None and problem.picture_program:
            for one in self._recorded.seeds:  # a training is the same for every seed
                if self._recorded.has(case, one, problem):
                    return self._recorded.pictured(case, one, problem)
        return drawable(self._objects(problem.picture_program))

    def known(self, target: str) -> Mapping[str, str]:
        """Read the catalogue."""
        return {e.id: e.says for e in self._catalogue.values() if e.target == target and e.says}

    def edits(self, target: str) -> Mapping[str, str]:
        """Look them up, or change the right code in every way that can be described."""
        if self._recorded is not None:
            return self._recorded.edits(target)
        return self._edits.sentences(target) if self._has_edits else {}

    def edit_seed(self, seed: int) -> int:
        """Return a recorded seed, if there is one."""
        seeds = self._recorded.seeds if self._recorded is not None else []
        return seed if seed in seeds or not seeds else seeds[0]

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Run the program on the reference with this mistake or edit applied."""
        seeds = self._effects[case.key]
        seeds[seed] = found = seeds.pop(seed, {})  # the most recently used is dropped last
        if mistake not in found:
            found[mistake] = self._effect(case, seed, problem, mistake)
        for old in [*seeds][:-SEEDS]:
            del seeds[old]
        return found[mistake]

    def _effect(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        if self._recorded is not None and self._is_recorded(case, seed, problem):
            return self._recorded.effects(case, seed, problem, mistake)
        right = self.answers(case, seed, problem)
        if mistake in self._catalogue:
            package = mistaken_package(self._assignment, self._catalogue[mistake])
            return wrong_results(package, problem, right)
        return self._edits.effect(case, problem, right, mistake)

    def _is_recorded(self, case: Case, seed: int, problem: Problem) -> bool:
        before, of, found = self._looked_up.get(case.key, (None, 0, False))
        if before is not problem or of != seed:
            found = self._recorded is not None and self._recorded.has(case, seed, problem)
            self._looked_up[case.key] = problem, seed, found
        return found

    def dependence(
        self, case: Case, seed: int, problem: Problem, entry: tuple[int, ...]
    ) -> np.ndarray:
        """Run the reference, moving each number in turn."""
        elements = problem.elements
        assert elements is not None
        interpreter, (step,) = Interpreter(self._package), elements.probe(entry)
        with undisturbed():
            numbers = np.asarray(interpreter.run(step)[elements.result], float)
        right = self.answers(case, seed, problem)[elements.result]
        return elements.dependence(numbers, float(np.abs(right).max()))

    def default_seed(self) -> int:
        """Draw one: the answers for public seeds are in the handout and could be replayed."""
        return fresh_seed()

    def other_seed(self, seed: int) -> int:
        """Return the seed for edits, or the next one."""
        return seed + 1 if seed == self.edit_seed(seed) else self.edit_seed(seed)

    def accept(self, seed: int) -> None:
        """Accept every seed."""
