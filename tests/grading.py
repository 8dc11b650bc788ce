"""Grading inside the tests: in this process, with one launcher for all of them."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from grader.exam import Asked, Exam
from grader.oracle import LiveOracle, Oracle
from grader.processes import Isolation, Process, Show, Starter, starter
from grader.rubric import find_targets
from grader.runner import Grade, grade
from grader.sandbox import Limits, Sandbox
from grader.staging import staging
from grader.submission import Submission
from grader.verdict import CheckResult
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
def _shared() -> Shared:
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
    options.setdefault("workers", _shared())
    return grade(files, oracle or live(), find_targets(only), **options)


def checked(submission: Submission, target_name: str, seed: int = 0) -> dict[str, str]:
    """Return the verdict of every check of one target, without the start of pytest.

    The checks' functions are called one after the other, as pytest does. `graded` takes the whole
    way; this one makes a catalogue of hundreds affordable.
    """
    (target,) = find_targets((target_name,))
    found: dict[str, str] = {}
    with staging(submission) as staged:
        sandbox = Sandbox(_shared(), staged.stage(target), target.module, QUICK)
        history: list[Asked] = []
        for check in target.points:
            end = time.monotonic() + 60
            exam = Exam(target, check, sandbox, live(), seed, QUICK, end, None, history)
            metadata: dict[str, Any] = {}
            module = importlib.import_module(f"grader.checks.test_{check}")
            getattr(module, f"test_{check}")(exam, metadata)
            found[check] = CheckResult.parse(metadata["result"]).verdict.value
        sandbox.close()
    return found


def verdicts(result: Grade) -> dict[str, dict[str, str]]:
    """Return the verdict of every check of every target."""
    found: dict[str, dict[str, str]] = {}
    for line in result.lines:
        found.setdefault(line.target.name, {})[line.check] = line.result.verdict.value
    return found
