"""Edits in the file of recorded answers: read with the first that is asked for, and only then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from grader.assignment import Assignment, Case, Problem
from grader.judging import DIAGNOSED

from .edits import Packed, Row, Rows, as_text, from_text, grouped, table
from .live import LiveOracle
from .oracle import Effect

# The name of what is kept of edits, or how it begins.
EDITS = "edits"


class RecordedEdits:
    """What `recorded_edits` gave, in a file of arrays."""

    def __init__(self, file: Mapping[str, np.ndarray]) -> None:
        """Keep the file; nothing is read yet."""
        self._file = file
        self._rows: dict[tuple[int, str], Rows] = {}

    @cached_property
    def _packed(self) -> dict[str, Packed]:
        return from_text(self._file[EDITS].tobytes())

    def sentences(self, target: str) -> dict[str, str]:
        """Return the sentences of a target's edits, by id."""
        found = self._packed.get(target)
        return {i: text for i, (text, _) in found.sentences.items()} if found else {}

    def effect(self, case: Case, seed: int, problem: Problem, edit: str) -> Effect:
        """Return the judged results that an edit makes wrong."""
        if (seed, case.target) not in self._rows:
            self._rows[seed, case.target] = Rows(self._file[f"{EDITS} {seed} {case.target}"])
        found = self._rows[seed, case.target].of(self._packed[case.target], case.key, edit)
        return {problem.judged[number].name: made for number, made in found}


def recorded_edits(assignment: Assignment, live: LiveOracle) -> dict[str, np.ndarray]:
    """Return what edits give for every case that is diagnosed, and their sentences."""
    kept: dict[str, Packed] = {}
    arrays: dict[str, np.ndarray] = {}
    for target in dict.fromkeys(case.target for case in assignment.cases):
        cases = [x for x in assignment.cases if x.target == target and x.check in DIAGNOSED]
        edits = live.edits(target) if cases else {}
        rows = _rows(live, cases, assignment.public_seeds[0], edits)
        sentences, first = grouped(edits, rows)
        shapes: list[tuple[int, ...]] = []
        for seed in assignment.public_seeds if first else ():
            found = rows if seed == assignment.public_seeds[0] else _rows(live, cases, seed, first)
            groups = [found[edit] for edit in first]
            arrays[f"{EDITS} {seed} {target}"] = table(groups, shapes)
        kept[target] = Packed(sentences, shapes, [case.key for case in cases])
    return arrays | {EDITS: np.frombuffer(as_text(kept), np.uint8)}


def _rows(
    live: LiveOracle, cases: Iterable[Case], seed: int, edits: Iterable[str]
) -> dict[str, list[Row]]:
    """Return what edits make wrong in all cases, for one seed."""
    rows: dict[str, list[Row]] = {edit: [] for edit in edits}
    for number, case in enumerate(cases):
        problem = case.problem(seed)
        names = [result.name for result in problem.judged]
        for edit, found in rows.items():
            effect = live.effects(case, seed, problem, edit)
            found += [(number, names.index(name), made) for name, made in effect.items()]
    return rows
