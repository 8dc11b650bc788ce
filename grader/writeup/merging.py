"""PDFs: a student's own derivations, read with caution and put between title page and code."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, NameObject

from grader.errors import UsageError

# Gradescope accepts at most 100 MB.
MAX_BYTES = 100_000_000
MAX_PAGES = 1000
_DEEPEST = 20
_RANGE = re.compile(r"\s*([^=\s]+)\s*=\s*(\d+)\s*(?:[-\u2013]\s*(\d+))?\s*")
Pages = tuple[int, int]


# Its warnings quote a student's file; we report problems in a sentence instead.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def opened(path: Path) -> pypdf.PdfReader:
    """Return a student's PDF.

    Raises:
        UsageError: it is not a PDF, or is encrypted, broken or too large.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if b"%PDF-" not in content[:1024]:
        raise UsageError(f"{path} is not a PDF.")
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        # If opening it needs no password, the owner's restrictions do not matter.
        is_closed = reader.is_encrypted and not reader.decrypt("")
        count = 0 if is_closed else len(reader.pages)
    except Exception as error:  # a damaged file can make pypdf raise anything
        raise UsageError(f"{path} is damaged: {_reason(error)}.") from error
    if is_closed:
        raise UsageError(f"{path} is encrypted; save it without a password.")
    if not 0 < count <= MAX_PAGES:
        raise UsageError(f"{path} has {count} pages; 1 to {MAX_PAGES} are allowed.")
    return reader


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:200].rstrip(".")
    return text or type(error).__name__


def pages_by_bookmark(reader: pypdf.PdfReader, questions: Sequence[str]) -> dict[str, Pages]:
    """Return the pages of every question with a bookmark that starts with its number.

    They end before the next bookmark at the same or a higher level, or on its page. A question with
    several bookmarks has all pages from the first to the last.
    """
    marks = _bookmarks(reader)
    found: dict[str, Pages] = {}
    for number, (level, title, page) in enumerate(marks):
        question = _question(title, questions)
        if question:
            following = [
                x for x in marks[number + 1 :] if x[0] <= level or _question(x[1], questions)
            ]
            last = following[0][2] - 1 if following else len(reader.pages)
            first, before = found.get(question, (page, page))
            found[question] = (min(first, page), max(before, page, last))
    return found


def _question(title: str, questions: Sequence[str]) -> str:
    names = "|".join(re.escape(name) for name in sorted(questions, key=len, reverse=True))
    match = re.match(rf"\W*(?:[A-Za-z]+\s+)?\W*({names})(?!\.?\w)", title)
    return match[1] if match else ""


def _bookmarks(reader: pypdf.PdfReader) -> list[tuple[int, str, int]]:
    """Return level, title and page, from 1, of every bookmark that leads to a page."""
    found: list[tuple[int, str, int]] = []

    def visit(items: Sequence[Any], level: int) -> None:
        for item in items:
            if isinstance(item, list):
                if level < _DEEPEST:
                    visit(item, level + 1)
                continue
            page = reader.get_destination_page_number(item)
            if page is not None and page >= 0:
                found.append((level, str(item.title), page + 1))

    try:
        visit(reader.outline, 0)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return found


def pages_by_hand(text: str, questions: Sequence[str], count: int) -> dict[str, Pages]:
    """Return the pages that a student specified, as in "3.1=1-2,3.2=3".

    Raises:
        UsageError: it is not in this format, or names a question or a page that does not exist.
    """
    found: dict[str, Pages] = {}
    for one in filter(str.strip, text.split(",")):
        match = _RANGE.fullmatch(one)
        if match is None:
            raise UsageError(f"--pages has {one.strip()!r}; write it as 3.1=1-2,3.2=3.")
        question, first, last = match[1], int(match[2][:9]), int((match[3] or match[2])[:9])
        if question not in questions:
            raise UsageError(
                f"--pages names question {question}; there are {', '.join(questions)}."
            )
        if question in found:
            raise UsageError(
                f"--pages names question {question} twice; write all its pages as one range, such "
                f"as {question}=1-3."
            )
        if first > last:
            raise UsageError(f"--pages has {one.strip()!r}; the first page comes first.")
        if not 1 <= first <= last <= count:
            raise UsageError(f"--pages has {one.strip()!r}; the PDF has pages 1 to {count}.")
        found[question] = (first, last)
    return found


def merged(
    made: bytes,
    own: pypdf.PdfReader,
    after: int,
    pages: Mapping[str, Pages],
    names: Mapping[str, str],
) -> bytes:
    """Return the pages of a PDF with those of another inserted.

    Args:
        made: title page and code, with bookmarks.
        own: the student's PDF.
        after: the number of pages of `made` that come first.
        pages: those of `own`, by question.
        names: those of the bookmarks, by question.
    """
    writer = pypdf.PdfWriter()
    try:
        reader = pypdf.PdfReader(io.BytesIO(made))
        writer.append(reader, import_outline=False)
        writer.merge(after, own, import_outline=False)
        for question, (first, _) in pages.items():
            writer.add_outline_item(title=names[question], page_number=after + first - 1)
        for _, title, page in _bookmarks(reader):
            more = len(own.pages) if page > after else 0
            writer.add_outline_item(title=title, page_number=page - 1 + more)
        _without_actions(writer)
        output = io.BytesIO()
        writer.write(output)
    except Exception as error:  # a damaged file can make pypdf raise anything
        raise UsageError(f"The PDF of the derivations is damaged: {_reason(error)}.") from error
    return output.getvalue()


def _without_actions(writer: pypdf.PdfWriter) -> None:
    """Remove what a PDF does automatically, and what a click on it would run."""
    for name in ("/OpenAction", "/AA", "/AcroForm"):
        writer.root_object.pop(name, None)
    for page in writer.pages:
        page.pop("/AA", None)
        kept = [one for one in page.get("/Annots", []) if _is_harmless(one.get_object())]
        if "/Annots" in page:
            page[NameObject("/Annots")] = ArrayObject(kept)


def _is_harmless(annotation: Any) -> bool:
    """Tell whether an annotation does nothing but link to a page or an address."""
    action = annotation.get("/A", {})
    kind = action.get_object().get("/S") if action else None
    return "/AA" not in annotation and kind in (None, "/GoTo", "/URI", "/Named")


def still_to_write(reader: pypdf.PdfReader, pages: Pages, hole: str) -> bool:
    """Tell whether some pages still say that a derivation has to be written."""
    texts = (page.extract_text() for page in reader.pages[pages[0] - 1 : pages[1]])
    try:
        return any(hole in " ".join(text.split()) for text in texts)
    except Exception:  # a damaged page can make pypdf raise anything  # noqa: BLE001
        return False


def lacking(pdf: bytes, characters: Collection[str]) -> str:
    """Return the given characters that no page shows, because no font has them."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    shown = {char for page in reader.pages for char in page.extract_text()}
    return "".join(sorted(set(characters) - shown))


def count_of(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
