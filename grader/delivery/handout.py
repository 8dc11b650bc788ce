"""The student zip: stubs, the grader, recorded answers, and no solution.

It is made from the files of this project and the assignment and nothing else, so the same tree
always gives the same bytes.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from grader.answers import LiveOracle, Oracle, choose, require_up_to_date
from grader.assignment import (
    BEGIN,
    BEGIN_TEXT,
    Assignment,
    Case,
    Problem,
    TargetKind,
    differing,
    given_files,
    load,
    require_cases,
    write_files,
)
from grader.errors import UsageError
from grader.paths import ROOT

from .archive import write_zip
from .files import (
    HOME_IN_ZIP,
    TEMPLATES,
    assignment_files,
    engine_files,
    files_below,
    require_checkout,
)
from .tracked import only_tracked


def write_handout(assignment: Assignment, path: Path) -> int:
    """Write the student zip; return how many files it has.

    Raises:
        UsageError: this is not a checkout, there is no reference, the stubs differ from what it
            gives, no answers are recorded, or the zip would not work, or would contain a solution.
    """
    require_checkout()
    assignment.require_reference()
    folder = assignment.folders.student
    stale = differing(assignment, folder)
    if stale:
        raise UsageError(f"{stale[0]} is out of date in {folder.name}/; run `grader stubs` first.")
    if not assignment.folders.recorded.is_file():
        raise UsageError("The recorded answers are missing; run `grader record` first.")
    contents = handout_files(assignment)
    _refuse_solutions(contents)
    _try_out(assignment, contents)
    files = {f"{assignment.name}/{name}": content for name, content in contents.items()}
    write_zip(path, files, frozenset())
    return len(files)


def handout_files(assignment: Assignment) -> dict[str, bytes]:
    """Return the files of the student zip by their path in its folder."""
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


def _refuse_solutions(contents: Mapping[str, bytes]) -> None:
    """Raise if any file has a marked region; only the module that derives stubs may have marks."""
    marks = (BEGIN.encode(), BEGIN_TEXT.encode())
    marked = [name for name, content in contents.items() if any(x in content for x in marks)]
    leaks = [name for name in marked if name != "grader/assignment/stubs.py"]
    if leaks:
        raise UsageError(f"{leaks[0]} in the students' zip would contain a solution.")


def _try_out(assignment: Assignment, contents: Mapping[str, bytes]) -> None:
    """Load the assignment as students will; the recorded answers must match the reference."""
    require_cases(assignment)
    recorded, live = choose(assignment, "recorded"), LiveOracle(assignment)
    with tempfile.TemporaryDirectory(prefix="handout-") as folder:
        inside = [name for name in contents if name.startswith(f"{HOME_IN_ZIP}/")]
        write_files(Path(folder), {name: contents[name] for name in inside})
        home = Path(folder) / HOME_IN_ZIP
        try:
            cases, seeds = load(home).cases, assignment.public_seeds
            problems = [(case, seed, case.problem(seed)) for seed in seeds for case in cases]
        except Exception as error:  # an assignment's code can raise anything
            what = error if isinstance(error, UsageError) else f"{type(error).__name__}: {error}"
            raise UsageError(
                f"The students' zip would not work: {what} It has the modules that assignment.py "
                "imports when it is loaded, and no other file of that folder."
            ) from error
    for case, seed, problem in problems:
        if not _agree(recorded, live, case, seed, problem):
            raise UsageError(
                f"The recorded answers to {case.key!r} are out of date; run `grader record` first."
            )
    require_up_to_date(assignment)


def _agree(recorded: Oracle, live: Oracle, case: Case, seed: int, problem: Problem) -> bool:
    """Tell whether two oracles give the same answers, up to rounding."""
    try:
        found = recorded.answers(case, seed, problem)
    except LookupError:
        return False
    right = live.answers(case, seed, problem)
    return found.keys() == right.keys() and all(
        found[name].shape == value.shape and np.allclose(found[name], value, 1e-9, 1e-9)
        for name, value in right.items()
    )


def _pages(assignment: Assignment) -> dict[str, bytes]:
    """Return README, Makefile and so on: the assignment's own override the shared ones."""
    folders = (TEMPLATES / "handout", assignment.folders.pages)
    files = only_tracked({name: path for one in folders for name, path in files_below(one)})
    pages = {name: path.read_bytes() for name, path in files.items()}
    readme, first = pages["README.md"].decode(), assignment.rubric[0].question
    texts = {"{title}": assignment.title, "{questions}": _questions(assignment), "{first}": first}
    for mark, text in texts.items():
        readme = readme.replace(mark, text)
    return {**pages, "README.md": readme.encode()}


def _questions(assignment: Assignment) -> str:
    """Return the table of the questions and their total points, as in the rubric."""
    rows = ["| question | what | where | points |", "|---|---|---|---|"]
    for target in assignment.rubric:
        where = {
            TargetKind.CLASS: f"`{target.name}`",
            TargetKind.RUN: "`make train`",
            TargetKind.DERIVATION: f"`{target.name}_...`",
        }[target.kind]
        points = f"{target.total:g}" + (" (extra)" if target.extra else "")
        rows.append(f"| {target.question} | {target.title} | {where} | {points} |")
    extra = round(sum(target.total for target in assignment.rubric if target.extra), 2)
    more = f"; extra credit adds up to {extra:g} more" if extra else ""
    rows += ["", f"The questions are worth {assignment.total:g} points in total{more}."]
    return "\n".join(rows)


def _project(assignment: Assignment) -> str:
    """Return pyproject.toml for students: without developer tools, with the assignment's name.

    The extras that a student may want stay.
    """
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for key, value in (("name", f"{assignment.name}-grader"), ("description", assignment.title)):
        old = re.findall(rf'(?m)^{key} = ".*"$', text)[0]
        # TOML strings are JSON strings.
        text = text.replace(old, f"{key} = {json.dumps(value, ensure_ascii=False)}", 1)
    heading = "[project.optional-dependencies]\n"
    kept = re.findall(r"(?ms)^writeup = \[\n.*?^\]\n", text)
    extras = heading + "".join(kept) + "\n" if kept else ""
    text = re.sub(rf"(?ms)^{re.escape(heading)}.*?(?=^\[)", lambda _: extras, text)
    return text[: text.index("[tool.pytest")].rstrip() + "\n"
