"""The files that both zips have: the engine, and what it needs of an assignment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.assignment import Assignment, sources
from grader.paths import HOMEWORK, PACKAGE

from .tracked import only_tracked

# Folders in here are assignments: homework/, and whatever somebody puts beside it.
_ASSIGNMENTS = HOMEWORK.parent
TEMPLATES = Path(__file__).parent / "templates"
# Of the package: code, settings, pages.
_KEPT = (".py", ".json", ".ini", ".j2", ".css", ".sql", ".typ")
# Hidden by their names, and meant.
_DOTTED = (".github", ".gitignore")
# Where the grader looks for an assignment by default: that of the zip goes there.
HOME_IN_ZIP = f"grader/{HOMEWORK.relative_to(PACKAGE).as_posix()}"


def engine_files() -> dict[str, bytes]:
    """Return the files of the package `grader` by their path in a zip, but no assignment's.

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
    """Return what `assignment.py` imports of its folder, and itself, by its path in a zip."""
    kept = only_tracked(sources(assignment))
    files = {f"{HOME_IN_ZIP}/{name}": path.read_bytes() for name, path in kept.items()}
    files.setdefault(f"{HOME_IN_ZIP}/__init__.py", b"")
    return files


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a folder with their paths in it, but what systems and editors leave."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_litter(path.relative_to(folder)):
            yield path.relative_to(folder).as_posix(), path


def _is_litter(path: Path) -> bool:
    """Tell whether a file is what systems, editors, notebooks and grades leave behind."""
    hidden = [part for part in path.parts if part.startswith(".") and part not in _DOTTED]
    left = path.name == "results.json" or path.name.endswith(("~", ".swp", ".orig", ".rej"))
    return bool(hidden) or left or "__pycache__" in path.parts
