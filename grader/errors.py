"""The errors that end a command."""

from __future__ import annotations


class GraderError(Exception):
    """What every error of the grader is."""


class UsageError(GraderError):
    """The user asked for something that cannot be done; the message says what to do instead."""
