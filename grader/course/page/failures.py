"""The failures of a class, as stored: whose they are, and what was wrong."""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from grader.course.store import Store
from grader.evidence import WrongNumbers
from grader.verdict import Verdict

# Verdicts that are not the submission's mistake, or only wait for another check.
_EXCUSED = {Verdict.PASSED.value, Verdict.BLOCKED.value, Verdict.NOT_IMPLEMENTED.value,
            Verdict.NOT_RUN.value, Verdict.HARNESS_FAULT.value}  # fmt: skip


@dataclass(frozen=True)
class Owners:
    """The owners of a result.

    Args:
        submissions: ids of those that count, in order.
        students: ids of their students, in order.
    """

    submissions: tuple[int, ...]
    students: tuple[str, ...]

    @classmethod
    def of(cls, several: Sequence[Owners]) -> Owners:
        """Return the combined owners of several results."""
        submissions = {one for owners in several for one in owners.submissions}
        students = {one for owners in several for one in owners.students}
        return cls(tuple(sorted(submissions)), tuple(sorted(students)))


@dataclass(frozen=True)
class Failure:
    """A result that did not pass, in one or more submissions that count.

    Args:
        result: its id in the store.
        question: its number.
        target: such as "activations.ReLU".
        check: its name.
        fingerprint: that of everything that determines it.
        owners: whose it is.
        diagnosis: the sentences of the named mistakes.
    """

    result: int
    question: str
    target: str
    check: str
    fingerprint: str
    owners: Owners
    diagnosis: str


@dataclass(frozen=True)
class Said:
    """What a report says first about a failure.

    Args:
        kind: the verdict of the first case that fails for its own reasons; None if there is none.
        message: that case's message, as the student reads it.
    """

    kind: Verdict | None
    message: str

    @property
    def gist(self) -> str:
        """Return the first line without numbers and line references, which vary by student."""
        line = self.message.partition("\n")[0]
        line = re.sub(r"\b[\w/]+\.py:\d+", "…", line)
        line = re.sub(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", "#", line)
        return re.sub(r"#(?:, #)+", "#", line)


def failures(store: Store, run: int) -> list[Failure]:
    """Return what did not pass, in the order of the report."""
    rows = store.rows(
        'SELECT results.id, question, lines.target, lines."check", fingerprint, diagnosis, '
        "submission FROM lines JOIN results ON results.id = result "
        "WHERE lines.run = ?1 AND lines.verdict != 'passed' "
        "AND submission IN (SELECT submission FROM grades WHERE run = ?1) "
        "ORDER BY position, submission",
        run,
    )
    students = members(store, run)
    submissions: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        submissions[row["id"]].append(row["submission"])
    first: dict[int, Row] = {}
    for row in rows:
        first.setdefault(row["id"], row)
    return [
        Failure(
            number, row["question"], row["target"], row["check"], row["fingerprint"],
            Owners.of([Owners((one,), students[one]) for one in submissions[number]]),
            row["diagnosis"],
        )
        for number, row in first.items()
    ]  # fmt: skip


def members(store: Store, run: int) -> Mapping[int, tuple[str, ...]]:
    """Return the students for whom each submission counts, in order."""
    found: dict[int, list[str]] = defaultdict(list)
    query = "SELECT submission, student FROM grades WHERE run = ? ORDER BY student"
    for row in store.rows(query, run):
        found[row["submission"]].append(row["student"])
    return {number: tuple(students) for number, students in found.items()}


def numbers(store: Store, results: Sequence[int]) -> dict[int, list[WrongNumbers]]:
    """Return the wrong numbers of results that have any."""
    wanted, found = set(results), defaultdict[int, list[WrongNumbers]](list)
    for row in store.rows('SELECT * FROM wrong_numbers ORDER BY result, "case", name'):
        if row["result"] in wanted:
            shape, sums = (tuple(json.loads(row[name])) for name in ("shape", "sums"))
            one = WrongNumbers(row["case"], row["name"], shape, sums, row["scale"], row["rtol"])
            found[row["result"]].append(one)
    return found


def said(store: Store, result: int) -> Said:
    """Return what the report says first about a result."""
    row = store.rows("SELECT packed FROM results WHERE id = ?", result)[0]
    for case in json.loads(zlib.decompress(row["packed"]))["cases"]:
        if case["verdict"] not in _EXCUSED:
            return Said(Verdict(case["verdict"]), case["message"])
    return Said(None, "")


def evidence(store: Store, result: int) -> list[tuple[str, Any]]:
    """Return the cases of a result that have evidence, each with the evidence in JSON form."""
    rows = store.rows(
        "SELECT results.packed, evidence.packed AS seen FROM results "
        "JOIN evidence ON result = id WHERE id = ?",
        result,
    )
    found = []
    for row in rows:
        cases, seen = (json.loads(zlib.decompress(row[name])) for name in ("packed", "seen"))
        names = [case["name"] for case in cases["cases"]]
        found += [(name, one) for name, one in zip(names, seen, strict=True) if one is not None]
    return found
