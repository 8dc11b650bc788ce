"""Counting what runs during a call, inside the worker: the evidence of the no-loop check.

Two instruments, each blind where the other sees:

- `LineCounter` traces Python: a 'call' or 'line' event of the submission's code counts for its
  line; an event in a library's code counts for the library's function and the submission's line
  that led there. Iteration that C code drives (map, sum, functools.reduce, np.frompyfunc, ...) is
  made visible by Python equivalents (`iteration`) put in place before the import. What numpy's own
  Python code iterates, in a call that got nothing to call, is numpy's.
- `ObjectCounter` looks at how many Python objects are alive: C code that goes through the numbers
  of an array one by one has made an object of each.

The counts are a claim of the submission's process; `batching` judges how they grow with m. Code
that meddles with them is looked for (`Guard`, and the balance that `LineCounter` keeps), and what
it has changed is put back (`Originals`). Meddling in a call is a failed check, at an import a flag
for the staff. Code that is clever enough in the same process cannot be kept from lying.
"""

from __future__ import annotations

import contextlib
from typing import Any

from .lines import LineCounter
from .places import Places


def counter(count: bool, places: Places) -> Any:
    """Return what counts while it is entered; nothing, if nothing is to be counted."""
    return LineCounter(places) if count else contextlib.nullcontext()
