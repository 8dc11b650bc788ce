"""Which functions answer a question, according to the holes in the stubs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .assignment import Assignment
from .stubs import given_files, hole

_ANSWER = re.compile(re.escape(hole("{}")).replace(r"\{\}", "([^:]*)") + r"write ([\w.]+)\.")


@dataclass(frozen=True)
class Answer:
    """A function that a student writes: its module, and its dotted name in that module."""

    module: str
    name: str


@cache
def answers_of(assignment: Assignment) -> dict[str, tuple[Answer, ...]]:
    """Return what students write, by question in the order of the rubric.

    The question's own module comes first. A training run has no answers of its own.
    """
    given = given_files(assignment)
    found: dict[str, list[Answer]] = {}
    for module in assignment.graded_modules:
        stub = given.get(f"{module}.py", b"").decode("utf-8", "replace")
        for question, name in _ANSWER.findall(stub):
            found.setdefault(question, []).append(Answer(module, name))
    answers: dict[str, tuple[Answer, ...]] = {}
    for target in assignment.rubric:
        if target.question in found and target.question not in answers:
            # Sorting preserves the order within a module.
            own = sorted(found[target.question], key=lambda one: one.module != target.module)
            answers[target.question] = tuple(own)
    return answers
