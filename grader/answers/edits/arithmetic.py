"""Edits of formulas: factors, terms, signs, powers, products, and parentheses."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .spot import Change, Spot
from .words import FUNCTIONS, called

_OTHER_POWER = "an exponent is a different one"


def arithmetic(spot: Spot) -> Iterator[Change]:
    """Yield the edits of an operation."""
    match spot.node:
        case ast.BinOp(left, ast.Mult(), right):
            yield from _product(spot, left, right)
        case ast.BinOp(left, ast.Div(), right):
            yield from _quotient(spot, left, right)
        case ast.BinOp(left, ast.Add(), right):
            yield from _sum(spot, left, right)
        case ast.BinOp(left, ast.Sub(), right):
            yield from _difference(spot, left, right)
        case ast.BinOp(left, ast.MatMult(), right):
            yield from _matrix_product(spot, left, right)
        case ast.BinOp(base, ast.Pow(), exponent):
            yield from _power(base, exponent)
        case ast.UnaryOp(ast.USub(), value):
            yield 1, value, "a minus sign is left out"
        case ast.Attribute(value, "T"):
            name = spot.words.name(value)
            yield 1, value, f"{name} is not transposed" if name else "a transpose is left out"
        case ast.Call(_, [ast.BinOp(left, ast.Add() as plus, right)], _) if (
            called(spot.node) in FUNCTIONS
        ):
            outside = ast.BinOp(ast.Call(spot.node.func, [left], spot.node.keywords), plus, right)
            what = spot.words.part("term", right)
            yield 1, outside, f"{what} is added after the {FUNCTIONS[called(spot.node)]}, not in it"


def _product(spot: Spot, left: ast.expr, right: ast.expr) -> Iterator[Change]:
    say = spot.words
    yield 0, left, f"{say.part('factor', right)} is left out"
    yield 0, right, f"{say.part('factor', left)} is left out"
    yield 1, ast.BinOp(left, ast.Div(), right), f"{say.value(right)} divides instead of multiplying"
    yield 2, ast.BinOp(right, ast.Div(), left), f"{say.value(left)} divides instead of multiplying"
    for one in (left, right):
        twice = ast.BinOp(ast.BinOp(left, ast.Mult(), right), ast.Mult(), one)
        yield 2, twice, f"{say.part('factor', one)} goes in twice"
        instead = ast.BinOp(one, ast.Mult(), one)
        what = f"{say.part('factor', one)} goes in twice, and the other factor not at all"
        yield 2, instead, what
    yield 3, ast.BinOp(left, ast.Add(), right), f"{_both(spot)} are added instead of multiplied"
    matrices = ast.BinOp(left, ast.MatMult(), right)
    yield 2, matrices, f"{_both(spot)} are multiplied as matrices, not entry by entry"
    yield from _parentheses(left, right, ast.Mult(), first=False)
    yield from _parentheses(right, left, ast.Mult(), first=True)


def _quotient(spot: Spot, left: ast.expr, right: ast.expr) -> Iterator[Change]:
    say = spot.words
    divisor = say.value(right)
    yield 0, left, f"the division by {divisor} is left out"
    yield 1, ast.BinOp(left, ast.Mult(), right), f"{divisor} multiplies instead of dividing"
    yield 1, ast.BinOp(right, ast.Div(), left), "a fraction is inverted"
    yield (
        2,
        ast.BinOp(ast.BinOp(left, ast.Div(), right), ast.Div(), right),
        f"the division by {divisor} is done twice",
    )
    yield (
        2,
        ast.BinOp(ast.Constant(1.0), ast.Div(), right),
        (f"{say.part('numerator', left)} is left out"),
    )
    less = ast.BinOp(right, ast.Sub(), ast.Constant(1))
    yield 1, ast.BinOp(left, ast.Div(), less), f"the divisor is {divisor} minus 1"
    yield from _parentheses(left, right, ast.Div(), first=False)
    match right:
        case ast.BinOp(first, ast.Add() | ast.Sub() | ast.Mult() as operator, last):
            loose = ast.BinOp(ast.BinOp(left, ast.Div(), first), operator, last)
            yield 1, loose, "the parentheses around a denominator are missing"


def _parentheses(
    inner: ast.expr, outer: ast.expr, operator: ast.operator, first: bool
) -> Iterator[Change]:
    """Yield `a + b * c` for `(a + b) * c`, and `c * a + b` for `c * (a + b)`."""
    match inner:
        case ast.BinOp(left, ast.Add() | ast.Sub() as between, right):
            if first:
                loose = ast.BinOp(ast.BinOp(outer, operator, left), between, right)
            else:
                loose = ast.BinOp(left, between, ast.BinOp(right, operator, outer))
            kind = "sum" if isinstance(between, ast.Add) else "difference"
            yield 1, loose, f"the parentheses around a {kind} are missing"


def _first_of_three(spot: Spot, left: ast.expr) -> Iterator[Change]:
    match left:
        case ast.BinOp(first, ast.Add() | ast.Sub(), _):
            yield 1, first, f"only {spot.words.part('term', first)} is left"


def _sum(spot: Spot, left: ast.expr, right: ast.expr) -> Iterator[Change]:
    say = spot.words
    yield from _first_of_three(spot, left)
    match left, right:
        case ast.BinOp(a, ast.Mult(), b), ast.BinOp(c, ast.Mult(), d):
            swapped = ast.BinOp(ast.BinOp(c, ast.Mult(), b), ast.Add(), ast.BinOp(a, ast.Mult(), d))
            yield 0, swapped, "the factors of two terms are swapped"
            yield 1, d, "only the second term is left, without its factor"
            yield 1, b, "only the first term is left, without its factor"
    yield 0, left, f"{say.part('term', right)} is left out"
    yield 0, right, f"{say.part('term', left)} is left out"
    term = say.part("term", right)
    yield 1, ast.BinOp(left, ast.Sub(), right), f"{term} is subtracted instead of added"
    term = say.part("term", left)
    yield 1, ast.BinOp(right, ast.Sub(), left), f"{term} is subtracted instead of added"
    yield 2, ast.BinOp(left, ast.Mult(), right), f"{_both(spot)} are multiplied instead of added"
    for one in (left, right):
        twice = ast.BinOp(ast.BinOp(left, ast.Add(), right), ast.Add(), one)
        yield 1, twice, f"{say.part('term', one)} goes in twice"


def _difference(spot: Spot, left: ast.expr, right: ast.expr) -> Iterator[Change]:
    say, term = spot.words, spot.words.part("term", right)
    yield from _first_of_three(spot, left)
    yield 0, left, f"{term} is left out"
    yield 1, ast.UnaryOp(ast.USub(), right), f"{say.part('term', left)} is left out"
    yield 1, right, f"{say.part('term', left)} is left out, and the minus sign"
    yield 1, ast.BinOp(left, ast.Add(), right), f"{term} is added instead of subtracted"
    yield 1, ast.BinOp(right, ast.Sub(), left), "a difference is reversed"


def _matrix_product(spot: Spot, left: ast.expr, right: ast.expr) -> Iterator[Change]:
    say, product = spot.words, ast.MatMult()
    yield (
        1,
        ast.BinOp(left, ast.Mult(), right),
        (f"{_both(spot)} are multiplied entry by entry, not as matrices"),
    )
    yield 1, ast.BinOp(right, product, left), "the factors of a matrix product are swapped"
    for one, other, turned in ((left, right, True), (right, left, False)):
        if not isinstance(one, ast.Attribute) or one.attr != "T":
            flipped = ast.Attribute(one, "T", ast.Load())
            pair = (flipped, right) if turned else (left, flipped)
            what = say.name(one) or "a factor of a matrix product"
            yield 1, ast.BinOp(pair[0], product, pair[1]), f"{what} is transposed"
        yield 2, other, f"{say.part('factor', one)} of a matrix product is left out"


def _power(base: ast.expr, exponent: ast.expr) -> Iterator[Change]:
    match exponent:
        case ast.Constant(2 | 2.0):
            yield 0, base, "a square is left out"
            size = ast.Call(ast.Name("abs", ast.Load()), [base], [])
            yield 1, size, "an absolute value is taken instead of a square"
            yield 1, ast.BinOp(base, ast.Mult(), exponent), "a number is doubled, not squared"
            yield 2, ast.BinOp(base, ast.Pow(), ast.Constant(3)), "a cube is taken, not a square"
        case ast.Constant(3 | 3.0):
            yield 0, ast.BinOp(base, ast.Pow(), ast.Constant(2)), _OTHER_POWER
            yield 0, base, _OTHER_POWER
        case _:
            yield 0, base, _OTHER_POWER


def _both(spot: Spot) -> str:
    """Return "X and W", or "two arrays"."""
    assert isinstance(spot.node, ast.BinOp)
    names = spot.words.name(spot.node.left), spot.words.name(spot.node.right)
    return " and ".join(names) if all(names) else "two values"
