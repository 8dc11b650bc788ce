"""Where an assignment says something: in which file of its folder, and on which line."""

from __future__ import annotations

import ast
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

# The package name of an assignment, see `loading.unique_name`.
_OF_ASSIGNMENT = re.compile(r"assignment_[0-9a-f]{8}(\.|$)")


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    file: Path
    line: int

    def __str__(self) -> str:
        """Return it in the form that begins a message."""
        return f"{self.file}, line {self.line}"


def here() -> Place | None:
    """Return the line of an assignment's own code that is currently running; None if none is."""
    frame = sys._getframe(1)  # noqa: SLF001 - `inspect` reads the source of every frame
    while not _OF_ASSIGNMENT.match(str(frame.f_globals.get("__name__"))):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return Place(Path(frame.f_code.co_filename), frame.f_lineno)


def not_imported(error: BaseException, file: Path, what: str) -> str:
    """Return the message for a file that cannot be imported because of itself or a nearby file.

    It begins with the line that raised the exception.
    """
    return f"{of_error(error, file.parent) or file}: {what} cannot be imported: {words_of(error)}"


def words_of(error: BaseException) -> str:
    """Return an exception's type and message, on one line and without its place."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {' '.join(text.split())}"


def of_error(error: BaseException, folder: Path) -> Place | None:
    """Return the innermost line of a folder's code that an exception came through."""
    lines = [(f.f_code.co_filename, n) for f, n in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        lines.append((error.filename or "", error.lineno or 1))
    found = [Place(Path(name), n) for name, n in lines if Path(name).is_relative_to(folder)]
    return found[-1] if found else None


def of_keyword(call: Place, keyword: str) -> Place:
    """Return where the value of a keyword argument is written.

    That is the line that defines its name, in the file of the call or in one that the name is
    imported from; otherwise it is the argument's line in the call.
    """
    tree = ast.parse(call.file.read_text("utf-8"))
    calls = (x for x in ast.walk(tree) if isinstance(x, ast.Call) and x.lineno == call.line)
    values = [x.value for found in calls for x in found.keywords if x.arg == keyword]
    if not values:
        return call
    value = values[0]
    defined = _definition(call.file, value.id) if isinstance(value, ast.Name) else None
    return defined or Place(call.file, value.lineno)


def _definition(file: Path, name: str) -> Place | None:
    """Return where a name is last defined at the top level of a file, or of one it imports from."""
    found = None
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            inner = file.parent / f"{node.module.replace('.', '/')}.py"
            if not inner.is_file():
                inner = inner.with_suffix("") / "__init__.py"
            original = [x.name for x in node.names if (x.asname or x.name) == name]
            found = _definition(inner, original[0]) if original else found
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found = Place(file, node.lineno)
    return found
