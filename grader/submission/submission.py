"""What a student handed in, once it has been found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Submission:
    """The `.py` files of a submission, by their path in the package, and what was left out."""

    files: dict[str, bytes]
    folder: str
    left_out: tuple[str, ...] = ()

    def lacks(self, modules: Sequence[str]) -> tuple[str, ...]:
        """Return those of some modules that are not there."""
        return tuple(name for name in modules if f"{name}.py" not in self.files)


NOTHING = Submission({}, ".")
