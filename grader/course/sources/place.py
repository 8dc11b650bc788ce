"""The location of a class on disk, and what people call it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment
from grader.course.entries import line


@dataclass(frozen=True)
class Place:
    """The folder with the entries of a class.

    Args:
        folder: where they are; temporary, if the source is an archive.
        root: the part of that path that users do not know.
        name: what users call this part.
        scratch: a folder that is removed at the end.
        assignment: names the modules that are handed in.
    """

    folder: Path
    root: Path
    name: Path
    scratch: Path
    assignment: Assignment

    def shown(self, path: Path) -> str:
        """Return the readable form of a path: for an entry, its name in the class."""
        if path != self.folder and path.is_relative_to(self.folder):
            return line(str(path.relative_to(self.folder)))
        return line(str(self.name / path.relative_to(self.root)))

    def shown_in(self, text: str) -> str:
        """Return a sentence with its paths in readable form: entries by their short names."""
        short = text.replace(f"{self.folder}{os.sep}", "")
        return short.replace(str(self.root), str(self.name))
