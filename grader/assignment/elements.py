"""Derivations: a function that returns one entry of a gradient, asked for every entry of an array.

Arrays are small, and their sizes are all different, so that an index in the wrong place shows.
Which inputs an entry depends on is determined by moving them one by one, in the submission's
function and in the right one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.program import Entries, Program
from grader.result import ResultSpec, Role

# An entry does not depend on what was moved if it changes by less than this share of the largest.
UNCHANGED = 1e-9


@dataclass(frozen=True)
class Elements:
    """All entries of one derived gradient.

    Args:
        function: "module.function"; its arguments are the indices of an entry, followed by the
            others.
        result: the name of the array that the entries form, such as "dX".
        shape: the shape of that array.
        arguments: the function's arguments after the indices, by name and in order.
        wrt: the argument with respect to which the gradient is the derivative, if it is one.
        of_parameter: whether it is the gradient of a parameter: no axis runs over the examples.
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
        """Return the program that asks for one entry repeatedly, with one number moved each time.

        The first call moves nothing. Its result has the same name as that of `program`.
        """
        places = [i for i, x in enumerate(self.arguments.values()) if isinstance(x, np.ndarray)]
        sizes = [array.size for array in self.arrays.values()]
        moves = [[place, i] for place, n in zip(places, sizes, strict=True) for i in range(n)]
        moved = np.array([[-1, 0], *moves])
        indices = np.tile(np.array(entry), (len(moved), 1))
        args = tuple(self.arguments.values())
        return (Entries(self.function, indices, args, (len(moved),), moved, (self.result,)),)

    def dependence(self, numbers: np.ndarray, scale: float) -> np.ndarray:
        """Return which numbers of all arrays, one after the other, an entry depends on.

        Args:
            numbers: the result of `probe`, of shape (1 + total number of entries of the arrays,).
            scale: the largest entry of the gradient.
        """
        with np.errstate(invalid="ignore"):
            changes = np.abs(numbers[1:] - numbers[0])
        least = UNCHANGED * max(scale, abs(float(numbers[0])))
        return np.asarray(~(changes <= least))  # NaN counts as a change
