"""A class in a store, with handmade results: nothing is graded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from grader.assignment import Target
from grader.course.grading.scoring import ByHand, Scorer
from grader.course.people import HandIn, Student
from grader.course.store import Graded, Run, Store, opened
from grader.course.store.contents import found, packed
from grader.submission import Submission
from grader.verdict import CaseResult, CheckResult, Finding, Verdict

from .homework import ASSIGNMENT

RUBRIC = (
    Target("layers.Conv2D", "1", "Convolution", {"values": 2, "gradient": 3}),
    Target("losses.MSE", "2.10", "MSE", {"values": 5}),
    Target("layers.BatchNorm1D", "3", "BatchNorm", {"values": 1.5}, extra=True),
)
SMALL = replace(ASSIGNMENT, name="small", title="Homework 1", rubric=RUBRIC)
AT = datetime(2026, 11, 1, 9, 30, tzinfo=timezone.utc)
# The result of every check, by target and check.
Results = Mapping[tuple[str, str], CheckResult]


def result(verdict: str, diagnosis: str | None = None, flags: Sequence[str] = ()) -> CheckResult:
    """Return the result of a check with one case; "partly" passes one case of two."""
    found = (Finding((diagnosis,)),) if diagnosis else ()
    cases: tuple[CaseResult, ...] = (CaseResult("one", Verdict(verdict), "It is so."),)
    if verdict == "partly":
        cases = (CaseResult("one", Verdict.PASSED), CaseResult("two", Verdict.FAILED, "Wrong."))
    return CheckResult(cases, findings=found, flags=tuple(flags))


def results(rubric: Sequence[Target] = RUBRIC, **others: CheckResult) -> Results:
    """Return passing results, except for those named, as in `Conv2D_values=result("failed")`."""
    keys = [(target.name, check) for target in rubric for check in target.points]
    passed = result("passed")
    return {key: others.get(f"{key[0].partition('.')[2]}_{key[1]}", passed) for key in keys}


@dataclass
class SmallClass:
    """A store, the run being written, and what its grades are computed from."""

    store: Store
    run: Run
    rubric: tuple[Target, ...] = RUBRIC
    fingerprints: dict[str, str] = field(default_factory=dict)
    by_hand: dict[str, list[ByHand]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fingerprints = {target.name: "first" for target in (*RUBRIC, *self.rubric)}

    @property
    def scorer(self) -> Scorer:
        """Return the scorer of the run."""
        assignment = replace(SMALL, rubric=self.rubric)
        return Scorer(self.store, assignment, self.run, self.fingerprints, self.by_hand)

    def hand_in(
        self, students: Sequence[Student], given: Results | None, code: str = "",
        problem: str = "", entry: str = "", files: Mapping[str, bytes] | None = None,
        late: bool = False,
    ) -> None:  # fmt: skip
        """Hand in a submission with these results; None if it is never graded."""
        source = files or {"layers.py": f"# {code or students[0].id}\n".encode()}
        submission = Submission(dict(source), "student", source="x")
        one = HandIn(entry or f"of_{students[0].id}", tuple(students), lambda: submission, AT, late)
        contents = None if problem else packed(submission)
        with self.store.transaction():
            self.store.add_students(self.run, students, True)
            self.store.add_submission(self.run, one, contents, found(submission), problem)
            self.store.let_latest_count(self.run)
        if contents and given is not None:
            graded = Graded(contents[0], given, 0.5, {}, "here")
            self.store.add_results(self.run, graded, self.fingerprints)

    def write(self) -> Run:
        """Write all grades and end the run."""
        for entry in self.store.entries():
            self.scorer.write(entry)
        self.scorer.write_others()
        self.run = self.store.note(self.run, ended="2026-11-02T00:00:00+00:00")
        return self.run

    def again(self, rubric: Sequence[Target] | None = None) -> None:
        """Begin another run, perhaps with another rubric."""
        self.rubric = tuple(rubric or self.rubric)
        self.run = begun(self.store, "regrade")


def begun(store: Store, command: str = "grade") -> Run:
    """Return a run that begins now."""
    return store.begin(
        Run(0, command, "/x.zip", "folder", "", None, "small", "1.0", 7, "1 grader", 10.0)
    )


@contextlib.contextmanager
def small_class(folder: Path, rubric: tuple[Target, ...] = RUBRIC) -> Iterator[SmallClass]:
    """Provide an empty class."""
    with opened(folder, create=True) as connection:
        store = Store(connection)
        yield SmallClass(store, begun(store), rubric)
