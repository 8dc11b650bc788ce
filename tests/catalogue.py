"""The catalogue as the tests use it: mistakes beside the reference, honest variants here."""

from __future__ import annotations

from pathlib import Path

from grader.answers import catalogue
from grader.answers.catalogue import Entry, spliced
from grader.submission.submission import Submission
from tests.homework import MISTAKES, REFERENCE

HERE = Path(__file__).parent
__all__ = ["Entry", "entries", "reference_files", "spliced", "submission"]


def entries(kind: str) -> list[Entry]:
    """Return all entries of a kind: "mistaken" or "honest"."""
    return catalogue.entries(MISTAKES if kind == "mistaken" else HERE / "submissions" / kind)


def submission(entry: Entry) -> Submission:
    """Return the reference with an entry's code in the place of its own."""
    return Submission(entry.files(REFERENCE), entry.id)


def reference_files() -> dict[str, bytes]:
    """Return the reference as a submission's files."""
    return catalogue.module_files(REFERENCE)
