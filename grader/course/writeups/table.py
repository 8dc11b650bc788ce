"""The table of a class's writeups: one row per student, as a line and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.entries import line
from grader.report.cleaning import cut
from grader.writeup.pages import Entry, Pages

if TYPE_CHECKING:
    from grader.writeup.making import Question

# Characters that spreadsheets interpret as the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True)
class Row:
    """What the table says about a student.

    Args:
        name: the student's name.
        file: the PDF; "" if there is none.
        origin: "made", "handed in", or "" if there is no PDF.
        count: the number of pages.
        entries: its page map, by question; empty if unknown.
        remarks: what went wrong.
        derived: how many derivations are there, and how many there should be, without extra credit.
    """

    name: str
    file: str = ""
    origin: str = ""
    count: int = 0
    entries: tuple[Entry, ...] = ()
    remarks: tuple[str, ...] = ()
    derived: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        """Return the row as a line: "ada: 12 pages, derivations 8 of 9"."""
        if not self.file:
            return line(f"{self.name}: no PDF: {' '.join(self.remarks)}")
        pages = f"{self.count} page{'' if self.count == 1 else 's'}"
        origin = " handed in" if self.origin == "handed in" else ""
        there, asked = self.derived
        map_ = f"derivations {there} of {asked}" if self.entries else "no page map"
        return line(f"{self.name}: {pages}{origin}, {map_}")


def table(questions: Sequence[Question], rows: Sequence[Row]) -> bytes:
    """Return the table as CSV; its first character makes spreadsheets read it as UTF-8."""
    numbers = [one.number for one in questions]
    parts = [f"{number} {part}" for number in numbers for part in ("derivation", "code")]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["name", "file", "origin", "pages", *parts, "missing", "remarks"])
    for row in rows:
        writer.writerow([_cell(text) for text in _texts(row, numbers)])
    return text.getvalue().encode("utf-8-sig", "replace")


def _texts(row: Row, numbers: Sequence[str]) -> list[str]:
    entries = {one.question: one for one in row.entries}
    found = [entries.get(number) for number in numbers]
    pages = [
        _range(x) for one in found for x in ((one.derivation, one.code) if one else (None,) * 2)
    ]
    lacking = [one for one in row.entries if one.missing and not one.extra]
    missing = "; ".join(f"{one.question}: {', '.join(one.missing)}" for one in lacking)
    count = str(row.count) if row.file else ""
    return [row.name, row.file, row.origin, count, *pages, missing, "; ".join(row.remarks)]


def _range(pages: Pages | None) -> str:
    if pages is None:
        return ""
    first, last = pages
    return str(first) if first == last else f"{first}-{last}"


def _cell(text: str) -> str:
    """Return a text in a form that no spreadsheet runs."""
    shown = line(cut(text))
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
