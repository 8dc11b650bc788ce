"""What a named result is: its part in the calculus, which says how it may look and be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum


class Role(Enum):
    """The part of a result: what its axes are, and which forms of it are the same."""

    OUTPUT = "output"  # of a call: an array whose first axis goes over the examples, or a number
    PARAMETER_GRADIENT = "parameter gradient"  # stored by backward, of the shape of the parameter
    STATISTIC = "statistic"  # stored by forward, one number for each column
    ENTRIES = "entries"  # of the gradient of a parameter, each computed by itself


@dataclass(frozen=True)
class ResultSpec:
    """A named result of a program.

    Args:
        name: as messages say it, such as "dX" or "gradients['W']".
        role: its part.
        wrt: for a gradient, the array that it is the derivative with respect to.
        repeats: the name of the result that it is once more, from another call; "" if of none.
    """

    name: str
    role: Role = Role.OUTPUT
    wrt: str = ""
    repeats: str = ""

    @property
    def may_drop_row(self) -> bool:
        """Tell whether (n,) is as good as (1, n), which it broadcasts like."""
        return self.role is not Role.OUTPUT

    @property
    def is_of_parameter(self) -> bool:
        """Tell whether it is the gradient of a parameter: no axis of it goes over the examples."""
        return self.role is Role.PARAMETER_GRADIENT

    def suffixed(self, suffix: str) -> ResultSpec:
        """Return the same result of another call, told apart by what its name ends in."""
        return replace(self, name=self.name + suffix, repeats=self.original)

    @property
    def original(self) -> str:
        """Return the name without what calls are told apart by."""
        return self.repeats or self.name


def outputs(names: Iterable[str]) -> tuple[ResultSpec, ...]:
    """Return plain outputs of those names."""
    return tuple(map(ResultSpec, names))
