"""The files in both zips: the engine, and what it needs from an assignment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.assignment import Assignment, sources
from grader.errors import UsageError
from grader.paths import HOMEWORK, PACKAGE, ROOT

from .tracked import only_tracked

# Folders in here are assignments: homework/, and any that someone adds beside it.
_ASSIGNMENTS = HOMEWORK.parent
TEMPLATES = Path(__file__).parent / "templates"
# The kinds of files to take from the package: code, settings, pages.
_KEPT = (".py", ".json", ".ini", ".j2", ".css", ".sql", ".typ")
# Hidden by their names, but wanted.
_DOTTED = (".github", ".gitignore")
CONTAINER = ROOT / "container"
# The default place where the grader looks for an assignment; the zip puts its own there.
HOME_IN_ZIP = f"grader/{HOMEWORK.relative_to(PACKAGE).as_posix()}"


def require_checkout() -> None:
    """Raise unless this runs in a checkout: a zip includes files from outside the package.

    Raises:
        UsageError: it is an installed package.
    """
    if not (CONTAINER.is_dir() and (ROOT / "pyproject.toml").is_file()):
        raise UsageError(
            f"Zips are built in a checkout of the project, and {ROOT} is not one. Run this command "
            "there, with --assignment FOLDER."
        )


def engine_files() -> dict[str, bytes]:
    """Return the files of the package `grader` by their path in a zip, without any assignment.

    Raises:
        UsageError: git does not know one of them.
    """
    files = {
        f"grader/{name}": path
        for name, path in files_below(PACKAGE)
        if path.suffix in _KEPT
        and not path.is_relative_to(TEMPLATES)
        and (not path.is_relative_to(_ASSIGNMENTS) or path.parent == _ASSIGNMENTS)
    }
    return {name: path.read_bytes() for name, path in only_tracked(files).items()}


def assignment_files(assignment: Assignment) -> dict[str, bytes]:
    """Return `assignment.py` and what it imports from its folder, by path in a zip."""
    kept = only_tracked(sources(assignment))
    files = {f"{HOME_IN_ZIP}/{name}": path.read_bytes() for name, path in kept.items()}
    files.setdefault(f"{HOME_IN_ZIP}/__init__.py", b"")
    return files


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files in a folder with their paths in it, without junk from systems and editors."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_litter(path.relative_to(folder)):
            yield path.relative_to(folder).as_posix(), path


def _is_litter(path: Path) -> bool:
    """Tell whether a file was left behind by a system, an editor, a notebook or a grading run."""
    hidden = [part for part in path.parts if part.startswith(".") and part not in _DOTTED]
    left = path.name == "results.json" or path.name.endswith(("~", ".swp", ".orig", ".rej"))
    return bool(hidden) or left or "__pycache__" in path.parts
