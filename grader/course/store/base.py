"""What all parts of a store share: transactions, queries, and the runs."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .rows import Run


class Base:
    """The connection to a store, and its runs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep the connection, which can also be used for queries that have no method here."""
        self.connection = connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything in a block, or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def insert(self, table: str, values: Mapping[str, Any]) -> int:
        """Insert a row; return its id."""
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        query = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        number = self.connection.execute(query, tuple(values.values())).lastrowid
        assert number is not None
        return number

    def begin(self, run: Run) -> Run:
        """Insert a run; its id and start time are assigned here."""
        values = {**vars(run), "started": now(), "ended": None, "seed": str(run.seed)}
        del values["id"]
        return self._run(self.insert("runs", values))

    def note(self, run: Run, **values: Any) -> Run:
        """Change some columns of a run."""
        names = ", ".join(f'"{name}" = ?' for name in values)
        self.connection.execute(
            f"UPDATE runs SET {names} WHERE id = ?",  # noqa: S608 - our own names
            (*values.values(), run.id),
        )
        return self._run(run.id)

    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        return [_run(row) for row in self.rows("SELECT * FROM runs ORDER BY id")]

    def _run(self, number: int) -> Run:
        return _run(self.rows("SELECT * FROM runs WHERE id = ?", number)[0])


def now() -> str:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _run(row: sqlite3.Row) -> Run:
    return Run(**{**dict(row), "seed": int(row["seed"])})
