"""Grading inside the tests: in this process, with one launcher for all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jsonschema

from grader.answers import Oracle, choose
from grader.judging.grade import Grade, Line
from grader.launching import Kept, Process, Starter, starter
from grader.limits import Limits
from grader.report.gradescope import results
from grader.running import examine
from grader.running.runner import grade
from grader.submission.submission import Submission
from grader.worker.stage import Stage
from tests.homework import ASSIGNMENT, find_targets

SCHEMA = json.loads(files("grader.report").joinpath("results.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
# Endless loops run until these limits; a short wait tests as much as a long one.
QUICK = Limits(call=1.0, check=8.0)
# For tests of explanations: a busy machine must not leave any out.
UNHURRIED = Limits(call=10.0, check=60.0, explanation=30.0)


@lru_cache(maxsize=1)
def shared() -> Kept:
    """Return a starter for all tests; the launcher ends with this process."""
    return Kept(starter())


@lru_cache(maxsize=1)
def live() -> Oracle:
    """Return the live oracle."""
    return choose(ASSIGNMENT, "live")


def graded(
    handed_in: Submission | Mapping[str, bytes | str],
    *only: str,
    oracle: Oracle | None = None,
    **options: Any,
) -> Grade:
    """Grade a submission, or files by name, for some targets or all."""
    if not isinstance(handed_in, Submission):
        plain = {k: v.encode() if isinstance(v, str) else v for k, v in handed_in.items()}
        handed_in = Submission(plain, ".")
    options.setdefault("limits", QUICK)
    options.setdefault("workers", shared())
    return valid(grade(ASSIGNMENT, handed_in, oracle or live(), find_targets(only), **options))


def valid(result: Grade) -> Grade:
    """Return a grade after checking its results.json against the schema, as every test does."""
    VALIDATOR.validate(results(result))
    return result


def checked(
    submission: Submission,
    target_name: str,
    seed: int = 0,
    oracle: Oracle | None = None,
    limits: Limits = QUICK,
) -> dict[str, str]:
    """Return the verdict of every check of one target, without starting pytest."""
    found = examined(submission, target_name, seed, oracle, limits)
    return {line.check: line.result.verdict.value for line in found.lines}


def examined(
    handed_in: Submission | Mapping[str, bytes],
    target_name: str,
    seed: int = 0,
    oracle: Oracle | None = None,
    limits: Limits = QUICK,
) -> Grade:
    """Grade a submission for one target, without starting pytest."""
    if not isinstance(handed_in, Submission):
        handed_in = Submission(dict(handed_in), ".")
    (target,) = find_targets((target_name,))
    found = examine(ASSIGNMENT, handed_in, target, seed, oracle or live(), shared(), limits)
    lines = tuple(Line(target, check, result) for check, result in found.items())
    return valid(Grade(ASSIGNMENT, lines, seed, "live", 0.0, handed_in, shared().isolation))


def verdicts(result: Grade) -> dict[str, dict[str, str]]:
    """Return the verdict of every check of every target."""
    found: dict[str, dict[str, str]] = {}
    for line in result.lines:
        found.setdefault(line.target.name, {})[line.check] = line.result.verdict.value
    return found


class Watched:
    """A starter that records how many modules each worker gets, and how many workers are alive."""

    def __init__(self, inner: Starter) -> None:
        self.inner, self.isolation = inner, inner.isolation
        self.started: list[int] = []
        self.alive = self.most = 0

    def start(self, stage: Stage) -> Process:
        process = self.inner.start(stage)
        self.started.append(len(stage.submitted_modules))
        self.alive += 1
        self.most = max(self.most, self.alive)
        stop = process.stop

        def stopped(kill: bool) -> int | None:
            self.alive -= 1
            return stop(kill)

        process.stop = stopped  # type: ignore[method-assign]
        return process

    def train(self, *_: object) -> int:
        raise NotImplementedError

    def close(self) -> None:
        pass
