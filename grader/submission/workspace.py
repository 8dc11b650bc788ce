"""The folder that workers read: the handout's files, and the submission's.

grader-staged-…/        locked while its grader lives; for root, others may enter it, not list it
  9f3c…/                a name that nobody else can know: what is below may be read by all
    given/              the handout's files and the fakes
    shared/submission/  what was handed in; 0/submission/ and so on, where each question has its own
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.assignment import Assignment, Target, given_files
from grader.errors import UsageError, refusals
from grader.files import temporary_folders
from grader.worker.access import closed_to_others
from grader.worker.stage import Stage

from .submission import Submission

PREFIX = "grader-staged-"
_SECRET = re.compile("[0-9a-f]{32}")
# A folder older than this many seconds that nobody holds is abandoned: it is locked when made.
YOUNG = 60.0
# The activity that error messages name when a disk is full or read-only.
WRITING = "Temporary files cannot be written to {}"


@dataclass(frozen=True)
class Staging:
    """Writes a submission where workers can read it, as often as needed.

    Where workers could change files, every target gets its own files, so that a submission that
    deletes its files harms no other question. Otherwise all targets use those in `shared`.
    """

    assignment: Assignment
    submission: Submission
    folder: Path
    given: Mapping[str, bytes]
    shared: Path | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all files that workers read."""
        return frozenset({*self.submission.files, *self.given})

    def stage(self, target: Target) -> Stage:
        """Write the submission for one target, unless all targets share their files."""
        modules = self.assignment.submitted_modules(target)
        own = self.shared or self._written()
        return Stage(str(own), str(self.folder / "given"), modules)

    def _written(self) -> Path:
        return _write(self.folder, f"{next(self._numbers)}/submission", self.submission.files)

    def whole(self) -> Stage:
        """Write the submission as the package `student`, adding what it lacks from the handout."""
        files = {**self.given, **self.submission.files}
        kept = {name: files[name] for name in files if not _is_hidden(name, files)}
        package = _write(self.folder, "whole/student", kept)
        return Stage(str(package), str(package.parent), ())


@contextlib.contextmanager
def staging(
    assignment: Assignment, submission: Submission, are_safe: bool = False
) -> Iterator[Staging]:
    """Provide a fresh folder for the workers' files; it is removed at the end.

    Folders left behind by graders that were killed are removed, too.

    Args:
        assignment: has the given files.
        submission: what was handed in.
        are_safe: whether no worker can change a file.

    Raises:
        UsageError: no such folder can be made that the workers' user can enter.
    """
    place = _place()
    sweep(place)
    with refusals(WRITING.format(place)):
        made = tempfile.TemporaryDirectory(prefix=PREFIX, dir=place)
    with made as outer, _held(outer):
        # Workers with other user IDs may enter it, but only they know the name of what is inside.
        if _is_root():
            Path(outer).chmod(0o711)
        folder, given = Path(outer) / secrets.token_hex(16), given_files(assignment)
        _write(folder, "given", {**given, **_fakes(assignment)})
        shared = _write(folder, "shared/submission", submission.files) if are_safe else None
        yield Staging(assignment, submission, folder, given, shared)


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Provide a fresh folder that no other user can enter; it is removed at the end.

    If this process is killed, the next grader removes it.

    Raises:
        UsageError: there is no space for it.
    """
    place = _place()
    sweep(place)
    with refusals(WRITING.format(place)):
        made = tempfile.TemporaryDirectory(prefix=PREFIX, dir=place, ignore_cleanup_errors=True)
    with made as outer, _held(outer):
        folder = Path(outer) / secrets.token_hex(16)
        with refusals(WRITING.format(place)):
            folder.mkdir(mode=0o700)
        yield folder


def _fakes(assignment: Assignment) -> dict[str, bytes]:
    path = assignment.fakes
    return {} if path is None else {path.name: path.read_bytes()}


def _is_hidden(name: str, files: Collection[str]) -> bool:
    """Tell whether code is in a folder `X` or `X.py` next to a module X.py.

    A worker finds the module (`worker.importing`); Python by itself would find the package X.
    """
    folders = [str(folder) for folder in PurePosixPath(name).parents][:-1]
    return name.endswith(".py") and any(x in files or f"{x}.py" in files for x in folders)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _place() -> str:
    places = temporary_folders()
    for folder in places:
        can_write = Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)
        if can_write and not (_is_root() and closed_to_others(folder)):
            return folder
    others = " that other users can enter" if _is_root() else ""
    raise UsageError(
        f"There is no writable folder for temporary files{others}: not {places[0]} "
        "(from TMPDIR or the system), nor /tmp or /var/tmp."
    )


def _write(secret: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Write files below a secretly named folder; with the name, anyone can read them, any umask."""
    folder = secret / name
    inside = {folder, *folder.parents, *(x for file in files for x in (folder / file).parents)}
    folders = sorted(path for path in inside if path.is_relative_to(secret))
    with refusals(WRITING.format(secret.parent.parent)):
        for path in folders:
            if not path.is_dir():
                path.mkdir()
                path.chmod(0o755)
        for file, content in files.items():
            (folder / file).write_bytes(content)
            (folder / file).chmod(0o644)
    return folder


def sweep(place: str) -> None:
    """Remove the folders that this user's graders left behind in a place when they were killed.

    A running grader holds its folder with a lock, which ends with it. Folders of other owners, and
    those that contain something a grader does not create, are left alone.
    """
    if sys.platform == "win32":
        return
    for path in Path(place).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if _is_left_behind(path):
                with _held(path, required=True):
                    shutil.rmtree(path, ignore_errors=True)


def _is_left_behind(path: Path) -> bool:
    found = path.lstat()
    return (
        path.is_dir()
        and not path.is_symlink()
        and found.st_uid == os.geteuid()
        and time.time() - found.st_mtime > YOUNG
        and all(_SECRET.fullmatch(inside.name) for inside in path.iterdir())
    )


@contextlib.contextmanager
def _held(folder: str | Path, required: bool = False) -> Iterator[None]:
    """Hold a folder, so that no other grader removes it.

    Args:
        folder: the folder to hold.
        required: raise an error if that fails; otherwise continue, for the file system may not
            support locks.

    Raises:
        OSError: another grader holds it, or it cannot be held.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415 - not available on Windows

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.nullcontext() if required else contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
