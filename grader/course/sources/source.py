"""What all kinds of sources give."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.people import HandIn

KINDS = ("gradescope", "canvas", "classroom", "folder")
# How people call them.
NAMES = {
    "gradescope": "a Gradescope export",
    "canvas": "a Canvas download",
    "classroom": "a folder of GitHub Classroom",
    "folder": "a folder with a folder or an archive for each student",
}


@dataclass(frozen=True)
class Source:
    """A class as it was downloaded.

    Args:
        kind: one of `KINDS`.
        hand_ins: by the name of the entry.
        problems: what cannot be attributed, or is odd; one sentence each.
        left_out: names of what is no hand-in, such as notes beside the students' folders.
        because: why it was taken for its kind: "it has submission_metadata.yml".
    """

    kind: str
    hand_ins: tuple[HandIn, ...]
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    because: str = ""
