"""The right answers, and the results of mistakes: the reference, its catalogue, and its edits.

Only this package imports a reference. No submission's answers enter it: comparing is done
elsewhere.
"""

from . import edits
from .catalogue import Entry, entries, module_files, spliced
from .choosing import choose, require_up_to_date
from .live import LiveOracle
from .oracle import Effect, Oracle
from .packages import mistaken_package, reference_package
from .recorded import RecordedOracle
from .recording import record

__all__ = [
    "Effect",
    "Entry",
    "LiveOracle",
    "Oracle",
    "RecordedOracle",
    "choose",
    "edits",
    "entries",
    "mistaken_package",
    "module_files",
    "record",
    "reference_package",
    "require_up_to_date",
    "spliced",
]
