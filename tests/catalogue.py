"""The catalogue of submissions: each entry changes the reference, and says what must come of it.

A file holds cells. A cell begins with `# %% id: what the student did` and one comment line a
setting: `# target: layers.Conv2D`, and the verdicts that are not "passed", `# gradient: partly`.
The code below replaces what has the same name in the target's module: a method of a class, a
class that defines no method of the reference's, a function; anything else is added.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from grader.submission import Submission

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "reference"


@dataclass(frozen=True)
class Entry:
    """One submission of the catalogue."""

    id: str
    title: str
    target: str
    verdicts: dict[str, str]
    code: str

    @property
    def module(self) -> str:
        """Return the module that the entry changes."""
        return self.target.partition(".")[0]

    def submission(self) -> Submission:
        """Return the reference with this entry's code in the place of its own."""
        files = reference_files()
        name = f"{self.module}.py"
        files[name] = spliced(files[name].decode(), self.code).encode()
        return Submission(files, self.id)


def reference_files() -> dict[str, bytes]:
    """Return the reference as a submission's files."""
    return {path.name: path.read_bytes() for path in REFERENCE.glob("*.py")}


def entries(folder: str) -> list[Entry]:
    """Return all entries of `tests/submissions/<folder>`."""
    found = []
    for path in sorted((HERE / "submissions" / folder).glob("*.py")):
        cells = path.read_text("utf-8").split("# %% ")[1:]
        found += [_entry(cell) for cell in cells]
    return found


def _entry(cell: str) -> Entry:
    heading, *lines = cell.splitlines()
    identifier, _, title = heading.partition(": ")
    settings = {}
    while lines and lines[0].startswith("# ") and ": " in lines[0]:
        key, _, value = lines.pop(0)[2:].partition(": ")
        settings[key] = value.strip()
    target = settings.pop("target")
    return Entry(identifier, title, target, settings, "\n".join(lines) + "\n")


def spliced(source: str, code: str) -> str:
    """Return a module's source with the definitions of `code` in the place of its own."""
    tree, patch = ast.parse(source), ast.parse(code)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    last_import = max(
        i for i, n in enumerate(tree.body) if isinstance(n, ast.Import | ast.ImportFrom)
    )
    added: list[ast.stmt] = []
    for node in patch.body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            _replace_methods(classes[node.name], node)
        else:
            added.append(node)
    names = {node.name for node in added if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    tree.body[last_import + 1 : last_import + 1] = added
    tree.body = [
        node for node in tree.body if node in added or getattr(node, "name", None) not in names
    ]
    return ast.unparse(ast.fix_missing_locations(tree))


def _replace_methods(old: ast.ClassDef, new: ast.ClassDef) -> None:
    if new.bases:
        old.bases = new.bases
    for node in new.body:
        name = getattr(node, "name", None)
        same = [i for i, n in enumerate(old.body) if name and getattr(n, "name", None) == name]
        if same:
            old.body[same[0]] = node
        else:
            old.body.append(node)
