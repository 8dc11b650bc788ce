"""What is said below a line of the report, and which examples the page of messages has."""

from __future__ import annotations

import re

import pytest

from grader.assignment import CHECKS
from grader.report.messages import (
    ADVICE,
    MEANINGS,
    MOST_LINES,
    MOST_MESSAGES,
    MOST_NAMES,
    PRINTED,
    WORDS,
    about,
    account,
    cause,
    explain,
    introduction,
    places,
)
from grader.verdict import CaseResult, CheckResult, Finding, Verdict
from tests.messages import PAGE


def _case(
    name: str, message: str = "", *advice: str, verdict: Verdict = Verdict.FAILED
) -> CaseResult:
    return CaseResult(name, verdict, message, advice)


def _right(name: str, message: str = "", *advice: str) -> CaseResult:
    return _case(name, message, *advice, verdict=Verdict.PASSED)


def _check(*cases: CaseResult, **more: object) -> CheckResult:
    return CheckResult(cases, **more)  # type: ignore[arg-type]


def _lines(result: CheckResult, everything: bool = False) -> list[str]:
    return explain(result, everything).splitlines()


def test_every_verdict_has_a_word_and_a_meaning_of_its_own() -> None:
    for texts in (WORDS, MEANINGS):
        assert set(texts) == set(Verdict)
        assert len(set(texts.values())) == len(Verdict)
    assert all(text.endswith(".") for text in MEANINGS.values())


def test_what_is_right_needs_no_words_but_those_of_its_cases() -> None:
    assert _lines(_check(_right("a"), _right("b"))) == []
    assert _lines(_check(_right("a", "91 of 100 are right."), _right("b"))) == [
        "91 of 100 are right."
    ]
    # Next to a failure, passing cases are only named; their own messages are left out.
    assert _lines(_check(_right("a", "91 of 100."), _case("b", "Y is wrong."))) == [
        "b: Y is wrong.",
        "Right: a.",
    ]


def test_one_message_for_everything_names_no_case() -> None:
    assert _lines(_check(_case("a", "Y is wrong."), _case("b", "Y is wrong."))) == ["Y is wrong."]
    assert _lines(_check(_case("a", "Y is wrong."))) == ["Y is wrong."]
    assert _lines(_check(_case("a", "Y is wrong."), _case("b", "X is wrong."))) == [
        "a: Y is wrong.",
        "b: X is wrong.",
    ]
    assert _lines(_check(_case("a", "Y is wrong."), _case("b", "Y is wrong."), _right("c"))) == [
        "a; b: Y is wrong.",
        "Right: c.",
    ]


def test_messages_are_cut_after_the_first_and_the_rest_is_counted() -> None:
    cases = [_case(f"case {i}", f"Message {chr(97 + i)}.") for i in range(MOST_MESSAGES + 2)]
    said = [f"case {i}: Message {chr(97 + i)}." for i in range(len(cases))]
    assert _lines(_check(*cases[:MOST_MESSAGES])) == said[:MOST_MESSAGES]
    assert _lines(_check(*cases[: MOST_MESSAGES + 1])) == [
        *said[:MOST_MESSAGES],
        "1 more case fails.",
    ]
    assert _lines(_check(*cases)) == [*said[:MOST_MESSAGES], "2 more cases fail."]
    twice = [*cases[:MOST_MESSAGES], _case("x", "Same."), _case("y", "Same."), _case("z", "Same.")]
    assert _lines(_check(*twice))[-1] == "3 more cases fail."
    assert _lines(_check(*cases), everything=True) == said


def test_a_named_mistake_comes_first_and_one_message_is_enough() -> None:
    cases = (_case("a", "Y is wrong."), _case("b", "X is wrong."), _case("c", "Z is wrong."))
    found = _check(*cases, findings=(Finding(("It is doubled.", "It is added twice.")),))
    start = [introduction(found.findings[0]), "  It is doubled.", "  Or: It is added twice."]
    assert _lines(found) == [*start, "a: Y is wrong.", "2 more cases fail."]
    assert _lines(found, everything=True) == [
        *start, "a: Y is wrong.", "b: X is wrong.", "c: Z is wrong.",
    ]  # fmt: skip


def test_names_of_cases_are_cut_and_results_of_one_case_stand_together() -> None:
    many = [_case(f"case {i}", "Wrong.") for i in range(MOST_NAMES + 2)]
    names = "; ".join(f"case {i}" for i in range(MOST_NAMES))
    assert _lines(_check(*many[:MOST_NAMES], _right("r"))) == [f"{names}: Wrong.", "Right: r."]
    assert _lines(_check(*many[: MOST_NAMES + 1], _right("r")))[0] == f"{names}; and 1 more: Wrong."
    assert _lines(_check(*many, _right("r")))[0] == f"{names}; and 2 more: Wrong."
    rights = [_right(f"case {i}") for i in range(MOST_NAMES + 3)]
    assert _lines(_check(_case("x", "Wrong."), *rights))[-1] == f"Right: {names}; and 3 more."
    together = (_case("m = 5: dX", "A."), _case("m = 7: dX", "A."), _case("m = 5: dW", "A."))
    assert _lines(_check(*together, _right("r")))[0] == "m = 5: dX, dW; m = 7: dX: A."


@pytest.mark.parametrize(
    ("names", "text", "said"),
    [
        (["m = 5: dX"], "dX is wrong.", "m = 5: dX is wrong."),
        (["dX"], "dX is wrong.", "dX is wrong."),
        (["m = 5: dX"], "dX2 is wrong.", "m = 5: dX: dX2 is wrong."),
        (["m = 5: dX"], "Y is wrong.", "m = 5: dX: Y is wrong."),
        (["m = 5: dX", "m = 7: dX"], "dX is wrong.", "m = 5: dX; m = 7: dX: dX is wrong."),
        (["a: b: dX"], "dX is wrong.", "a: b: dX is wrong."),
    ],
)
def test_the_name_of_a_result_is_not_said_twice(names: list[str], text: str, said: str) -> None:
    assert about([_case(name) for name in names], text) == said


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # From one line of code, whatever the sizes and the method are.
        ("forward raised E: shapes 3 and 5\n  a.py:7", "forward raised E: shapes 4 and 9\n"
         "  a.py:7", True),
        ("forward raised E: x\n  a.py:7", "backward raised E: x\n  a.py:7", True),
        ("forward raised E: x\n  a.py:7", "forward raised E: x\n  a.py:8", False),
        ("forward raised E: x\n  a.py:7", "forward raised E: x\n  b.py:7", False),
        ("forward raised E: x\n  a.py:7", "forward raised F: x\n  a.py:7", False),
        ("forward raised E: x\n  a.py:7\n  X is (5, 3).\n  This is the second call of forward.",
         "forward raised E: x\n  a.py:7\n  X is (4, 2).", True),
        ("5 of 9: see a.py:7", "6 of 9: see a.py:7", True),
        ("5 of 9: see a.py:7", "5 in 9: see a.py:7", False),
        # From a missing return.
        ("Y is None; expected (3, 2).", "Y is None; expected (5, 2).", True),
        ("Y is None; expected (3, 2).", "Z is None; expected (3, 2).", False),
        # Without a place, the numbers matter.
        ("Y is 3.", "Y is 4.", False),
        ("Y is wrong.", "Y is wrong.", True),
    ],
)  # fmt: skip
def test_messages_of_one_cause_are_one(one: str, other: str, same: bool) -> None:
    assert (cause(one) == cause(other)) == same
    said = _lines(_check(_case("a", one), _case("b", other)))
    assert said == one.splitlines() if same else len(said) > len(one.splitlines())


def test_files_and_lines_are_read_from_a_text() -> None:
    text = "layers.py:12, in f\nmy_file.py:3: x; a.pyx:4; b.py:; c.py, line 9; d.py:5-8"
    assert places(text) == [("layers.py", 12), ("my_file.py", 3), ("d.py", 5)]
    assert places("base.py:3 of the handout") == []
    assert places("x/layers.py:1234567") == []
    assert places("") == []


def test_where_to_look_is_said_unless_a_message_says_it() -> None:
    there = ("a.py:3", "a.py:9")
    assert _lines(_check(_case("x", "Y is wrong."), places=there)) == [
        "Y is wrong.", "See a.py:3 and a.py:9.",
    ]  # fmt: skip
    assert _lines(_check(_case("x", "Y is wrong."), places=there[:1]))[1] == "See a.py:3."
    raised = "It raised E.\n  b.py:1"
    assert _lines(_check(_case("x", raised), places=there)) == raised.splitlines()
    assert _lines(_check(_case("x", "Y is wrong."))) == ["Y is wrong."]


def test_advice_is_given_once_in_order_and_by_what_is_right_too() -> None:
    cases = (_case("a", "Wrong.", "Second."), _right("b", "", "First.", "Second."))
    assert _lines(_check(*cases))[-2:] == [f"{ADVICE}Second.", f"{ADVICE}First."]
    assert _lines(_check(_right("b", "", "First."))) == [f"{ADVICE}First."]


@pytest.mark.parametrize("more", [0, 1, 40])
def test_what_was_printed_comes_last_and_is_cut(more: int) -> None:
    lines = [f"line {i}" for i in range(MOST_LINES + more)]
    found = _check(_case("a", "Wrong.", "Do."), printed="\n".join(lines) + "\n\n\n")
    cut = [f"  (cut: {len(lines)} lines were printed)"] if more else []
    assert _lines(found) == [
        "Wrong.", f"{ADVICE}Do.", PRINTED, *(f"  {x}" for x in lines[:MOST_LINES]), *cut,
    ]  # fmt: skip
    assert _lines(found, everything=True)[3:] == [f"  {x}" for x in lines]
    assert PRINTED not in explain(_check(_case("a", "Wrong."), printed="\n\n"))


def test_all_there_is_to_say_comes_in_one_order() -> None:
    cases = [_case(f"c{i}", f"Message {chr(97 + i)}.") for i in range(3)]
    named = Finding(("D.",))
    found = _check(*cases, _right("r", "never said", "Do."), printed="p", findings=(named,),
                   places=("a.py:3",))  # fmt: skip
    said = account(found)
    assert (said.diagnosis, said.failures, said.rest) == (
        "D.", ("c0: Message a.",), "2 more cases fail.",
    )  # fmt: skip
    assert (said.place, said.right, said.notes) == ("See a.py:3.", "Right: r.", ())
    assert (said.advice, said.printed) == (("Do.",), "p")
    assert _lines(found) == [
        introduction(named), "  D.", "c0: Message a.", "2 more cases fail.",
        "See a.py:3.", "Right: r.", f"{ADVICE}Do.", PRINTED, "  p",
    ]  # fmt: skip


def test_every_check_shows_every_verdict_that_it_can_have() -> None:
    """On the page of messages, which `test_documents` compares with real runs."""
    # Training is one case, which builds on no other: it is never partly right, and never waits.
    never = {(check, Verdict.PASSED) for check in CHECKS}
    never |= {("training", Verdict.PARTLY), ("training", Verdict.BLOCKED)}
    never |= {(check, Verdict.BLOCKED) for check in ("values", "gradient", "element")}
    never |= {("behaviour", Verdict.FAILED)}  # every target has a case that is right, or waits
    _, *parts = re.split(r"^## (?=\w+$)", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    shown = {
        (part.split("\n")[0], verdict)
        for part in parts
        for verdict in Verdict
        if f"\n**{WORDS[verdict]}**. " in part
    }
    assert {(c, v) for c in CHECKS for v in Verdict} - never == shown
