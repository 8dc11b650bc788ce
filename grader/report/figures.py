"""The contents of one frame on the page: pictures, sentences and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

# A label and the picture below it.
Labelled = tuple[str, Markup]


@dataclass(frozen=True)
class Table:
    """Numbers as text: a caption, the headings, and rows that start with their label."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """The contents of one frame.

    Args:
        title: the case.
        strips: for every part that is drawn, its label, and its maps with a word above each.
        scales: what the ends of the colors mean, and for which maps.
        charts: other pictures, with text above each.
        tiles: small pictures, with text below each.
        notes: sentences.
        table: the numbers.
    """

    title: str
    strips: tuple[tuple[str, tuple[Labelled, ...]], ...] = ()
    scales: tuple[tuple[str, str, str], ...] = ()
    charts: tuple[Labelled, ...] = ()
    tiles: tuple[Labelled, ...] = ()
    notes: tuple[str, ...] = ()
    table: Table | None = None
