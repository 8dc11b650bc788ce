"""Behaviour: repeated calls, batches of other sizes, modes, and the state that is kept."""

from __future__ import annotations

from typing import Any

from grader.exam import Exam
from grader.judge import judge_numbers


def test_behaviour(exam: Exam, json_metadata: dict[str, Any]) -> None:
    """Compare what a sequence of calls gives with the oracle."""
    json_metadata["result"] = exam.judge(lambda _, *what: judge_numbers(*what)).plain()
