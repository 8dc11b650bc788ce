"""What all parts of a store do: transactions, queries, and the runs."""

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
        """Keep the connection, through which all that is not here can be read."""
        self.connection = connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all of a block, or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Return what a query gives."""
        return self.connection.execute(query, values).fetchall()

    def insert(self, table: str, values: Mapping[str, Any]) -> int:
        """Write a row; return its id."""
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        query = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of ours
        number = self.connection.execute(query, tuple(values.values())).lastrowid
        assert number is not None
        return number

    def begin(self, run: Run) -> Run:
        """Write a run, whose id and start are given here."""
        values = {**vars(run), "started": now(), "ended": None, "seed": str(run.seed)}
        del values["id"]
        return self._run(self.insert("runs", values))

    def note(self, run: Run, **values: Any) -> Run:
        """Change columns of a run."""
        names = ", ".join(f'"{name}" = ?' for name in values)
        self.connection.execute(
            f"UPDATE runs SET {names} WHERE id = ?",  # noqa: S608 - names of ours
            (*values.values(), run.id),
        )
        return self._run(run.id)

    def runs(self) -> list[Run]:
        """Return all runs, the first one first."""
        return [_run(row) for row in self.rows("SELECT * FROM runs ORDER BY id")]

    def _run(self, number: int) -> Run:
        return _run(self.rows("SELECT * FROM runs WHERE id = ?", number)[0])


def now() -> str:
    """Return the time in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _run(row: sqlite3.Row) -> Run:
    return Run(**{**dict(row), "seed": int(row["seed"])})
