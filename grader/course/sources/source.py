"""What every kind of source provides."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.people import HandIn

KINDS = ("gradescope", "canvas", "classroom", "folder")
# Readable names for the kinds.
NAMES = {
    "gradescope": "a Gradescope export",
    "canvas": "a Canvas download",
    "classroom": "a GitHub Classroom folder",
    "folder": "a folder with a folder or an archive for each student",
}


@dataclass(frozen=True)
class Source:
    """A downloaded class.

    Args:
        kind: one of `KINDS`.
        hand_ins: by the name of the entry.
        problems: what cannot be attributed, or is odd; one sentence each.
        left_out: names of files that are not hand-ins, such as notes beside the students' folders.
        because: why this kind was detected: "it has submission_metadata.yml".
    """

    kind: str
    hand_ins: tuple[HandIn, ...]
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    because: str = ""
