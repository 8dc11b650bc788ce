"""What students get: stubs derived from the reference, and the given files as they are.

A region between `# BEGIN SOLUTION <question>` and `# END SOLUTION` inside a function becomes
`# YOUR CODE HERE` and a NotImplementedError; a region at the top level (helpers, constants that
only solutions use) disappears without a trace. In a text page, a region between
`<!-- BEGIN SOLUTION <question> -->` and `<!-- END SOLUTION -->` becomes `YOUR DERIVATION HERE`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import GraderError, UsageError

from .assignment import Assignment

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
BEGIN_TEXT, END_TEXT = "<!-- BEGIN SOLUTION", "<!-- END SOLUTION -->"
TEXT_HOLE = "YOUR DERIVATION HERE"


@dataclass(frozen=True)
class _Marks:
    """How regions are marked.

    Args:
        begin: the line that begins a region; its group is the question.
        end: the line that ends a region.
        meant: matches misspelled versions of either line, which would leak the solution.
        shown: both lines, as they are quoted in an error.
    """

    begin: re.Pattern[str]
    end: str
    meant: re.Pattern[str]
    shown: str


_SPELLED = r"(begin|end)\W*(of\W*)?solution"
_IN_CODE = _Marks(
    re.compile(rf"{BEGIN}(.*)"),
    END,
    re.compile(rf"#\W*{_SPELLED}", re.IGNORECASE),
    f"{BEGIN!r} and {END!r}",
)
# The only other comments in a text page are notes.
_IN_TEXT = _Marks(
    re.compile(rf"{BEGIN_TEXT}\b(.*?)-->"),
    END_TEXT,
    re.compile(rf".*<!--(?! Note: )|\W*{_SPELLED}", re.IGNORECASE),
    f"'{BEGIN_TEXT} <question> -->' and {END_TEXT!r}",
)


def derive_stub(source: str) -> str:
    """Return the source of a module of the reference without its solutions.

    Raises:
        GraderError: a region does not end, or one inside a function does not name a question.
    """
    owners = _functions(source)

    def filled(number: int, indent: str, question: str) -> list[str]:
        return _hole(indent, question, owners.get(number, "")) if indent else []

    return _without_regions(source, _IN_CODE, filled)


def derive_template(source: str) -> str:
    """Return a text page of the reference, in Markdown, without its solutions.

    Raises:
        GraderError: a region does not end or does not name a question, or there is no region.
    """

    def filled(number: int, indent: str, question: str) -> list[str]:
        if not question:
            raise GraderError(
                f"The solution region that begins at line {number} does not name a question."
            )
        return [f"{indent}{TEXT_HOLE}"]

    template = _without_regions(source, _IN_TEXT, filled)
    if not _IN_TEXT.begin.search(source):
        raise GraderError("The page has no solution region; it would be handed out as it is.")
    return template


def _without_regions(
    source: str, marks: _Marks, filled: Callable[[int, str, str], list[str]]
) -> str:
    """Return a source with its regions replaced by other lines.

    Args:
        source: the source that contains the regions.
        marks: how they are marked.
        filled: returns the lines for a region, given its position, its indent, and its question.
    """
    lines: list[str] = []
    begun: int | None = None
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if begin := marks.begin.fullmatch(text):
            _refuse_open(begun)
            begun = number
            lines += filled(number, line[: len(line) - len(line.lstrip())], begin[1].strip())
        elif text == marks.end:
            if begun is None:
                raise GraderError(f"Line {number} ends a solution region, and none has begun.")
            begun = None
        elif marks.meant.match(text):
            raise GraderError(f"Line {number} is {text!r}; the marks are {marks.shown}.")
        elif begun is None:
            lines.append(line)
    _refuse_open(begun)
    return _tidy("\n".join(lines)) + "\n"


def _refuse_open(begun: int | None) -> None:
    if begun is not None:
        raise GraderError(f"The solution region that begins at line {begun} does not end.")


def _hole(indent: str, question: str, owner: str) -> list[str]:
    if not question or not owner:
        raise GraderError(f"A solution region of {owner or 'a class'} does not name a question.")
    return [f"{indent}# YOUR CODE HERE", f'{indent}{hole(question)}write {owner}.")']


def hole(question: str) -> str:
    """Return how the line begins that marks where a question is to be answered."""
    return f'raise NotImplementedError("Question {question}: '


@cache
def holes(assignment: Assignment) -> dict[str, tuple[bytes, ...]]:
    """Return the lines that mark where answers are to be written, by file of a graded module."""
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
    """Leave at most two blank lines where a region was."""
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text.rstrip("\n")


@cache
def given_files(assignment: Assignment) -> dict[str, bytes]:
    """Return every file of the handout's package by path: stubs, given modules, and data.

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
                f"nor what students were given in {folders.given}: name the assignment with "
                "--assignment FOLDER."
            )
        return found
    kept_back = (folders.mistakes, folders.alternatives, folders.honest, folders.others)
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
    """Raise an error unless the reference has exactly the modules that the assignment names."""
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
    """Return the students' version of a file of the reference."""
    if path.suffix not in (".py", ".md"):
        return path.read_bytes()
    source = path.read_text("utf-8")
    try:
        derived = derive_stub(source) if path.suffix == ".py" else derive_template(source)
    except (GraderError, SyntaxError) as error:
        raise UsageError(f"{path}: {error}") from error
    asked = _HOLE.findall(derived) if path.suffix == ".py" else _IN_TEXT.begin.findall(source)
    for question in map(str.strip, asked):
        if question not in [target.question for target in assignment.rubric]:
            raise UsageError(f"{path}: the rubric has no question {question!r}.")
    return derived.encode()


_HOLE = re.compile(re.escape(hole("{}")).replace(r"\{\}", "([^:]*)"))


def _files(folder: Path) -> list[Path]:
    kept = (".py", ".md", ".csv", ".gz")
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
    """Return the paths in a folder that are missing or differ from `given_files`."""
    return [
        name
        for name, content in given_files(assignment).items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]
