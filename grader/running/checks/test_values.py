"""Values: forward gives the numbers of the right function."""

from __future__ import annotations

from typing import Any

from grader.running.check_run import CheckRun
from grader.running.confirming import confirmed
from grader.running.judges import by_numbers


def test_values(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Compare what forward returns with the oracle."""
    json_metadata["result"] = check_run.judge(by_numbers, confirmed).to_json()
