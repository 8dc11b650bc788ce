"""A store, with all that is written to it and read of it."""

from __future__ import annotations

from .grades import Grades
from .handed_in import HandedIn
from .results import Results


class Store(HandedIn, Results, Grades):
    """The store of a class; `opening.opened` gives the connection."""
