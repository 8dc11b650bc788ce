"""Edits of calls: the axis of a sum, the arguments of a function, and whether it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .spot import Change, Spot
from .words import FUNCTIONS, REDUCTIONS, called, operand

# Axes that arrays in a homework have.
_AXES = (0, 1, 2, 3)
_INSTEAD = {
    "sum": ("mean", "max"),
    "mean": ("sum", "max"),
    "max": ("min", "mean", "sum"),
    "min": ("max",),
    "argmax": ("argmin",),
    "var": ("std",),
    "std": ("var",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
}


def calls(spot: Spot) -> Iterator[Change]:
    """Yield the edits of a call."""
    call = spot.node
    if not isinstance(call, ast.Call):
        return
    name, inner = called(call), operand(call)
    if name in REDUCTIONS and inner is not None and isinstance(call.func, ast.Attribute):
        yield from _reduction(call, call.func.value, name, inner)
    if name in _INSTEAD:
        yield from _other_function(call, name)
    if name in FUNCTIONS and call.args:
        yield from _function(call, name)
    if name == "where" and len(call.args) == 3:
        yield from _where(call)
    if name in ("forward", "backward"):
        yield from _method(spot, call, name)
    if name == "tensordot":
        yield from _paired_axes(call)
    if name == "reshape" and isinstance(call.func, ast.Attribute):
        yield from _reshaped(spot, call, call.func.value)
    if name == "range" and len(call.args) == 1:
        yield from _range(call)
    yield from _arguments(spot, call, name)


def _arguments(spot: Spot, call: ast.Call, name: str) -> Iterator[Change]:
    if len(call.args) == 2 and not call.keywords and name not in FUNCTIONS:
        swapped = ast.Call(call.func, call.args[::-1], [])
        yield 1, swapped, f"the arguments of {spot.words.call(call)} are swapped"
    if name == "get" and len(call.args) == 2:
        yield 1, call.args[1], "what the previous call kept is not used"
    if name == "reversed" and call.args:
        yield 0, call.args[0], "a loop runs forward, not backward"


def _reduction(call: ast.Call, owner: ast.expr, name: str, inner: ast.expr) -> Iterator[Change]:
    noun, axis = REDUCTIONS[name], _axis(call)
    others = [word for word in call.keywords if word.arg != "axis"]

    def along(value: ast.expr | None) -> ast.Call:
        chosen = [] if value is None else [ast.keyword("axis", value)]
        return ast.Call(call.func, call.args, chosen + others)

    for other, what in _other_axes(noun, axis):
        yield 0, along(other), what
    for number, word in enumerate(call.keywords):
        if word.arg == "keepdims":
            kept = [*call.keywords[:number], *call.keywords[number + 1 :]]
            yield 2, ast.Call(call.func, call.args, kept), f"a {noun} does not keep its axis"
    if name in ("var", "std"):
        unbiased = [*call.keywords, ast.keyword("ddof", ast.Constant(1))]
        yield (
            0,
            ast.Call(call.func, call.args, unbiased),
            (f"a {noun} is divided by one less than the number of entries"),
        )
    if name == "mean" and isinstance(axis, int):
        total = ast.Attribute(owner, "sum", ast.Load())
        shape = ast.Call(_numpy("shape"), [inner], [])
        size = ast.Subscript(shape, ast.Constant(axis), ast.Load())
        less = ast.BinOp(size, ast.Sub(), ast.Constant(1))
        summed = ast.BinOp(ast.Call(total, call.args, call.keywords), ast.Div(), less)
        yield 1, summed, "a mean is divided by one less than the number of entries"
    yield 1, inner, f"a {noun} is left out"
    yield from _exchanged(call, noun, inner)


def _reshaped(spot: Spot, call: ast.Call, array: ast.expr) -> Iterator[Change]:
    """Yield the results of taking an array's entries in a different order."""
    name = spot.words.name(array) or "an array"
    for source, goal, what in (
        (-1, -3, "its last axis came before the two axes ahead of it"),
        (2, 0, "axis 2 came before axes 0 and 1"),
    ):
        moved = ast.Call(_numpy("moveaxis"), [array, ast.Constant(source), ast.Constant(goal)], [])
        reshaped = ast.Call(ast.Attribute(moved, "reshape", ast.Load()), call.args, call.keywords)
        yield 1, reshaped, f"{name} is reshaped as if {what}"
    order = ast.keyword("order", ast.Constant("F"))
    columns = ast.Call(call.func, call.args, [*call.keywords, order])
    yield 1, columns, f"{name} is reshaped column by column, not row by row"


def _range(call: ast.Call) -> Iterator[Change]:
    """Yield ranges that are one step shorter, at either end, or only one step long."""
    (stop,), one = call.args, ast.Constant(1)
    less = ast.BinOp(stop, ast.Sub(), one)
    shorter: Sequence[tuple[int, list[ast.expr], str]] = (
        (0, [less], "a loop ends one step early"),
        (0, [one, stop], "a loop begins at 1 instead of 0"),
        (0, [one], "a loop has its first step only"),
        (1, [less, stop], "a loop has its last step only"),
    )
    for rank, bounds, what in shorter:
        yield rank, ast.Call(call.func, bounds, []), what


def _numpy(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def _exchanged(call: ast.Call, noun: str, inner: ast.expr) -> Iterator[Change]:
    """Yield the square of a sum in place of the sum of squares, and the like."""
    match inner:
        case ast.BinOp(base, ast.Pow() as power, exponent):
            arguments = [base, *call.args[1:]] if call.args else []
            function = call.func if call.args else ast.Attribute(base, called(call), ast.Load())
            reduced = ast.Call(function, arguments, call.keywords)
            yield (
                0,
                ast.BinOp(reduced, power, exponent),
                (f"the square of a {noun} is taken, not a {noun} of squares"),
            )


def _other_axes(
    noun: str, axis: int | tuple[int, ...] | str | None
) -> Iterator[tuple[ast.expr | None, str]]:
    """Yield other axes for a reduction, and what the reduction then does."""
    found = _said(axis)
    if not found:
        return
    for other in _AXES:
        if axis != other:
            yield ast.Constant(other), f"a {noun} runs over axis {other} instead of {found}"
    if axis is not None:
        yield None, f"a {noun} runs over all axes instead of {found}"
    if isinstance(axis, tuple):
        for other in (x for x in _AXES if x not in axis):
            more: list[ast.expr] = [ast.Constant(x) for x in sorted((*axis, other))]
            yield ast.Tuple(more, ast.Load()), f"a {noun} also runs over axis {other}"
    if isinstance(axis, tuple) and len(axis) > 2:
        for left_out in axis:
            rest: list[ast.expr] = [ast.Constant(x) for x in axis if x != left_out]
            yield ast.Tuple(rest, ast.Load()), f"a {noun} does not run over axis {left_out}"


def _axis(call: ast.Call) -> int | tuple[int, ...] | str | None:
    """Return the axes that a reduction runs over: None for all, "" if unknown."""
    values = [word.value for word in call.keywords if word.arg == "axis"]
    if not values:
        return None
    match values[0]:
        case ast.Constant(int(number)):
            return number
        case ast.Tuple(items) if all(isinstance(item, ast.Constant) for item in items):
            return tuple(int(ast.literal_eval(item)) for item in items)
    return ""


def _said(axis: int | tuple[int, ...] | str | None) -> str:
    if axis is None:
        return "all axes"
    if isinstance(axis, tuple):
        return f"axes {', '.join(map(str, axis[:-1]))} and {axis[-1]}" if len(axis) > 1 else ""
    return f"axis {axis}" if isinstance(axis, int) else ""


def _other_function(call: ast.Call, name: str) -> Iterator[Change]:
    match call.func:
        case ast.Attribute(value, _):
            for other in _INSTEAD[name]:
                function = ast.Attribute(value, other, ast.Load())
                old, new = (FUNCTIONS.get(x) or REDUCTIONS[x] for x in (name, other))
                what = f"{_article(new)} is taken instead of {_article(old)}"
                yield 0, ast.Call(function, call.args, call.keywords), what


def _function(call: ast.Call, name: str) -> Iterator[Change]:
    yield 0, call.args[0], f"{_article(FUNCTIONS[name])} is left out"
    if name in ("maximum", "minimum"):
        yield 2, call.args[1], f"only the {FUNCTIONS[name]} is left"
        match call.args[1]:
            case ast.Constant(int() | float() as limit):
                for other in (limit - 1, limit + 1):
                    moved = ast.Call(call.func, [call.args[0], ast.Constant(other)], [])
                    yield 2, moved, f"the {FUNCTIONS[name]} is {other:g} instead of {limit:g}"
    if name == "abs":
        yield 2, ast.UnaryOp(ast.USub(), call.args[0]), "the sign is reversed, not left out"
    if name == "exp" and len(call.args) == 1:
        function = ast.Attribute(ast.Name("np", ast.Load()), "exp2", ast.Load())
        yield 3, ast.Call(function, call.args, []), "a power of 2 is taken instead of one of e"
        inverse = ast.Call(call.func, [ast.UnaryOp(ast.USub(), call.args[0])], [])
        yield 0, inverse, "the exponent has the opposite sign"
    if name == "log" and len(call.args) == 1:
        for base in (2, 10):
            function = ast.Attribute(ast.Name("np", ast.Load()), f"log{base}", ast.Load())
            what = f"the logarithm has base {base} instead of e"
            yield 1, ast.Call(function, call.args, []), what


def _where(call: ast.Call) -> Iterator[Change]:
    condition, first, second = call.args
    yield 0, ast.Call(call.func, [condition, second, first], []), "two branches are exchanged"
    yield 1, first, "a condition is assumed true everywhere"
    yield 1, second, "a condition is assumed false everywhere"


def _method(spot: Spot, call: ast.Call, name: str) -> Iterator[Change]:
    """Yield the edits of calls to another object's forward and backward."""
    if not isinstance(call.func, ast.Attribute):
        return
    whole, value = spot.words.call(call), call.func.value
    yield 0, call.args[-1], f"the call of {whole} is left out"
    if len(call.args) > 1:
        yield 2, call.args[0], f"the call of {whole} is left out, and its first argument is taken"
    if name == "forward" and len(call.args) == 1:
        yield 0, ast.Call(call.func, [call], []), f"{whole} is applied twice"
    if name == "backward" and len(call.args) == 2:
        forward = ast.Call(ast.Attribute(value, "forward", ast.Load()), call.args[:1], [])
        given = [forward, call.args[1]]
        of = whole.rpartition(".")[0]
        whose = f"of {of}" if of else "of the function"
        yield (
            0,
            ast.Call(call.func, given, []),
            (f"the output {whose}, not the input, goes into its backward"),
        )
        slope = ast.Call(ast.Name("abs", ast.Load()), [call], [])
        yield 3, slope, f"the absolute value of what {whole} returns is taken"


def _paired_axes(call: ast.Call) -> Iterator[Change]:
    """Yield products of arrays with two axes of one of them swapped."""
    for word in call.keywords:
        match word.value:
            case ast.Tuple([ast.Tuple(first), ast.Tuple(second)]) if word.arg == "axes":
                rest = [other for other in call.keywords if other is not word]
                for i in range(len(first)):
                    for j in range(i):
                        turned = list(first)
                        turned[i], turned[j] = turned[j], turned[i]
                        axes = ast.Tuple(
                            [ast.Tuple(turned, ast.Load()), ast.Tuple(second, ast.Load())],
                            ast.Load(),
                        )
                        keywords = [*rest, ast.keyword("axes", axes)]
                        yield (
                            1,
                            ast.Call(call.func, call.args, keywords),
                            ("two axes are swapped in a product of arrays"),
                        )


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
