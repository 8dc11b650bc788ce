"""Grading inside the tests: in this process, with one launcher for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from grader.oracle import LiveOracle, Oracle
from grader.processes import Isolation, Process, Show, Starter, starter
from grader.rubric import find_targets
from grader.runner import Grade, grade
from grader.sandbox import Limits
from grader.submission import Submission
from grader.validate import examine
from grader.worker import Stage

# Endless loops are waited for; a shorter wait is as good as a long one.
QUICK = Limits(call=1.0, check=8.0)


class Shared:
    """A starter that survives the end of a grade."""

    def __init__(self, inner: Starter) -> None:
        """Keep the real one."""
        self._inner = inner

    @property
    def isolation(self) -> Isolation:
        """What its workers have."""
        return self._inner.isolation

    def start(self, stage: Stage) -> Process:
        """Start one worker."""
        return self._inner.start(stage)

    def train(self, stage: Stage, show: Show) -> int:
        """Run the training script of a package."""
        return self._inner.train(stage, show)

    def close(self) -> None:
        """Stay open for the next test; the launcher ends with this process."""


@lru_cache(maxsize=1)
def shared() -> Shared:
    return Shared(starter())


@lru_cache(maxsize=1)
def live() -> LiveOracle:
    """Return the live oracle."""
    return LiveOracle()


def graded(
    files: Submission | Mapping[str, bytes | str],
    *only: str,
    oracle: Oracle | None = None,
    **options: Any,
) -> Grade:
    """Grade a submission, or files by name, for some targets or all."""
    if not isinstance(files, Submission):
        plain = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
        files = Submission(plain, ".")
    options.setdefault("limits", QUICK)
    options.setdefault("workers", shared())
    return grade(files, oracle or live(), find_targets(only), **options)


def checked(
    submission: Submission,
    target_name: str,
    seed: int = 0,
    oracle: Oracle | None = None,
    limits: Limits = QUICK,
) -> dict[str, str]:
    """Return the verdict of every check of one target, without the start of pytest."""
    (target,) = find_targets((target_name,))
    found = examine(submission, target, seed, oracle or live(), shared(), limits)
    return {check: result.verdict.value for check, result in found.items()}


def verdicts(result: Grade) -> dict[str, dict[str, str]]:
    """Return the verdict of every check of every target."""
    found: dict[str, dict[str, str]] = {}
    for line in result.lines:
        found.setdefault(line.target.name, {})[line.check] = line.result.verdict.value
    return found
