"""The page map that came with a student's PDF, read as untrusted input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.course.entries import line
from grader.writeup.pages import Entry, Pages

if TYPE_CHECKING:
    from grader.writeup.making import Question

MAP = "writeup.pages.json"
# Maximum bytes of a page map, remarks on it and on each question, and characters of a remark.
MAX_MAP = 1_000_000
MAX_REMARKS = 10
MAX_WORDS = 200


class MapReading:
    """Reads the page map that came with a PDF, and ignores whatever is malformed."""

    def __init__(self, count: int) -> None:
        """Start, with the number of pages in the PDF."""
        self.count = count
        self.remarks: list[str] = []

    @property
    def told(self) -> tuple[str, ...]:
        """Return the remarks, up to a maximum number."""
        more = len(self.remarks) - MAX_REMARKS
        return (*self.remarks[:MAX_REMARKS], *([f"and {more} more"] if more > 0 else []))

    def entries(self, content: bytes, questions: Sequence[Question]) -> tuple[Entry, ...]:
        """Return the map's entry for every question; nothing if it is not a map."""
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            value = None
        rows = value.get("questions") if isinstance(value, dict) else None
        if not isinstance(rows, list):
            self.remarks.append(f"{MAP} is not a page map")
            return ()
        if value.get("pages") != self.count:
            said = _shown(value.get("pages"))
            self.remarks.append(f"{MAP} says {said} pages; the PDF has {self.count}")
        found = self._by_question(rows, {one.number for one in questions})
        return tuple(self._entry(one, found.get(one.number)) for one in questions)

    def _by_question(self, rows: Sequence[Any], known: set[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            name = row.get("question") if isinstance(row, dict) else row
            if not isinstance(row, dict) or not isinstance(name, str) or name not in known:
                self.remarks.append(f"{MAP}: there is no question {_shown(name)}")
            elif name in found:
                self.remarks.append(f"{MAP} has question {name} twice; the first is used")
            else:
                found[name] = row
        return found

    def _entry(self, question: Question, row: dict[str, Any] | None) -> Entry:
        number, title, extra = question.number, question.title, question.extra
        if row is None:
            return Entry(number, title, None, None, ("not in the page map",), extra)
        derivation, code = (self._pages(number, row, part) for part in ("derivation", "code"))
        missing = []
        if row.get("derivation") == [] and question.derives:
            missing.append("no derivation yet")
        if row.get("code") == []:
            missing.append("no code yet")
        missing += self._missing(number, row)
        return Entry(number, title, derivation, code, tuple(dict.fromkeys(missing)), extra)

    def _pages(self, number: str, row: dict[str, Any], part: str) -> Pages | None:
        pages = row.get(part)
        if pages == []:
            return None
        if isinstance(pages, list) and all(type(page) is int for page in pages):
            first, last = pages[0], pages[-1]
            fits = 1 <= first <= last <= self.count
            if fits and pages == list(range(first, last + 1)):
                return first, last
        self.remarks.append(f"{MAP}: {number} has no such {part} pages: {_shown(pages)}")
        return None

    def _missing(self, number: str, row: dict[str, Any]) -> list[str]:
        words = row.get("missing")
        if isinstance(words, list) and all(isinstance(one, str) for one in words):
            return [line(one)[:MAX_WORDS] for one in words[:MAX_REMARKS]]
        self.remarks.append(f"{MAP}: {number} has no list of what is missing")
        return []


def _shown(value: Any) -> str:
    """Return the start of an untrusted value as JSON."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
