"""What a student handed in, once it has been found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath


@dataclass(frozen=True)
class Submission:
    """The `.py` files of a submission, and remarks on how they were found.

    Args:
        files: by their path in the package.
        folder: where they are in what was handed in.
        left_out: files that were not taken, each with the reason.
        source: the path of what was handed in, as the user typed it; "" to say nothing.
        filled: how many answers it has, if it was chosen from several folders.
        passed_over: the other folders, each with the same number.
        instead: for each missing module, what was found that may have been meant as it.
    """

    files: dict[str, bytes]
    folder: str
    left_out: tuple[str, ...] = ()
    source: str = ""
    filled: str = ""
    passed_over: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    def lacks(self, modules: Sequence[str]) -> tuple[str, ...]:
        """Return which of the given modules are missing."""
        return tuple(name for name in modules if f"{name}.py" not in self.files)

    @property
    def place(self) -> str:
        """Return the path of the graded folder, as the user typed it."""
        return str(PurePath(self.source) / self.folder)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return which folder was graded, and what was passed over; empty if nothing is known."""
        if not self.source:
            return ()
        shown = "the current folder" if self.place == "." else self.place
        if not self.passed_over:
            return (f"Graded: {shown}",)
        others = ", ".join(self.passed_over)
        return f"Graded: {shown} ({self.filled})", f"Other folders, not graded: {others}"


NOTHING = Submission({}, ".")
