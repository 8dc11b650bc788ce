"""Tables as CSV: written so that no spreadsheet runs a cell, read however a spreadsheet saved them.

What is written for people begins with a byte-order mark. Without it, Excel takes UTF-8 for the code
page of the machine, and every "é" of a name is garbled; Numbers, LibreOffice, pandas and R read the
file the same with it. Fields are parted by commas, numbers have a decimal point, rows end with
CRLF (RFC 4180).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.errors import UsageError, refusals
from grader.report.cleaning import clean, cut

# What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = (",", ";", "\t")
# Bytes of a table that is read; one of 10,000 students has less than 2 MB.
_MOST = 50_000_000


def safe(text: str) -> str:
    """Return a text as no spreadsheet runs it; one that is a number stays one."""
    runs = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def cell(text: str) -> str:
    """Return a text of somebody else's on one line, without control characters, safe."""
    return safe(" ".join(clean(cut(text)).split()))


def number(value: float | None) -> str:
    """Return points in hundredths, without zeros that say nothing; "" for none."""
    if value is None:
        return ""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def written(rows: Iterable[Sequence[str]], mark: bool = True) -> bytes:
    """Return rows as CSV; with a byte-order mark if people read it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8", "replace")


class Table:
    """A CSV that was read, with a heading for every column.

    Args:
        path: of the file, for messages.
        columns: the names that it must have, in lower case.

    Raises:
        UsageError: it cannot be read, or has not these columns.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Read the file."""
        self.path = path
        text = _text(path)
        self.delimiter = _delimiter(text)
        rows = _rows(path, text, self.delimiter)
        if not rows:
            raise UsageError(f"{path} is empty: its first line names the columns.")
        line, header = rows[0]
        names = [name.strip().lower() for name in header]
        for name in columns:
            if names.count(name) != 1:
                what = "more than one column" if name in names else "no column"
                wanted = ", ".join(columns)
                raise UsageError(f"{path}, line {line}: {what} {name!r}; it needs {wanted}.")
        places = {name: names.index(name) for name in columns}
        for line, row in rows[1:]:
            if any(map(str.strip, row[len(header) :])):
                raise UsageError(
                    f"{path}, line {line}: there are {len(row)} cells for {len(header)} columns. "
                    f"Put a cell with {self.delimiter!r} in it in quotes."
                )
        self.rows = [
            (line, {name: row[i].strip() if i < len(row) else "" for name, i in places.items()})
            for line, row in rows[1:]
        ]


def _text(path: Path) -> str:
    with refusals(f"{path} cannot be read"), path.open("rb") as file:
        content = file.read(_MOST + 1)
    if len(content) > _MOST:
        raise UsageError(f"{path} is larger than {_MOST // 10**6} MB: this is no table of a class.")
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{path}, line {line}: this is not UTF-8. Save the table as "
            '"CSV UTF-8" in Excel, or choose Unicode (UTF-8) elsewhere.'
        ) from None


def _delimiter(text: str) -> str:
    """Return what parts the columns: of commas, semicolons and tabs, what its heading has most."""
    first = next(filter(str.strip, text.splitlines()), "")
    return max(_DELIMITERS, key=first.count)


def _rows(path: Path, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, line = [], 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}, line {line}: {error}.") from None
    return found
