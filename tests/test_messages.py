"""The page of messages is what the grader says now."""

from __future__ import annotations

from grader.assignment import CHECKS
from grader.verdict import Verdict
from tests.messages import PAGE, collected, page


def test_the_page_of_messages_is_what_real_runs_give() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make messages`"


def test_every_check_shows_every_verdict_that_it_can_have() -> None:
    # Training is one case, which builds on nothing; nothing is partly right, or waits.
    never = {(check, Verdict.PASSED) for check in CHECKS}
    never |= {("training", Verdict.PARTLY), ("training", Verdict.BLOCKED)}
    never |= {(check, Verdict.BLOCKED) for check in ("values", "gradient")}
    never |= {("behaviour", Verdict.FAILED)}  # every target has a case that is right, or waits
    assert {(c, v) for c in CHECKS for v in Verdict} - never == set(collected())
