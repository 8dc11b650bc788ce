"""Behaviour: repeated calls, other batch sizes, modes, and the state that is kept."""

from __future__ import annotations

from typing import Any

from grader.running.check_run import CheckRun
from grader.running.confirming import confirmed
from grader.running.judges import by_numbers


def test_behaviour(check_run: CheckRun, json_metadata: dict[str, Any]) -> None:
    """Compare the results of a sequence of calls with the oracle."""
    json_metadata["result"] = check_run.judge(by_numbers, confirmed).to_json()
