"""Where the files of one worker are: what the grader tells the worker's side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """The submission's package, the handout's, and which modules to take from which.

    `submitted_modules` names the modules of the interface that come from the submission; the others
    come from the handout ("given"). Modules outside the interface are always the submission's.
    """

    submission: str
    given: str
    submitted_modules: tuple[str, ...]
