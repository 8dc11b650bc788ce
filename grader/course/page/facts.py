"""What staff look at besides the statistics of a run: students, flags, faults, points by hand."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from grader.course.grading.scoring import GRADED
from grader.course.store import Store
from grader.verdict import Verdict

from .failures import Owners, members

# Why to look at the code for each flag; docs/threat-model.md has more about each.
MEANINGS: Mapping[str, str] = {
    "interference with the counting": "A tracer, or something else that the loop check relies "
    "on, was switched off or changed during a call.",
    "unreadable replies": "The submission's process sent an invalid reply.",
    "counts of unknown origin": "The counts of the loop check do not have the worker's signature.",
    "missing counts": "Counts of the loop check are missing, or leave out the method called.",
    "changed functions": "On import, the code replaced a function or constant that the loop "
    "check relies on; it was restored.",
    "looks into the interpreter": "On import, the code used tracers, audit hooks, frames, or the "
    "garbage collector's objects.",
    "threads": "Another thread was alive when a counted call had ended.",
    "signal handlers": "A signal handler was set, or signals were unblocked, raised, or simulated.",
    "processes": "The code started a process or another interpreter.",
    "compiled code": "The code uses ctypes or a similar module: a loop in it is not counted.",
    "forward inside backward": "backward evaluates forward at points close to each other: finite "
    "differences.",
    "complex numbers": "Complex numbers among the variables: a complex step, or an honest FFT.",
}


@dataclass(frozen=True)
class Pupil:
    """A student's row.

    Args:
        id: the student's id.
        name: as in the source.
        score: None if there is no grade.
        status: `scoring.GRADED`, or why there is no complete grade.
        late: whether the submission is.
        submission: its id; None if there is none.
        points: by question, including points given by hand; empty if there is no grade.
        by_hand: the questions whose points were given by course staff.
    """

    id: str
    name: str
    score: float | None
    status: str
    late: bool
    submission: int | None
    points: Mapping[str, float]
    by_hand: frozenset[str]

    @property
    def state(self) -> str:
        """Return one word: "graded", "in part", or "not graded"."""
        whole = self.status == GRADED
        return "graded" if whole else "not graded" if self.score is None else "in part"


@dataclass(frozen=True)
class Flag:
    """A flag, what it means, and whose results have it and where."""

    flag: str
    meaning: str
    places: tuple[str, ...]
    owners: Owners


@dataclass(frozen=True)
class Fault:
    """A line on which the autograder itself failed."""

    question: str
    check: str
    message: str
    owners: Owners


@dataclass(frozen=True)
class ByHand:
    """Points given by course staff."""

    student: str
    question: str
    points: float
    instead_of: float
    reason: str


@dataclass(frozen=True)
class Slow:
    """A submission that took long to grade, and where it was graded."""

    entry: str
    seconds: float
    place: str
    owners: Owners


def pupils(store: Store, run: int) -> list[Pupil]:
    """Return the rows of all students, by id."""
    earned: dict[int, dict[str, float]] = defaultdict(dict)
    query = "SELECT submission, question, sum(score) FROM lines WHERE run = ? GROUP BY 1, 2"
    for submission, question, score in store.rows(query, run):
        earned[submission][question] = round(score, 2)
    given: dict[str, dict[str, float]] = defaultdict(dict)
    for one in by_hand(store, run):
        given[one.student][one.question] = one.points
    rows = store.rows(
        "SELECT student, name, score, status, coalesce(late, 0) AS late, submission FROM grades "
        "JOIN students ON students.id = student "
        "LEFT JOIN submissions ON submissions.id = submission WHERE grades.run = ? "
        "ORDER BY student",
        run,
    )
    return [
        Pupil(
            row["student"], row["name"], row["score"], row["status"], bool(row["late"]),
            row["submission"], {**earned.get(row["submission"], {}), **given[row["student"]]},
            frozenset(given[row["student"]]),
        )
        for row in rows
    ]  # fmt: skip


def by_hand(store: Store, run: int) -> list[ByHand]:
    """Return all points that were given by hand."""
    query = (
        "SELECT student, question, points, instead_of, reason FROM overrides WHERE run = ? "
        "ORDER BY student, question"
    )
    return [ByHand(*row) for row in store.rows(query, run)]


def flags(store: Store, run: int) -> list[Flag]:
    """Return the flags of the submissions that count, the most common first."""
    rows = store.rows(
        'SELECT DISTINCT flag, question, lines."check", submission FROM flags '
        "JOIN lines ON lines.result = flags.result WHERE lines.run = ?1 "
        "AND submission IN (SELECT submission FROM grades WHERE run = ?1) ORDER BY position",
        run,
    )
    students, found = members(store, run), defaultdict[str, dict[tuple[str, int], None]](dict)
    for row in rows:
        found[row["flag"]][f"{row['question']} {row['check']}", row["submission"]] = None
    listed = [
        Flag(
            flag, MEANINGS.get(flag, ""), tuple(dict.fromkeys(place for place, _ in places)),
            Owners.of([Owners((one,), students[one]) for _, one in places]),
        )
        for flag, places in found.items()
    ]  # fmt: skip
    return sorted(listed, key=lambda one: -len(one.owners.submissions))


def faults(store: Store, run: int) -> list[Fault]:
    """Return the lines on which the autograder failed, one for each message."""
    rows = store.rows(
        'SELECT question, lines."check", submission, packed FROM lines '
        "JOIN results ON results.id = result WHERE lines.run = ?1 AND lines.verdict = ?2 "
        "AND submission IN (SELECT submission FROM grades WHERE run = ?1) ORDER BY position",
        run,
        Verdict.HARNESS_FAULT.value,
    )
    students, found = members(store, run), defaultdict[tuple[str, str, str], list[Owners]](list)
    for row in rows:
        cases = json.loads(zlib.decompress(row["packed"]))["cases"]
        failed = [x for x in cases if x["verdict"] == Verdict.HARNESS_FAULT.value]
        message = failed[0]["message"] if failed else ""
        owners = Owners((row["submission"],), students[row["submission"]])
        found[row["question"], row["check"], message].append(owners)
    return [Fault(*key, Owners.of(owners)) for key, owners in found.items()]


def slowest(store: Store, run: int, most: int = 10) -> list[Slow]:
    """Return the submissions whose latest grading took longest."""
    rows = store.rows(
        "SELECT submissions.id, entry, seconds, place FROM submissions JOIN gradings "
        "ON gradings.id = (SELECT max(id) FROM gradings AS g WHERE g.contents = "
        "submissions.contents) "
        "WHERE submissions.id IN (SELECT submission FROM grades WHERE run = ?) "
        "GROUP BY submissions.contents ORDER BY seconds DESC LIMIT ?",
        run,
        most,
    )
    students = members(store, run)
    return [
        Slow(row["entry"], row["seconds"], row["place"], Owners((row["id"],), students[row["id"]]))
        for row in rows
    ]
