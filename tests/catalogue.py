"""The catalogue as the tests use it: mistakes beside the reference, honest variants here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from grader.answers import catalogue
from grader.answers.catalogue import Entry, spliced
from grader.submission.submission import Submission
from tests.homework import MISTAKES, REFERENCE

HERE = Path(__file__).parent
__all__ = ["Entry", "entries", "file_of", "one_of_each", "reference_files", "spliced", "submission"]


def entries(kind: str) -> list[Entry]:
    """Return all entries of a kind: "mistaken" or "honest"."""
    return catalogue.entries(MISTAKES if kind == "mistaken" else HERE / "submissions" / kind)


def file_of(kind: str) -> dict[str, str]:
    """Return the name of the file that an entry of a kind is in, by the entry's id."""
    return {
        cell.partition(":")[0]: path.stem
        for path in sorted((HERE / "submissions" / kind).glob("*.py"))
        for cell in path.read_text("utf-8").split("# %% ")[1:]
    }


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


One = TypeVar("One", bound=_Coded)


def one_of_each(many: Sequence[One], kinds: Callable[[One], Iterable[Hashable]]) -> list[One]:
    """Return a small sample with at least one of every kind; `make validate` grades them all.

    Which one represents a kind depends only on the code of its members, not on the order of files.

    Args:
        many: what to choose from.
        kinds: returns the kinds of one item, which may be several.
    """
    first: dict[Hashable, One] = {}
    for one in sorted(many, key=lambda one: hashlib.sha256(one.code.encode()).digest()):
        for kind in kinds(one):
            first.setdefault(kind, one)
    return [one for one in many if any(one is taken for taken in first.values())]


def submission(entry: Entry) -> Submission:
    """Return the reference with an entry's code in place of its own."""
    return Submission(entry.files(REFERENCE), entry.id)


def reference_files() -> dict[str, bytes]:
    """Return the reference as a submission's files."""
    return catalogue.module_files(REFERENCE)
