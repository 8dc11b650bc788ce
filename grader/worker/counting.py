"""Counting what runs during a call, inside the worker: the evidence of the no-loop check.

Two instruments, each blind where the other sees:

- `LineCounter` traces Python: a 'call' or 'line' event of the submission's code counts for its
  line; an event in a library's code counts for the library's function and the submission's line
  that led there. Iteration that C code drives (map, sum, functools.reduce, ...) is made visible by
  Python equivalents (`iteration`) put in place before the import.
- `OperationCounter` counts operations and row accesses of the inputs, which are handed over as
  `Watched`, an ndarray that tells it.

The counts are a claim of the submission's process; `batching` judges how they grow with m. Code
that meddles with them is looked for (`Guard`, and the balance that `LineCounter` keeps); finding it
is a failed check. Code that is clever enough in the same process cannot be kept from lying.
"""

from __future__ import annotations

import contextlib
from typing import Any

from .arrays import OperationCounter
from .lines import LineCounter
from .places import Places


def counter(count: str, places: Places) -> Any:
    """Return what counts "lines" or "arrays" while it is entered; for "" that is nothing."""
    counters = {"lines": LineCounter, "arrays": OperationCounter}
    return counters[count](places) if count else contextlib.nullcontext()
