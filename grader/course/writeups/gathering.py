"""The written half of a class: the PDF of every submission, and one table of all page maps."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment
from grader.course.entries import entries, line, safe_name, stem
from grader.errors import GraderError, MachineError, UsageError, refusals
from grader.files import replace_bytes
from grader.submission import files_beside, folders_with
from grader.writeup import making, merging
from grader.writeup.making import Question
from grader.writeup.pages import Entry

from .page_map import MAP, MAX_MAP, MapReading
from .table import Row

# File names that a submission may contain, and that are written.
PDF, TABLE = "writeup.pdf", "writeups.csv"
# How a page map says that a derivation has only been started.
_BEGUN = "the derivation "


@dataclass(frozen=True)
class Student:
    """One entry of a class: its path, its owner, and the name of its PDF."""

    path: Path
    name: str
    file: str


def students(folder: Path, out: Path) -> tuple[list[Student], list[str]]:
    """Return the submissions of a class, by name, and the names of everything else.

    Args:
        folder: has a folder, a zip or a tar for each student.
        out: where the PDFs go.

    Raises:
        UsageError: there is no submission, or the PDFs would be placed among them.
    """
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise UsageError(f"{out} is inside {folder}: choose a folder outside it with --out.")
    chosen, others = entries(folder)
    if not chosen:
        raise UsageError(f"There is no submission in {folder}: no folder, no zip and no tar.")
    return _named(chosen), [line(path.name) for path in others]


def _named(paths: Sequence[Path]) -> list[Student]:
    """Give each submission its student's name, and a file name that no other has."""
    stems = {path: stem(path) for path in paths}
    alike = Counter(stems.values())
    taken: set[str] = set()
    found = []
    for path, own in stems.items():
        base = name = safe_name(own)
        number = 1
        while name.casefold() in taken:  # some file systems do not distinguish Ada from ada
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        found.append(Student(path, path.name if alike[own] > 1 else own, f"{name}.pdf"))
    return found


def gathered(
    assignment: Assignment, questions: Sequence[Question], student: Student, out: Path
) -> Row:
    """Write the PDF of one submission, and return its row, which includes any problems.

    Args:
        assignment: has the questions.
        questions: those that have a section.
        student: the owner of the submission.
        out: the folder for the PDF.

    Raises:
        MachineError: the PDF cannot be written, or this machine cannot make any.
    """
    try:
        with refusals(f"The PDF of {student.path} cannot be made", every=False):
            row, pdf = _row_and_pdf(assignment, questions, student)
    except MachineError:
        raise
    except GraderError as error:
        return Row(student.name, remarks=(str(error),))
    except Exception as error:  # noqa: BLE001 - one submission must not affect the others
        reason = f"The autograder failed on it: {type(error).__name__}: {error}."
        return Row(student.name, remarks=(reason,))
    path = out / student.file
    with refusals(f"{path} cannot be written"):
        replace_bytes(path, pdf)
    return row


def _row_and_pdf(
    assignment: Assignment, questions: Sequence[Question], student: Student
) -> tuple[Row, bytes]:
    folder = _folder_of_pdf(student.path)
    if folder is not None:
        return _handed_in(questions, student, folder)
    made = making.write_up(assignment, student.path)
    derived = _derived(made.entries, questions)
    row = Row(student.name, student.file, "made", made.count, made.entries, made.remarks, derived)
    return row, made.pdf


def _folder_of_pdf(path: Path) -> str | None:
    """Return the folder of a submission that contains the PDF, None if there is no PDF.

    Raises:
        UsageError: two folders are equally plausible.
    """
    folders = folders_with(path, PDF)
    depths = [len(Path(one).parts) for one in folders]
    if len(folders) > 1 and depths[0] == depths[1]:
        raise UsageError(f"{path} has a {PDF} in {folders[0]} and in {folders[1]}: keep one.")
    return folders[0] if folders else None


def _derived(entries: Sequence[Entry], questions: Sequence[Question]) -> tuple[int, int]:
    asked = {one.number for one in questions if one.derives and not one.extra}
    there = [
        one
        for one in entries
        if one.question in asked
        and one.derivation
        and not any(words.startswith(_BEGUN) for words in one.missing)
    ]
    return len(there), len(asked)


def _handed_in(questions: Sequence[Question], student: Student, folder: str) -> tuple[Row, bytes]:
    """Return a PDF as it was handed in, and a row with the contents of its page map."""
    contents, refused = files_beside(student.path, folder, [PDF], merging.MAX_BYTES)
    if PDF not in contents:
        raise UsageError(f"{PDF} was rejected: {refused.get(PDF, 'it is gone')}.")
    count = _count(contents[PDF])
    maps, refused = files_beside(student.path, folder, [MAP], MAX_MAP)
    reading = MapReading(count)
    if MAP in maps:
        entries = reading.entries(maps[MAP], questions)
    else:
        entries = ()
        reason = f"{MAP} was rejected: {refused[MAP]}" if refused else f"There is no {MAP}"
        reading.remarks.append(f"{reason}: the page contents are unknown")
    derived = _derived(entries, questions)
    row = Row(student.name, student.file, "handed in", count, entries, reading.told, derived)
    return row, contents[PDF]


def _count(pdf: bytes) -> int:
    """Return the number of pages of a PDF that a student handed in.

    Raises:
        UsageError: it is not a PDF, or is encrypted, damaged or too large.
    """
    with tempfile.TemporaryDirectory(prefix="grader-writeups-") as folder:
        path = Path(folder) / PDF
        path.write_bytes(pdf)
        try:
            return len(merging.opened(path).pages)
        except UsageError as error:
            raise UsageError(str(error).replace(f"{folder}{os.sep}", "")) from None
