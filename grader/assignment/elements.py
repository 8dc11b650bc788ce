"""Derivations: a function that returns one entry of a gradient, asked for every entry of an array.

An array is small and its sizes differ pairwise, so that an index in the wrong place shows. Which
inputs an entry depends on is found by moving them one by one, in the submission's function and in
the right one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.program import Entries, Program
from grader.result import ResultSpec, Role

# An entry that changes by less than this share of the largest does not depend on what was moved.
UNCHANGED = 1e-9


@dataclass(frozen=True)
class Elements:
    """All entries of one derived gradient.

    Args:
        function: "module.function"; it gets the indices of an entry, then the arguments.
        result: the name of the array that the entries make, such as "dX".
        shape: of that array.
        arguments: what the function gets behind the indices, by name and in order.
        wrt: the argument that the gradient is the derivative with respect to, if it is one.
        of_parameter: whether it is the gradient of a parameter: no axis goes over the examples.
    """

    function: str
    result: str
    shape: tuple[int, ...]
    arguments: Mapping[str, Any]
    wrt: str = ""
    of_parameter: bool = False

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arguments that are arrays, by name."""
        return {k: v for k, v in self.arguments.items() if isinstance(v, np.ndarray)}

    @property
    def indices(self) -> np.ndarray:
        """Return the indices of all entries in C order, of shape (n, number of axes)."""
        return np.indices(self.shape).reshape(len(self.shape), -1).T

    @property
    def spec(self) -> ResultSpec:
        """Return what is judged."""
        role = Role.ENTRIES if self.of_parameter else Role.OUTPUT
        return ResultSpec(self.result, role, self.wrt)

    def program(self) -> Program:
        """Return the program that asks for every entry."""
        args = tuple(self.arguments.values())
        return (Entries(self.function, self.indices, args, self.shape, out=(self.result,)),)

    def probe(self, entry: tuple[int, ...]) -> Program:
        """Return the program that asks for one entry again and again, with one number moved.

        The first call moves nothing. Its result is named as that of `program`.
        """
        places = [i for i, x in enumerate(self.arguments.values()) if isinstance(x, np.ndarray)]
        sizes = [array.size for array in self.arrays.values()]
        moves = [[place, i] for place, n in zip(places, sizes, strict=True) for i in range(n)]
        moved = np.array([[-1, 0], *moves])
        indices = np.tile(np.array(entry), (len(moved), 1))
        args = tuple(self.arguments.values())
        return (Entries(self.function, indices, args, (len(moved),), moved, (self.result,)),)

    def dependence(self, numbers: np.ndarray, scale: float) -> np.ndarray:
        """Return on which numbers of all arrays, one after the other, an entry depends.

        Args:
            numbers: what `probe` gave, of shape (1 + how many numbers the arrays have,).
            scale: the largest entry of the gradient.
        """
        with np.errstate(invalid="ignore"):
            changes = np.abs(numbers[1:] - numbers[0])
        least = UNCHANGED * max(scale, abs(float(numbers[0])))
        return np.asarray(~(changes <= least))  # NaN is a change, too
