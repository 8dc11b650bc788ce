"""Opening what one student handed in; any problem with it becomes one sentence."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from grader.assignment import Assignment
from grader.errors import GraderError, MachineError, UsageError, is_refusal, refusals
from grader.submission import Submission, find, is_archive, is_skipped

# Maximum number of files in a folder in which to look for a single archive.
MAX_FILES = 5000


def opener(path: Path, shown: str, assignment: Assignment) -> Callable[[], Submission]:
    """Return a function that opens an entry; see `open_entry`."""
    return lambda: open_entry(path, shown, assignment)


def open_entry(path: Path, shown: str, assignment: Assignment) -> Submission:
    """Return what is graded in an entry.

    Args:
        path: the entry.
        shown: the readable name of this path.
        assignment: names the modules to look for.

    Raises:
        UsageError: there is nothing to grade, or it is damaged.
    """
    try:
        found = _found(path, assignment)
    except MachineError:
        raise
    except GraderError as error:
        raise UsageError(_sentence(str(error).replace(str(path), shown))) from None
    except Exception as error:  # noqa: BLE001 - a damaged file can make its reader raise anything
        raise UsageError(f"{shown} cannot be opened: {type(error).__name__}: {error}.") from None
    return dataclasses.replace(found, source=found.source.replace(str(path), shown))


def _found(path: Path, assignment: Assignment) -> Submission:
    if path.is_symlink():
        raise UsageError(f"{path} is a link, which is not followed.")
    try:
        return find(path, assignment)
    except UsageError:
        inside = _only_archive(path, assignment)
        if inside is None:
            raise
    return find(inside, assignment)


def _only_archive(folder: Path, assignment: Assignment) -> Path | None:
    """Return a folder's only archive if it has no module of the homework; otherwise None.

    Moodle and Canvas give a folder, or several files, for a student who handed in a zip.
    """
    wanted = {f"{name}.py" for name in assignment.graded_modules}
    archives: list[Path] = []
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_skipped([name])]
        files = [name for name in names if not is_skipped([name])]
        count += len(names)
        if count > MAX_FILES or not wanted.isdisjoint(files):
            return None
        archives += [Path(place, x) for x in files if is_archive(PurePosixPath(x))]
    return archives[0] if len(archives) == 1 else None


def open_files(
    files: Mapping[str, Path], scratch: Path, shown: str, assignment: Assignment
) -> Submission:
    """Return what is graded in a student's loose files.

    Args:
        files: by their original names.
        scratch: a folder in which they are put together.
        shown: their readable name.
        assignment: names the modules to look for.

    Raises:
        UsageError: there is nothing to grade, or it is damaged.
    """
    with refusals(f"Files cannot be written to {scratch}"):
        made = tempfile.TemporaryDirectory(dir=scratch)
    with made as folder:
        try:
            for name, path in files.items():
                shutil.copyfile(path, Path(folder) / name, follow_symlinks=False)
        except OSError as error:
            what = f"The files of {shown} cannot be put together"
            if is_refusal(error.errno):
                raise MachineError(what, error.errno or 0) from None
            raise UsageError(f"{what}: {error.strerror or error}.") from None
        return open_entry(Path(folder), shown, assignment)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
