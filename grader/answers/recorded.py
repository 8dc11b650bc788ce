"""Right answers from one file of arrays for students: no formulas, no code of the reference.

With each answer the file stores a fingerprint of the question, so that stale answers are a fault
of the harness and never a wrong verdict. The effects of edits are in `recorded_edits.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from grader.assignment import Case, Problem
from grader.errors import UsageError
from grader.judging import SUMS, Signature
from grader.program import encode

from .oracle import Effect, wanted
from .recorded_edits import SOURCES, RecordedEdits

# Prefix for the names of results that are only shown.
PICTURED = " pictured "
# How to get the file back, for students and for staff.
_AGAIN = "download the handout again, or run `grader record` where the reference is."


class RecordedOracle:
    """Answers from a file that `record` wrote."""

    name = "recorded"

    def __init__(self, path: Path, files: bytes | None = None) -> None:
        """Open the file.

        Args:
            path: the path of the file.
            files: the digest of the files that the answers have to depend on; None to accept any.

        Raises:
            UsageError: there is no such file, or it is damaged.
        """
        self._files = files
        self._path = path
        if not path.is_file():
            raise UsageError(f"The recorded answers {path} are missing; {_AGAIN}")
        with self._readable():
            self._file = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
            self._arrays = {name: self._file[name] for name in ("files", "mistakes")}
            self._sentences = _sentences(self._arrays["mistakes"])
            self.seeds = sorted({int(x.partition("/")[0]) for x in self._file.files if "/" in x})
        self._loaded = set[int]()
        # By seed and case, and then by mistake: its effects on the results.
        self._rows: dict[tuple[int, str], dict[str, list[np.ndarray]]] = {}
        self._edits = RecordedEdits(self._file)
        self._load(self.default_seed())

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # reading a damaged file may raise anything
            what = f"{type(error).__name__}: {error}"
            raise UsageError(
                f"The recorded answers {self._path} are damaged ({what}); {_AGAIN}"
            ) from error

    def _load(self, seed: int) -> None:
        """Read the arrays of one seed: there are a thousand, and most grades need no others."""
        if seed not in self._loaded:
            self._loaded.add(seed)
            names = [name for name in self._file.files if name.startswith(f"{seed}/")]
            with self._readable():
                self._arrays |= {name: self._file[name] for name in names}

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Look the answers up.

        Raises:
            LookupError: they are missing, or belong to another problem.
        """
        self._load(seed)
        start = f"{seed}/{case.key}/"
        found = self._arrays.get(start)
        if self._files is not None and self._arrays["files"].tobytes() != self._files:
            raise LookupError(
                "The fakes, the data or a given module have changed since the answers were "
                "recorded."
            )
        if found is None or found.tobytes() != fingerprint(problem):
            raise LookupError(f"The recorded answers for {start} are missing or out of date.")
        return {name: self._arrays[start + name] for name in wanted(problem) if not problem.advice}

    def pictured(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Look it up."""
        self._load(seed)
        start = f"{seed}/{case.key}/{PICTURED}"
        return {
            name.removeprefix(start): array
            for name, array in self._arrays.items()
            if name.startswith(start)
        }

    def known(self, target: str) -> Mapping[str, str]:
        """Look the sentences up."""
        return dict(self._sentences.get(target, {}))

    def edits(self, target: str) -> Mapping[str, str]:
        """Look the sentences up; all of them are read when the first is needed."""
        with self._readable():
            return self._edits.sentences(target)

    def edit_seed(self, seed: int) -> int:
        """Return the same seed: all available seeds were recorded with their edits."""
        return seed

    def are_edits_of(self, sources: bytes) -> bool:
        """Tell whether the edits belong to a reference, see `sources_digest`."""
        return SOURCES in self._file and self._file[SOURCES].tobytes() == sources

    def has(self, case: Case, seed: int, problem: Problem) -> bool:
        """Tell whether there are answers to a problem, and it is the one that was recorded."""
        if seed not in self.seeds:
            return False
        self._load(seed)
        found = self._arrays.get(f"{seed}/{case.key}/")
        return found is not None and found.tobytes() == fingerprint(problem)

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Look them up."""
        if mistake in self.edits(case.target):
            with self._readable():
                return self._edits.effect(case, seed, problem, mistake)
        self._load(seed)
        if (seed, case.key) not in self._rows:
            ids = list(self._sentences[case.target])
            rows: dict[str, list[np.ndarray]] = {i: [] for i in ids}
            for row in self._arrays.get(f"{seed}/{case.key}/ mistakes", ()):
                rows[ids[int(row[0])]].append(row)
            self._rows[seed, case.key] = rows
        found = self._rows[seed, case.key][mistake]
        return {problem.judged[int(row[1])].name: _from_row(row[2:].tolist()) for row in found}

    def dependence(
        self, case: Case, seed: int, problem: Problem, entry: tuple[int, ...]
    ) -> np.ndarray:
        """Look it up."""
        elements = problem.elements
        assert elements is not None
        row = np.ravel_multi_index(entry, elements.shape)
        count = sum(array.size for array in elements.arrays.values())
        self._load(seed)
        packed = self._arrays[f"{seed}/{case.key}/ dependence"]
        return np.unpackbits(packed[row], count=count).astype(bool)

    def default_seed(self) -> int:
        """Return the first recorded seed."""
        return min(self.seeds, default=0)

    def other_seed(self, seed: int) -> int | None:
        """Return the first other recorded seed."""
        return next((x for x in self.seeds if x != seed), None)

    def accept(self, seed: int) -> None:
        """Refuse seeds that were not recorded, or are damaged."""
        if seed not in self.seeds:
            shown = ", ".join(map(str, self.seeds))
            raise UsageError(
                f"Seed {seed} has no recorded answers, and the reference, which has answers to all "
                f"seeds, is not here. Choose one of: {shown}."
            )
        self._load(seed)


def _sentences(stored: np.ndarray) -> dict[str, dict[str, str]]:
    """Return the sentences of the known mistakes, by target and mistake."""
    found = json.loads(stored.tobytes())
    return {target: dict(sentences) for target, sentences in found.items()}


def fingerprint(problem: Problem) -> bytes:
    """Return 8 bytes that change with everything the recorded answers depend on.

    That is what the submission runs and what the oracle runs, their arrays with type and shape, and
    the judged results in order, because the effects of mistakes are recorded by result number.
    """
    digest = hashlib.sha256()
    programs = (problem.program, problem.oracle_program)
    for program in (*programs, *filter(None, [problem.picture_program])):
        steps, arrays = encode(program)
        kinds = [(array.dtype.str, array.shape) for array in arrays]
        digest.update(json.dumps([steps, kinds]).encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
    for results in (problem.judged, problem.prerequisites):
        specs = [(spec.name, spec.role.value, spec.wrt, spec.repeats) for spec in results]
        digest.update(json.dumps(specs).encode())
    return digest.digest()[:8]


# Maximum number of dimensions of a shape; a known mistake never has more.
DIMENSIONS = 6


def _from_row(row: Sequence[float]) -> Signature | None:
    if row[0] < 0:
        return None
    shape = tuple(int(size) for size in row[1 : 1 + int(row[0])])
    sums = row[1 + DIMENSIONS : 1 + DIMENSIONS + SUMS]
    return Signature(shape, tuple(float(x) for x in sums), float(row[-1]))
