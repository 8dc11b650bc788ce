"""What a line of the report says when the grader itself fails."""

from __future__ import annotations

from grader.verdict import CheckResult, Verdict, one_case

# Characters of an exception's message that are kept when a line of the report is lost.
MAX_SAID = 500


def said(error: BaseException) -> str:
    """Return an exception as Python prints it, truncated."""
    return f"{type(error).__name__}: {error}"[:MAX_SAID]


def fault_result(why: str) -> CheckResult:
    """Return the result of a check on which the grader failed, with the reason."""
    text = "The autograder failed here; this is not your mistake. Please tell the course staff."
    return one_case("harness", Verdict.HARNESS_FAULT, f"{text}\nWhat happened: {why}")
