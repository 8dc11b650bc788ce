"""What is known about a module's functions: who uses them, what is in scope, what they compute."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from .operators import Function, functions, target_of
from .spot import Around
from .words import Words, called


def used(tree: ast.Module, target: str) -> Iterator[tuple[str, Function]]:
    """Yield the methods of a target's class, or its functions, and the functions that they use."""
    every, (module, _, owner) = list(functions(tree)), target.partition(".")
    shared = {function.name: function for name, function in every if not name}
    own = [function for name, function in every if name == owner]
    for function in own:
        yield owner, function
    if not own:
        own = [f for name, f in shared.items() if target_of(module, name, [target]) == target]
        yield from (("", function) for function in own)
    waiting, seen = list(own), {function.name for function in own if not owner}
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Name) and node.id in shared and node.id not in seen:
                seen.add(node.id)
                waiting.append(shared[node.id])
                yield "", shared[node.id]


def reaching(tree: ast.Module, name: str) -> frozenset[str]:
    """Return the names of all functions of a module that may end up calling this name."""
    used = [(f.name, _names_in(f)) for _, f in functions(tree)]
    found = {name}
    while True:
        more = {caller for caller, names in used if names & found} - found
        if not more:
            return frozenset(found)
        found |= more


def _names_in(function: Function) -> set[str]:
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def may_not_end(function: Function) -> bool:
    """Tell whether a change could make a function run forever, or change what `super` means."""
    for node in ast.walk(function):
        if isinstance(node, ast.While) or (isinstance(node, ast.Name) and node.id == "super"):
            return True
        if isinstance(node, ast.Call) and called(node) == function.name and _is_own(node):
            return True
    return False


def _is_own(call: ast.Call) -> bool:
    """Tell whether a call is to a function of the same name: of `self`, or of the module."""
    match call.func:
        case ast.Name() | ast.Attribute(ast.Name("self"), _):
            return True
    return False


def around(tree: ast.Module, owner: str, function: Function, words: Words) -> Around:
    """Return what is in scope in a function, as far as it can be named."""
    arguments = {arg.arg for arg in function.args.args} - {"self"}
    bound = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    stores = {
        node.value.id
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    }
    at_hand = sorted((arguments | bound) - stores)
    values: list[ast.expr] = [ast.Name(name, ast.Load()) for name in at_hand]
    settings: dict[str, ast.expr | None] = {}
    for name, method in functions(tree):
        if name and name == owner:
            settings |= {k: x for k, x in _settings(method).items() if words.is_public(k)}
            values += _kept(method)
    # A local name in lowercase may be an argument elsewhere, so it is not mentioned.
    hidden = {name: "" for name in bound - arguments if name.islower()}
    words = words.also(hidden | _origins(function, words, arguments))
    unique = {words.name(value): value for value in reversed(values) if words.name(value)}
    pairs = {arg.arg for arg in function.args.args if _is_pair(arg)} | (
        _given_as_pairs(tree) & settings.keys()
    )
    public = {name for name in pairs if words.is_public(name)}
    return Around(words, arguments | bound, list(unique.values())[::-1], settings, public)


def _given_as_pairs(tree: ast.Module) -> set[str]:
    """Return the attributes of `self` that are two numbers, according to the arguments."""
    found = {arg.arg for _, f in functions(tree) for arg in f.args.args if _is_pair(arg)}
    taken = {
        f.name: [_is_pair(arg) for arg in f.args.args] for owner, f in functions(tree) if not owner
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in taken:
            for argument, is_pair in zip(node.args, taken[called(node)], strict=False):
                if is_pair and isinstance(argument, ast.Attribute):
                    found.add(argument.attr)
    return found


def _origins(function: Function, words: Words, arguments: set[str]) -> dict[str, str]:
    """Return the origin of names that are assigned once: a method, or a pair of numbers."""
    found: dict[str, str] = {}
    assigned: list[str] = []
    for statement in ast.walk(function):
        if not isinstance(statement, ast.Assign):
            continue
        for target, value in _pairs(statement.targets[0], statement.value):
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            for number, name in enumerate(names):
                if isinstance(name, ast.Name):
                    assigned.append(name.id)
                    found[name.id] = _origin(words, value, number if len(names) > 1 else None)
    return {
        name: origin
        for name, origin in found.items()
        if origin and assigned.count(name) == 1 and name not in arguments
    }


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _origin(words: Words, value: ast.expr, number: int | None) -> str:
    match value:
        case ast.Attribute(array, "shape") if number is not None:
            shape = ast.Attribute(array, "shape", ast.Load())
            return words.name(ast.Subscript(shape, ast.Constant(number), ast.Load()))
        case ast.Call(ast.Attribute(_, "forward" | "backward")):
            return f"what {words.call(value)} returns"
    name = words.name(value)
    return name if number is None or not name else f"{name}[{number}]"


def _is_pair(argument: ast.arg) -> bool:
    return argument.annotation is not None and "tuple" in ast.unparse(argument.annotation)


def _settings(method: Function) -> dict[str, ast.expr | None]:
    """Return the attributes of `self` that a method sets from an argument, with the defaults."""
    stored = {
        node.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    names, defaults = [arg.arg for arg in method.args.args], method.args.defaults
    padded = [*[None] * (len(names) - len(defaults)), *defaults]
    return {k: x for k, x in zip(names, padded, strict=True) if k in stored}


def _kept(method: Function) -> Iterator[ast.expr]:
    """Yield the entries of stores of `self`, except for gradients, that a method reads."""
    for node in ast.walk(method):
        match node:
            case ast.Subscript(ast.Attribute(ast.Name("self"), store), ast.Constant(str()) as key):
                if store != "gradients":
                    self = ast.Name("self", ast.Load())
                    yield ast.Subscript(ast.Attribute(self, store, ast.Load()), key, ast.Load())


def computed(function: Function, words: Words) -> Mapping[int, str]:
    """Return "where dZ is computed, " for the nodes for which that can be said."""
    found: dict[int, str] = {}
    for statement in ast.walk(function):
        match statement:
            case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)):
                pairs = list(zip(targets, values, strict=False))
            case ast.Assign([target], value) | ast.AugAssign(target, _, value):
                pairs = [(target, value)]
            case ast.AnnAssign(target, _, ast.expr() as value):
                pairs = [(target, value)]
            case _:
                continue
        for target, value in pairs:
            name = words.name(target)
            is_itself = isinstance(target, ast.Name) and target.id == name
            is_alias = isinstance(value, ast.Name | ast.Attribute | ast.Subscript)
            if name and not is_alias and (is_itself or isinstance(target, ast.Subscript)):
                said = f"where {name} is computed, "
                found |= {id(node): said for node in ast.walk(value)}
    return found


def kept(tree: ast.Module, owner: str, function: Function) -> tuple[str, set[int]]:
    """Return the other method that stores what a method reads, and the nodes that it may concern.

    Those nodes are in statements that use a stored value, directly or under its local name.
    """
    stored: dict[str, str] = {}
    for name, method in functions(tree):
        if name == owner and method is not function and not method.name.startswith("_"):
            stored |= dict.fromkeys(_stores(method), method.name)
    reads = [x for x in ast.walk(function) if isinstance(x, ast.Subscript) and _store(x) in stored]
    aliases: set[str] = set()
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign):
            for target, value in _pairs(statement.targets[0], statement.value):
                if isinstance(target, ast.Name) and value in reads:
                    aliases.add(target.id)
    found: set[int] = set()
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            nodes = list(ast.walk(statement))
            names = {x.id for x in nodes if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Load)}
            if not aliases.isdisjoint(names) or any(x in reads for x in nodes):
                found |= {id(x) for x in nodes if isinstance(x, ast.expr)}
    return next((stored[_store(x)] for x in reads), ""), found


def _stores(method: Function) -> set[str]:
    """Return the attributes of `self` that a method sets, or sets an entry of."""
    written = [
        node.value if isinstance(node, ast.Subscript) else node
        for node in ast.walk(method)
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return {x.attr for x in written if isinstance(x, ast.Attribute)}


def _store(node: ast.AST) -> str:
    """Return "cache" of `self.cache["X"]`."""
    match node:
        case ast.Subscript(ast.Attribute(ast.Name("self"), store)):
            return store
    return ""
