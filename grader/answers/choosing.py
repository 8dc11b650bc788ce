"""Choosing between the oracles."""

from __future__ import annotations

from grader.assignment import Assignment
from grader.errors import UsageError

from .live import LiveOracle
from .oracle import Oracle
from .packages import files_digest, sources_digest
from .recorded import RecordedOracle


def choose(assignment: Assignment, name: str = "auto") -> Oracle:
    """Return the oracle with the given name; "auto" is live if the reference is available.

    Raises:
        UsageError: the reference is requested but not available.
    """
    if name == "live" and not assignment.has_reference:
        raise UsageError("The live oracle needs the reference, which is not part of the handout.")
    if name != "recorded" and assignment.has_reference:
        recorded = _recorded_edits(assignment)
        return LiveOracle(assignment, recorded, edits=recorded is not None)
    return RecordedOracle(assignment.folders.recorded, files_digest(assignment))


def require_up_to_date(assignment: Assignment) -> None:
    """Check that recorded answers match the reference, its mistakes, and its alternatives.

    Raises:
        UsageError: they are out of date.
    """
    recorded = RecordedOracle(assignment.folders.recorded)
    if not recorded.are_edits_of(sources_digest(assignment)):
        raise UsageError(
            "The recorded answers are older than the reference, its known mistakes or its "
            "alternatives; run `grader record` first."
        )


def _recorded_edits(assignment: Assignment) -> RecordedOracle | None:
    """Return the recorded answers, if their edits are those of the reference.

    Until `grader record` is run again, it is better to miss an explanation than to wait for one.
    """
    try:
        found = RecordedOracle(assignment.folders.recorded)
        return found if found.are_edits_of(sources_digest(assignment)) else None
    except UsageError:
        return None
