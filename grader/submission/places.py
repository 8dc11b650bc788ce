"""Which folder of a submission is graded if several contain the homework's modules.

The one with the most answers filled in, then the shallowest. A hole counts as filled if the
handout's line there is gone and the file still mentions what was to be written.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.assignment import Assignment, holes
from grader.errors import UsageError

from .contents import NotTaken, ReadFile, read_whole
from .near_misses import ONE_BY_ONE

# Limits for the folders that are compared, and for those that a message names.
MAX_PLACES = 50
MAX_NAMED = 10
# This many folders with work in them are not one student's drafts.
MANY = 3
_OWNER = re.compile(rb": write (\w+)")


@dataclass(frozen=True)
class Place:
    """A folder with modules of the homework, and how many of how many answers it has."""

    folder: PurePosixPath
    modules: int
    filled: int
    holes: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return its rank, smallest first; folders of equal rank are equally good."""
        return -self.filled, 0 if self.filled else -self.modules, len(self.folder.parts)

    @property
    def order(self) -> tuple[object, ...]:
        """Return the tie-breaker used when one folder has to be chosen."""
        return *self.rank, -self.modules, self.folder.name != "student", str(self.folder)

    @property
    def count(self) -> str:
        """Return in words how much of it is written."""
        return f"{self.filled} of {self.holes} answers"

    def __str__(self) -> str:
        """Return its name and what it contains."""
        return f"{self.folder} ({self.count})"


def places(assignment: Assignment, python: Mapping[PurePosixPath, ReadFile]) -> list[Place]:
    """Return the folders that contain modules of the homework, best first."""
    wanted = {f"{name}.py" for name in assignment.graded_modules}
    modules: dict[PurePosixPath, list[PurePosixPath]] = {}
    for name in python:
        # The handout's grader has modules of the same names.
        if name.name in wanted and "grader" not in name.parent.parts:
            modules.setdefault(name.parent, []).append(name)
    if len(modules) < 2:  # nothing to compare, so nothing is read
        return [Place(folder, len(names), 0, 0) for folder, names in modules.items()]
    shallow = sorted(modules, key=lambda folder: (len(folder.parts), str(folder)))[:MAX_PLACES]
    found = [_place(assignment, folder, modules[folder], python) for folder in shallow]
    return sorted(found, key=lambda place: place.order)


def _place(
    assignment: Assignment,
    folder: PurePosixPath,
    names: Sequence[PurePosixPath],
    python: Mapping[PurePosixPath, ReadFile],
) -> Place:
    asked, filled = holes(assignment), 0
    for name in names:
        with contextlib.suppress(NotTaken):
            filled += _filled(read_whole(python[name]), asked[name.name])
    return Place(folder, len(names), filled, sum(map(len, asked.values())))


def _filled(content: bytes, asked: Sequence[bytes]) -> int:
    left = [line for line in map(bytes.strip, content.splitlines()) if line in asked]
    owners = [found[1] for line in asked if (found := _OWNER.search(line))]
    written = sum(bool(re.search(rb"\b" + owner + rb"\b", content)) for owner in owners)
    return max(written - len(left), 0)


def refuse_unclear(path: Path, found: Sequence[Place]) -> None:
    """Raise an error if it is unclear which of several folders is meant.

    Raises:
        UsageError: two are equally good, or the folders contain the work of several students.
    """
    if found[0].folder == PurePosixPath("student"):
        return  # where the handout has it
    drafts = [place for place in found if place.filled]
    apart = [x for x in drafts if not any(y.folder in x.folder.parents for y in drafts)]
    if len(apart) >= MANY:
        raise UsageError(
            f"{path} holds {len(apart)} folders with answers: {_named(path, apart)}; {ONE_BY_ONE}."
        )
    best = [place for place in found if place.rank == found[0].rank]
    named = [place for place in best if place.folder.name == "student"]
    if len(best) > 1 and len(named) != 1:
        raise UsageError(
            f"{len(best)} folders in {path} are equally good: {_named(path, best)}; {ONE_BY_ONE}."
        )


def _named(path: Path, found: Sequence[Place]) -> str:
    more = f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    inside = (f"{path / place.folder}" for place in found[:MAX_NAMED])
    return ", ".join(inside) + more
