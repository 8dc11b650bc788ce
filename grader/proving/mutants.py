"""Mutants of the solutions: small automatic changes that some check has to catch.

Only the marked regions of the reference are changed, by the operators of `answers/edits`. A mutant
that computes the same is not a mistake: the catalogue's `survivors.txt` gives the reason for each.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path

from grader.answers import Entry
from grader.answers.edits import changes, functions, region_lines, target_of


def mutants(path: Path, graded: Collection[str]) -> Iterator[Entry]:
    """Yield the mutants of all solution regions in a module of the reference.

    The target is the class, the derivation that a function belongs to, or just the module for a
    function that several classes share. The id contains the change and the source line, so adding a
    line elsewhere changes no id.

    Args:
        path: the module.
        graded: the names of all targets.
    """
    source = path.read_text("utf-8")
    inside, lines = region_lines(source), source.splitlines()
    seen: dict[str, int] = {}
    for owner, function in functions(ast.parse(source)):
        target = f"{path.stem}.{owner}" if owner else target_of(path.stem, function.name, graded)
        if owner and target not in graded:
            continue
        for node, change in changes(function, inside):
            line = lines[getattr(node, "lineno", 0) - 1].strip()
            name = f"{target}.{function.name}: {change} | {line}"
            seen[name] = seen.get(name, 0) + 1
            number = f" ({seen[name]})" if seen[name] > 1 else ""
            text = ast.unparse(ast.fix_missing_locations(function))
            code = f"class {owner}:\n{textwrap.indent(text, '    ')}\n" if owner else text
            yield Entry(f"{name}{number}", "a mutant", target, {}, "", "", (), code)


def reasons(path: Path) -> dict[str, str]:
    """Return, by id, the reasons why a surviving mutant is acceptable.

    In the file, which may be absent, an indented reason applies to all ids since the previous one.
    """
    found: dict[str, str] = {}
    waiting: list[str] = []
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if line.startswith("  "):
            found |= dict.fromkeys(waiting, line.strip())
            waiting = []
        elif line and not line.startswith("#"):
            waiting.append(line)
    return found
