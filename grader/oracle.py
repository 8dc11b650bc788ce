"""The right answers: live, by running the reference, or recorded, from one file of arrays.

Both are asked with the same problem. The recorded file holds no formula and no code of the
reference; beside each answer it keeps a fingerprint of the question, so that stale answers are
a fault of the harness and never a wrong verdict.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.util
import json
import sys
import types
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from .cases import CASES, Case, Problem
from .catalogue import Entry, entries
from .diagnosis import SUMS, Signature, signature
from .errors import UsageError
from .paths import MISTAKES, PACKAGE, RECORDED, REFERENCE, has_reference
from .program import Machine, encode

# Seeds whose answers are recorded for students. More of them cost 0.4 MB each.
PUBLIC_SEEDS = (0, 1)
# Checks that compare numbers of calls; the others have words of their own.
DIAGNOSED = ("values", "gradient", "behaviour")
# The results of a case that a mistake makes wrong; None stands for no numbers at all.
Effect = Mapping[str, Signature | None]


class Oracle(Protocol):
    """Knows the right answers."""

    name: str

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Return the right value of every judged and ground result of a problem."""

    def known(self, target: str) -> Mapping[str, str]:
        """Return the sentence of every mistake of a target that numbers can prove, by id."""

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Return the judged results that a mistake makes wrong; None for those it does not give."""

    def accept(self, seed: int) -> None:
        """Raise UsageError if there are no answers for this seed."""


def _wanted(problem: Problem) -> tuple[str, ...]:
    return (*problem.judged, *problem.ground)


class LiveOracle:
    """Answers by running the reference in this process."""

    name = "live"

    def __init__(self, folder: Path = REFERENCE) -> None:
        """Import the reference from its folder, whatever else is called so."""
        _import_package("reference", folder / "__init__.py")
        # Programs find the stand-ins in the package they are used with.
        _import_package("reference.standins", PACKAGE / "standins.py")
        self._effects: dict[tuple[str, int, str], Effect] = {}

    @cached_property
    def _catalogue(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in entries(MISTAKES)}

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Run the program; `problem.truth` where there is one."""
        if problem.advice:
            return {}
        machine = Machine("reference")
        for step in problem.truth or problem.program:
            machine.run(step)
        return {name: np.asarray(machine.objects[name], float) for name in _wanted(problem)}

    def known(self, target: str) -> Mapping[str, str]:
        """Read the catalogue."""
        return {e.id: e.says for e in self._catalogue.values() if e.target == target and e.says}

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Run the program on the reference with this mistake in it."""
        key = (case.key, seed, mistake)
        if key not in self._effects:
            right = self.answers(case, seed, problem)
            self._effects[key] = self._run_mistake(problem, self._catalogue[mistake], right)
        return self._effects[key]

    def _run_mistake(
        self, problem: Problem, entry: Entry, right: Mapping[str, np.ndarray]
    ) -> Effect:
        machine, made = Machine(package_of(entry)), dict[str, Signature | None]()
        with contextlib.suppress(Exception), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for step in problem.program:  # later steps may change arrays that earlier ones gave
                results = machine.run(step).items()
                made |= {name: _signed(name, value) for name, value in results}
        signed = {name: made.get(name) for name in problem.judged if name in right}
        return {
            name: found
            for name, found in signed.items()
            if found is None or not found.equals(signature(name, right[name]))
        }

    def accept(self, seed: int) -> None:
        """Answer for every seed."""


class RecordedOracle:
    """Answers from a file that `record` wrote."""

    name = "recorded"

    def __init__(self, path: Path = RECORDED) -> None:
        """Open the file.

        Raises:
            UsageError: there is no such file.
        """
        if not path.is_file():
            raise UsageError(
                f"The recorded answers {path} are missing; `grader record` makes them."
            )
        with np.load(path, allow_pickle=False) as file:
            self._arrays = {name: file[name] for name in file.files}

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Look the answers up.

        Raises:
            LookupError: they are not there, or belong to another problem.
        """
        start = f"{seed}/{case.key}/"
        found = self._arrays.get(start)
        if found is None or found.tobytes() != fingerprint(problem):
            raise LookupError(f"The recorded answers for {start} are missing or out of date.")
        return {name: self._arrays[start + name] for name in _wanted(problem) if not problem.advice}

    def known(self, target: str) -> Mapping[str, str]:
        """Look the sentences up."""
        return dict(self._sentences.get(target, {}))

    def effects(self, case: Case, seed: int, problem: Problem, mistake: str) -> Effect:
        """Look them up."""
        rows = self._arrays.get(f"{seed}/{case.key}/ mistakes")
        number = list(self._sentences[case.target]).index(mistake)
        found = [] if rows is None else [row for row in rows if row[0] == number]
        return {problem.judged[int(row[1])]: _from_row(row[2:]) for row in found}

    @cached_property
    def _sentences(self) -> dict[str, dict[str, str]]:
        stored: dict[str, dict[str, str]] = json.loads(self._arrays["mistakes"].tobytes())
        return stored

    @property
    def seeds(self) -> list[int]:
        """Return the seeds that were recorded."""
        return sorted({int(name.partition("/")[0]) for name in self._arrays if "/" in name})

    def accept(self, seed: int) -> None:
        """Refuse the seeds that were not recorded."""
        if seed not in self.seeds:
            shown = ", ".join(map(str, self.seeds))
            raise UsageError(f"Seed {seed} has no recorded answers. Choose one of: {shown}.")


def fingerprint(problem: Problem) -> bytes:
    """Return 8 bytes that change with anything in the program, its numbers included."""
    steps, arrays = encode(problem.program)
    digest = hashlib.sha256(json.dumps(steps).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()[:8]


def record(path: Path = RECORDED, seeds: Sequence[int] = PUBLIC_SEEDS) -> int:
    """Write the reference's answers to every case, for some seeds; return how many there are."""
    live, arrays = LiveOracle(), {}
    for seed in seeds:
        for case in CASES:
            problem = case.problem(seed)
            start = f"{seed}/{case.key}/"
            arrays[start] = np.frombuffer(fingerprint(problem), np.uint8)
            for name, value in live.answers(case, seed, problem).items():
                arrays[start + name] = value
            rows = _rows(live, case, seed, problem)
            if rows:
                arrays[f"{start} mistakes"] = np.array(rows)
    sentences = {case.target: live.known(case.target) for case in CASES}
    arrays["mistakes"] = np.frombuffer(json.dumps(sentences).encode(), np.uint8)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return len(arrays)


# Shapes of at most this many dimensions; longer ones are no known mistake.
_DIMENSIONS = 6


def _rows(live: LiveOracle, case: Case, seed: int, problem: Problem) -> list[list[float]]:
    """Return what every mistake does to a case: its number, the result's, and a signature."""
    if case.check not in DIAGNOSED:
        return []
    return [
        [number, problem.judged.index(name), *_to_row(made)]
        for number, mistake in enumerate(live.known(case.target))
        for name, made in live.effects(case, seed, problem, mistake).items()
    ]


def _to_row(made: Signature | None) -> list[float]:
    if made is None or len(made.shape) > _DIMENSIONS:
        return [-1.0] * (2 + _DIMENSIONS + SUMS)
    shape = [*made.shape, *[-1] * (_DIMENSIONS - len(made.shape))]
    return [len(made.shape), *shape, *made.sums, made.scale]


def _from_row(row: Sequence[float]) -> Signature | None:
    if row[0] < 0:
        return None
    shape = tuple(int(size) for size in row[1 : 1 + int(row[0])])
    sums = row[1 + _DIMENSIONS : 1 + _DIMENSIONS + SUMS]
    return Signature(shape, tuple(float(x) for x in sums), float(row[-1]))


def _signed(name: str, value: object) -> Signature | None:
    """Return the signature of what a worker would send as numbers."""
    if isinstance(value, bool | int | float):
        return signature(name, np.array(float(value)))
    if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "fiub":
        return None
    return signature(name, np.asarray(value))


def choose(name: str = "auto") -> Oracle:
    """Return the oracle of that name; "auto" is live where the reference is there.

    Raises:
        UsageError: the reference is asked for and is not there.
    """
    if name == "live" and not has_reference():
        raise UsageError("The live oracle needs the reference, which is not part of the handout.")
    return LiveOracle() if has_reference() and name != "recorded" else RecordedOracle()


def _import_package(name: str, file: Path) -> None:
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


class _MistakenLoader(importlib.machinery.SourceFileLoader):
    """Loads a module of the reference with a mistake in it."""

    def __init__(self, fullname: str, file: str, entry: Entry) -> None:
        super().__init__(fullname, file)
        self._entry = entry

    def get_code(self, fullname: str) -> types.CodeType:
        return self.source_to_code(self._entry.source(REFERENCE).encode(), f"<{self._entry.id}>")


def package_of(entry: Entry) -> str:
    """Return the name of a package that is the reference with one module changed."""
    package = f"reference.mistaken {entry.id}"
    if package in sys.modules:
        return package
    own = f"reference.{entry.module}"
    importlib.import_module(own)
    spec = importlib.util.spec_from_file_location(
        own, REFERENCE / f"{entry.module}.py", loader=_MistakenLoader(own, entry.module, entry)
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[package] = types.ModuleType(package)
    for path in (*REFERENCE.glob("*.py"), PACKAGE / "standins.py"):
        name = path.stem
        if name not in ("__init__", entry.module, "train"):
            sys.modules[f"{package}.{name}"] = importlib.import_module(f"reference.{name}")
    sys.modules[f"{package}.{entry.module}"] = module
    return package
