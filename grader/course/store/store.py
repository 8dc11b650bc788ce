"""A store, with everything that is written to it and read from it."""

from __future__ import annotations

from .grades import Grades
from .handed_in import HandedIn
from .results import Results


class Store(HandedIn, Results, Grades):
    """The store of a class; `opening.opened` provides the connection."""
