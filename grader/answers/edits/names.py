"""Edits of names, indices and slices: another array, another entry, a shifted window."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .spot import Change, Spot


def names(spot: Spot) -> Iterator[Change]:
    """Yield what may be confused with a name, and other indices."""
    match spot.node:
        case ast.Name(_, ast.Load()) | ast.Subscript(_, ast.Constant(str()), ast.Load()):
            if not _is_called(spot) and not spot.allocating:
                yield from _other_values(spot)
        case ast.Subscript(value, index, ast.Load()):
            yield from _index(spot, value, index)
        case ast.Subscript(value, ast.Tuple(items), ast.Store()):
            yield from _swapped(spot, value, items, ast.Store())
        case ast.Slice():
            yield from _slice(spot, spot.node)
        case ast.Call(ast.Name("slice"), [start, stop, *step]):
            yield from _slice_call(start, stop, step)
        case ast.Assign([ast.Tuple(targets)], value) if len(targets) > 1:
            yield from _unpacked(targets, value)


def _is_called(spot: Spot) -> bool:
    """Tell whether a name is that of a function."""
    return isinstance(spot.parent, ast.Call) and spot.parent.func is spot.node


def _other_values(spot: Spot) -> Iterator[Change]:
    """Yield the other values in scope."""
    if isinstance(spot.node, ast.Name) and spot.node.id not in spot.around.local:
        return
    own, old = ast.dump(spot.node), spot.words.name(spot.node)
    for value in spot.around.values:
        new = spot.words.name(value)
        if new != old and ast.dump(value) != own:
            yield 2 if old else 3, value, f"{new} is used instead of {old or 'another value'}"


def _index(spot: Spot, value: ast.expr, index: ast.expr) -> Iterator[Change]:
    of = spot.words.name(value)
    match index:
        case ast.Constant(int(number)):
            for other in range(4):
                if other != number:
                    node = ast.Subscript(value, ast.Constant(other), ast.Load())
                    new, old = spot.words.name(node), spot.words.name(spot.node)
                    if new == old:  # for example, the entry of a pair
                        new, old = f"entry {other}{of and f' of {of}'}", f"entry {number}"
                    yield 1, node, f"{new} is used instead of {old}"
        case ast.Name():
            first = ast.Subscript(value, ast.Constant(0), ast.Load())
            yield 1, first, f"the first entry{of and f' of {of}'} is taken every time"
        case ast.Tuple(items):
            yield from _windows(spot, value, items)
            yield from _swapped(spot, value, items, ast.Load())
            whose = f"of {of}" if of else "of an array"
            for number, item in enumerate(items):
                if isinstance(item, ast.Slice) and (item.lower or item.upper or item.step):
                    every = [*items[:number], ast.Slice(), *items[number + 1 :]]
                    node = ast.Subscript(value, ast.Tuple(every, ast.Load()), ast.Load())
                    yield 1, node, f"the slice {whose} along axis {number} is left out"


def _swapped(
    spot: Spot, value: ast.expr, items: list[ast.expr], use: ast.Load | ast.Store
) -> Iterator[Change]:
    whose = f"of {spot.words.name(value) or 'an array'}"
    for i in range(len(items)):
        for j in range(i):
            turned = list(items)
            turned[i], turned[j] = turned[j], turned[i]
            node = ast.Subscript(value, ast.Tuple(turned, ast.Load()), use)
            yield 0, node, f"indices {j} and {i} {whose} are swapped"


def _windows(spot: Spot, value: ast.expr, items: list[ast.expr]) -> Iterator[Change]:
    """Yield the same number of entries without the step of their slices: neighbors."""
    near, steps = list(items), [x.step for x in items if isinstance(x, ast.Slice) and x.step]
    for axis, item in enumerate(items):
        if isinstance(item, ast.Slice) and item.step and not (item.lower or item.upper):
            shape = ast.Attribute(value, "shape", ast.Load())
            size = ast.Subscript(shape, ast.Constant(axis), ast.Load())
            arguments = [ast.Constant(0), size, item.step]
            counted = ast.Call(ast.Name("range", ast.Load()), arguments, [])
            near[axis] = ast.Slice(None, ast.Call(ast.Name("len", ast.Load()), [counted], []))
    if steps:
        by = spot.words.name(steps[0]) or "the step"
        node = ast.Subscript(value, ast.Tuple(near, ast.Load()), ast.Load())
        yield 0, node, f"windows move by 1 instead of by {by}"


def _slice(spot: Spot, part: ast.Slice) -> Iterator[Change]:
    lower, upper, step = part.lower, part.upper, part.step
    for sign, how in ((1, "later"), (-1, "earlier")):
        if lower is not None:
            yield 1, ast.Slice(_moved(lower, sign), upper, step), f"a slice begins one {how}"
        elif sign > 0:
            yield 1, ast.Slice(ast.Constant(1), upper, step), "a slice begins one later"
        if upper is not None:
            yield 1, ast.Slice(lower, _moved(upper, sign), step), f"a slice ends one {how}"
        if lower is not None and upper is not None:
            moved = ast.Slice(_moved(lower, sign), _moved(upper, sign), step)
            yield 1, moved, f"a slice begins and ends one {how}"
    match upper:
        case ast.BinOp(start, ast.Add(), length) if lower and ast.dump(start) == ast.dump(lower):
            yield 0, ast.Slice(None, length, step), "a slice begins at 0"
    if step is not None:
        what = spot.words.name(step) or "step of a slice"
        yield 0, ast.Slice(lower, upper), f"the {what} is left out"


def _slice_call(start: ast.expr, stop: ast.expr, step: list[ast.expr]) -> Iterator[Change]:
    def made(*values: ast.expr) -> ast.Call:
        return ast.Call(ast.Name("slice", ast.Load()), list(values), [])

    for sign, how in ((1, "later"), (-1, "earlier")):
        yield (
            1,
            made(_moved(start, sign), _moved(stop, sign), *step),
            (f"the windows begin one pixel {how}"),
        )
    if step:
        size = ast.BinOp(stop, ast.Sub(), start)
        count = ast.BinOp(size, ast.FloorDiv(), step[0])
        yield (
            0,
            made(start, ast.BinOp(start, ast.Add(), count)),
            "windows move by 1 instead of by the stride",
        )


def _unpacked(targets: list[ast.expr], value: ast.expr) -> Iterator[Change]:
    for first in range(len(targets) - 1):
        turned = list(targets)
        turned[first : first + 2] = turned[first : first + 2][::-1]
        what = f"sizes {first} and {first + 1} are swapped"
        yield 2, ast.Assign([ast.Tuple(turned, ast.Store())], value), what


def _moved(value: ast.expr, sign: int) -> ast.expr:
    return ast.BinOp(value, ast.Add() if sign > 0 else ast.Sub(), ast.Constant(1))
