"""The right answers: live, by running the reference, or recorded, from one file of arrays.

Both are asked with the same problem. The recorded file holds no formula and no code of the
reference; beside each answer it keeps a fingerprint of the question, so that stale answers are
a fault of the harness and never a wrong verdict.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from .cases import CASES, Case, Problem
from .errors import UsageError
from .paths import PACKAGE, RECORDED, REFERENCE, has_reference
from .program import Machine, encode

# Seeds whose answers are recorded for students. More of them cost 0.4 MB each.
PUBLIC_SEEDS = (0, 1)


class Oracle(Protocol):
    """Knows the right answers."""

    name: str

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Return the right value of every judged and ground result of a problem."""

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

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        """Run the program; `problem.truth` where there is one."""
        if problem.advice:
            return {}
        machine = Machine("reference")
        for step in problem.truth or problem.program:
            machine.run(step)
        return {name: np.asarray(machine.objects[name], float) for name in _wanted(problem)}

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

    def accept(self, seed: int) -> None:
        """Refuse the seeds that were not recorded."""
        seeds = sorted({int(name.partition("/")[0]) for name in self._arrays})
        if seed not in seeds:
            shown = ", ".join(map(str, seeds))
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
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return len(arrays)


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
