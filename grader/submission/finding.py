"""Finding what a student handed in: a folder, a zip file, or a tar file.

Only regular `.py` files are taken, with limits on size and number. Nothing of a submission is
imported or parsed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.assignment import Assignment
from grader.errors import UsageError

from .contents import Contents, NotTaken, ReadFile, read_whole
from .near_misses import missing_module, what_is_there
from .opening import opened
from .places import Place, places, refuse_unclear
from .submission import Submission

MAX_FILES = 200
MAX_BYTES = 10_000_000
# Limits for the files listed as left out, for skipped folders, and for the bytes of a path part.
MAX_LEFT_OUT = 20
MAX_PASSED_OVER = 10
MAX_NAME = 200


def find(path: Path, assignment: Assignment, always_choose: bool = False) -> Submission:
    """Return the submission at a path.

    Its files are in the folder or archive itself, or in nested folders; see `places` for which.

    Args:
        path: a folder, a zip file, or a tar file.
        assignment: whose modules are wanted; a submission has at least one of them.
        always_choose: apply the rule even if its choice is a guess.

    Raises:
        UsageError: there is nothing to grade, or it is unclear which of several folders is meant.
    """
    with opened(path) as found:
        return _submission(path, found, assignment, always_choose)


def _submission(
    path: Path, found: Contents, assignment: Assignment, always_choose: bool
) -> Submission:
    modules, left_out = assignment.graded_modules, found.left_out
    candidates = places(assignment, found.python)
    if candidates and not always_choose:
        refuse_unclear(path, candidates)
    folder = candidates[0].folder if candidates else PurePosixPath()
    own = {x.relative_to(folder): found.python[x] for x in found.python if folder in x.parents}
    wanted = [PurePosixPath(f"{name}.py") for name in modules]
    first = {name: own[name] for name in wanted if name in own}
    files = _taken({**first, **own} if candidates else {}, left_out)
    if files.keys().isdisjoint(wanted):
        names = ", ".join(sorted(map(str, wanted)))
        there = what_is_there(modules, found)
        raise UsageError(f"There is nothing to grade in {path}: none of {names} is there; {there}.")
    if len(left_out) > MAX_LEFT_OUT:
        left_out[MAX_LEFT_OUT:] = [f"and {len(left_out) - MAX_LEFT_OUT} more"]
    missing = [name for name in modules if PurePosixPath(f"{name}.py") not in files]
    instead = {name: text for name in missing if (text := missing_module(name, found))}
    return Submission(
        {str(name): x for name, x in files.items()},
        str(folder),
        tuple(left_out),
        str(path),
        candidates[0].count,
        _passed_over(candidates),
        instead,
    )


def _passed_over(candidates: list[Place]) -> tuple[str, ...]:
    others = [str(place) for place in candidates[1 : MAX_PASSED_OVER + 1]]
    more = len(candidates) - 1 - len(others)
    return (*others, *([f"and {more} more"] if more > 0 else []))


def _taken(
    found: Mapping[PurePosixPath, ReadFile], left_out: list[str]
) -> dict[PurePosixPath, bytes]:
    """Read the files that can be written, up to the limits."""
    files: dict[PurePosixPath, bytes] = {}
    size = 0
    for number, (name, read) in enumerate(found.items()):
        if number == MAX_FILES or size > MAX_BYTES:
            left_out.append(f"everything after the first {number} files")
            break
        if any(len(part.encode("utf-8", "replace")) > MAX_NAME for part in name.parts):
            left_out.append(f"{str(name)[:MAX_NAME]}... (the name is too long)")
            continue
        if not files.keys().isdisjoint(name.parents) or any(name in x.parents for x in files):
            left_out.append(f"{name} (a file and a folder of the same name)")
            continue
        try:
            files[name] = read_whole(read)
            size += len(files[name])
        except NotTaken as reason:
            left_out.append(f"{name} ({reason})")
    return files
