"""The students' zip: stubs, the grader, recorded answers, and no solution.

It is made of the files of this project and of the assignment and nothing else, so that the same
tree gives the same bytes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from grader.assignment import Assignment, differing, given_files
from grader.errors import UsageError
from grader.paths import ROOT

from .archive import write_zip
from .files import HOME_IN_ZIP, TEMPLATES, assignment_files, engine_files, files_below


def write_handout(assignment: Assignment, path: Path) -> int:
    """Write the students' zip; return how many files it has.

    Raises:
        UsageError: there is no reference, the stubs are not what the reference gives, or no answers
            are recorded.
    """
    assignment.require_reference()
    folder = assignment.folders.student
    stale = differing(assignment, folder)
    if stale:
        raise UsageError(f"{stale[0]} is out of date in {folder.name}/; run `grader stubs` first.")
    if not assignment.folders.recorded.is_file():
        raise UsageError("The recorded answers are missing; run `grader record` first.")
    contents = handout_files(assignment)
    files = {f"{assignment.name}/{name}": content for name, content in contents.items()}
    write_zip(path, files, frozenset())
    return len(files)


def handout_files(assignment: Assignment) -> dict[str, bytes]:
    """Return the files of the students' zip by their path in its folder."""
    given = given_files(assignment)
    return {
        **engine_files(),
        **assignment_files(assignment),
        f"{HOME_IN_ZIP}/recorded.npz": assignment.folders.recorded.read_bytes(),
        **{f"{HOME_IN_ZIP}/given/{name}": content for name, content in given.items()},
        **{f"student/{name}": content for name, content in given.items()},
        **_pages(assignment),
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "pyproject.toml": _project(assignment).encode(),
    }


def _pages(assignment: Assignment) -> dict[str, bytes]:
    """Return README, Makefile and so on: the assignment's own over those for every homework."""
    folders = (TEMPLATES / "handout", assignment.folders.pages)
    pages = {name: path.read_bytes() for one in folders for name, path in files_below(one)}
    readme = pages["README.md"].decode()
    for mark, text in (("{title}", assignment.title), ("{questions}", _questions(assignment))):
        readme = readme.replace(mark, text)
    return {**pages, "README.md": readme.encode()}


def _questions(assignment: Assignment) -> str:
    """Return the table of the questions, as the rubric has them."""
    rows = ["| question | what | where | points |", "|---|---|---|---|"]
    for target in assignment.rubric:
        where = f"`{target.name}`" if target.is_class else "`make train`"
        points = f"{target.total:g}" + (" (extra)" if target.extra else "")
        rows.append(f"| {target.question} | {target.title} | {where} | {points} |")
    return "\n".join(rows)


def _project(assignment: Assignment) -> str:
    """Return pyproject.toml as students need it: no developers' tools, the assignment's name."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    text = re.sub(r'(?m)^name = ".*"$', f'name = "{assignment.name}-grader"', text)
    text = re.sub(r'(?m)^description = ".*"$', f"description = {_quoted(assignment.title)}", text)
    text = re.sub(r"(?ms)^\[project\.optional-dependencies\]\n.*?(?=^\[)", "", text)
    return text[: text.index("[tool.pytest")].rstrip() + "\n"


def _quoted(text: str) -> str:
    """Return a text as TOML has it, whose strings are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
