"""The page of a class: its statistics, its mistakes, unnamed failures, and drafts of entries.

It offers `render`, one self-contained page; `write_drafts`, entries for the catalogue; and the
functions that compute what the page shows, each from a store and the id of a run. Nothing is
printed here, and no code of a submission is run.
"""

from .drafts import write_drafts
from .facts import by_hand, faults, flags, pupils, slowest
from .groups import groups
from .named import mistakes
from .render import render
from .statistics import distribution, questions

__all__ = [
    "by_hand",
    "distribution",
    "faults",
    "flags",
    "groups",
    "mistakes",
    "pupils",
    "questions",
    "render",
    "slowest",
    "write_drafts",
]
