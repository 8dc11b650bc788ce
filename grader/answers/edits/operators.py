"""The classical operators of mutation testing (DeMillo, Lipton & Sayward 1978).

They change an operator, a comparison, or a constant, omit an operand or a statement, swap
arguments, or remove a call. Changes are made in place and undone: no syntax tree is ever copied.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator

from grader.assignment import BEGIN, END

_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
Function = ast.FunctionDef
Put = Callable[[ast.AST], None]


def region_lines(source: str) -> set[int]:
    """Return the numbers of a module's lines that are in a marked region."""
    lines, within = set(), False
    for number, line in enumerate(source.splitlines(), start=1):
        within = line.strip().startswith(BEGIN) or (within and line.strip() != END)
        if within:
            lines.add(number)
    return lines


def lines_of(source: str, code: str) -> set[int]:
    """Return the numbers of a module's lines that are in a function of `code`."""
    own = {(owner, function.name) for owner, function in functions(ast.parse(code))}
    return {
        line
        for owner, function in functions(ast.parse(source))
        if (owner, function.name) in own
        for line in range(function.lineno, (function.end_lineno or 0) + 1)
    }


def target_of(module: str, name: str, graded: Iterable[str]) -> str:
    """Return the target whose name is a prefix of a function's name, or else the module."""
    return next((x for x in graded if f"{module}.{name}".startswith(f"{x}_")), module)


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield the functions of a module and the methods of its classes, with the class's name."""
    for node in tree.body:
        if isinstance(node, Function):
            yield "", node
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, inner) for inner in node.body if isinstance(inner, Function))


def changes(
    function: Function, inside: Container[int] | None = None
) -> Iterator[tuple[ast.AST, str]]:
    """Apply one change after another, in place; yield a description of each, then undo it.

    Args:
        function: the function to change.
        inside: the lines that may change; None for all.

    Yields:
        The node that is replaced, and the change in words.
    """
    for parent, old, put in list(places(function)):
        meant = inside is None or getattr(old, "lineno", 0) in inside
        if not meant or _is_docstring(old):
            continue
        within = f" in {_short(parent)}" if isinstance(old, ast.Constant) else ""
        for new in _replacements(old):
            put(new)
            yield old, f"{_short(old)} -> {_short(new)}{within}"
            put(old)


def places(function: Function) -> Iterator[tuple[ast.AST, ast.AST, Put]]:
    """Yield every node of a function, preceded by its parent, and a way to replace it."""
    for parent in ast.walk(function):
        for name, value in ast.iter_fields(parent):
            if name in ("annotation", "returns", "args") and isinstance(parent, Function):
                continue
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield parent, item, _put_item(value, index)
            elif isinstance(value, ast.AST) and name != "annotation":
                yield parent, value, _put_field(parent, name)


def _put_item(items: list[ast.AST], index: int) -> Put:
    return lambda node: items.__setitem__(index, node)


def _put_field(parent: ast.AST, name: str) -> Put:
    return lambda node: setattr(parent, name, node)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield possible replacements for a node."""
    match node:
        case ast.BinOp(left, operator, right):
            if type(operator) in _BINARY:
                yield ast.BinOp(left, _BINARY[type(operator)](), right)
            yield from (left, right)
        case ast.Compare(left, [operator], [right]) if type(operator) in COMPARISONS:
            yield ast.Compare(left, [COMPARISONS[type(operator)]()], [right])
        case ast.UnaryOp(ast.USub(), value) | ast.Attribute(value, "T"):
            yield value
        case ast.Constant(bool() | int() | float() as value):
            yield ast.Constant(not value if isinstance(value, bool) else value + 1)
        case ast.IfExp(test, body, otherwise):
            yield ast.IfExp(test, otherwise, body)
        case ast.Call():
            yield from _calls(node)
        case ast.stmt():
            yield from _statements(node)


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.If(test, body, otherwise):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, otherwise)
        case ast.AugAssign(target, _, value):
            yield ast.Assign([target], value)
            yield ast.AugAssign(target, ast.Sub(), value)
            yield ast.Pass()
        case ast.Assign() | ast.Expr():
            yield ast.Pass()


def _calls(call: ast.Call) -> Iterator[ast.AST]:
    function, arguments, keywords = call.func, call.args, call.keywords
    if len(arguments) > 1:
        yield ast.Call(function, [arguments[1], arguments[0], *arguments[2:]], keywords)
    if arguments:
        yield arguments[0]
    if isinstance(function, ast.Attribute) and not isinstance(function.value, ast.Name):
        yield function.value
    for index in range(len(keywords)):
        yield ast.Call(function, arguments, [*keywords[:index], *keywords[index + 1 :]])
