"""Opening a store: only one command at a time may write to it, and nobody else can read it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError, refusals

NAME = "class.db"
VERSION = 1
_SCHEMA = Path(__file__).with_name("schema.sql")
# Seconds that a reader waits for a writer.
_PATIENCE = 30.0


@contextlib.contextmanager
def opened(folder: Path, create: bool = False) -> Iterator[sqlite3.Connection]:
    """Provide the store of a class.

    Args:
        folder: the class folder, or the store itself.
        create: create the folder and an empty store if there is none.

    Raises:
        UsageError: there is none, or it is not a store of this version.
    """
    path = folder if folder.is_file() else folder / NAME
    with refusals(f"{path} cannot be used"):
        if create and not path.exists():
            _make(path)
    if not path.exists():
        raise UsageError(f"There is no class in {folder}: `grader class SOURCE` writes {NAME}.")
    # A store in a read-only folder, such as a backup on read-only media, does not change either.
    fixed = not create and not os.access(path.parent, os.W_OK)
    where = f"{path.resolve().as_uri()}?{'immutable=1' if fixed else 'mode=rw'}"
    try:
        opening = sqlite3.connect(where, _PATIENCE, isolation_level=None, uri=True)
        with contextlib.closing(opening) as found:
            _prepare(path, found, fixed)
            yield found
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path} cannot be used: {error}.") from error


def _make(path: Path) -> None:
    """Create an empty file that only its owner can read: SQLite's other files inherit its mode."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(path: Path, connection: sqlite3.Connection, is_fixed: bool) -> None:
    connection.row_factory = sqlite3.Row
    if not is_fixed:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version or not empty:
        raise UsageError(f"{path} was not written by this version of the grader.")
    schema = _SCHEMA.read_text("utf-8")
    connection.executescript(f"BEGIN; {schema} PRAGMA user_version = {VERSION}; COMMIT;")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other commands from writing to a class; the system releases the lock with this process.

    Raises:
        UsageError: another command is using it.
    """
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ModuleNotFoundError:
        yield
        return
    path = folder / f".{NAME}.lock"
    with refusals(f"{path} cannot be used"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"Another command is using {folder}: wait for it to finish.") from None
        yield
    finally:
        os.close(descriptor)
