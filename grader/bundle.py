"""What is handed out: the students' zip without any solution, and Gradescope's zip with it.

Both are made of the files of this project and nothing else, so that the same tree gives the same
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .archive import write_zip
from .errors import UsageError
from .handout import differing, given_files
from .paths import PACKAGE, RECORDED, REFERENCE, ROOT, STUBS, has_reference
from .report import gradescope
from .rubric import GRADED_MODULES, RUBRIC
from .runner import failed

TEMPLATES = PACKAGE / "templates"
CONTAINER = ROOT / "container"
# In the handout, everything lies in one folder of this name.
FOLDER = "nn-homework"
# Of the package: code, data, settings, pages.
_KEPT = (".py", ".npz", ".json", ".ini", ".j2", ".css")
# Hidden by their names, and meant.
_DOTTED = (".github", ".gitignore")
SCRIPTS = ("setup.sh", "run_autograder")


def write_handout(path: Path) -> int:
    """Write the students' zip; return how many files it has.

    Raises:
        UsageError: there is no reference, or `student/` is not what the reference gives.
    """
    _need_reference()
    stale = differing(STUBS)
    if stale:
        raise UsageError(f"{stale[0]} is out of date in student/; run `grader stubs` first.")
    if not RECORDED.is_file():
        raise UsageError("The recorded answers are missing; run `grader record` first.")
    files = {f"{FOLDER}/{name}": content for name, content in handout_files().items()}
    write_zip(path, files, frozenset())
    return len(files)


def handout_files() -> dict[str, bytes]:
    """Return the files of the students' zip by their path in its folder."""
    given = given_files()
    templates = {name: path.read_bytes() for name, path in _below(TEMPLATES / "handout")}
    readme = templates["README.md"].decode()
    templates["README.md"] = readme.replace("{questions}", _questions()).encode()
    return {
        **{f"grader/{name}": content for name, content in _package().items()},
        **{f"grader/given/{name}": content for name, content in given.items()},
        **{f"student/{name}": content for name, content in given.items()},
        **templates,
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "pyproject.toml": _project().encode(),
    }


def write_bundle(path: Path) -> int:
    """Write Gradescope's zip; return how many files it has.

    Raises:
        UsageError: there is no reference, or no container/ beside it.
    """
    _need_reference()
    files = bundle_files()
    write_zip(path, files, frozenset(SCRIPTS))
    return len(files)


def bundle_files() -> dict[str, bytes]:
    """Return the files of Gradescope's zip: the scripts at the root, grader and reference."""
    if not CONTAINER.is_dir():
        raise UsageError(f"There is no folder {CONTAINER}.")
    scripts = {name: (CONTAINER / name).read_bytes() for name in (*SCRIPTS, "requirements.txt")}
    windows = [name for name, content in scripts.items() if b"\r" in content]
    if windows:
        raise UsageError(f"{windows[0]} has line ends that are not Unix's.")
    reference = {
        f"reference/{name}": path.read_bytes()
        for name, path in _below(REFERENCE)
        if path.suffix in (".py", ".csv", ".gz", ".txt")
    }
    package = {f"grader/{name}": content for name, content in _package().items()}
    return {**scripts, **reference, **package, "fault.json": _fault()}


def _fault() -> bytes:
    """Return the results for the case that the grader cannot even write any itself."""
    value = gradescope.results(failed("The grader did not start, or hung."))
    for part in ("versions", "environment"):  # of where the bundle is made
        value["extra_data"][part] = dict.fromkeys(value["extra_data"][part], "unknown")
    return gradescope.text(value).encode()


def _need_reference() -> None:
    if not has_reference():
        raise UsageError("This needs the reference, which is not part of the handout.")


def _package() -> dict[str, bytes]:
    """Return the files of the package `grader` by their path in it."""
    return {
        name: path.read_bytes()
        for name, path in _below(PACKAGE)
        if path.suffix in _KEPT and not path.is_relative_to(TEMPLATES)
    }


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_litter(path.relative_to(folder)):
            yield path.relative_to(folder).as_posix(), path


def _is_litter(path: Path) -> bool:
    """Tell whether a file is what systems, editors, notebooks and grades leave behind."""
    hidden = [part for part in path.parts if part.startswith(".") and part not in _DOTTED]
    left = path.name == "results.json" or path.name.endswith(("~", ".swp", ".orig", ".rej"))
    return bool(hidden) or left or "__pycache__" in path.parts


def _questions() -> str:
    """Return the table of the questions, as the rubric has them."""
    rows = ["| question | what | where | points |", "|---|---|---|---|"]
    for target in RUBRIC:
        where = f"`{target.name}`" if target.module in GRADED_MODULES else "`make train`"
        points = f"{target.total:g}" + (" (extra)" if target.extra else "")
        rows.append(f"| {target.question} | {target.title} | {where} | {points} |")
    return "\n".join(rows)


def _project() -> str:
    """Return pyproject.toml without what only this project's developers need."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    text = re.sub(r"(?ms)^\[project\.optional-dependencies\]\n.*?(?=^\[)", "", text)
    return text[: text.index("[tool.pytest")].rstrip() + "\n"
