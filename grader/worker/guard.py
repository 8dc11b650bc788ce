"""Noticing that a submission meddles with the counting."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from .places import Places


class Tampered(Exception):
    """The submission meddled with the counting."""


class Guard:
    """Listens to what Python audits, and notes when the submission meddles with the counting.

    An audit hook cannot be taken away, and it hears of every change of the tracer, of code made
    under a false file name, and of looks into frames and memory that no homework needs.
    """

    # Whoever is asked to do it for the submission: a context manager, say.
    _TRACING = ("sys.settrace",)
    _ALWAYS = ("sys.setprofile", "sys._getframe", "gc.get_objects", "gc.get_referrers",
               "marshal.loads")  # fmt: skip
    _NAMES = ("tb_frame", "gi_frame", "cr_frame", "ag_frame")

    def __init__(self, places: Places) -> None:
        """Start listening, for good."""
        self._places = places
        self.noted = ""
        self._busy = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._busy:  # looking at the caller is an event, too
            return
        if event in self._TRACING:
            self._note(event, anywhere=True)
        elif event in self._ALWAYS:
            self._note(event)
        elif event == "object.__getattr__" and args[1] in self._NAMES:
            self._note(str(args[1]))
        elif event in ("compile", "code.__new__"):
            file = args[1] if isinstance(args[1], str) else ""
            if self._places.kind(file) in ("harness", "ignored", "library"):
                self._note(f"code under the file name {file}", anywhere=True)

    def _note(self, what: str, anywhere: bool = False) -> None:
        """Note what the submission's own code does.

        Args:
            what: it does.
            anywhere: also through a library; not what libraries do while they are imported.
        """
        self._busy = True
        caller: FrameType | None = sys._getframe(2)  # noqa: SLF001
        self._busy = False
        while caller is not None:
            file = caller.f_code.co_filename
            kind = self._places.kind(file)
            if kind == "student":
                self.noted = what
            if kind in ("student", "harness") or not anywhere or "<frozen importlib" in file:
                return
            caller = caller.f_back
