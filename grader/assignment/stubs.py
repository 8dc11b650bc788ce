"""What students get: stubs derived from the reference, and the given files as they are.

A region between `# BEGIN SOLUTION <question>` and `# END SOLUTION` inside a function becomes
`# YOUR CODE HERE` and a NotImplementedError; a region at the top level (helpers, constants that
only solutions use) goes without a trace.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from grader.errors import GraderError, UsageError

from .assignment import Assignment

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
# A comment that is one of the two but for its spelling would hand the solution out.
_MEANT = re.compile(r"#\W*(begin|end)\W*(of\W*)?solution", re.IGNORECASE)


def derive_stub(source: str) -> str:
    """Return the source of a module of the reference without its solutions.

    Raises:
        GraderError: a region does not end, or names no question inside a function.
    """
    owners = _functions(source)
    lines: list[str] = []
    region: tuple[int, str] | None = None
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if text.startswith(BEGIN):
            _refuse_open(region)
            region = (number, text.removeprefix(BEGIN).strip())
            indent = line[: len(line) - len(line.lstrip())]
            lines += _hole(indent, region[1], owners.get(number, "")) if indent else []
        elif text == END:
            if region is None:
                raise GraderError(f"Line {number} ends a solution region, and none has begun.")
            region = None
        elif _MEANT.match(text):
            raise GraderError(f"Line {number} is {text!r}; the marks are {BEGIN!r} and {END!r}.")
        elif region is None:
            lines.append(line)
    _refuse_open(region)
    return _tidy("\n".join(lines)) + "\n"


def _refuse_open(region: tuple[int, str] | None) -> None:
    if region is not None:
        raise GraderError(f"The solution region that begins at line {region[0]} does not end.")


def _hole(indent: str, question: str, owner: str) -> list[str]:
    if not question or not owner:
        raise GraderError(f"A solution region of {owner or 'a class'} names no question.")
    return [f"{indent}# YOUR CODE HERE", f'{indent}{hole(question)}write {owner}.")']


def hole(question: str) -> str:
    """Return how the line begins that stands where a question is to be answered."""
    return f'raise NotImplementedError("Question {question}: '


@cache
def holes(assignment: Assignment) -> dict[str, tuple[bytes, ...]]:
    """Return the lines that stand where answers are to be written, by file of a graded module."""
    given = given_files(assignment)
    names = [f"{module}.py" for module in assignment.graded_modules]
    begin = hole("").partition(":")[0].encode()
    return {
        name: tuple(x for x in map(bytes.strip, given.get(name, b"").splitlines()) if begin in x)
        for name in names
    }


def _functions(source: str) -> dict[int, str]:
    """Return the dotted name of the function around every line of the source."""
    owners: dict[int, str] = {}

    def visit(node: ast.AST, names: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef):
                inner = (*names, child.name)
                if isinstance(child, ast.FunctionDef):
                    lines = range(child.lineno, (child.end_lineno or child.lineno) + 2)
                    owners.update(dict.fromkeys(lines, ".".join(inner)))
                visit(child, inner)

    visit(ast.parse(source), ())
    return owners


def _tidy(text: str) -> str:
    """Leave two blank lines at the most where a region was."""
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text.rstrip("\n")


@cache
def given_files(assignment: Assignment) -> dict[str, bytes]:
    """Return every file of the handout's package by its path: stubs, given modules, data.

    Raises:
        UsageError: the assignment has neither a reference nor given files, or a module of the
            reference is neither graded nor given.
    """
    folders = assignment.folders
    if not assignment.has_reference:
        found = {
            _relative(path, folders.given): path.read_bytes() for path in _files(folders.given)
        }
        if not found:
            raise UsageError(
                f"There is neither a reference in {folders.reference} (a folder with __init__.py) "
                f"nor what students were given in {folders.given}."
            )
        return found
    kept_back = (folders.mistakes, folders.honest, folders.others)
    files = {
        _relative(path, folders.reference): path
        for path in _files(folders.reference)
        if not any(path.is_relative_to(folder) for folder in kept_back)
    }
    _refuse_other_modules(assignment, [name for name in files if name.endswith(".py")])
    given = {name: _given(path, assignment) for name, path in files.items()}
    for target in (one for one in assignment.rubric if not one.is_run):
        if hole(target.question).encode() not in given[f"{target.module}.py"]:
            raise UsageError(
                f"{folders.reference / target.module}.py has no solution region of question "
                f"{target.question} ({target.name}): its solution would be handed out."
            )
    return given


def _refuse_other_modules(assignment: Assignment, names: Sequence[str]) -> None:
    """Raise unless the modules of the reference are those that the assignment names."""
    folder = assignment.folders.reference
    modules = [f"{x}.py" for x in (*assignment.graded_modules, *assignment.given_modules)]
    strange = [name for name in names if name not in modules]
    if strange:
        place = assignment.place_of("given_modules")
        start = f"{place}: " if place else ""
        raise UsageError(
            f"{start}{folder.name}/{strange[0]} is neither a graded module of the assignment nor a "
            "given one; it would be handed out as it is."
        )
    missing = [name for name in modules if name not in names]
    if missing:
        raise UsageError(f"There is no {missing[0]} in {folder}, which the assignment names.")


def _given(path: Path, assignment: Assignment) -> bytes:
    """Return what students get of a file of the reference."""
    if path.suffix != ".py":
        return path.read_bytes()
    try:
        stub = derive_stub(path.read_text("utf-8"))
    except (GraderError, SyntaxError) as error:
        raise UsageError(f"{path}: {error}") from error
    for question in _HOLE.findall(stub):
        if question not in [target.question for target in assignment.rubric]:
            raise UsageError(f"{path}: the rubric has no question {question!r}.")
    return stub.encode()


_HOLE = re.compile(re.escape(hole("{}")).replace(r"\{\}", "([^:]*)"))


def _files(folder: Path) -> list[Path]:
    kept = (".py", ".csv", ".gz")
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in kept)


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def differing(assignment: Assignment, folder: Path) -> list[str]:
    """Return the paths of a folder that are not what `given_files` says, or are missing."""
    return [
        name
        for name, content in given_files(assignment).items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]
