"""Who is in the class: Canvas's exported gradebook, or any CSV with an id or an e-mail address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.csv_reading import Table, read_table
from grader.course.people import Student
from grader.errors import UsageError

# Possible column names, in lowercase letters and digits; the first one present is the id.
_IDS = (
    "id sid studentid studentnumber matriculationnumber matrikelnummer universityid userid "
    "orgdefinedid sisuserid sisid"
).split()
_LOGINS = "sisuserid sisid sisloginid loginid login username netid integrationid github".split()
_EMAILS = "email emailaddress mail primaryemail".split()
_NAMES = "student name fullname studentname displayname".split()
_FIRST = "firstname givenname first".split()
_LAST = "lastname surname familyname last".split()
# Rows in Canvas's gradebook that belong to no student.
_NO_STUDENT = ("points possible", "student, test", "test student")


@dataclass(frozen=True)
class Row:
    """One student on the roster.

    Args:
        line: its line number in the file.
        cells: as in the file.
        id: identifies the student in the grades, never empty.
        name: "" if the roster does not have it.
        email: "" if the roster does not have it.
        logins: other ids of the student.
    """

    line: int
    cells: tuple[str, ...]
    id: str
    name: str = ""
    email: str = ""
    logins: tuple[str, ...] = ()


class Roster:
    """Finds students on a roster.

    Attributes:
        path: the file.
        header: its first row, as in the file.
        rows: those of the students, in order.
        others: rows that belong to no student, such as "Points Possible", as in the file.
    """

    def __init__(self, path: Path) -> None:
        """Read a roster.

        Raises:
            UsageError: it cannot be read, or a row cannot be interpreted.
        """
        table = read_table(path)
        self.path, self.header = path, table.header
        columns = _Columns(table)
        read = [(line, cells, columns.row(line, cells)) for line, cells in table.rows]
        self.rows = tuple(row for _, _, row in read if row is not None)
        self.others = tuple(cells for _, cells, row in read if row is None)
        _refuse_duplicates(table, self.rows)
        self._by = [
            _unique((row.id, row) for row in self.rows),
            _unique((login, row) for row in self.rows for login in row.logins),
            _unique((row.email.casefold(), row) for row in self.rows),
            _unique((x, row) for row in self.rows for x in _local_parts(row)),
            _unique((plain_name(row.name), row) for row in self.rows),
        ]

    def match(self, student: Student) -> Row | None:
        """Return the row of a student: by id, other ids, e-mail or login, then by name."""
        ids, logins, emails, parts, names = self._by
        own = [x for x in (student.id, student.email) if x]
        mail = [x.casefold() for x in own]
        near = [(x, parts.get(x.partition("@")[0])) for x in mail]
        found = [
            ids.get(student.id),
            logins.get(student.id),
            *(logins.get(x) for x in own[1:]),
            *(emails.get(x) for x in mail),
            *(row for x, row in near if row and _fits(row, x, student)),
            *(names.get(plain_name(x)) for x in (student.name, student.id)),
        ]
        return next((row for row in found if row is not None), None)

    def is_sure(self, student: Student, row: Row) -> bool:
        """Tell whether a row matches a student by an id or the full e-mail, not just by name."""
        mail = {x.casefold() for x in (student.id, student.email) if x}
        known = {x.casefold() for x in (row.id, row.email, *row.logins) if x}
        return not mail.isdisjoint(known)

    def missing(self, students: Iterable[Student]) -> tuple[Row, ...]:
        """Return the rows that match none of the given students."""
        there = {row.line for one in students if (row := self.match(one)) is not None}
        return tuple(row for row in self.rows if row.line not in there)

    def strangers(self, students: Iterable[Student]) -> tuple[Student, ...]:
        """Return those of the given students who are not on the roster."""
        return tuple(one for one in students if self.match(one) is None)


class _Columns:
    """Which column of a table has which field."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = ["".join(filter(str.isalnum, x.casefold())) for x in table.header]
        ids = self._all(_IDS)
        self._email = self._first(_EMAILS)
        self._id = ids[0] if ids else None
        self._logins = [x for x in (*ids[1:], *self._all(_LOGINS)) if x != self._id]
        self._name = self._first(_NAMES)
        self._parts = [x for x in (self._first(_FIRST), self._first(_LAST)) if x is not None]
        if self._id is None and self._email is None and not self._logins:
            shown = ", ".join(table.header[:10])
            raise UsageError(
                f"{table.path}, line {table.line}: no column is an id or an e-mail (such as id, "
                f"sid, student id, SIS User ID, email); the columns are {shown}."
            )

    def _all(self, names: Sequence[str]) -> list[int]:
        return [self._names.index(name) for name in names if name in self._names]

    def _first(self, names: Sequence[str]) -> int | None:
        return next(iter(self._all(names)), None)

    def row(self, line: int, cells: tuple[str, ...]) -> Row | None:
        """Return a student's row; None if it belongs to nobody.

        Raises:
            UsageError: it has a name but nothing that identifies the student.
        """

        def cell(column: int | None) -> str:
            return "" if column is None or column >= len(cells) else cells[column].strip()

        name = cell(self._name) or " ".join(filter(None, map(cell, self._parts)))
        logins = tuple(dict.fromkeys(filter(None, map(cell, self._logins))))
        email = cell(self._email) or next((x for x in logins if "@" in x), "")
        identifier = cell(self._id) or next(iter(logins), "") or email
        if name.casefold().startswith(_NO_STUDENT) or not (identifier or name):
            return None
        if not identifier:
            column = self._table.header[self._id or self._email or 0]
            raise UsageError(
                f'{self._table.path}, line {line}: "{name}" has neither an id nor an e-mail '
                f'(column "{column}").'
            )
        return Row(line, cells, identifier, name, email, logins)


def _refuse_duplicates(table: Table, rows: Sequence[Row]) -> None:
    first: dict[str, Row] = {}
    for row in rows:
        other = first.setdefault(row.id, row)
        if other is not row:
            column = next((x for x, cell in enumerate(row.cells) if cell.strip() == row.id), 0)
            raise UsageError(
                f'{table.path}, line {row.line}, column "{table.header[column]}": the id '
                f"{row.id} is also on line {other.line}."
            )


def _unique(pairs: Iterable[tuple[str, Row]]) -> dict[str, Row]:
    """Return the keys that belong to one row only."""
    found: dict[str, Row | None] = {}
    for key, row in pairs:
        found[key] = row if found.get(key, row) is row else None
    return {key: row for key, row in found.items() if key and row is not None}


def _local_parts(row: Row) -> set[str]:
    return {x.casefold().partition("@")[0] for x in (row.email, *row.logins)}


def _fits(row: Row, own: str, student: Student) -> bool:
    """Tell whether a row found by an id or the start of an e-mail may be this student's.

    An e-mail address at another domain proves nothing, since people can choose any name there,
    unless the student's name matches, too.
    """
    house, theirs = (x.partition("@")[2].split(".")[-2:] for x in (own, row.email.casefold()))
    return "@" not in own or house == theirs or _same_name(row, student)


def _same_name(row: Row, student: Student) -> bool:
    return bool(row.name) and plain_name(row.name) == plain_name(student.name)


def plain_name(name: str) -> str:
    """Return a name in the form "Ada Lovelace", even if given as "Lovelace, Ada"."""
    last, comma, first = name.partition(",")
    return " ".join((f"{first} {last}" if comma else name).split())
