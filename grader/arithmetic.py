"""Numerics that do not depend on environment settings for Python and numpy."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Compute without warnings and exceptions, and restore the settings afterward.

    PYTHONWARNINGS, `np.seterr` in a sitecustomize.py or in an assignment's module, and the like can
    turn an overflow into an exception; a submission's numbers may overflow in later computations.
    If numpy is not loaded yet, nobody has changed its settings, and it is not loaded for this.
    """
    numpy = sys.modules.get("numpy")
    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.simplefilter("ignore")
        if numpy is not None:
            stack.enter_context(numpy.errstate(all="ignore"))
        yield
