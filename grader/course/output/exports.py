"""Submissions laid out for tools that detect copied code.

Every tool gets a folder per group, named after the ids of its students, and the handout as base
code, which it ignores. Dolos is the exception: it compares single files, with one file of base
code, so it gets one file per group with all modules concatenated.

The export contains what students write: the graded modules, and modules of their own, which could
hide copied code. It leaves out modules that the homework provides, and files that are byte for
byte the handout: they are no evidence against anybody, Dolos and compare50 would report all their
owners as similar, and MOSS and JPlag would find nothing left in them.

No file contains names of students. Their ids appear, and MOSS sends files to a Stanford server.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment, given_files
from grader.course.entries import line
from grader.course.store import Entry, Store
from grader.course.store.contents import unpacked
from grader.errors import UsageError, refusals

from .reports import folder_of
from .written import LOG, writing

SUBMISSIONS, BASE = "submissions", "base"
# Maximum length of a folder name in bytes; file systems allow 255.
_MOST = 200


@dataclass(frozen=True)
class Export:
    """The result of an export.

    Args:
        count: how many groups have anything to compare.
        left_out: the entries that have nothing, each with the reason.
        command: the command to run next.
    """

    count: int
    left_out: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class _Work:
    """What one group wrote: files by name, and when they were handed in."""

    folder: str
    files: Mapping[str, bytes]
    submitted_at: str


def export(store: Store, assignment: Assignment, tool: str, out: Path) -> Export:
    """Lay out the submissions that count, each group's once.

    Args:
        store: the class store.
        assignment: names the modules that students write.
        tool: one of `TOOLS`.
        out: a folder that is empty, or was written by an earlier export.

    Raises:
        UsageError: there is no such tool, or the folder contains something else.
        MachineError: a file cannot be written.
    """
    if tool not in TOOLS:
        raise UsageError(f"There is no tool {tool!r}. Available: {', '.join(TOOLS)}.")
    _require_ours(out)
    base = _base(assignment)
    works: list[_Work] = []
    left_out = []
    for entry in store.entries():
        files = _written(store, assignment, entry, base)
        if files:
            works.append(_Work(_folder(entry.students), files, entry.submitted_at or ""))
        else:
            reason = entry.problem or "nothing but what was handed out"
            named = reason.startswith(entry.entry)
            left_out.append(line(reason if named else f"{entry.entry}: {reason}"))
    laid, command = TOOLS[tool](works, base)
    with writing(out) as files_:
        for name, content in laid.items():
            files_.put(name, content)
    return Export(len(works), tuple(left_out), f"cd {shlex.quote(str(out))} && {command}")


def _require_ours(out: Path) -> None:
    with refusals(f"{out} cannot be used"):
        if out.exists() and not (out / LOG).is_file() and any(out.iterdir()):
            raise UsageError(f"{out} is not empty: choose another folder.")


def _base(assignment: Assignment) -> dict[str, bytes]:
    """Return the graded modules as they were handed out, in the assignment's order."""
    given = given_files(assignment)
    names = [f"{module}.py" for module in assignment.graded_modules]
    return {name: given[name] for name in names if name in given}


def _written(
    store: Store, assignment: Assignment, entry: Entry, base: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return what a group wrote: the graded modules first, then its own, under safe names."""
    if entry.contents is None:
        return {}
    files = unpacked(store.contents(entry.contents)).files
    given = given_files(assignment).keys() - base.keys()
    order = [*(name for name in base if name in files), *sorted(files.keys() - base.keys())]
    return {
        name if name in base else f"{folder_of(name.removesuffix('.py'))}.py": files[name]
        for name in order
        if name not in given and files[name].strip() and files[name] != base.get(name)
    }


def _folder(students: Sequence[str]) -> str:
    """Return the name of a group's folder, with the ids of all its students if they fit."""
    name = "+".join(map(folder_of, students))
    if len(name.encode()) <= _MOST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"{folder_of(students[0])[:50]}+{len(students) - 1}-{digest}"


def _in_folders(works: Sequence[_Work], base: Mapping[str, bytes]) -> dict[str, bytes]:
    laid = {f"{BASE}/{name}": content for name, content in base.items()}
    for work in works:
        laid |= {f"{SUBMISSIONS}/{work.folder}/{name}": x for name, x in work.files.items()}
    return laid


# What was laid out, and the command to run in its folder.
_Laid = tuple[dict[str, bytes], str]


def _moss(works: Sequence[_Work], base: Mapping[str, bytes]) -> _Laid:
    """With `-d`, MOSS treats the files of one folder as one program."""
    options = "".join(f" -b {BASE}/{shlex.quote(name)}" for name in base)
    return _in_folders(works, base), f"moss -l python -d{options} {SUBMISSIONS}/*/*.py"


def _jplag(works: Sequence[_Work], base: Mapping[str, bytes]) -> _Laid:
    """Every folder below the root is a submission."""
    command = f"java -jar jplag.jar -l python3 --bc {BASE} {SUBMISSIONS}"
    return _in_folders(works, base), command


def _compare50(works: Sequence[_Work], base: Mapping[str, bytes]) -> _Laid:
    """Every folder named in the command is a submission."""
    return _in_folders(works, base), f"compare50 {SUBMISSIONS}/* -d {BASE}/*"


def _dolos(works: Sequence[_Work], base: Mapping[str, bytes]) -> _Laid:
    """Every line of `info.csv` is a submission: a file, its owner, and when it was handed in."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["filename", "full_name", "created_at"])
    laid = {f"{BASE}.py": b"".join(_in_a_row(base))}
    for work in works:
        name = f"{SUBMISSIONS}/{work.folder}.py"
        laid[name] = b"".join(_in_a_row(work.files))
        table.writerow([name, work.folder, work.submitted_at])
    laid["info.csv"] = text.getvalue().encode()
    return laid, f"dolos run -f web -l python --ignore {BASE}.py info.csv"


def _in_a_row(files: Mapping[str, bytes]) -> Iterator[bytes]:
    for name, content in files.items():
        yield f"# {name}\n".encode() + content.rstrip() + b"\n\n"


TOOLS: Mapping[str, Callable[[Sequence[_Work], Mapping[str, bytes]], _Laid]] = {
    "moss": _moss,
    "jplag": _jplag,
    "dolos": _dolos,
    "compare50": _compare50,
}
