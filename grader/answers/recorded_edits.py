"""Edits in the file of recorded answers, read only when the first one is needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from grader.assignment import Case, Problem

from .edits import Packed, Rows, from_text
from .oracle import Effect

# The names, or name prefixes, of the edits' data and of the digest of the edited sources.
EDITS, SOURCES = "edits", "sources"


class RecordedEdits:
    """The results of `edits_in_a_file`, read from a file of arrays."""

    def __init__(self, file: Mapping[str, np.ndarray]) -> None:
        """Keep the file; nothing is read yet."""
        self._file = file
        self._rows: dict[tuple[int, str], Rows] = {}
        self._sentences: dict[str, dict[str, str]] = {}

    @cached_property
    def _packed(self) -> dict[str, Packed]:
        return from_text(self._file[EDITS].tobytes())

    def sentences(self, target: str) -> dict[str, str]:
        """Return the sentences of a target's edits, by id."""
        if target not in self._sentences:
            packed = self._packed.get(target)
            found = packed.sentences if packed else {}
            self._sentences[target] = {i: text for i, (text, _) in found.items()}
        return self._sentences[target]

    def effect(self, case: Case, seed: int, problem: Problem, edit: str) -> Effect:
        """Return the judged results that an edit makes wrong."""
        if (seed, case.target) not in self._rows:
            self._rows[seed, case.target] = Rows(self._file[f"{EDITS} {seed} {case.target}"])
        found = self._rows[seed, case.target].of(self._packed[case.target], case.key, edit)
        return {problem.judged[number].name: made for number, made in found}
