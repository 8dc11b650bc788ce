"""The errors that end a command."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

# What helps against what the operating system refuses.
_REMEDIES = {
    errno.EMFILE: "; allow more open files (ulimit -n)",
    errno.ENFILE: "; too many files are open on the whole machine",
    errno.EAGAIN: "; allow more processes (ulimit -u), or end some",
    errno.ENOMEM: "; free memory, or allow more of it (ulimit -v)",
    errno.ENOSPC: "; free some space, or set TMPDIR to a folder with room",
    errno.EDQUOT: "; free some space, or set TMPDIR to a folder with room",
}


class GraderError(Exception):
    """What every error of the grader is."""


class UsageError(GraderError):
    """The user asked for something that cannot be done; the message says what to do instead."""


class MachineError(UsageError):
    """The machine refuses what no grade can do without; the message says what would help."""

    def __init__(self, what: str, number: int, file: object = None) -> None:
        """Say it in one sentence.

        Args:
            what: could not be done.
            number: of the system's error, one of the module `errno`.
            file: that the error is about, if it is.
        """
        reason = _REMEDIES.get(number) or (f" ({file})" if file else "")
        super().__init__(f"{what}: {os.strerror(number)}{reason}.")


def is_refusal(number: object) -> bool:
    """Tell whether an error of this number says that the machine has no more of something."""
    return number in _REMEDIES


@contextlib.contextmanager
def refusals(what: str, every: bool = True) -> Iterator[None]:
    """Turn errors of the system into one that says what could not be done.

    Args:
        what: could not be done.
        every: turn all of them, not only those of `is_refusal`.
    """
    try:
        yield
    except OSError as error:
        if not every and not is_refusal(error.errno):
            raise
        raise MachineError(what, error.errno or errno.EIO, error.filename) from error
