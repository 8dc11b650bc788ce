"""What was handed in, whose it is, and which submissions count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timezone

from grader.course.people import HandIn, Student

from .base import Base
from .rows import Entry, Run


class HandedIn(Base):
    """Submissions and students in a store."""

    def forget_class(self, run: Run) -> None:
        """Start reading a source again: what the run read earlier no longer counts."""
        for table in ("submissions", "students"):
            self.connection.execute(f"UPDATE {table} SET run = NULL WHERE run = ?", (run.id,))  # noqa: S608

    def add_students(
        self, run: Run, students: Iterable[Student], on_roster: bool | None = None
    ) -> None:
        """Write students; what was known about them is replaced."""
        self.connection.executemany(
            "INSERT INTO students VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "name = excluded.name, email = excluded.email, run = excluded.run, "
            "on_roster = excluded.on_roster",
            [(one.id, one.name, one.email, run.id, on_roster) for one in students],
        )

    def students(self) -> list[Student]:
        """Return the students of the class, by id."""
        query = "SELECT id, name, email FROM students WHERE run = (SELECT max(run) FROM students)"
        return [Student(*row) for row in self.rows(f"{query} ORDER BY id")]

    def add_submission(
        self, run: Run, hand_in: HandIn, contents: tuple[str, bytes] | None, found: str,
        problem: str = "",
    ) -> int:  # fmt: skip
        """Write what was handed in, and whose it is; return its id.

        Args:
            run: the run that read it.
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
        number: int = known[0]["id"] if known else self.insert("submissions", values)
        self.connection.executemany(
            "INSERT INTO members VALUES (?, ?, 0)", [(one.id, number) for one in hand_in.students]
        )
        return number

    def let_latest_count(self, run: Run) -> None:
        """Mark, for every student, the one submission that counts: the latest one in a run.

        Submissions with files win over ones without; among equally late ones, the last one read.
        """
        self.connection.execute("UPDATE members SET counts = 0")
        self.connection.execute(
            "UPDATE members SET counts = 1 WHERE (student, submission) IN ("
            " SELECT student, submission FROM (SELECT student, submission, row_number() OVER ("
            "  PARTITION BY student ORDER BY contents IS NULL, submitted_at IS NULL,"
            "  submitted_at DESC, submissions.id DESC) AS place"
            "  FROM members JOIN submissions ON submissions.id = submission WHERE run = ?)"
            " WHERE place = 1)",
            (run.id,),
        )

    def keep_notes(self, run: Run, notes: Mapping[str, Sequence[str]]) -> None:
        """Store a run's remarks about its source, by heading."""
        with self.transaction():
            self.connection.execute("DELETE FROM notes WHERE run = ?", (run.id,))
            rows = [(run.id, kind, text) for kind, texts in notes.items() for text in texts]
            self.connection.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)

    def entries(self, only_counting: bool = True) -> list[Entry]:
        """Return the submissions, either those that count for someone or all, with their owners."""
        members: dict[int, list[str]] = {}
        where = "WHERE counts" if only_counting else ""
        query = f"SELECT * FROM members {where} ORDER BY student"  # noqa: S608 - our own words
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
        """Return packed contents."""
        packed: bytes = self.rows("SELECT packed FROM contents WHERE hash = ?", hash_)[0][0]
        return packed
