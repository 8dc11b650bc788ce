"""The errors that end a command."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

# What helps when the operating system refuses something.
_REMEDIES = {
    errno.EMFILE: "; allow more open files (ulimit -n)",
    errno.ENFILE: "; too many files are open on the whole machine",
    errno.EAGAIN: "; allow more processes (ulimit -u), or end some",
    errno.ENOMEM: "; free memory, or allow more of it (ulimit -v)",
    errno.ENOSPC: "; free some space, or set TMPDIR to a folder with room",
    errno.EDQUOT: "; free some space, or set TMPDIR to a folder with room",
}


class GraderError(Exception):
    """The base class of all errors of the grader."""


class UsageError(GraderError):
    """The user asked for something impossible; the message says what to do instead."""


class MachineError(UsageError):
    """The machine refuses something that every grade needs; the message says what would help."""

    def __init__(self, what: str, number: int, file: object = None) -> None:
        """Put it in one sentence.

        Args:
            what: what could not be done.
            number: the system's error number, one of those in the module `errno`.
            file: the file concerned, if any.
        """
        reason = _REMEDIES.get(number) or (f" ({file})" if file else "")
        super().__init__(f"{what}: {os.strerror(number)}{reason}.")


def is_refusal(number: object) -> bool:
    """Tell whether an error number means that the machine has no more of some resource."""
    return number in _REMEDIES


@contextlib.contextmanager
def refusals(what: str, every: bool = True) -> Iterator[None]:
    """Turn system errors into one that says what could not be done.

    Args:
        what: what could not be done.
        every: convert all of them, not only those that satisfy `is_refusal`.
    """
    try:
        yield
    except OSError as error:
        if not every and not is_refusal(error.errno):
            raise
        raise MachineError(what, error.errno or errno.EIO, error.filename) from error
