"""What a line of the report says where the grader itself failed."""

from __future__ import annotations

from grader.verdict import CheckResult, Verdict, one_case

# Of what an exception says, when a line of the report is lost.
MAX_SAID = 500


def said(error: BaseException) -> str:
    """Return an exception as Python says it, cut."""
    return f"{type(error).__name__}: {error}"[:MAX_SAID]


def fault_result(why: str) -> CheckResult:
    """Return the result of a check on which the grader failed, and why."""
    text = "The autograder failed here; this is not your mistake. Please tell the course staff."
    return one_case("harness", Verdict.HARNESS_FAULT, f"{text}\nWhat happened: {why}")
