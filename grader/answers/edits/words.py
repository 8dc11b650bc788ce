"""How to refer to parts of a solution: by names that the handed-out module has, or by their kind.

A name that only the reference has is never mentioned, and no expression is ever shown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

# Functions described by what they compute, and reductions by what they return.
FUNCTIONS = {
    "exp": "exponential",
    "log": "logarithm",
    "sqrt": "square root",
    "abs": "absolute value",
    "tanh": "hyperbolic tangent",
    "square": "square",
    "maximum": "lower limit",
    "minimum": "upper limit",
    "clip": "limit",
}
REDUCTIONS = {
    "sum": "sum",
    "mean": "mean",
    "max": "maximum",
    "min": "minimum",
    "argmax": "argmax",
    "argmin": "argmin",
    "var": "variance",
    "std": "standard deviation",
    "prod": "product",
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "sum",
    ast.Sub: "difference",
    ast.Mult: "product",
    ast.Div: "quotient",
    ast.Pow: "power",
    ast.MatMult: "matrix product",
}
# Parts of a docstring that cannot be ordinary words.
_IN_TEXT = re.compile(r"\b(?:[a-z]*[A-Z]\w*|[A-Za-z]\w*_\w*)\b")
_COUNTS = {0: "rows", 1: "columns"}


def public_names(source: str) -> frozenset[str]:
    """Return the names that everyone can read in a module: of arguments, attributes and keys."""
    found = set[str]()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name) | ast.ClassDef(name) | ast.Attribute(_, name):
                found.add(name)
            case ast.arg(name):
                found.add(name)
            case ast.Constant(str(text)):
                found.update([text] if text.isidentifier() else _IN_TEXT.findall(text))
    return frozenset(found)


def called(call: ast.Call) -> str:
    """Return the last part of a called name: "sum" for `np.sum` and for `dZ.sum`."""
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""


def operand(call: ast.Call) -> ast.expr | None:
    """Return the array that is reduced, for `np.sum(X)` and for `X.sum()`."""
    match call.func:
        case ast.Attribute(ast.Name("np" | "numpy"), _) | ast.Name():
            return call.args[0] if call.args else None
        case ast.Attribute(value, _):
            return value
    return None


class Words:
    """What may be said about the parts of one module's solutions."""

    def __init__(self, public: frozenset[str], also: Mapping[str, str] | None = None) -> None:
        """Keep what may be said.

        Args:
            public: names that everyone can read.
            also: descriptions of a function's own names, such as "what activation.backward
                returns"; "" for none.
        """
        self._public = public
        self._also = also or {}

    def also(self, words: Mapping[str, str]) -> Words:
        """Return these words, plus some for other names."""
        return Words(self._public, words)

    def is_public(self, name: str) -> bool:
        """Tell whether everyone can read a name."""
        return name in self._public

    def name(self, node: ast.AST) -> str:
        """Return the name of a value if everyone can read it; "" if not."""
        match node:
            case ast.Name(name) | ast.Attribute(ast.Name("self"), name):
                also = self._also if isinstance(node, ast.Name) else {}
                return also.get(name, name if name in self._public else "")
            case ast.Call(_, [value, *_]) if called(node) in ("maximum", "minimum", "clip"):
                return self.name(value)
            case ast.Subscript() | ast.Call(ast.Name("len"), [_]):
                return self._part_of(node)
            case ast.Attribute(value, "T"):
                return self.name(value) and f"the transpose of {self.name(value)}"
            case ast.Constant(float() | int() as number) if not isinstance(number, bool):
                return f"{number:g}"
        return ""

    def _part_of(self, node: ast.AST) -> str:
        """Return the name of an entry in a store or a shape, or the name of the whole array."""
        match node:
            case ast.Subscript(store, ast.Constant(str(key))):
                of_gradients = isinstance(store, ast.Attribute) and store.attr == "gradients"
                shown = f"gradients[{key!r}]" if of_gradients else key
                return shown if key in self._public else ""
            case ast.Subscript(ast.Attribute(value, "shape"), ast.Constant(int(axis))):
                return self._size(value, axis)
            case ast.Call(_, [value]):
                return self._size(value, 0)
            case ast.Subscript(value):
                return self.name(value)
        return ""

    def part(self, kind: str, node: ast.AST) -> str:
        """Return "the factor W", "a factor (a difference)" or "a factor", as far as allowed."""
        name = self.name(node)
        if name and not name.startswith("what "):
            return f"the {kind} {name}"
        of = name or self._kind(node)
        return f"a {kind} ({of})" if of else f"a {kind}"

    def value(self, node: ast.AST) -> str:
        """Return "W", "a difference", or "another number"."""
        return self.name(node) or self._kind(node) or "another number"

    def call(self, call: ast.Call) -> str:
        """Return what is called: `activation.backward`, "forward", or "a function"."""
        match call.func:
            case ast.Attribute(ast.Name("self"), name) if name in self._public:
                return name
            case ast.Attribute(value, name) if name in self._public:
                return f"{self.name(value)}.{name}" if self.name(value) else name
        return "a function"

    def _size(self, value: ast.AST, axis: int) -> str:
        which = self.name(value)
        counted = f"number of {_COUNTS[axis]}" if axis in _COUNTS else f"length of axis {axis}"
        return which and f"the {counted} of {which}"

    def _kind(self, node: ast.AST) -> str:
        found = ""
        match node:
            case ast.BinOp(_, operator, _):
                found = _OPERATORS.get(type(operator), "")
            case ast.Call():
                found = (FUNCTIONS | REDUCTIONS).get(called(node), "")
            case ast.Compare(left):
                of = self.name(left)
                found = f"condition on {of}" if of else "condition"
        return found and f"{'an' if found[0] in 'aeiou' else 'a'} {found}"
