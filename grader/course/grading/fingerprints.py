"""What a result depends on, beside the submission: as long as it is the same, so is the result."""

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

# The rooms that make results of submissions, and those of their modules that are data.
_ROOMS = ("worker", "assignment", "launching", "isolation", "submission", "judging", "answers",
          "running")  # fmt: skip
_DATA = PACKAGE / "assignment" / "homework"


def fingerprints(assignment: Assignment, oracle: Oracle, seed: int) -> dict[str, str]:
    """Return the fingerprint of every target: of all that decides its results, but points.

    Args:
        assignment: what is asked.
        oracle: the right answers.
        seed: fixes every input.
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
    """Return a value as JSON can say it: two that differ in anything that can be told differ."""
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
    """Yield the given files, and what names wrong numbers: known mistakes, other right code."""
    given = given_files(assignment)
    for name in sorted(given):
        if name.endswith(".md"):  # the text around the derivations, which containers do not have
            continue
        if name.removesuffix(".py") not in assignment.graded_modules:
            yield name.encode() + given[name]
    if assignment.standins is not None:
        yield assignment.standins.read_bytes()
    for folder in (assignment.folders.mistakes, assignment.folders.alternatives):
        for one in entries(folder):
            if one.target in (target.name, target.module):
                yield repr(one).encode()


@cache
def _engine() -> bytes:
    """Return a digest of the code that makes results."""
    rooms = [path for room in _ROOMS for path in (PACKAGE / room).rglob("*.*")]
    words: list[Path] = [path for path in PACKAGE.glob("*.py") if path.stem != "__main__"]
    digest = hashlib.sha256()
    for path in sorted([*rooms, *words]):
        if path.suffix in (".py", ".ini") and _DATA not in path.parents:
            digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.digest()
