"""The folder that workers read: the handout's files, and the submission's own for every target."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment, Target, given_files, write_files
from grader.errors import UsageError
from grader.worker.reach import closed_to_others
from grader.worker.stage import Stage

from .submission import Submission


@dataclass(frozen=True)
class Staging:
    """Writes a submission where workers can read it, as often as it is needed.

    Every target gets files of its own: a submission that could delete its files would hurt no
    other question.
    """

    assignment: Assignment
    submission: Submission
    folder: Path

    def stage(self, target: Target) -> Stage:
        """Write the submission for one target."""
        own = self.folder / target.name / "submission"
        _write(own, self.submission.files)
        modules = self.assignment.submitted_modules(target)
        return Stage(str(own), str(self.folder / "given"), modules)

    def whole(self) -> Stage:
        """Write the submission as the package `student`, with what it lacks from the handout."""
        package = self.folder / "whole" / "student"
        _write(package, {**given_files(self.assignment), **self.submission.files})
        return Stage(str(package), str(package.parent), ())


@contextlib.contextmanager
def staging(assignment: Assignment, submission: Submission) -> Iterator[Staging]:
    """Provide a fresh folder for the workers' files; it is removed at the end.

    Raises:
        UsageError: there is no such folder that the workers' user can enter.
    """
    with tempfile.TemporaryDirectory(prefix="grader-", dir=_place()) as outer:
        # Workers of other users may enter it, and nobody else knows the name of what is inside.
        if _is_root():
            Path(outer).chmod(0o711)
        folder = Path(outer) / secrets.token_hex(16)
        _write(folder / "given", {**given_files(assignment), **_standins(assignment)})
        yield Staging(assignment, submission, folder)


def _standins(assignment: Assignment) -> dict[str, bytes]:
    path = assignment.standins
    return {} if path is None else {path.name: path.read_bytes()}


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _place() -> str:
    usual = tempfile.gettempdir()
    for folder in (usual, "/tmp", "/var/tmp"):  # noqa: S108 - a fresh folder is made in it
        if not _is_root() or (Path(folder).is_dir() and not closed_to_others(folder)):
            return folder
    raise UsageError(
        f"There is no folder for temporary files that other users can enter: not {usual}, "
        "which TMPDIR or the system names, nor /tmp or /var/tmp."
    )


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files that every user can read, whatever the umask is."""
    folder.mkdir(parents=True)
    write_files(folder, files)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.parent.chmod(0o755)
    folder.parent.parent.chmod(0o755)
