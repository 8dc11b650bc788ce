"""The text of one line of the report, the same in every format, and the words for its verdicts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.evidence import Table
from grader.verdict import EDIT, MISTAKE, RELATION, CaseResult, CheckResult, Finding, Verdict
from grader.worker.places import GIVEN_MARK

from .cleaning import cut

WORDS: Mapping[Verdict, str] = {
    Verdict.PASSED: "passed",
    Verdict.PARTLY: "partly",
    Verdict.FAILED: "wrong",
    Verdict.NOT_IMPLEMENTED: "not implemented",
    Verdict.RAISED: "raised an error",
    Verdict.TIMED_OUT: "timed out",
    Verdict.CRASHED: "crashed",
    Verdict.BLOCKED: "blocked",
    Verdict.NOT_RUN: "not run",
    Verdict.HARNESS_FAULT: "GRADER FAILED",
}
# Their meanings, in a student's words.
MEANINGS: Mapping[Verdict, str] = {
    Verdict.PASSED: "Everything that was checked is right.",
    Verdict.PARTLY: "Some of the named cases are right, and each earns its share of the points.",
    Verdict.FAILED: "Your code ran, and what it returned is wrong.",
    Verdict.NOT_IMPLEMENTED: "Nothing has been written yet, or the line that raises "
    "NotImplementedError is still there.",
    Verdict.RAISED: "Your code raised an exception; the message has its file and line.",
    Verdict.TIMED_OUT: "Your code did not finish in time: look for a loop that never ends.",
    Verdict.CRASHED: "Your code ended its process or crashed Python.",
    Verdict.BLOCKED: "The points depend on something else that is wrong, such as the numbers in an "
    "array of the right shape; fix that, and these follow.",
    Verdict.NOT_RUN: "There was no time left, or there was nothing to run.",
    Verdict.HARNESS_FAULT: "The autograder failed. This is not your mistake; please tell the "
    "course staff.",
}
# A check has up to 18 cases; more than this many different messages help nobody.
MOST_MESSAGES = 3
MOST_NAMES = 4
# Maximum number of lines shown of a submission's output.
MOST_LINES = 10
# How to introduce a finding, by its kind.
THOSE: Mapping[str, str] = {
    MISTAKE: "those of this mistake",
    EDIT: "those of the right computation with one change",
}
ADVICE = "Advice (no points): "
PRINTED = "Your code printed:"
_SIZES = re.compile(r"\d+")
_MISSING = re.compile(r"( is None; expected an array) of shape \([\d, ]*\)")
_PLACE = re.compile(rf"\b(\w{{1,80}}\.py):(\d{{1,6}})\b(?!{GIVEN_MARK})")


@dataclass(frozen=True)
class Account:
    """What to say about a check: grouped failures, what is right, advice, output.

    `rest` is a sentence about the failed cases that no message in `failures` covers; `table` has
    numbers from a case of the first message.
    """

    findings: tuple[Finding, ...]
    failures: tuple[str, ...]
    rest: str
    right: str
    notes: tuple[str, ...]
    advice: tuple[str, ...]
    printed: str
    place: str = ""
    table: Table | None = None

    @property
    def diagnosis(self) -> str:
        """Return what the findings say, without their introductions."""
        return "\n".join(map(str, self.findings))


def account(result: CheckResult, everything: bool = False) -> Account:
    """Return what a student reads below a line, in parts.

    Args:
        result: the check's result.
        everything: include every message and every case, however many there are.
    """
    failed = [case for case in result.cases if case.verdict is not Verdict.PASSED]
    passed = [case for case in result.cases if case.verdict is Verdict.PASSED]
    most = len(failed) if everything else MOST_MESSAGES if not result.findings else 1
    # A named mistake explains wrong numbers, but no exception.
    failed.sort(key=lambda case: bool(result.findings) and _is_explained(case))
    others = len({cause(case.message) for case in failed if not _is_explained(case)})
    most = max(most, min(others + 1, MOST_MESSAGES)) if result.findings else most
    failures, rest = _failures(failed, not passed, most)
    return Account(
        findings=result.findings,
        failures=tuple(failures),
        rest=rest,
        right=f"Right: {_names(passed)}." if failed and passed else "",
        notes=(*(() if failed else _messages(passed)), *filter(None, [result.compared])),
        advice=tuple(dict.fromkeys(text for case in result.cases for text in case.advice)),
        printed=cut(_first_lines(result.printed.rstrip("\n"), everything)),
        place=_where(result.places, failures),
        table=_table(failed),
    )


def explain(result: CheckResult, everything: bool = False) -> str:
    """Return what a student reads below a line, as text."""
    return as_text(account(result, everything))


def as_text(said: Account, code: str = "") -> str:
    """Return an account as text, with lines of code after the location that they belong to."""
    parts = [f"{introduction(one)}\n{_indented(str(one))}" for one in said.findings]
    tables = [_indented(aligned(said.table))] if said.table else []
    parts += [*said.failures[:1], *tables, *said.failures[1:], said.rest, said.place]
    parts += [_indented(code), said.right, *said.notes]
    parts = [text for text in parts if text]
    parts += [f"{ADVICE}{text}" for text in said.advice]
    if said.printed:
        parts.append(f"{PRINTED}\n{_indented(said.printed)}")
    return "\n".join(parts)


def introduction(finding: Finding) -> str:
    """Return the words before the sentences of a finding, which say whose numbers it is about."""
    *others, last = finding.results or ("",)
    names = f"{', '.join(others)} and {last}" if others else last
    whose = f"The numbers of {names}" if names else "Your numbers"
    cases = f"in every case {finding.where}".strip()
    if finding.kind == RELATION:
        return f"{whose}, compared with the right ones {cases}:"
    return f"{whose} are exactly {finding.scale.format(THOSE[finding.kind])} {cases}:"


def aligned(table: Table) -> str:
    """Return a table as text, with aligned numbers."""
    cells = ([label, *map(cell, table.columns, row)] for label, row in table.rows)
    rows = [["", *table.columns], *cells]
    first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [
        "  ".join([label.ljust(first), *map(str.rjust, numbers, widths)])
        for label, *numbers in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def cell(column: str, number: float) -> str:
    """Return a number for a table; NaN means a blank cell, but among results it is shown."""
    if math.isnan(number):
        return "NaN" if column in ("yours", "expected") else ""
    return f"{number + 0.0:.6g}"


def _table(failed: Sequence[CaseResult]) -> Table | None:
    """Return the table of the first message, if one of its cases has one."""
    first = cause(failed[0].message) if failed else ""
    tables = (case.table for case in failed if cause(case.message) == first)
    return next(filter(None, tables), None)


def _is_explained(case: CaseResult) -> bool:
    return case.verdict in (Verdict.FAILED, Verdict.BLOCKED)


def _messages(cases: Sequence[CaseResult]) -> tuple[str, ...]:
    return tuple(case.message for case in cases if case.message)


def _first_lines(text: str, everything: bool) -> str:
    """Return the first lines of the output, and how many there are."""
    lines = text.split("\n")
    if everything or len(lines) <= MOST_LINES:
        return text
    return "\n".join([*lines[:MOST_LINES], f"(cut: {len(lines)} lines were printed)"])


def _where(known: Sequence[str], failures: Sequence[str]) -> str:
    """Say where to look, unless a message already says it."""
    said = any(places(text) for text in failures)
    return f"See {' and '.join(known)}." if known and not said else ""


def _failures(failed: Sequence[CaseResult], alone: bool, most: int) -> tuple[list[str], str]:
    """Return the first `most` messages, with their cases; and how many cases are left out."""
    groups: dict[str, list[CaseResult]] = {}
    for case in failed:
        groups.setdefault(cause(case.message), []).append(case)
    found = list(groups.values())
    everything = alone and len(found) == 1
    texts = [_common([case.message for case in cases]) for cases in found[:most]]
    lines = [
        text if everything else about(cases, text)
        for text, cases in zip(texts, found[:most], strict=True)
    ]
    rest = sum(len(cases) for cases in found[most:])
    more = "1 more case fails." if rest == 1 else f"{rest} more cases fail."
    return lines, more if rest else ""


def _common(messages: Sequence[str]) -> str:
    """Return the first of some messages with the same cause, without a shape that others lack."""
    first, *others = messages
    return _MISSING.sub(r"\1", first) if any(other != first for other in others) else first


def cause(message: str) -> str:
    """Return the part that two messages with the same cause have in common.

    Messages about one line of code may differ in sizes and in the method that was called;
    messages about a missing return value may differ in the expected shape.
    """
    found = places(message)
    if not found:
        return message.partition(" is None; ")[0]
    before, raised, after = message.partition(" raised ")
    # The text after the location depends on the call.
    lines = (after if raised else before).split("\n")
    most = max(number for number, line in enumerate(lines, 1) if places(line) or number == 1)
    return f"{_SIZES.sub('', ' '.join(lines[:most]))}{found}"


def about(cases: Sequence[CaseResult], text: str) -> str:
    """Put the cases in front of a message, without repeating the name of a result."""
    case, _, result = cases[0].name.rpartition(": ")
    if len(cases) == 1 and text.startswith(f"{result} "):
        return f"{case}: {text}" if case else text
    return f"{_names(cases)}: {text}"


def _names(cases: Sequence[CaseResult]) -> str:
    """Return the first few names, with the results of one case together."""
    groups: dict[str, list[str]] = {}
    for case in cases[:MOST_NAMES]:
        name, _, result = case.name.rpartition(": ")
        groups.setdefault(name, []).append(result)
    named = [f"{name}: {', '.join(x)}" if name else "; ".join(x) for name, x in groups.items()]
    more = len(cases) - MOST_NAMES
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def places(text: str) -> list[tuple[str, int]]:
    """Return the files and lines of a submission that a text mentions."""
    return [(file, int(line)) for file, line in _PLACE.findall(text)]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
