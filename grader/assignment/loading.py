"""Loading an assignment from its folder, and rejecting one that is inconsistent."""

from __future__ import annotations

import importlib.util
import sys
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from grader.arithmetic import undisturbed
from grader.errors import UsageError

from .assignment import Assignment
from .fitting import problems
from .places import not_imported, words_of

FILE, VALUE = "assignment.py", "ASSIGNMENT"


def load(folder: Path) -> Assignment:
    """Return the assignment in a folder: the value ASSIGNMENT of its `assignment.py`.

    The folder is a separate package: `assignment.py` imports its other modules with a dot.

    Raises:
        UsageError: there is none, it cannot be imported, or it is inconsistent.
    """
    named = folder.parent if folder.name == FILE else folder
    return _load(named.resolve())


@cache
def _load(folder: Path) -> Assignment:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; an assignment is a folder with {FILE}.")
    if not (folder / FILE).is_file():
        raise UsageError(f"{folder} is not an assignment: it has no {FILE}.")
    found = _imported(folder)
    if not isinstance(found, Assignment):
        raise UsageError(f"{folder / FILE} defines no {VALUE} = Assignment(...).")
    try:
        problem = next(problems(found), "") or next(_problems_of_files(found, folder), "")
    except Exception as error:  # the values of an assignment may raise anything
        why = f"it is inconsistent: {words_of(error)}"
        raise UsageError(f"{folder / FILE}: {why}") from error
    if problem:
        raise UsageError(problem)
    return found


def unique_name(start: str, folder: Path) -> str:
    """Return a package name for a folder that no other folder shares."""
    return f"{start}_{zlib.crc32(str(folder.resolve()).encode()):08x}"


def sources(assignment: Assignment) -> dict[str, Path]:
    """Return the imported modules of an assignment's folder, by their path in it.

    Grading with recorded answers needs nothing else from the folder. None of them is below a folder
    that has solutions; otherwise the assignment would not have been loaded.
    """
    home = assignment.folders.home
    files = [*_modules(home), *([assignment.fakes] if assignment.fakes else [])]
    return {path.relative_to(home).as_posix(): path for path in files}


def _modules(home: Path) -> list[Path]:
    """Return the files of the modules that an assignment imported from its own folder."""
    start = unique_name("assignment", home)
    modules = [m for name, m in sys.modules.items() if name.partition(".")[0] == start]
    return [Path(module.__file__) for module in modules if module.__file__]


def _imported(folder: Path) -> object:
    name = unique_name("assignment", folder)
    spec = importlib.util.spec_from_file_location(
        name, folder / FILE, submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with undisturbed():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        for loaded in [x for x in sys.modules if x.partition(".")[0] == name]:
            del sys.modules[loaded]
        said = not_imported(error, folder / FILE, "the assignment")
        raise UsageError(said.replace(f"{name}.", "")) from error
    return getattr(module, VALUE, None)


def _problems_of_files(assignment: Assignment, folder: Path) -> Iterator[str]:
    """Report misplaced files: the handout's zip is made of what is in the folder."""
    for text in _misplaced(assignment, folder):
        yield f"{assignment.place or folder / FILE}: {text}"


def _misplaced(assignment: Assignment, folder: Path) -> Iterator[str]:
    folders = assignment.folders
    if folders.home != folder:
        yield f"the home of its folders is {folders.home}; write Path(__file__).parent."
    fakes = assignment.fakes
    if fakes is not None and not (fakes.is_relative_to(folder) and fakes.is_file()):
        yield f"the fakes {fakes} are not a file in {folder}."
    hidden = (folders.mistakes, folders.alternatives, folders.honest, folders.others)
    secret = (folders.reference, *hidden)
    for path in _modules(folder):
        if any(path.is_relative_to(place) for place in secret):
            yield f"it imports {path}: students get what it imports, and must not get that."
