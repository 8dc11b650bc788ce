"""Drafts of catalogue entries: what a class gets wrong that has no name yet, ready to be named.

A draft contains the student's own code, including comments: no student may see it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from grader.assignment import Assignment, Target
from grader.course.store import Store
from grader.course.store.contents import unpacked
from grader.files import replace_text
from grader.report.cleaning import cut
from grader.verdict import Verdict

from .groups import Group, groups

# A mistake made by one student is just a mistake; made by two, it deserves a name.
LEAST = 2
# The text for a module that cannot be imported.
_IMPORT = "Importing your file"
# Characters of a message to keep in the title of an entry.
TITLE = 120
FIRST_LINE = '"""A draft of a catalogue entry: write after `says` what the numbers prove."""'


def write_drafts(store: Store, assignment: Assignment, run: int, folder: Path) -> list[Path]:
    """Write a draft for every group of at least two submissions, and return their paths.

    Older drafts are deleted, unless someone has written after `says`: such a file stays, and its
    number is not reused. Failures that are not about the code of one class or derivation have no
    draft: trainings, and files that cannot be imported.

    Args:
        store: the class store.
        assignment: the assignment that was graded.
        run: the run that gave the grades.
        folder: where to put the drafts; it is created if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.py"):
        if _is_untouched(path):
            path.unlink()
    targets = {target.name: target for target in assignment.rubric}
    numbers, written = Counter[str](), list[Path]()
    for group in groups(store, run):
        target = targets.get(group.failures[0].target)
        text = target and draft(store, assignment, group, target)
        if target is None or not text:
            continue
        numbers[target.question] += 1
        while (path := _path(folder, target, numbers[target.question])).exists():
            numbers[target.question] += 1
        replace_text(path, f"{FIRST_LINE}\n\n# %% draft-{path.stem}: {text}")
        written.append(path)
    return written


def _path(folder: Path, target: Target, number: int) -> Path:
    return folder / f"{target.question}-{number}.py"


def _is_untouched(path: Path) -> bool:
    """Tell whether a file is a draft that nobody has edited."""
    lines = path.read_text("utf-8", "replace").splitlines()
    says = [line.partition(":")[2].strip() for line in lines if line.startswith("# says:")]
    return lines[:1] == [FIRST_LINE] and says[:1] == [""]


def draft(store: Store, assignment: Assignment, group: Group, target: Target) -> str:
    """Return the entry for a group, without its id; "" if there is nothing to write."""
    stub = assignment.folders.student / f"{target.module}.py"
    given = stub.read_bytes() if stub.is_file() else b""
    if group.size < LEAST or target.is_run or group.said.message.startswith(_IMPORT):
        return ""
    for failure in group.failures:
        contents = store.rows("SELECT contents FROM results WHERE id = ?", failure.result)[0][0]
        files = unpacked(store.contents(contents)).files
        code = code_of(files.get(f"{target.module}.py", b""), target, given)
        if code:
            verdicts = _verdicts(store, contents, failure.fingerprint, target)
            return _entry(group, target, verdicts, code)
    return ""


def _verdicts(
    store: Store, contents: str, fingerprint: str, target: Target
) -> Mapping[str, Verdict]:
    """Return the verdicts of all checks of a target that did not pass, in order."""
    query = 'SELECT "check", verdict FROM results WHERE (contents, target, fingerprint) = (?, ?, ?)'
    rows = store.rows(query, contents, target.name, fingerprint)
    found = {row["check"]: Verdict(row["verdict"]) for row in rows}
    return {
        check: found[check]
        for check in target.points
        if found.get(check, Verdict.PASSED) is not Verdict.PASSED
    }


def _entry(group: Group, target: Target, verdicts: Mapping[str, Verdict], code: str) -> str:
    names = f"wrong in the same way: {', '.join(group.names)}"
    said = " ".join(cut(group.said.gist, TITLE).split())
    lines = [
        # Inside a student's text it would begin another entry.
        f"{group.size} submissions; {names if group.names else said}".replace("# %%", "#%%"),
        f"# target: {target.name}",
        *(f"# {check}: {verdict.value}" for check, verdict in verdicts.items()),
        "# says: ",
        code.replace("# %% ", "#%% "),
    ]
    return "\n".join(lines) + "\n"


def code_of(source: bytes, target: Target, given: bytes = b"") -> str:
    """Return the code of a class or a derivation, and what it uses from the rest of its module.

    Args:
        source: the module, as a student wrote it.
        target: the class or derivation.
        given: the module as handed out; what the student left unchanged is omitted.

    Returns:
        the student's own lines; "" if there are none, or they are not valid Python.
    """
    try:
        tree, text = ast.parse(source), source.decode()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    name = target.name.partition(".")[2]
    statements = {node: _defined(node) for node in tree.body}
    chosen = {node for node, names in statements.items() if _is_of(target, name, names)}
    usual = {ast.dump(node) for node in ast.parse(given).body} - {ast.dump(x) for x in chosen}
    known, grown = set[ast.stmt](), chosen
    while grown:
        used = {x.id for node in grown for x in ast.walk(node) if isinstance(x, ast.Name)}
        known |= grown
        grown = {node for node, names in statements.items() if names & used} - known
    lines = text.splitlines()
    kept = [node for node in tree.body if node in known and ast.dump(node) not in usual]
    return "\n\n\n".join(_lines(node, lines) for node in kept)


def _is_of(target: Target, name: str, names: set[str]) -> bool:
    if target.is_derivation:
        return any(one.startswith(name) for one in names)
    return name in names


def _defined(node: ast.stmt) -> set[str]:
    """Return the names that a top-level statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(one.asname or one.name).partition(".")[0] for one in node.names}
    stored = (x for x in ast.walk(node) if isinstance(x, ast.Name))
    return {x.id for x in stored if isinstance(x.ctx, ast.Store)}


def _lines(node: ast.stmt, lines: list[str]) -> str:
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(one.lineno for one in decorators)])
    return "\n".join(lines[start - 1 : node.end_lineno])
