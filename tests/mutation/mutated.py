"""The mutants of a project's modules, by the operators that mutate solutions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from grader.proving.mutants import changes, functions


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Args:
        module: its path in the project.
        function: the name of the changed function, with its class.
        change: what is replaced by what.
        text: the source line where the change is.
        line: the number of that line.
        plain_line: its number in the module as `ast.unparse` writes it, which is what runs.
        number: the index of the change among all changes of the module.
    """

    module: str
    function: str
    change: str
    text: str
    line: int
    plain_line: int
    number: int

    @property
    def key(self) -> str:
        """Return its name in `survivors.txt`, with no line number that added lines would change."""
        return f"{self.module} {self.function}: {self.change} | {self.text}"


def plain(source: str) -> str:
    """Return a module as `ast.unparse` writes it: a line for every statement."""
    return ast.unparse(ast.parse(source)) + "\n"


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Yield the mutants of all functions of a module."""
    tree, lines = ast.parse(source), source.splitlines()
    moved = _moved(tree)
    for number, (name, node, change) in enumerate(_changes(tree)):
        text = lines[node.lineno - 1].strip()
        yield Mutant(module, name, change, text, node.lineno, moved[node], number)


def mutated(source: str, mutant: Mutant) -> str:
    """Return the source of a mutant's module, given its source without the mutant."""
    tree = ast.parse(source)
    for number, _ in enumerate(_changes(tree)):
        if number == mutant.number:
            return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    raise ValueError(f"{mutant.module} has changed.")


def _changes(tree: ast.Module) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """Change a module in place, one change after the other; yield where and what."""
    for owner, function in functions(tree):
        name = f"{owner}.{function.name}" if owner else function.name
        for node, change in changes(function):
            assert isinstance(node, ast.expr | ast.stmt)
            if not _is_equivalent(node, change):
                yield name, node, change


def _is_equivalent(node: ast.AST, change: str) -> bool:
    """Tell whether a change only swaps the two arguments of min or max."""
    match node:
        case ast.Call(ast.Name("min" | "max"), [first, second], []):
            return change.endswith(f"({ast.unparse(second)}, {ast.unparse(first)})")
    return False


def _moved(tree: ast.Module) -> dict[ast.AST, int]:
    """Return the line that every node has once the tree has been written and read again."""
    again = ast.parse(ast.unparse(tree))
    pairs = zip(ast.walk(tree), ast.walk(again), strict=True)
    return {node: getattr(other, "lineno", 0) for node, other in pairs}
