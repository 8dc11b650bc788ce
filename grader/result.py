"""Named results: the role of each in the calculus, which decides its valid forms and messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum


class Role(Enum):
    """The role of a result: what its axes are, and which of its forms are equivalent."""

    OUTPUT = "output"  # of a call: an array whose first axis is the examples, or a number
    PARAMETER_GRADIENT = "parameter gradient"  # stored by backward, with the shape of the parameter
    STATISTIC = "statistic"  # stored by forward, one number per column
    ENTRIES = "entries"  # of the gradient of a parameter, each computed separately


@dataclass(frozen=True)
class ResultSpec:
    """A named result of a program.

    Args:
        name: as in messages, such as "dX" or "gradients['W']".
        role: its role.
        wrt: for a gradient, the array with respect to which it is the derivative.
        repeats: the name of the result that another call gives again here; "" if none.
    """

    name: str
    role: Role = Role.OUTPUT
    wrt: str = ""
    repeats: str = ""

    @property
    def may_drop_row(self) -> bool:
        """Tell whether (n,) is as good as (1, n), since it broadcasts the same way."""
        return self.role is not Role.OUTPUT

    @property
    def is_of_parameter(self) -> bool:
        """Tell whether it is the gradient of a parameter: none of its axes is the examples."""
        return self.role is Role.PARAMETER_GRADIENT

    def suffixed(self, suffix: str) -> ResultSpec:
        """Return the same result from another call, distinguished by a suffix to its name."""
        return replace(self, name=self.name + suffix, repeats=self.original)

    @property
    def original(self) -> str:
        """Return the name without the suffix that distinguishes calls."""
        return self.repeats or self.name


def outputs(names: Iterable[str]) -> tuple[ResultSpec, ...]:
    """Return plain outputs with the given names."""
    return tuple(map(ResultSpec, names))
