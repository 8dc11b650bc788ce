"""Counting what runs during a call, inside the worker: the evidence for the no-loop check.

There are two instruments, each of which sees what the other cannot:

- `LineCounter` traces Python: a 'call' or 'line' event of the submission's code counts for its
  line; an event in a library's code counts for the library's function and the submission's line
  that led there. Iteration driven by C code (map, sum, functools.reduce, np.frompyfunc, ...) is
  made visible by Python equivalents (`iteration`) installed before the import. Iteration in
  numpy's own Python code is attributed to numpy if the call was passed nothing to call.
- `ObjectCounter` checks how many Python objects are alive: C code that visits the numbers of an
  array one by one has created an object for each.

The counts are a claim by the submission's process; `batching` judges how they grow with m. Code
that tampers with them is looked for (`Guard`, and the balance that `LineCounter` keeps), and what
it has changed is restored (`Originals`). Tampering in a call fails the check; during an import it
raises a flag for the staff. Code in the same process that is clever enough cannot be kept from
lying.
"""

from __future__ import annotations

import contextlib
from typing import Any

from .lines import LineCounter
from .places import Places


def counter(count: bool, places: Places) -> Any:
    """Return a context manager that counts, or one that does nothing if nothing is counted."""
    return LineCounter(places) if count else contextlib.nullcontext()
