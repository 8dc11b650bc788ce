"""A folder for every student: `results.json` for the staff, `report.html` for the student.

`results.json` is what Gradescope would have received: every line, with its visibility, flags and
the seed. `report.html` is meant to be given to the student. It has no lines that are hidden from
students (their points are under "not shown"), no flags, and no seed.

One process is enough: writing the reports of 600 students took 28 s of CPU time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.entries import safe_name
from grader.course.grading.scoring import Scorer
from grader.course.store import Entry
from grader.judging import Grade, Override
from grader.report import gradescope, html
from grader.verdict import Verdict

from .written import Written

FOLDER = "students"
PAGE, RESULTS = "report.html", "results.json"
CHOICES = ("none", "failing", "all")
# File names that Windows reserves, and the suffix of a name with a digest.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DIGEST = re.compile(r".*-[0-9a-f]{10}")


@dataclass(frozen=True)
class Reports:
    """What was written.

    Args:
        students: the ids of those who have a folder.
        removed: files from earlier runs that were out of date and have been deleted.
    """

    students: frozenset[str]
    removed: tuple[str, ...]

    def link(self, student: str) -> str | None:
        """Return a student's page as a path relative to the class folder, None if there is none."""
        return f"{FOLDER}/{folder_of(student)}/{PAGE}" if student in self.students else None


def folder_of(student: str) -> str:
    """Return the name of a student's folder: safe, and shared with no other student.

    It depends on the id alone, so it stays the same from run to run. An id of lowercase letters,
    digits and `-_.` is used unchanged. Every other one gets a digest appended, even "Ada", because
    some file systems do not distinguish it from "ada".
    """
    name = safe_name(student)
    plain = name == student.casefold() and name == student
    if plain and not _RESERVED.fullmatch(name) and not _DIGEST.fullmatch(name):
        return name
    return f"{name}-{hashlib.sha256(student.encode(errors='replace')).hexdigest()[:10]}"


def write_reports(scorer: Scorer, entries: Sequence[Entry], choice: str, out: Path) -> Reports:
    """Write the reports of a run, and delete those of earlier runs that are out of date.

    Args:
        scorer: computes the grades.
        entries: the submissions that count.
        choice: "all", "none", or "failing" for those where anything is wrong, including extra
            credit, or with points by hand.
        out: the class folder; the reports go to its subfolder `students`.

    Raises:
        MachineError: a file cannot be written.
    """
    files = Written(out / FOLDER)
    written = set()
    for entry in entries if choice != "none" else ():
        for student, grade in _grades(scorer, entry, choice):
            _write(files, folder_of(student), grade)
            written.add(student)
    return Reports(frozenset(written), tuple(files.end()))


def _grades(scorer: Scorer, entry: Entry, choice: str) -> Iterator[tuple[str, Grade]]:
    """Yield the grades of those of an entry's students who get a report."""
    whole = scorer.grade(entry, evidence=True)
    for student in entry.students if whole else ():
        assert whole is not None
        by_hand = scorer.by_hand.get(student)
        grade = scorer.grade(entry, student, evidence=True) if by_hand else whole
        assert grade is not None
        if choice == "all" or grade.overrides or _has_failures(grade):
            yield student, grade


def _has_failures(grade: Grade) -> bool:
    return any(line.result.verdict is not Verdict.PASSED for line in grade.lines)


def _write(files: Written, folder: str, grade: Grade) -> None:
    files.put(f"{folder}/{RESULTS}", gradescope.text(gradescope.results(grade)).encode())
    page = html.render(for_student(grade), for_staff=False)
    files.put(f"{folder}/{PAGE}", page.encode("utf-8", "replace"))


def for_student(grade: Grade) -> Grade:
    """Return what a student sees of a grade: no hidden line, and no flag.

    Points given by hand replace the points of the visible lines.
    """
    view = replace(grade, oracle="recorded").student_view
    lines = tuple(replace(x, result=replace(x.result, flags=())) for x in view.lines)
    earned: dict[str, float] = {}
    for line in lines:
        earned[line.target.question] = earned.get(line.target.question, 0.0) + line.score
    return replace(
        view, lines=lines, oracle=grade.oracle, overrides=_instead(grade.overrides, earned)
    )


def _instead(given: Sequence[Override], earned: Mapping[str, float]) -> tuple[Override, ...]:
    return tuple(replace(one, instead_of=round(earned.get(one.question, 0.0), 2)) for one in given)
