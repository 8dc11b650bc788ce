"""Numbers that come out the same, whatever the environment has set for Python and numpy."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Compute without warnings and exceptions, and leave the settings as they were.

    PYTHONWARNINGS, `np.seterr` in a sitecustomize.py or in an assignment's module, and the like
    can make an exception of an overflow; a submission may overflow what is done with its numbers.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
