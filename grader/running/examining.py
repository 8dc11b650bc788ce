"""All checks of one target without pytest, which makes grading hundreds of submissions cheap."""

from __future__ import annotations

import importlib
import time
from typing import Any

from grader.answers import Oracle
from grader.arithmetic import undisturbed
from grader.assignment import Assignment, Target
from grader.isolation import Gate, Sandbox
from grader.launching import Starter
from grader.limits import Limits
from grader.submission import Submission, staging
from grader.verdict import CheckResult

from .asked import Asked
from .check_run import CheckRun
from .plan import plan

# Generous time limit of a check, because time is not what is tested here.
CHECK_SECONDS = 60.0


@undisturbed()
def examine(
    assignment: Assignment,
    submission: Submission,
    target: Target,
    seed: int,
    oracle: Oracle,
    workers: Starter,
    limits: Limits,
    history: list[Asked] | None = None,
    pictures: bool = False,
    explains: bool = True,
) -> dict[str, CheckResult]:
    """Return the result of every check of one target, without running pytest.

    The check functions are called one after the other, as pytest would call them. `grade` runs the
    full pipeline; this shortcut makes hundreds of submissions affordable.
    """
    asked = [] if history is None else history
    found, asking = dict[str, CheckResult](), plan(assignment, oracle, seed)
    with staging(assignment, submission, workers.isolation.level == "uid") as staged:
        stage, modules = staged.stage(target), assignment.importable_modules
        gate = Gate(staged.names) if target.secret else None
        sandbox = Sandbox(workers, stage, target.module, limits, modules=modules, gate=gate)
        for check in target.points:
            end = time.monotonic() + CHECK_SECONDS
            check_run = CheckRun(
                assignment, target, check, sandbox, asking, limits, end, None, asked,
                pictures, explains,
            )  # fmt: skip
            metadata: dict[str, Any] = {}
            module = importlib.import_module(f"{__package__}.checks.test_{check}")
            getattr(module, f"test_{check}")(check_run, metadata)
            found[check] = CheckResult.from_json(metadata["result"])
        sandbox.close()
    return found
