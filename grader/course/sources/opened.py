"""Opening the source of a class, whatever its kind."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.assignment import Assignment
from grader.course.entries import entries, is_hidden, listed
from grader.errors import UsageError, refusals
from grader.submission import is_openable, private_folder

from . import canvas, folders, gradescope
from .identity import Register
from .place import Place
from .roster import Roster
from .source import KINDS, NAMES, Source
from .unpacking import TABLES, unpack

_READERS: dict[str, Callable[[Place, Register], Source]] = {
    "gradescope": gradescope.read,
    "canvas": canvas.read,
    "classroom": folders.read_classroom,
    "folder": folders.read_folder,
}

_ONE_STUDENT = (
    "{0} is one student's submission, not a class: it has the modules of the homework itself; "
    "`grader grade {0}` grades it."
)


@contextlib.contextmanager
def opened_source(
    path: Path, assignment: Assignment, kind: str | None = None, roster: Roster | None = None
) -> Iterator[Source]:
    """Provide the hand-ins of a class; they can only be opened inside the `with` block.

    Args:
        path: a folder, or a zip or a tar of one.
        assignment: names the modules that are handed in.
        kind: one of `KINDS`; None to detect it.
        roster: identifies the students.

    Raises:
        UsageError: there is no such path, it is empty, or it is not of that kind.
    """
    if kind is not None and kind not in KINDS:
        raise UsageError(f"There is no kind of source {kind!r}: it is one of {', '.join(KINDS)}.")
    _require_path(path)
    with private_folder() as private:
        problems: tuple[str, ...] = ()
        root, scratch = path, private / "scratch"
        with refusals("Temporary files cannot be written"):
            scratch.mkdir(mode=0o700)
        if not path.is_dir():
            root = private / "source"
            root.mkdir(mode=0o700)
            problems = unpack(path, root)
        home = _home(root, path, assignment, kind)
        place = Place(home, root, path, scratch, assignment)
        yield _read(place, kind, roster, problems)


def _require_path(path: Path) -> None:
    try:
        there, is_usable = path.exists(), path.is_dir() or path.is_file()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if not there:
        raise UsageError(f"There is no folder or archive {path}.")
    if not is_usable:
        raise UsageError(f"{path} is neither a folder nor an archive.")


def _read(
    place: Place, kind: str | None, roster: Roster | None, problems: tuple[str, ...]
) -> Source:
    found, because = _recognized(place) if kind is None else (kind, "it was asked for")
    if kind is not None:
        _require(place, kind)
    register = Register(roster)
    source = _READERS[found](place, register)
    if not source.hand_ins:
        raise UsageError(f"There is no submission in {place.name}, read as {NAMES[found]}.")
    return dataclasses.replace(
        source,
        problems=(*problems, *source.problems, *register.problems),
        because=because,
    )


def _home(root: Path, path: Path, assignment: Assignment, kind: str | None) -> Path:
    """Return the folder with the entries: the root, or the single folder around everything.

    Raises:
        UsageError: it is empty, holds one student's own submission, or there are two exports.
    """
    folder = root
    while True:
        inside = [one for one in listed(folder) if not is_hidden(one.name)]
        if not inside:
            raise UsageError(f"There is nothing in {path}.")
        if _is_table_in(folder):
            return folder
        if _has_modules(folder, assignment) or (
            kind is None and _is_one_student(folder, inside, assignment)
        ):
            raise UsageError(_ONE_STUDENT.format(path))
        exports = [one for one in inside if _is_folder(one) and _is_table_in(one)]
        if len(exports) > 1:
            names = " and ".join(one.name for one in exports[:2])
            raise UsageError(f"{path} has several exports ({names}): name one of them.")
        if len(exports) == 1:
            return exports[0]
        if len(inside) > 1 or not _is_folder(inside[0]) or not _is_around(inside[0], assignment):
            return folder
        folder = inside[0]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_table_in(folder: Path) -> bool:
    return any((folder / name).is_file() and not (folder / name).is_symlink() for name in TABLES)


def _has_modules(folder: Path, assignment: Assignment) -> bool:
    return any((folder / f"{name}.py").is_file() for name in assignment.graded_modules)


def _is_around(folder: Path, assignment: Assignment) -> bool:
    """Tell whether a folder contains the entries of a class rather than one student's files."""
    inside = [one for one in listed(folder) if not is_hidden(one.name)]
    if _canvas_example(inside):
        return True
    if _is_one_student(folder, inside, assignment):
        return False
    return sum(is_openable(one) for one in inside) > 1 or any(
        _is_folder(one) and _is_around(one, assignment) for one in inside[:1] if len(inside) == 1
    )


def _is_one_student(folder: Path, inside: Sequence[Path], assignment: Assignment) -> bool:
    """Tell whether modules lie in the folder itself, or where the handout has them."""
    student = assignment.folders.student.name
    names = {one.name for one in inside}
    return _has_modules(folder, assignment) or (
        student in names
        and _is_folder(folder / student)
        and _has_modules(folder / student, assignment)
    )


def _canvas_example(inside: Sequence[Path]) -> str | None:
    """Return a file that follows Canvas's naming scheme, if most entries do."""
    return canvas.is_download(["" if one.is_dir() else one.name for one in inside])


def _recognized(place: Place) -> tuple[str, str]:
    """Return the detected kind of a source, and the reason."""
    inside = [one for one in listed(place.folder) if not is_hidden(one.name)]
    table = next((one.name for one in inside if one.name in TABLES), None)
    if table is not None:
        return "gradescope", f"it has {table}"
    example = _canvas_example(inside)
    if example is not None:
        return "canvas", f"its files are named as Canvas names them ({example})"
    paths = [one for one in entries(place.folder)[0] if one.is_dir()]
    repositories = sum((one / ".git").exists() for one in paths)
    prefix = folders.common_prefix(place.folder, [one.name for one in paths])
    cut = f", and their names begin with {prefix}" if prefix else ""
    if paths and 2 * repositories > len(paths):
        return "classroom", f"its folders are git repositories{cut}"
    if prefix and place.folder.name == f"{prefix[:-1]}{folders.CLONES}":
        return "classroom", f"it is called {place.folder.name}{cut}"
    return "folder", "it has a folder or an archive for each student"


def _require(place: Place, kind: str) -> None:
    """Raise unless a source can be of the requested kind."""
    inside = [one for one in listed(place.folder) if not is_hidden(one.name)]
    lacks = {
        "gradescope": not _is_table_in(place.folder) and f"it has no {TABLES[0]}",
        "canvas": not _canvas_example(inside) and "its files are not named as Canvas names them",
    }.get(kind)
    if lacks:
        raise UsageError(f"{place.name} is not {NAMES[kind]}: {lacks}.")
