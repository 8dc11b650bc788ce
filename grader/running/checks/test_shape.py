"""Shape: results have the right shape and type for several batch sizes, including one."""

from __future__ import annotations

from typing import Any

from grader.judging import judge_form
from grader.running.check_run import CheckRun


def test_shape(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Ask for every result once; points are given only if the numbers are right."""
    json_metadata["result"] = check_run.judge(lambda _, *what: judge_form(*what)).to_json()
