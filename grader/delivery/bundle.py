"""The Gradescope zip: the scripts at the root, the grader, the assignment and its reference.

It is made from the files of this project and the assignment and nothing else, so the same tree
always gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from grader.answers import require_up_to_date
from grader.assignment import Assignment, require_cases
from grader.errors import UsageError
from grader.paths import ROOT
from grader.report import gradescope
from grader.running import failed

from .archive import write_zip
from .files import (
    CONTAINER,
    HOME_IN_ZIP,
    assignment_files,
    engine_files,
    files_below,
    require_checkout,
)

SCRIPTS = ("setup.sh", "run_autograder")
_OF_REFERENCE = (".py", ".csv", ".gz", ".txt")


def write_bundle(assignment: Assignment, path: Path) -> int:
    """Write the Gradescope zip; return how many files it has.

    Raises:
        UsageError: there is no reference, this is not a checkout, or a case is invalid.
    """
    assignment.require_reference()
    require_cases(assignment)
    files = bundle_files(assignment)
    write_zip(path, files, frozenset(SCRIPTS))
    return len(files)


def bundle_files(assignment: Assignment) -> dict[str, bytes]:
    """Return the files of the Gradescope zip by their path in it."""
    require_checkout()
    scripts = {name: (CONTAINER / name).read_bytes() for name in (*SCRIPTS, "requirements.txt")}
    windows = [name for name, content in scripts.items() if b"\r" in content]
    if windows:
        raise UsageError(f"{windows[0]} has line endings other than Unix ones.")
    return {
        **scripts,
        **_reference(assignment),
        **engine_files(),
        **assignment_files(assignment),
        **_recorded(assignment),
        "fault.json": _fault(assignment),
    }


def _recorded(assignment: Assignment) -> dict[str, bytes]:
    """Return the recorded answers, if there are any: the results of edits are looked up there."""
    path = assignment.folders.recorded
    if not path.is_file():
        return {}
    require_up_to_date(assignment)
    return {f"{HOME_IN_ZIP}/recorded.npz": path.read_bytes()}


def _reference(assignment: Assignment) -> dict[str, bytes]:
    """Return the solution, its mistakes and variants, at the paths where the assignment looks.

    Raises:
        UsageError: they are neither below the assignment nor below the project.
    """
    folders = assignment.folders
    return {
        _place(path, folders.home): path.read_bytes()
        for folder in (folders.reference, folders.mistakes, folders.alternatives)
        for _, path in files_below(folder)
        if path.suffix in _OF_REFERENCE
    }


def _place(path: Path, home: Path) -> str:
    """Return the path of an assignment's file in a zip such that its `assignment.py` finds it."""
    if path.is_relative_to(home):
        return f"{HOME_IN_ZIP}/{path.relative_to(home).as_posix()}"
    if path.is_relative_to(ROOT / "reference"):
        return path.relative_to(ROOT).as_posix()
    raise UsageError(
        f"{path} is neither below {home} nor below {ROOT / 'reference'}: a zip has no place for it."
    )


def _fault(assignment: Assignment) -> bytes:
    """Return the results to use if the grader cannot even write its own."""
    value = gradescope.results(failed(assignment, "The grader did not start, or hung."))
    for part in ("versions", "environment"):  # they describe the machine where the bundle is made
        value["extra_data"][part] = dict.fromkeys(value["extra_data"][part], "unknown")
    return gradescope.text(value).encode()
