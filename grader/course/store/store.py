"""What commands write to a store, and the rows that they read of it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from grader.course.people import HandIn, Student
from grader.judging import Grade, Line
from grader.verdict import CheckResult, Verdict


@dataclass(frozen=True)
class Run:
    """A row of `runs`: one command, from its start to its end, however often it was ended."""

    id: int
    command: str
    source: str
    kind: str
    started: str
    ended: str | None
    assignment: str
    grader: str
    seed: int
    graders: str
    maximum: float


@dataclass(frozen=True)
class Graded:
    """What came of grading contents, or some targets of them.

    Args:
        contents: their hash.
        results: by target and check; empty if there is a problem.
        seconds: by the clock.
        isolation: for every layer "", or why it is not there.
        place: the machine and process that graded.
        problem: why there are no results; "" if there are.
    """

    contents: str
    results: Mapping[tuple[str, str], CheckResult] = field(default_factory=dict)
    seconds: float = 0.0
    isolation: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Kept:
    """A result in the store; it is not fresh if its target has been changed since."""

    id: int
    result: CheckResult
    is_fresh: bool


@dataclass(frozen=True)
class Entry:
    """A row of `submissions`, and whose it is."""

    id: int
    entry: str
    submitted_at: str | None
    late: bool
    contents: str | None
    problem: str
    found: str
    students: tuple[str, ...]


class Store:
    """The store of a class; `opening.opened` gives the connection."""

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

    # Runs.

    def begin(self, run: Run) -> Run:
        """Write a run, whose id and start are given here."""
        values = {**vars(run), "started": now(), "ended": None, "seed": str(run.seed)}
        del values["id"]
        return self._run(self._insert("runs", values))

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

    # What was handed in.

    def add_students(self, students: Iterable[Student], on_roster: bool | None) -> None:
        """Write students; what is known of them already is replaced."""
        self.connection.executemany(
            "INSERT INTO students VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "name = excluded.name, email = excluded.email, on_roster = excluded.on_roster",
            [(one.id, one.name, one.email, on_roster) for one in students],
        )

    def add_submission(
        self, run: Run, hand_in: HandIn, contents: tuple[str, bytes] | None, found: str,
        problem: str = "",
    ) -> int:  # fmt: skip
        """Write what was handed in, and whose it is; return its id.

        Args:
            run: that has read it.
            hand_in: what it is.
            contents: hash and packed bytes of what is graded; None if there is nothing.
            found: how it was found, as `contents.found` gives it.
            problem: why there is nothing.
        """
        at = hand_in.submitted_at and hand_in.submitted_at.astimezone(timezone.utc).isoformat()
        if contents:
            self.connection.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", contents)
        known = self.rows("SELECT id FROM submissions WHERE entry = ?", hand_in.entry)
        values = {
            "entry": hand_in.entry, "run": run.id, "submitted_at": at, "late": hand_in.late,
            "contents": contents and contents[0], "problem": problem, "found": found,
        }  # fmt: skip
        if known:
            values["id"] = known[0]["id"]
            self.connection.execute("DELETE FROM members WHERE submission = ?", (values["id"],))
            names = ", ".join(f"{name} = :{name}" for name in values)
            update = f"UPDATE submissions SET {names} WHERE id = :id"  # noqa: S608 - names of ours
            self.connection.execute(update, values)
        number: int = known[0]["id"] if known else self._insert("submissions", values)
        self.connection.executemany(
            "INSERT INTO members VALUES (?, ?, 0)", [(one.id, number) for one in hand_in.students]
        )
        return number

    def let_latest_count(self) -> None:
        """Mark, for every student, the one submission that counts: the latest.

        What has files goes before what has none; of equally late ones, the last that was read.
        """
        self.connection.execute("UPDATE members SET counts = 0")
        self.connection.execute(
            "UPDATE members SET counts = 1 WHERE (student, submission) IN ("
            " SELECT student, submission FROM (SELECT student, submission, row_number() OVER ("
            "  PARTITION BY student ORDER BY contents IS NULL, submitted_at IS NULL,"
            "  submitted_at DESC, submissions.id DESC) AS place"
            "  FROM members JOIN submissions ON submissions.id = submission) WHERE place = 1)"
        )

    def entries(self, only_counting: bool = True) -> list[Entry]:
        """Return the submissions, those that count for somebody or all, with whose they are."""
        members: dict[int, list[str]] = {}
        where = "WHERE counts" if only_counting else ""
        query = f"SELECT * FROM members {where} ORDER BY student"  # noqa: S608 - words of ours
        for row in self.rows(query):
            members.setdefault(row["submission"], []).append(row["student"])
        return [
            Entry(
                row["id"], row["entry"], row["submitted_at"], bool(row["late"]), row["contents"],
                row["problem"], row["found"], tuple(members.get(row["id"], ())),
            )
            for row in self.rows("SELECT * FROM submissions ORDER BY id")
            if row["id"] in members or not only_counting
        ]  # fmt: skip

    def contents(self, hash_: str) -> bytes:
        """Return contents, packed."""
        packed: bytes = self.rows("SELECT packed FROM contents WHERE hash = ?", hash_)[0][0]
        return packed

    # What became of it.

    def done(self, fingerprints: Mapping[str, str]) -> set[tuple[str, str, str]]:
        """Return the contents, target and check of all results that need not be asked for again.

        Args:
            fingerprints: by target, as it is graded now. A result on which the grader failed is
                asked for again.
        """
        query = (
            'SELECT contents, target, "check" FROM results '
            "WHERE target = ? AND fingerprint = ? AND verdict != ?"
        )
        fault = Verdict.HARNESS_FAULT.value
        return {
            (row[0], row[1], row[2])
            for target, fingerprint in fingerprints.items()
            for row in self.rows(query, target, fingerprint, fault)
        }

    def add_results(self, run: Run, graded: Graded, fingerprints: Mapping[str, str]) -> None:
        """Write what came of grading, in one transaction."""
        targets = json.dumps(list(dict.fromkeys(target for target, _ in graded.results)))
        with self.transaction():
            self._insert("gradings", {
                "contents": graded.contents, "run": run.id, "ended": now(),
                "seconds": graded.seconds, "targets": targets, "place": graded.place,
                "isolation": json.dumps(dict(graded.isolation)), "problem": graded.problem,
            })  # fmt: skip
            for (target, check), result in graded.results.items():
                self._add_result(run, graded.contents, target, check, fingerprints[target], result)

    def _add_result(
        self, run: Run, contents: str, target: str, check: str, fingerprint: str,
        result: CheckResult,
    ) -> None:  # fmt: skip
        plain = result.to_json()
        evidence = [case["evidence"] for case in plain["cases"]]
        plain["cases"] = [case | {"evidence": None} for case in plain["cases"]]
        key = (contents, target, check, fingerprint)
        self.connection.execute(
            'DELETE FROM results WHERE (contents, target, "check", fingerprint) = (?, ?, ?, ?)', key
        )
        number = self._insert("results", {
            "contents": contents, "target": target, "check": check, "fingerprint": fingerprint,
            "run": run.id, "verdict": result.verdict.value, "share": result.share,
            "diagnosis": result.diagnosis or "", "seconds": result.seconds,
            "packed": _packed(plain),
        })  # fmt: skip
        if any(evidence):
            self._insert("evidence", {"result": number, "packed": _packed(evidence)})
        for one in result.numbers:
            lists = {name: json.dumps(getattr(one, name)) for name in ("shape", "sums")}
            self._insert("wrong_numbers", {"result": number, **vars(one), **lists})
        for flag in result.flags:
            self._insert("flags", {"result": number, "flag": flag})

    def _insert(self, table: str, values: Mapping[str, Any]) -> int:
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        query = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of ours
        number = self.connection.execute(query, tuple(values.values())).lastrowid
        assert number is not None
        return number

    def results(
        self, contents: str, fingerprints: Mapping[str, str], evidence: bool = False
    ) -> dict[tuple[str, str], Kept]:
        """Return the result of every target and check of some contents.

        Where a target has not been graded since it was changed, the last one from before is given.

        Args:
            contents: their hash.
            fingerprints: by target, as it is graded now.
            evidence: with the evidence of failures, for pictures.
        """
        query = (
            'SELECT id, target, "check", fingerprint, results.packed, evidence.packed AS seen '
            "FROM results LEFT JOIN evidence ON result = id WHERE contents = ? ORDER BY id"
        )
        found: dict[tuple[str, str], Kept] = {}
        for row in self.rows(query, contents):
            key, fresh = (row[1], row[2]), fingerprints.get(row["target"]) == row["fingerprint"]
            if fresh or key not in found or not found[key].is_fresh:
                found[key] = Kept(row["id"], _result(row, evidence), fresh)
        return found

    def clear_grades(self, run: Run, entry: Entry) -> None:
        """Take back what a run has written of a submission."""
        key = (run.id, entry.id)
        self.connection.execute("DELETE FROM lines WHERE (run, submission) = (?, ?)", key)
        for student in entry.students:
            for table in ("grades", "overrides"):
                self.connection.execute(
                    f"DELETE FROM {table} WHERE (run, student) = (?, ?)",  # noqa: S608
                    (run.id, student),
                )

    def add_lines(
        self, run: Run, entry: Entry, lines: Sequence[Line], results: Mapping[tuple[str, str], int]
    ) -> None:
        """Write the lines of the report of a submission, with the ids of their results."""
        self.connection.executemany(
            "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (run.id, entry.id, position, line.target.question, line.target.name, line.check,
                 line.score, line.points, line.target.extra, line.result.verdict.value,
                 results.get((line.target.name, line.check)))
                for position, line in enumerate(lines)
            ],
        )  # fmt: skip

    def add_grade(self, run: Run, entry: Entry, student: str, grade: Grade, status: str) -> None:
        """Write the grade of a student, and what was given by hand."""
        self._insert("grades", {
            "run": run.id, "student": student, "submission": entry.id, "score": grade.score,
            "extra": grade.extra, "status": status,
        })  # fmt: skip
        for one in grade.overrides:
            self._insert("overrides", {"run": run.id, "student": student, **vars(one)})

    def add_grades(self, run: Run, entry: Entry, status: str) -> None:
        """Write that a submission has no grade, and why."""
        for student in entry.students:
            self._insert("grades", {
                "run": run.id, "student": student, "submission": entry.id, "status": status,
            })  # fmt: skip

    def add_missing(self, run: Run, status: str) -> None:
        """Write that those students have no grade whom the run has given none."""
        self.connection.execute(
            "INSERT INTO grades (run, student, status) SELECT ?1, id, ?2 FROM students "
            "WHERE id NOT IN (SELECT student FROM grades WHERE run = ?1)",
            (run.id, status),
        )

    def latest_grading(self, contents: str) -> sqlite3.Row | None:
        """Return the row of `gradings` that was written last for some contents."""
        query = "SELECT * FROM gradings WHERE contents = ? ORDER BY id DESC LIMIT 1"
        return next(iter(self.rows(query, contents)), None)


def now() -> str:
    """Return the time in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _run(row: sqlite3.Row) -> Run:
    return Run(**{**dict(row), "seed": int(row["seed"])})


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value).encode())


def _result(row: sqlite3.Row, evidence: bool) -> CheckResult:
    plain = json.loads(zlib.decompress(row["packed"]))
    if evidence and row["seen"] is not None:
        seen: Sequence[Any] = json.loads(zlib.decompress(row["seen"]))
        plain["cases"] = [
            case | {"evidence": one} for case, one in zip(plain["cases"], seen, strict=True)
        ]
    return replace(CheckResult.from_json(plain), seconds=plain["seconds"])
