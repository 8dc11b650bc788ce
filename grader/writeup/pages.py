"""The page map: which PDF pages have the derivation and the code of a question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

Pages = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """One question of the page map.

    Args:
        question: its number.
        title: its title.
        derivation: first and last page, from 1; None if there is none.
        code: first and last page of its code; None if there is none.
        missing: what is not there yet, in words.
        extra: whether the question is extra credit.
    """

    question: str
    title: str
    derivation: Pages | None
    code: Pages | None
    missing: tuple[str, ...] = ()
    extra: bool = False

    def __str__(self) -> str:
        """Return the entry as a line: "3.1 ReLU: derivation page 1, code page 7"."""
        parts = {"derivation": self.derivation, "code": self.code}
        found = [f"{name} {_shown(pages)}" for name, pages in parts.items() if pages]
        return f"{self.question} {self.title}: {', '.join([*found, *self.missing])}"


def _shown(pages: Pages) -> str:
    first, last = pages
    return f"page {first}" if first == last else f"pages {first}-{last}"


def as_json(assignment: str, count: int, entries: Sequence[Entry]) -> str:
    """Return the page map as JSON: every page of every part, from 1."""
    rows = [
        {
            "question": one.question,
            "title": one.title,
            "extra_credit": one.extra,
            "derivation": _all(one.derivation),
            "code": _all(one.code),
            "missing": list(one.missing),
        }
        for one in entries
    ]
    found = {"assignment": assignment, "pages": count, "questions": rows}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _all(pages: Pages | None) -> list[int]:
    return list(range(pages[0], pages[1] + 1)) if pages else []
