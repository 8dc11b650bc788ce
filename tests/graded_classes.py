"""Small classes for tests: a store of handmade results for two questions; nothing is graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import numpy as np

from grader.assignment import Assignment, load
from grader.course.grading.scoring import ByHand, Scorer
from grader.course.people import HandIn, Student
from grader.course.store import Graded, Run, Store
from grader.course.store.contents import found, packed
from grader.evidence import Arrays, WrongNumbers
from grader.paths import HOMEWORK
from grader.result import ResultSpec
from grader.submission import Submission
from grader.verdict import CaseResult, CheckResult, Verdict

WHOLE = load(HOMEWORK)
RELU, SIGMOID = (
    next(target for target in WHOLE.rubric if target.name == name)
    for name in ("activations.ReLU", "activations.Sigmoid")
)
ASSIGNMENT: Assignment = replace(WHOLE, rubric=(RELU, SIGMOID))
FINGERPRINTS = {RELU.name: "r" * 64, SIGMOID.name: "s" * 64}
PASSED = CheckResult((CaseResult("a case", Verdict.PASSED),), seconds=0.25)

Results = Mapping[tuple[str, str], CheckResult]


def wrong(
    message: str = "dZ is wrong.", verdict: Verdict = Verdict.FAILED, **values
) -> CheckResult:
    """Return a result with two cases that share a verdict and a message."""
    cases = tuple(CaseResult(name, verdict, message) for name in ("one", "two"))
    return CheckResult(cases, **values)


def half(message: str = "Y is wrong.") -> CheckResult:
    """Return a result with two cases, of which one passed."""
    cases = CaseResult("one", Verdict.PASSED), CaseResult("two", Verdict.FAILED, message)
    return CheckResult(cases)


def numbers(*values: float, name: str = "dZ", case: str = "k", rtol: float = 1e-6) -> WrongNumbers:
    """Return wrong numbers with these sums."""
    return WrongNumbers(case, name, (2, 2), values, max(map(abs, values)), rtol)


def pictured(message: str, **values) -> CheckResult:
    """Return a failure with evidence: a 2 by 3 array with two wrong entries."""
    right = np.arange(6.0).reshape(2, 3)
    shown = Arrays(ResultSpec("dZ"), right + np.eye(2, 3), right, None, (2, 3), (0, 0))
    return CheckResult((CaseResult("one", Verdict.FAILED, message, evidence=shown),), **values)


@dataclass(frozen=True)
class HandedIn:
    """A submission for a test: who handed it in, and its results; None if it cannot be opened."""

    students: Sequence[Student]
    results: Results | None
    code: str = "import numpy as np\n"
    late: bool = False


def fill(
    store: Store,
    handed_in: Sequence[HandedIn],
    others: Sequence[Student] = (),
    by_hand: Mapping[str, Sequence[ByHand]] | None = None,
) -> Run:
    """Write a class and its grades to a store; checks without a given result pass."""
    run = store.begin(
        Run(0, "grade", "export.zip", "gradescope", "", None, "tiny", "1.0", 77, "1 grader",
            ASSIGNMENT.total)
    )  # fmt: skip
    store.add_students(run, others, on_roster=True)
    for number, one in enumerate(handed_in):
        # No two have the same contents.
        files = {"activations.py": f"{one.code}# {number}\n".encode()}
        submission = Submission(files, "student", source=f"submission_{number}")
        at = datetime(2026, 11, 1, 12, number % 60, tzinfo=timezone.utc)
        entry = HandIn(
            f"submission_{number}", tuple(one.students), lambda x=submission: x, at, one.late
        )
        contents = None if one.results is None else packed(submission)
        store.add_students(run, one.students, on_roster=True)
        problem = "" if contents else f"submission_{number} is a damaged zip: no end."
        store.add_submission(run, entry, contents, found(submission), problem)
        if contents and one.results is not None:
            every = {(t.name, check): PASSED for t in ASSIGNMENT.rubric for check in t.points}
            graded = Graded(contents[0], {**every, **one.results}, 1.5 + number, {}, "here")
            store.add_results(run, graded, FINGERPRINTS)
    store.let_latest_count(run)
    scorer = Scorer(store, ASSIGNMENT, run, FINGERPRINTS, by_hand or {})
    for entry_ in store.entries():
        scorer.write(entry_)
    scorer.write_others()
    return store.note(run, ended="2026-11-26T16:00:00+00:00")
