"""The store of a class: one SQLite file; `schema.sql` describes its contents.

Each write is one transaction: however the command ends, the store has all of a submission's results
or none of them.
"""

from .base import now
from .opening import NAME, locked, opened
from .rows import Entry, Graded, Kept, Run
from .store import Store

__all__ = ["NAME", "Entry", "Graded", "Kept", "Run", "Store", "locked", "now", "opened"]
