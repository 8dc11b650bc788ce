"""Results by contents, and a record of every time that contents were graded."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.verdict import CheckResult, Verdict

from .base import Base, now
from .rows import Graded, Kept, Run


class Results(Base):
    """Results in a store."""

    def done(self, fingerprints: Mapping[str, str]) -> set[tuple[str, str, str]]:
        """Return the contents, target and check of all results that need not be computed again.

        Args:
            fingerprints: by target, as graded now. Results on which the grader failed have to be
                computed again.
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
        """Write the outcome of grading, in one transaction."""
        targets = json.dumps(list(dict.fromkeys(target for target, _ in graded.results)))
        with self.transaction():
            self.insert("gradings", {
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
        number = self.insert("results", {
            "contents": contents, "target": target, "check": check, "fingerprint": fingerprint,
            "run": run.id, "verdict": result.verdict.value, "share": result.share,
            "diagnosis": result.diagnosis or "", "seconds": result.seconds,
            "packed": _packed(plain),
        })  # fmt: skip
        if any(evidence):
            self.insert("evidence", {"result": number, "packed": _packed(evidence)})
        for one in result.numbers:
            lists = {name: json.dumps(getattr(one, name)) for name in ("shape", "sums")}
            self.insert("wrong_numbers", {"result": number, **vars(one), **lists})
        for flag in result.flags:
            self.insert("flags", {"result": number, "flag": flag})

    def results(
        self, contents: str, fingerprints: Mapping[str, str], evidence: bool = False
    ) -> dict[tuple[str, str], Kept]:
        """Return the result of every target and check for some contents.

        If a target has not been graded since it changed, its last earlier result is returned.

        Args:
            contents: their hash.
            fingerprints: by target, as graded now.
            evidence: whether to include the evidence of failures, for pictures.
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

    def latest_grading(self, contents: str, has_results: bool = False) -> sqlite3.Row | None:
        """Return the latest row of `gradings` for some contents.

        Args:
            contents: their hash.
            has_results: only consider rows with results.
        """
        condition = "AND problem = ''" if has_results else ""
        query = (
            f"SELECT * FROM gradings WHERE contents = ? {condition} "  # noqa: S608 - our own words
            "ORDER BY id DESC LIMIT 1"
        )
        return next(iter(self.rows(query, contents)), None)


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
