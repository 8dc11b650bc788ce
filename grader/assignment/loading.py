"""Loading an assignment from its folder, and refusing one that does not fit together."""

from __future__ import annotations

import importlib.util
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from grader.arithmetic import undisturbed
from grader.errors import UsageError

from .assignment import Assignment
from .explanations import CHECKS
from .target import VISIBILITIES, Target

FILE, VALUE = "assignment.py", "ASSIGNMENT"


def load(folder: Path) -> Assignment:
    """Return the assignment of a folder: the value ASSIGNMENT of its `assignment.py`.

    The folder is a package of its own: `assignment.py` imports its other modules with a dot.

    Raises:
        UsageError: there is none, it cannot be imported, or it does not fit together.
    """
    named = folder.parent if folder.name == FILE else folder
    return _load(named.resolve())


@cache
def _load(folder: Path) -> Assignment:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; an assignment is a folder with {FILE}.")
    if not (folder / FILE).is_file():
        raise UsageError(f"{folder} is no assignment: it has no {FILE}.")
    found = _imported(folder)
    if not isinstance(found, Assignment):
        raise UsageError(f"{folder / FILE} defines no {VALUE} = Assignment(...).")
    try:
        problem = next(_problems_of_files(found, folder), "") or next(_problems(found), "")
    except Exception as error:  # noqa: BLE001 - a field has a value of another type, say
        problem = f"it does not fit together: {type(error).__name__}: {error}"
    if problem:
        raise UsageError(f"{folder / FILE}: {problem}")
    return found


def unique_name(start: str, folder: Path) -> str:
    """Return a name for the package of a folder, which no other folder's has."""
    return f"{start}_{zlib.crc32(str(folder.resolve()).encode()):08x}"


def sources(assignment: Assignment) -> dict[str, Path]:
    """Return the modules of an assignment's folder that were imported, by their path in it.

    They are all that grading with recorded answers needs of it; none is below a folder that has
    solutions, or else the assignment would not have been loaded.
    """
    home = assignment.folders.home
    files = [*_modules(home), *([assignment.standins] if assignment.standins else [])]
    return {path.relative_to(home).as_posix(): path for path in files}


def _modules(home: Path) -> list[Path]:
    """Return the files of the modules that an assignment has imported from its own folder."""
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
        text = str(error).replace(f"{name}.", "")
        raise UsageError(
            f"{folder / FILE} cannot be imported: {type(error).__name__}: {text}"
        ) from error
    return getattr(module, VALUE, None)


def _problems_of_files(assignment: Assignment, folder: Path) -> Iterator[str]:
    """Say which files are where they must not be: a zip is made of what is in the folder."""
    folders = assignment.folders
    if folders.home != folder:
        yield f"the home of its folders is {folders.home}; write Path(__file__).parent."
    standins = assignment.standins
    if standins is not None and not (standins.is_relative_to(folder) and standins.is_file()):
        yield f"the stand-ins {standins} are no file below {folder}."
    secret = (folders.reference, folders.mistakes, folders.honest, folders.others)
    for path in _modules(folder):
        if any(path.is_relative_to(place) for place in secret):
            yield f"it imports {path}: students get what it imports, and must not get that."


def _problems(assignment: Assignment) -> Iterator[str]:
    """Say what does not fit together, before a grade does."""
    names = [target.name for target in assignment.rubric]
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", assignment.name):
        yield f"the name {assignment.name!r} may have lower-case letters, digits and dashes only."
    for field in ("graded_modules", "given_modules"):
        if isinstance(getattr(assignment, field), str):
            yield f'{field} is a string; a tuple of one name is written with a comma: ("name",).'
    if not names:
        yield "the rubric has no target."
    yield from _repetitions("targets", names)
    yield from _repetitions("questions", [target.question for target in assignment.rubric])
    yield from _repetitions("cases", [case.key for case in assignment.cases])
    for case in assignment.cases:
        if case.target not in names:
            yield f"the case {case.key!r} belongs to no target of the rubric."
        if not case.weight > 0:
            yield f"the case {case.key!r} has the weight {case.weight}; it has to be above 0."
    for target in assignment.rubric:
        yield from _problems_of(target, assignment)
    modules = (*assignment.graded_modules, *assignment.given_modules)
    if assignment.training_module and assignment.training_module not in modules:
        yield f"{assignment.training_module!r} is neither a graded nor a given module."


def _repetitions(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(x for x in names if names.count(x) > 1):
        yield f"there are two {what} {name!r}."


def _problems_of_visibility(target: Target) -> Iterator[str]:
    for check in sorted(target.visibilities.keys() - target.points.keys()):
        yield f"{target.name} has a visibility for {check!r}, and no points for it."
    for visibility in sorted({target.visibility, *target.visibilities.values()} - {*VISIBILITIES}):
        named = ", ".join(VISIBILITIES)
        yield f"{target.name} has the visibility {visibility!r}; there are {named}."


def _problems_of(target: Target, assignment: Assignment) -> Iterator[str]:
    """Say what is wrong with one row of the rubric."""
    if target.is_class and target.module not in assignment.graded_modules:
        yield f"{target.name} is in no graded module ({', '.join(assignment.graded_modules)})."
    if not 0 <= target.loop_cap <= 1:
        yield f"the loop_cap of {target.name} is {target.loop_cap}; a share from 0 to 1 is due."
    if target.loop_cap < 1 and "batching" not in target.points:
        yield f"{target.name} has a loop_cap and no points for 'batching', which looks for loops."
    yield from _problems_of_visibility(target)
    for check, points in target.points.items():
        if points < 0 or round(points, 2) != points:
            yield f"{target.name} has {points} points for {check!r}; write whole hundredths."
        if check in CHECKS and check not in assignment.explanations:
            yield f"there is no explanation of the check {check!r}."
        if check not in CHECKS:
            yield f"{target.name} has points for {check!r}; the checks are {', '.join(CHECKS)}."
        elif not assignment.cases_of(target.name, check):
            yield f"there is no case of the check {check!r} of {target.name}."
