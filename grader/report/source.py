"""The student's own lines: the method around a location in a submission, with line numbers.

Files are treated as text here: they are parsed, never run, and shown only if students see every
line of a question.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from grader.assignment import Target
from grader.judging import Grade, Line
from grader.verdict import Verdict

from .cleaning import clean
from .messages import Account, places
from .work import Work

# Lines of a method that the terminal and Gradescope show.
MOST_LINES = 12
# Maximum characters of a line, and bytes of a file to parse.
LONGEST_LINE, LONGEST_FILE = 160, 200_000
# Line ends as Python counts them; `str.splitlines` accepts more.
_ENDS = re.compile(r"\r\n|\r|\n")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Code:
    """Some lines of a file.

    Args:
        file: its name.
        lines: their numbers and texts, without the indentation that they share.
        marked: the number of the line that failed, if one did.
    """

    file: str
    lines: tuple[tuple[int, str], ...]
    marked: int | None = None

    def __str__(self) -> str:
        """Return one row per line: a mark, its number, its text."""
        width = len(str(self.lines[-1][0]))
        rows = [
            f"{'>' if number == self.marked else ' '} {number:{width}} | {text}"
            for number, text in self.lines
        ]
        return "\n".join(row.rstrip() for row in rows)


def code_of_work(grade: Grade, work: Work, most: int | None = MOST_LINES) -> Code | None:
    """Return the student's lines that an item of work is about; None if there are none to show.

    Args:
        grade: the grade it belongs to.
        work: names the location.
        most: the maximum number of lines; None for the whole method.
    """
    if work.verdict is Verdict.NOT_IMPLEMENTED or work.at is None:
        return None
    return _shown(grade, work.first.target, work.at, work.is_line, most)


def code_of_check(
    grade: Grade, line: Line, said: Account, most: int | None = MOST_LINES
) -> Code | None:
    """Return the student's lines mentioned in a check's messages, or its wrong method.

    Args:
        grade: the grade it belongs to.
        line: the check's line in the report.
        said: what the report says about it.
        most: the maximum number of lines; None for the whole method.
    """
    named = [place for text in said.failures for place in places(clean(text))]
    found = named or places(clean(said.place))
    if not found or line.result.verdict is Verdict.NOT_IMPLEMENTED:
        return None
    return _shown(grade, line.target, found[0], bool(named), most)


def _shown(
    grade: Grade, target: Target, place: tuple[str, int], failed: bool, most: int | None
) -> Code | None:
    """Return the lines around a location, marked if it failed, if students see the whole target."""
    if target.secret:
        return None
    file, line = place
    return code_at(grade.submission.files, file, line, most, failed)


def code_at(
    files: Mapping[str, bytes],
    file: str,
    line: int,
    most: int | None = None,
    failed: bool = False,
) -> Code | None:
    """Return the method around a line, or if there is none, the lines around it.

    Args:
        files: those of a submission, by name.
        file: one of them; for any other name, the result is None.
        line: its number, from 1.
        most: the maximum number of lines, without the docstring: the first one, and those that
            follow it or surround a line that failed. None for the whole method.
        failed: whether to mark the line.
    """
    texts = _ENDS.split(files.get(file, b"").decode("utf-8-sig", "replace"))
    if not texts[-1]:
        texts.pop()  # nothing follows the last line end
    if not 1 <= line <= len(texts):
        return None
    numbers = _chosen(files[file], line, len(texts), most, failed)
    shown = textwrap.dedent("\n".join(_fit(texts[number - 1]) for number in numbers)).split("\n")
    return Code(file, tuple(zip(numbers, shown, strict=True)), line if failed else None)


def _fit(text: str) -> str:
    """Return a line of code cut to fit, without what acts on a terminal."""
    text = clean(text.expandtabs(4).replace("\x0c", "")).rstrip()
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"


def _chosen(source: bytes, line: int, last: int, most: int | None, failed: bool) -> list[int]:
    """Return the numbers of the lines to show."""
    method = next((x for x in _functions(source) if _first(x) <= line <= _last(x)), None)
    room = most or MOST_LINES
    if method is None:
        start = max(1, min(line - room // 2, last - room + 1))
        return list(range(start, min(start + room, last + 1)))
    numbers = list(range(_first(method), _last(method) + 1))
    if most is None:
        return numbers
    numbers = [number for number in numbers if number not in _docstring(method) or number == line]
    head, rest = numbers[:1], numbers[1:]
    around = rest.index(line) if failed and line in rest else 0
    start = max(0, min(around - room // 2, len(rest) - room + 1))
    return head + rest[start : start + room - 1]


@lru_cache(maxsize=32)
def _functions(source: bytes) -> tuple[_Function, ...]:
    """Return the methods and functions in a file; none if it cannot be parsed."""
    if len(source) > LONGEST_FILE:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(_outermost(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _outermost(node: ast.AST) -> Iterator[_Function]:
    """Yield the functions of a module or a class; nested functions are part of theirs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        elif isinstance(child, ast.stmt):
            yield from _outermost(child)


def _first(node: _Function) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _last(node: _Function) -> int:
    return node.end_lineno or node.lineno


def _docstring(node: _Function) -> range:
    """Return the numbers of the lines of a docstring."""
    if ast.get_docstring(node, clean=False) is None:
        return range(0)
    first = node.body[0]
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)
