"""Tables as CSV: written so that no spreadsheet runs a cell, read however a spreadsheet saved them.

Files meant for people begin with a byte-order mark. Without it, Excel assumes the machine's code
page for UTF-8, and every "é" in a name is garbled; Numbers, LibreOffice, pandas and R read the file
the same with it. Fields are separated by commas, numbers have a decimal point, rows end with CRLF
(RFC 4180).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.report.cleaning import clean, cut

from .csv_reading import read_table

# Characters that spreadsheets interpret as the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


def safe(text: str) -> str:
    """Return a text in a form that no spreadsheet runs; a number stays a number."""
    runs = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def cell(text: str) -> str:
    """Return untrusted text on one line, without control characters, safe for a spreadsheet."""
    return safe(" ".join(clean(cut(text)).split()))


def number(value: float | None) -> str:
    """Return points rounded to hundredths, without trailing zeros; "" for none."""
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
        path: the file, for messages.
        columns: the names of the required columns, in lower case.

    Raises:
        UsageError: it cannot be read, or lacks one of these columns.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Read the file."""
        read = read_table(path)
        self.path, self.delimiter = path, read.delimiter
        names = [name.strip().lower() for name in read.header]
        for name in columns:
            if names.count(name) != 1:
                what = "more than one column" if name in names else "no column"
                wanted = ", ".join(columns)
                raise UsageError(f"{path}, line {read.line}: {what} {name!r}; it needs {wanted}.")
        places = {name: names.index(name) for name in columns}
        self.rows = [
            (line, {name: cells[i].strip() for name, i in places.items()})
            for line, cells in read.rows
        ]
