"""Edits of the settings of a layer, and of padding: defaults, directions, sides."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .spot import Change, Spot
from .words import called

_MODES = {
    "edge": "the padding repeats the border instead of being 0",
    "reflect": "the padding mirrors the array instead of being 0",
    "wrap": "the padding comes from the opposite side instead of being 0",
}


def settings(spot: Spot) -> Iterator[Change]:
    """Yield the edits of a setting, an argument that is a pair, a padding, or a whole array."""
    match spot.node:
        case ast.Attribute(ast.Name("self"), name, ast.Load()) if name in spot.around.settings:
            yield from _setting(spot, spot.node, name)
        case ast.Name(name, ast.Load()) if name in spot.around.pairs:
            yield from _pair(spot.node, name)
        case ast.Call(_, [array, *_]) if called(spot.node) == "pad":
            yield from _padding(spot.node, array)
        case ast.Tuple([ast.expr() as before, ast.expr() as after]) if (
            spot.allocating and ast.dump(before) == ast.dump(after) and spot.words.name(before)
        ):
            twice = ast.BinOp(before, ast.Mult(), ast.Constant(2))
            for sides in ([twice, ast.Constant(0)], [ast.Constant(0), twice]):
                which = "before" if sides[0] is twice else "after"
                yield 1, ast.Tuple(sides, ast.Load()), f"all of the padding is {which} the array"


def _setting(spot: Spot, node: ast.expr, name: str) -> Iterator[Change]:
    for other in spot.around.settings:
        if other != name:
            value = ast.Attribute(ast.Name("self", ast.Load()), other, ast.Load())
            yield 2, value, f"{other} is used instead of {name}"
    match spot.around.settings[name]:
        case ast.Constant(int() | float() as default) as constant:
            yield 1, constant, f"{name} is {default:g}, whatever was asked for"
            if default == 0 and name in spot.around.pairs:
                yield 1, ast.Tuple([constant, constant], ast.Load()), f"{name} is not used"
    if name in spot.around.pairs:
        yield from _pair(node, name)


def _pair(node: ast.expr, name: str) -> Iterator[Change]:
    """Yield the edits of two numbers, one for rows and one for columns."""
    first, second = (ast.Subscript(node, ast.Constant(i), ast.Load()) for i in (0, 1))
    for numbers, what in (
        ([second, first], f"the two numbers of {name} are swapped"),
        ([first, first], f"the first number of {name} is used for both"),
        ([second, second], f"the second number of {name} is used for both"),
    ):
        yield 0, ast.Tuple([*numbers], ast.Load()), what


def _padding(call: ast.Call, array: ast.expr) -> Iterator[Change]:
    yield 1, array, "the padding is left out"
    for mode, what in _MODES.items():
        keyword = ast.keyword("mode", ast.Constant(mode))
        yield 1, ast.Call(call.func, call.args, [*call.keywords, keyword]), what
    low = ast.UnaryOp(ast.USub(), ast.Constant(float("inf")))
    keyword = ast.keyword("constant_values", low)
    yield (
        1,
        ast.Call(call.func, call.args, [*call.keywords, keyword]),
        ("the padding is minus infinity instead of 0"),
    )
