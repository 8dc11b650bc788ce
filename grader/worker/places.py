"""Whose code a frame runs: the submission's, a library's, or the harness's own."""

from __future__ import annotations

import os
import sys
from types import FrameType

import numpy as np

from . import access

# How files of given code are marked, which students need not read.
GIVEN_MARK = " of the handout"
# Library code whose work does not depend on iteration by the caller: printing, warnings, locks,
# and the search for a contraction order.
_IGNORED = ("arrayprint", "warnings", "logging", "einsumfunc", "linecache", "traceback",
            "threading", "queue", "contextlib", "importlib")  # fmt: skip

_LIBRARIES = ("library", "ignored")

# Everything below the grader's own package, where no submission is staged. In a launcher that lends
# Python's folders, what was loaded before (`access`) has a different name from what came after.
_HARNESS = tuple(
    file.replace("\\", "/").rpartition("/worker/")[0] + "/" for file in (__file__, access.__file__)
)


def place_of(file: str, line: int) -> str:
    """Return a line of code as messages name it: "layers.py:42", "base.py:3 of the handout"."""
    own = file.removesuffix(GIVEN_MARK)
    return f"{own}:{line}{file[len(own) :]}"


def plain(text: str) -> str:
    """Return a text that runs no code of the submission when it is inspected."""
    return text if type(text) is str else str.__str__(text)


class Places:
    """Distinguishes the submission's frames from the libraries' and the harness's."""

    def __init__(self, submission: str, given: str) -> None:
        """Keep the folders of the submission's package and of the handout's."""
        self._folder = submission.rstrip("/\\")
        self._given = given.rstrip("/\\")
        self._kinds: dict[str, str] = {}
        self._distrusted: set[str] = set()
        packages = str(np.__path__[0]).removesuffix("numpy")
        # Loaded before the launcher lent it, and after.
        self._numpy = (os.path.dirname(np.__file__) + os.sep, str(np.__path__[0]) + os.sep)
        # Libraries may have names that the launcher has lent them.
        self._library = (sys.prefix, sys.base_prefix, packages, access.DESCRIPTORS, self._given,
                         "<frozen", "<__array")  # fmt: skip

    def kind(self, file: str) -> str:
        """Return whose a file is: "student", "harness", "library", or "ignored".

        Code without a file, such as code made by `exec`, is the student's.
        """
        if type(file) is not str:
            file = plain(file)
        if file not in self._kinds:
            self._kinds[file] = self._find_kind(file)
        return self._kinds[file]

    def _find_kind(self, file: str) -> str:
        if file.startswith(self._folder) or file in self._distrusted:
            return "student"
        if file.replace("\\", "/").startswith(_HARNESS):
            return "harness"
        if not file.startswith(self._library):
            return "student"
        return "ignored" if any(name in file for name in _IGNORED) else "library"

    def distrust(self, file: str) -> None:
        """Treat all code of a file as the student's, who has made code under that name."""
        self._distrusted.add(file)
        self.forget()

    def forget(self) -> None:
        """Determine again whose each file is."""
        self._kinds.clear()

    def is_of_numpy(self, file: str) -> bool:
        """Tell whether a file is numpy's."""
        return plain(file).startswith(self._numpy)

    def outside(self, frame: FrameType) -> FrameType:
        """Return the nearest frame, from here outward, that is not the harness's."""
        while frame.f_back is not None and self.kind(frame.f_code.co_filename) == "harness":
            frame = frame.f_back
        return frame

    def entry(self, frame: FrameType) -> FrameType:
        """Return the outermost of the library's frames that a library frame belongs to."""
        while frame.f_back is not None and self.kind(frame.f_back.f_code.co_filename) in _LIBRARIES:
            frame = frame.f_back
        return frame

    def line(self, frame: FrameType | None) -> str:
        """Return "file.py:line" of the nearest frame of the submission, from here outward."""
        while frame is not None:
            if self.kind(frame.f_code.co_filename) == "student":
                return f"{self.short(frame.f_code.co_filename)}:{frame.f_lineno}"
            frame = frame.f_back
        return "?"

    def short(self, file: str) -> str:
        """Return a file's path inside the submission, or its bare name."""
        path = plain(file)
        inside = path.removeprefix(self._folder).replace("\\", "/")
        return inside.lstrip("/") if path.startswith(self._folder) else os.path.basename(inside)

    def label(self, file: str) -> str:
        """Return what a student calls a file; "" if it is neither theirs nor the handout's."""
        if file.startswith(self._folder):
            return self.short(file)
        if file.startswith(self._given):
            return f"{file[len(self._given) + 1 :]}{GIVEN_MARK}"
        return ""
