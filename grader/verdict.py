"""The closed vocabulary of outcomes: for a case, and for a check, which consists of cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from . import evidence
from .evidence import Table


class Verdict(str, Enum):
    """The verdict on a check or on one of its cases."""

    PASSED = "passed"
    PARTLY = "partly"
    FAILED = "failed"
    NOT_IMPLEMENTED = "not_implemented"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    BLOCKED = "blocked"
    NOT_RUN = "not_run"
    HARNESS_FAULT = "harness_fault"


# If no case of a check passed, its verdict is the first of these that any case has.
_WORST_FIRST = (
    Verdict.HARNESS_FAULT,
    Verdict.TIMED_OUT,
    Verdict.CRASHED,
    Verdict.RAISED,
    Verdict.FAILED,
    Verdict.NOT_RUN,
    Verdict.NOT_IMPLEMENTED,
    Verdict.BLOCKED,
)


@dataclass(frozen=True)
class CaseResult:
    """The outcome of one named case, with the sentence a student reads.

    `figure` is a measured number, such as the accuracy of a training; `evidence` is what a picture
    shows; `table` has the inputs next to wrong entries; `weight` is how much it counts in its
    check, relative to the other cases.
    """

    name: str
    verdict: Verdict
    message: str = ""
    advice: tuple[str, ...] = ()
    figure: float | None = None
    evidence: evidence.Evidence | None = None
    weight: float = 1.0
    table: Table | None = None


# The kinds of findings: a mistake in the catalogue, a relation to the right result, or the right
# computation with one change.
MISTAKE, RELATION, EDIT = "mistake", "relation", "edit"


@dataclass(frozen=True)
class Finding:
    """What the numbers prove about one or several results of a check.

    Args:
        sentences: what it says; several of them are alternatives that cannot be told apart.
        results: the names of the results that it explains; () for all that are wrong.
        kind: `MISTAKE`, `RELATION` or `EDIT`.
        scale: the numbers in terms of those of the mistake or edit, such as "2 times {}"; "{}" if
            they are equal.
        where: which cases it is about, such as "with mode='max'"; "" for all.
        apart: whether it leaves what earlier checks test correct, so that these are not to blame.
    """

    sentences: tuple[str, ...]
    results: tuple[str, ...] = ()
    kind: str = MISTAKE
    scale: str = "{}"
    where: str = ""
    apart: bool = False

    def is_about(self, name: str) -> bool:
        """Tell whether it explains the results with a name."""
        return not self.results or name in self.results

    def __str__(self) -> str:
        """Return the sentences, one per line."""
        return "\nOr: ".join(self.sentences)


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check.

    `findings` explain wrong numbers; `flags` are for course staff; `places` are the locations of
    the methods whose results are wrong; `compared` is what the other half of the question shows,
    the derivation or the code. `numbers` are those of its wrong results, if evidence is kept;
    `seconds` is how long the check took.
    """

    cases: tuple[CaseResult, ...]
    printed: str = ""
    findings: tuple[Finding, ...] = ()
    flags: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    compared: str = ""
    numbers: tuple[evidence.WrongNumbers, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def verdict(self) -> Verdict:
        """Passed or partly if any case passed; otherwise the worst verdict of the cases."""
        verdicts = {case.verdict for case in self.cases}
        if Verdict.PASSED in verdicts:
            return Verdict.PASSED if len(verdicts) == 1 else Verdict.PARTLY
        return next((v for v in _WORST_FIRST if v in verdicts), Verdict.HARNESS_FAULT)

    @property
    def diagnosis(self) -> str | None:
        """Return what the findings say, one sentence per line; None if there are none."""
        return "\n".join(map(str, self.findings)) or None

    @property
    def share(self) -> float:
        """Return the share of the cases that passed, by weight, in [0, 1]."""
        passed = [case.weight for case in self.cases if case.verdict is Verdict.PASSED]
        if len(passed) == len(self.cases):
            return 1.0 if passed else 0.0
        return sum(passed) / sum(case.weight for case in self.cases)

    @property
    def waiting(self) -> float:
        """Return the share of the cases that wait for something else to be fixed, in [0, 1]."""
        blocked = [case.weight for case in self.cases if case.verdict is Verdict.BLOCKED]
        return sum(blocked) / sum(case.weight for case in self.cases) if blocked else 0.0

    @property
    def failed(self) -> bool:
        """Tell whether any case is wrong; those that wait for others, or ended early, are not."""
        return any(case.verdict is Verdict.FAILED for case in self.cases)

    def with_remark(self, text: str) -> CheckResult:
        """Return the result with a sentence added to the message of its first failing case.

        If all passed, it is added to the first one.
        """
        said = [i for i, case in enumerate(self.cases) if case.verdict is not Verdict.PASSED]
        first = said[0] if said else 0
        cases = tuple(
            replace(case, message=f"{case.message} {text}".strip()) if i == first else case
            for i, case in enumerate(self.cases)
        )
        return replace(self, cases=cases) if text else self

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values, for the metadata of a pytest report."""
        cases = [
            {
                **vars(case),
                "evidence": evidence.to_json(case.evidence),
                "table": case.table and vars(case.table),
            }
            for case in self.cases
        ]
        findings = [vars(one) for one in self.findings]
        numbers = [vars(one) for one in self.numbers]
        return {**vars(self), "cases": cases, "findings": findings, "numbers": numbers}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> CheckResult:
        """Return the result that `to_json` encoded."""
        cases = tuple(
            CaseResult(
                c["name"],
                Verdict(c["verdict"]),
                c["message"],
                tuple(c["advice"]),
                c["figure"],
                evidence.from_json(c["evidence"]),
                c["weight"],
                c["table"] and Table.from_json(c["table"]),
            )
            for c in plain["cases"]
        )
        return cls(
            cases,
            plain["printed"],
            tuple(map(_finding, plain["findings"])),
            tuple(plain["flags"]),
            tuple(plain["places"]),
            numbers=tuple(map(_numbers, plain["numbers"])),
            seconds=plain["seconds"],
        )


def _finding(plain: dict[str, Any]) -> Finding:
    """Return a finding from JSON, which turned tuples into lists."""
    lists = {name: tuple(plain[name]) for name in ("sentences", "results")}
    return Finding(**plain | lists)


def _numbers(plain: dict[str, Any]) -> evidence.WrongNumbers:
    """Return wrong numbers from JSON, which turned tuples into lists."""
    lists = {name: tuple(plain[name]) for name in ("shape", "sums")}
    return evidence.WrongNumbers(**plain | lists)


def one_case(name: str, verdict: Verdict, message: str) -> CheckResult:
    """Return a check with a single case, which is its whole outcome."""
    return CheckResult((CaseResult(name, verdict, message),))
