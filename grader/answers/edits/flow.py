"""Edits of statements: conditions, loops, and what is stored."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from .operators import COMPARISONS
from .spot import Change, Spot

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


def flow(spot: Spot) -> Iterator[Change]:
    """Yield the edits of conditions, loops and assignments."""
    match spot.node:
        case ast.Compare(left, operators, comparators):
            yield from _comparison(spot, left, operators, comparators)
        case ast.IfExp(test, body, otherwise):
            on = _on(spot, test)
            yield 0, ast.IfExp(test, otherwise, body), f"the two branches{on} are exchanged"
            yield 0, body, f"a condition{on} is ignored: the first branch always runs"
            yield 0, otherwise, f"a condition{on} is ignored: the second branch always runs"
        case ast.If(test, body, otherwise):
            yield from _if(spot, test, body, otherwise)
        case ast.For(target, over, body, [], _):
            yield from _loop(spot, target, over, body)
        case ast.AugAssign(target, ast.Add(), value):
            name = spot.words.name(target)
            to = f" to {name}" if name else ""
            yield (
                0,
                ast.Assign([target], value),
                ("each value replaces the one before instead of being added to it"),
            )
            subtracted = ast.AugAssign(target, ast.Sub(), value)
            yield 1, subtracted, "the terms are subtracted, not added"
            yield 2, ast.Pass(), f"nothing is ever added{to}"
        case ast.Assign([target], value):
            yield from _assignment(spot, target, value)
        case ast.Return(ast.expr() as value):
            yield 1, ast.Return(ast.UnaryOp(ast.USub(), value)), "the result has the opposite sign"
            yield 3, ast.Return(ast.Attribute(value, "T", ast.Load())), "the result is transposed"


def _on(spot: Spot, test: ast.expr) -> str:
    """Return " on mode", if the subject of a condition can be named."""
    found = (spot.words.name(node) for node in ast.walk(test) if isinstance(node, ast.expr))
    name = next((name for name in found if name and not name[-1].isdigit()), "")
    return f" on {name}" if name else ""


def _comparison(
    spot: Spot, left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr]
) -> Iterator[Change]:
    on = _on(spot, spot.node) if isinstance(spot.node, ast.expr) else ""
    for number, operator in enumerate(operators):
        for table, what in ((_TURNED, "is turned around"), (COMPARISONS, "")):
            if type(operator) in table:
                changed = [*operators[:number], table[type(operator)](), *operators[number + 1 :]]
                node = ast.Compare(left, changed, comparators)
                ends = "counts the boundary on the other side"
                yield 0 if what else 1, node, f"a condition{on} {what or ends}"
    match comparators:
        case [ast.Constant(int() | float() as limit)]:
            for other in (limit - 1, limit + 1):
                node = ast.Compare(left, operators, [ast.Constant(other)])
                yield 2, node, f"a condition{on} compares with {other:g} instead of {limit:g}"
    if len(operators) > 1:
        yield 1, ast.Compare(left, operators[:1], comparators[:1]), f"a limit{on} is left out"
        rest = ast.Compare(comparators[0], operators[1:], comparators[1:])
        yield 1, rest, f"a limit{on} is left out"


def _if(
    spot: Spot, test: ast.expr, body: list[ast.stmt], otherwise: list[ast.stmt]
) -> Iterator[Change]:
    on = _on(spot, test)
    yield 0, ast.If(ast.UnaryOp(ast.Not(), test), body, otherwise), f"a condition{on} is reversed"
    for value, which in ((True, "first"), (False, "second")):
        what = f"a condition{on} is ignored: the {which} branch always runs"
        yield 0, ast.If(ast.Constant(value), body, otherwise), what


def _loop(spot: Spot, target: ast.expr, over: ast.expr, body: list[ast.stmt]) -> Iterator[Change]:
    for after in _after(spot):
        early = [*body, ast.Return(after.value)]
        yield 0, ast.For(target, over, early, []), "the return is inside a loop"
    kept = [ast.Assign([x.target], x.value) if _adds(x) else x for x in body]
    if any(map(_adds, body)) and isinstance(over, ast.Call):
        last_first = ast.Subscript(over, ast.Slice(step=ast.Constant(-1)), ast.Load())
        yield (
            0,
            ast.For(target, last_first, kept, []),
            ("each value replaces the one before instead of being added to it"),
        )
    if isinstance(over, ast.Attribute | ast.Name):
        turned = ast.Call(ast.Name("reversed", ast.Load()), [over], [])
        yield 2, ast.For(target, turned, body, []), "a loop runs backward, not forward"
        for rank, bounds, what in (
            (1, ast.Slice(ast.Constant(1)), "a loop leaves out the first"),
            (1, ast.Slice(None, ast.Constant(-1)), "a loop leaves out the last"),
        ):
            part = ast.Subscript(over, bounds, ast.Load())
            yield rank, ast.For(target, part, body, []), what


def _adds(statement: ast.stmt) -> TypeGuard[ast.AugAssign]:
    return isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add)


def _after(spot: Spot) -> Iterator[ast.Return]:
    """Yield the return statement right after a loop, if there is one."""
    for statements in (getattr(spot.parent, "body", []), getattr(spot.parent, "orelse", [])):
        if isinstance(statements, list) and spot.node in statements[:-1]:
            after = statements[statements.index(spot.node) + 1]
            if isinstance(after, ast.Return):
                yield after


def _assignment(spot: Spot, target: ast.expr, value: ast.expr) -> Iterator[Change]:
    name = spot.words.name(target)
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and name:
        yield 1, ast.Pass(), f"{name} is never set"
        yield 0, ast.AugAssign(target, ast.Add(), value), f"{name} is added to what was there"
        yield (
            3,
            ast.Assign([target], ast.Attribute(value, "T", ast.Load())),
            f"{name} is transposed",
        )
    elif isinstance(target, ast.Subscript):
        added = ast.AugAssign(target, ast.Add(), value)
        yield 2, added, "what is computed is added to what was there instead of replacing it"
    if isinstance(target, ast.Name) and isinstance(value, ast.Call):
        yield 1, ast.Expr(value), "the result of a call is not kept"
    if name and not isinstance(target, ast.Tuple):
        minus = ast.Assign([target], ast.UnaryOp(ast.USub(), value))
        yield 2, minus, f"{name} has the opposite sign"
