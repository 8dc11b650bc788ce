"""Reading a CSV that was written by another program or a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

# No class has more rows.
MAX_BYTES = 50_000_000
_DELIMITERS = (",", ";", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Table:
    """A CSV: its header, and its rows with the line number at which each ends.

    Args:
        path: the file.
        line: the line number of the header.
        header: as in the file.
        delimiter: what separates the cells.
        rows: as in the file, padded to the length of the header.
    """

    path: Path
    line: int
    header: tuple[str, ...]
    delimiter: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path) -> Table:
    """Read a CSV with commas, semicolons or tabs, in UTF-8 or UTF-16.

    Raises:
        UsageError: it is not a valid CSV; the message names file and line.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 10**6} MB: not a class list.")
    text = _decoded(path, content)
    delimiter = _delimiter(text)
    lines = list(_lines(path, text, delimiter))
    if not lines:
        raise UsageError(f"{path} is empty.")
    (number, header), rows = lines[0], lines[1:]
    fitted = tuple((n, _fitted(path, n, x, header)) for n, x in rows)
    return Table(path, number, header, delimiter, fitted)


def _decoded(path: Path, content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:2]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{path}, line {number}: this is not {encoding.upper().removesuffix('-SIG')}; save it "
            "as CSV in UTF-8."
        ) from None


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the non-empty rows, each with the line number at which it ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            says = cells and cells[0].casefold().startswith("sep=")  # Excel's own first line
            if any(cell.strip() for cell in cells) and not (says and reader.line_num == 1):
                yield reader.line_num, tuple(cells)
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: this is not CSV: {error}.") from None


def _delimiter(text: str) -> str:
    """Return the delimiter: the one that splits the header into the most cells."""
    header = next(filter(str.strip, io.StringIO(text)), "")[:10_000].replace("\0", "")
    if header.casefold().startswith("sep="):
        return header[4:5] if header[4:5] in _DELIMITERS else ","
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one), [])))


def _fitted(
    path: Path, line: int, cells: tuple[str, ...], header: tuple[str, ...]
) -> tuple[str, ...]:
    """Return a row padded to the length of the header.

    Raises:
        UsageError: it is longer.
    """
    more = cells[len(header) :]
    if any(cell.strip() for cell in more):
        raise UsageError(
            f"{path}, line {line}, column {len(header) + 1}: the line has {len(cells)} cells, the "
            f"header {len(header)}; put a cell with a delimiter in it in quotes."
        )
    return (*cells[: len(header)], *("",) * (len(header) - len(cells)))
