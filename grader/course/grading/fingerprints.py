"""What a result depends on besides the submission: while that is unchanged, so is the result."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.answers import Oracle, entries
from grader.assignment import Assignment, Target, given_files
from grader.limits import Limits
from grader.paths import PACKAGE
from grader.running import Plan

# The packages that produce results of submissions, and their folder of modules that are data.
_ROOMS = ("worker", "assignment", "launching", "isolation", "submission", "judging", "answers",
          "running")  # fmt: skip
_DATA = PACKAGE / "assignment" / "homework"


def fingerprints(assignment: Assignment, oracle: Oracle, seed: int) -> dict[str, str]:
    """Return the fingerprint of every target: of all that determines its results except points.

    Args:
        assignment: the assignment to grade.
        oracle: the right answers.
        seed: determines all inputs.
    """
    plan = Plan(assignment, oracle, seed)
    return {target.name: _fingerprint(assignment, plan, target) for target in assignment.rubric}


def _fingerprint(assignment: Assignment, plan: Plan, target: Target) -> str:
    digest = hashlib.sha256()
    for part in _parts(assignment, plan, target):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _parts(assignment: Assignment, plan: Plan, target: Target) -> Iterator[bytes]:
    yield _engine()
    visible = {check: target.visibility_of(check) for check in target.points}
    submitted = assignment.submitted_modules(target)
    forbidden = sorted(assignment.forbidden)
    told = [target.name, target.title, target.kind.value, visible, submitted, forbidden]
    yield json.dumps([told, vars(Limits()), np.__version__]).encode()
    yield json.dumps(sorted(plan.oracle.edits(target.name).items())).encode()
    yield from _files(assignment, target)
    for check in target.points:
        for question in plan.questions(target, check):
            case = question.case
            asked = (case.key, case.weight, question.problem, question.answers)
            yield json.dumps(plain(asked)).encode()


def plain(value: Any) -> Any:
    """Return a value in JSON types, such that any two distinguishable values stay different."""
    match value:
        case np.ndarray():
            content = hashlib.sha256(value.tobytes()).hexdigest()
            told: Any = [str(value.dtype), value.shape, content]
        case Enum():
            told = value.name
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            told = sorted([str(key), plain(one)] for key, one in value.items())
        case list() | tuple():
            told = [plain(one) for one in value]
        case _ if dataclasses.is_dataclass(value):
            names = [x.name for x in dataclasses.fields(value) if x.compare]
            told = {name: plain(getattr(value, name)) for name in names}
        case _:
            told = getattr(value, "__qualname__", "")
    return [type(value).__qualname__, told]


def _files(assignment: Assignment, target: Target) -> Iterator[bytes]:
    """Yield the given files, and those that name wrong numbers: mistakes and correct variants."""
    given = given_files(assignment)
    for name in sorted(given):
        if name.endswith(".md"):  # text around the derivations, which is missing in containers
            continue
        if name.removesuffix(".py") not in assignment.graded_modules:
            yield name.encode() + given[name]
    if assignment.fakes is not None:
        yield assignment.fakes.read_bytes()
    for folder in (assignment.folders.mistakes, assignment.folders.alternatives):
        for one in entries(folder):
            if one.target in (target.name, target.module):
                yield repr(one).encode()


@cache
def _engine() -> bytes:
    """Return a digest of the code that produces results."""
    rooms = [path for room in _ROOMS for path in (PACKAGE / room).rglob("*.*")]
    words: list[Path] = [path for path in PACKAGE.glob("*.py") if path.stem != "__main__"]
    digest = hashlib.sha256()
    for path in sorted([*rooms, *words]):
        if path.suffix in (".py", ".ini") and _DATA not in path.parents:
            digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.digest()
