"""A place in a solution that can be edited, and what is known about its surroundings."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .words import Words

# How far an edit is from what people do (0 is most natural), the new node, and what it does.
Change = tuple[int, ast.AST, str]


@dataclass(frozen=True)
class Around:
    """What is known about a function.

    Args:
        words: what may be said.
        local: the names of its arguments and of what it assigns.
        values: expressions for values that are in scope and can be named.
        settings: attributes of `self` that are arguments of its class, with their defaults.
        pairs: arguments and settings that are two numbers.
    """

    words: Words
    local: Collection[str]
    values: Sequence[ast.expr]
    settings: Mapping[str, ast.expr | None]
    pairs: Collection[str]


@dataclass(frozen=True)
class Spot:
    """A node of a function that can be replaced.

    Args:
        node: the node that can be replaced.
        parent: the node's parent.
        around: what is known about the function.
        allocating: whether the node determines the size of an array.
    """

    node: ast.AST
    parent: ast.AST
    around: Around
    allocating: bool

    @property
    def words(self) -> Words:
        """What may be said."""
        return self.around.words
