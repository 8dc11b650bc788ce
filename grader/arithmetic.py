"""Numbers that come out the same, whatever the environment has set for Python and numpy."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Compute without warnings and exceptions, and leave the settings as they were.

    PYTHONWARNINGS, `np.seterr` in a sitecustomize.py or in an assignment's module, and the like
    can make an exception of an overflow; a submission may overflow what is done with its numbers.
    Where numpy is not loaded yet, nobody has set anything in it, and it is not loaded for this.
    """
    numpy = sys.modules.get("numpy")
    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.simplefilter("ignore")
        if numpy is not None:
            stack.enter_context(numpy.errstate(all="ignore"))
        yield
