"""What stands in one frame of the page: pictures, sentences and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

# A word and the picture below it.
Labelled = tuple[str, Markup]


@dataclass(frozen=True)
class Table:
    """Numbers as text: a caption, the headings, and rows whose first entry names them."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """What stands in one frame.

    Args:
        title: the case.
        strips: for every part that is drawn, which it is, and its maps with a word above each.
        scales: what the ends of the colors mean, and for which maps.
        charts: other pictures, with words above each.
        tiles: small pictures, with words below each.
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
