"""The catalogue of mistakes, and how a piece of code becomes a whole submission.

A file consists of cells. A cell begins with `# %% id: what the student did`, followed by one
comment line per setting, and then the code:

    # %% fc-db-mean: takes the mean instead of the sum for db
    # target: layers.FullyConnected
    # gradient: partly
    # says: gradients['b'] is averaged over the batch instead of summed.

The settings are: the target; the verdicts of its checks that are not "passed" ("partly or passed"
if it depends on the inputs); for a training, the `module` whose code is changed; and the sentence
that a student reads when the numbers prove this mistake, or, if numbers cannot, a `message` that
describes it in other words (none if a student reads only Python's). `also` lists other entries
whose sentences are true of this one, even with an additional factor. The code replaces whatever has
the same name in the target's module: a method of a class, or a function; anything else is added.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """One submission of a catalogue: the reference with some code changed.

    Args:
        id: its name.
        title: what the student did.
        target: "module.Class", or a training run.
        verdicts: of the checks that do not pass: one verdict, or several joined by " or ".
        says: what a student reads when the numbers prove it; "" if they cannot.
        message: part of what a student reads in any case, if numbers prove nothing.
        also: ids of entries whose sentences are also true of this one.
        code: the code that replaces the reference's.
        changed: the module that it changes, if not the target's.
    """

    id: str
    title: str
    target: str
    verdicts: dict[str, str]
    says: str
    message: str
    also: tuple[str, ...]
    code: str
    changed: str = ""

    @property
    def module(self) -> str:
        """Return the module that the entry changes."""
        return self.changed or self.target.partition(".")[0]

    def files(self, reference: Path) -> dict[str, bytes]:
        """Return the reference's files with this entry's code replacing the original code."""
        files = module_files(reference)
        files[f"{self.module}.py"] = self.source(reference).encode()
        return files

    def source(self, reference: Path) -> str:
        """Return the source of the changed module."""
        return ast.unparse(self.tree(reference))

    def tree(self, reference: Path) -> ast.Module:
        """Return the syntax tree of the changed module: quicker to make than its source."""
        return _spliced((reference / f"{self.module}.py").read_text("utf-8"), self.code)


def module_files(reference: Path) -> dict[str, bytes]:
    """Return the modules of the reference as a submission's files."""
    return {path.name: path.read_bytes() for path in reference.glob("*.py")}


def entries(folder: Path) -> list[Entry]:
    """Return the entries of all files in a folder, in order."""
    return [entry for path in sorted(folder.glob("*.py")) for entry in _cells(path)]


def _cells(path: Path) -> Iterator[Entry]:
    for cell in path.read_text("utf-8").split("# %% ")[1:]:
        heading, *lines = cell.splitlines()
        identifier, _, title = heading.partition(": ")
        settings: dict[str, str] = {}
        while lines and lines[0].startswith("# ") and ": " in lines[0]:
            key, _, value = lines.pop(0)[2:].partition(": ")
            settings[key] = value.strip()
        if "target" not in settings:
            raise UsageError(f"{path}: the cell {identifier!r} names no target.")
        target = settings.pop("target")
        says, message, changed = (settings.pop(key, "") for key in ("says", "message", "module"))
        also = tuple(settings.pop("also", "").split())
        yield Entry(
            identifier,
            title,
            target,
            settings,
            says,
            message,
            also,
            "\n".join(lines) + "\n",
            changed,
        )


def spliced(source: str, code: str) -> str:
    """Return a module's source with its definitions replaced by those of `code`."""
    return ast.unparse(_spliced(source, code))


def _spliced(source: str, code: str) -> ast.Module:
    tree, patch = _parsed(source), ast.parse(code)
    body = [_copy(node) for node in tree.body]
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    last_import = max(i for i, n in enumerate(body) if isinstance(n, ast.Import | ast.ImportFrom))
    added: list[ast.stmt] = []
    for node in patch.body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            _replace_methods(classes[node.name], node)
        else:
            added.append(node)
    names = {name for node in added for name in _defined(node)}
    body[last_import + 1 : last_import + 1] = added
    kept = [node for node in body if node in added or getattr(node, "name", None) not in names]
    return ast.Module(kept, type_ignores=[])


def _defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


@lru_cache(maxsize=16)
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _copy(node: ast.stmt) -> ast.stmt:
    """Return a copy of a node whose fields can be changed without affecting the original."""
    if not isinstance(node, ast.ClassDef):
        return node
    copy = ast.copy_location(ast.ClassDef(**dict(ast.iter_fields(node))), node)
    copy.body, copy.bases = list(node.body), list(node.bases)
    return copy


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
