"""The formulas in a writeup: found, converted, tried; those that fail are shown as source."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .literals import literal
from .mathematics import _GROUP as GROUP
from .mathematics import COMPLEX, Refused, finished, prepared, rewritten
from .pandoc import ALL, TIMEOUT, Converted, converted

_ENVIRONMENT = re.compile(
    r"\s*\\begin\{(align|alignat|gather|equation|multline|eqnarray|displaymath|math|flalign)\*?\}"
)
_MACRO = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand|DeclareMathOperator)\*?\s*(?:\{\s*\\[A-Za-z]+\s*\}"
    r"|\\[A-Za-z]+)\s*(?:\[\d\])?\s*(?:\[[^][]*\])?\s*" + GROUP
    + r"|\\def\s*\\[A-Za-z]+\s*(?:#\d)*\s*" + GROUP
)  # fmt: skip
_COMMAND = re.compile(r"\\[A-Za-z]+")
_EDGE = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}")
_ENVIRONMENTS = frozenset(
    "align aligned alignat alignedat array cases dcases rcases drcases displaymath eqnarray "
    "equation flalign gather gathered math matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix "
    "smallmatrix multline split subarray".split()
)
# Maximum number of commands to try one by one.
MAX_COMMANDS = 200
# Maximum length of all macro definitions.
MAX_MACROS = 8_000
# Maximum length of a formula quoted in a sentence.
_SHOWN = 60
MAX_FORMULAS = 5000


@dataclass(frozen=True)
class Place:
    """A position in a text, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Formula:
    """A formula as written, its position, and its Typst form; "" if it has none."""

    tex: str
    is_display: bool
    start: int
    typst: str = ""


def is_mathematics(raw: str) -> bool:
    """Tell whether LaTeX outside of dollars is a math environment."""
    return bool(_ENVIRONMENT.match(raw))


def without_macros(tex: str) -> str:
    """Return LaTeX without its command definitions."""
    return _MACRO.sub("", tex)


def found_in(blocks: Any) -> Iterator[tuple[str, bool | None]]:
    """Yield every formula in a document in order, and whether it is displayed.

    Command definitions are yielded unchanged, and code, which is not a formula, with None.
    """
    if isinstance(blocks, list):
        for one in blocks:
            yield from found_in(one)
    elif isinstance(blocks, dict):
        kind, content = blocks.get("t"), blocks.get("c", [])
        if kind == "Math":
            yield content[1], content[0]["t"] == "DisplayMath"
        elif kind in ("RawBlock", "RawInline") and content[0] in ("tex", "latex"):
            if is_mathematics(content[1]) or _MACRO.search(content[1]):
                yield content[1], True
        elif kind in ("Code", "CodeBlock"):
            yield content[1], None
        else:
            yield from found_in(content)


def convert(blocks: Any, source: str) -> tuple[dict[tuple[str, bool], Formula], list[str]]:
    """Return a document's formulas by their text and kind, and what is wrong with some of them.

    Args:
        blocks: pandoc's blocks.
        source: the file that they were read from.
    """
    written = list(found_in(blocks))[:MAX_FORMULAS]
    macros, at = "", 0
    tasks: list[str] = []
    end = time.monotonic() + ALL
    seen: dict[tuple[str, bool], Formula] = {}
    for tex, is_display in written:
        start = _find(tex, source, at)
        if is_display is None:
            at = start + len(tex) if start >= at else at
            continue
        at = start if start >= 0 else at
        macros += "".join(found[0] + "\n" for found in _MACRO.finditer(tex))
        if (tex, is_display) not in seen and without_macros(tex).strip():
            seen[tex, is_display] = Formula(tex, is_display, max(start, 0))
            tasks.append(_task(macros, tex) if time.monotonic() < end else "")
    failed: list[tuple[Formula, Converted, str]] = []
    for key, task, done in zip(tuple(seen), tasks, converted(tasks), strict=True):
        reason = COMPLEX
        if task.strip():
            typst, reason = _finished(done.typst, is_display=key[1])
            seen[key] = replace(seen[key], typst=typst)
        elif task:
            reason = "there is nothing to show in this formula"
        if reason:
            failed.append((seen[key], done, reason))
    unknown = _unknown(macros, [formula.tex for formula, *_ in failed])
    return seen, [_remark(*one, unknown, source) for one in failed]


def _unknown(macros: str, formulas: Sequence[str]) -> set[str]:
    """Return the commands in some formulas that pandoc does not know, trying them one by one."""
    found = dict.fromkeys(name for tex in formulas for name in _COMMAND.findall(tex))
    tried = [*found][:MAX_COMMANDS]
    done = converted([_task(macros, rf"{name}{{x}}{{y}}") for name in tried])
    said = [f"unexpected control sequence {name}\n" for name in tried]
    pairs = zip(tried, done, said, strict=True)
    return {name for name, one, text in pairs if text in f"{one.complaint}\n"}


def _finished(typst: str, is_display: bool) -> tuple[str, str]:
    """Return a formula for Typst, or why there is none."""
    try:
        return finished(typst, is_display), ""
    except Refused as reason:
        return "", str(reason)


def _task(macros: str, tex: str) -> str:
    """Return what pandoc should convert; "" if it should not try, a space if nothing is shown."""
    try:
        body = prepared(without_macros(tex))
        return _defined(macros) + body if body.strip() else " "
    except Refused:
        return ""


@lru_cache(maxsize=4)
def _defined(macros: str) -> str:
    """Return definitions in a form that pandoc knows.

    Raises:
        Refused: they are too long to be put in front of every formula.
    """
    if len(macros) > MAX_MACROS:
        raise Refused(COMPLEX)
    return rewritten(macros)


def _find(tex: str, source: str, at: int) -> int:
    """Return where a formula starts in the source, searching from `at` on; -1 if not found."""
    words = tex.split()
    found = source.find(tex, at)
    if found < 0 and words and len(words) < 2000:
        # In a quotation, each line starts with `>`; in a list, with spaces.
        pattern = re.compile(r"[\s>]+".join(map(re.escape, words)))
        match = pattern.search(source, at) or pattern.search(source)
        found = match.start() if match else -1
    if found < 0:
        return source.find(tex)
    return found + len(tex) - len(tex.lstrip()) if source.startswith(tex, found) else found


def place_of(offset: int, source: str) -> Place:
    """Return the line and column of an offset in a text."""
    before = source[:offset]
    return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def _remark(
    formula: Formula, done: Converted, reason: str, unknown: Container[str], source: str
) -> str:
    offset, what = _of_names(formula.tex.strip(), unknown) or _trouble(
        formula.tex.strip(), done.complaint
    )
    place = place_of(formula.start + offset, source)
    return f"line {place.line}, column {place.column}: {what or reason}"


def _of_names(tex: str, unknown: Container[str]) -> tuple[int, str] | None:
    """Return the first unknown command, or the unclosed environment, with its position."""
    for found in _COMMAND.finditer(tex):
        if found[0] in unknown:
            return found.start(), f"{found[0]} is not understood here"
    opened: list[re.Match[str]] = []
    for found in _EDGE.finditer(tex):
        if found[2].rstrip("*") not in _ENVIRONMENTS:
            return found.start(), f"there is no environment {found[2]!r}"
        if found[1] == "begin":
            opened.append(found)
        elif not opened or opened[-1][2] != found[2]:
            before = rf"\begin{{{opened[-1][2]}}}" if opened else "nothing"
            return found.start(), f"{found[0]} ends {before}"
        else:
            opened.pop()
    return (opened[-1].start(), f"{opened[-1][0]} has no end") if opened else None


def _trouble(tex: str, complaint: str) -> tuple[int, str]:
    """Return where in a formula pandoc stopped, and why, in terms that students know."""
    if complaint == TIMEOUT:
        return 0, "this formula takes too long; simplify it"
    lines = complaint.split("\n")
    said = next((line for line in lines if line.startswith("unexpected ")), "")
    command = re.match(r"unexpected control sequence (\\[A-Za-z]+)", said)
    if command:
        found = re.search(re.escape(command[1]) + "(?![A-Za-z])", tex)
        return (found.start() if found else 0), f"{command[1]} is not understood here"
    if said.startswith(("unexpected eof", "unexpected end of input")):
        return max(
            len(tex) - 1, 0
        ), "the formula ends too early: a closing brace, bracket or \\end is missing"
    if said and len(lines) > 1:
        shown, column = lines[0], len(lines[1]) - 1
        at = tex.find(shown.strip())
        offset = max(at, 0) + (
            min(column, len(shown)) - (len(shown) - len(shown.lstrip())) if at >= 0 else 0
        )
        return min(
            max(offset, 0), max(len(tex) - 1, 0)
        ), f"{_unescaped(said.removeprefix('unexpected '))} is not expected here"
    return 0, ""


def _unescaped(said: str) -> str:
    """Return the text that pandoc quotes in an error, unescaped."""
    return said.replace("\\\\", "\\")


def refused_by(
    parts: Sequence[str], problem: Callable[[Sequence[str]], str], first: int = 0
) -> dict[int, str]:
    """Return the numbers of the parts that cannot be typeset, with the reasons, by bisection.

    Args:
        parts: pieces of markup.
        problem: returns what is wrong with some of them, or "".
        first: the number of the first part.
    """
    reason = problem(parts) if parts else ""
    if not reason:
        return {}
    if len(parts) == 1:
        return {first: reason}
    half = len(parts) // 2
    return {
        **refused_by(parts[:half], problem, first),
        **refused_by(parts[half:], problem, first + half),
    }


def shown(formula: Formula) -> str:
    """Return the markup that shows a formula as written, in a frame."""
    return f"#refused({literal(formula.tex.strip())}, {str(formula.is_display).lower()})"
