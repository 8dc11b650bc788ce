"""The syntax of a submission's modules: what each defines and imports. Nothing is imported."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Import:
    """What a name in a module refers to: a module, or a name in it."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class Module:
    """One file of a submission.

    Args:
        path: its path in the package, such as "layers.py".
        lines: the lines of its text.
        problem: why it is not valid Python; if so, it defines nothing.
    """

    path: str
    lines: tuple[str, ...]
    defined: Mapping[str, Definition] = field(default_factory=dict)
    imported: Mapping[str, Import] = field(default_factory=dict)
    starred: tuple[str, ...] = ()
    problem: str = ""

    def text_of(self, node: ast.AST) -> str:
        """Return the lines of a definition, without trailing spaces."""
        first, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        return "\n".join(line.rstrip() for line in self.lines[first - 1 : last])


def parsed(files: Mapping[str, bytes]) -> dict[str, Module]:
    """Return parsed files by their dotted module names."""
    paths = [path for path in files if path.endswith(".py")]
    return {_dotted(path): _module(path, files[path]) for path in paths}


def _dotted(path: str) -> str:
    return ".".join(PurePosixPath(path).with_suffix("").parts)


def _module(path: str, content: bytes) -> Module:
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = tuple(text.split("\n"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(path, lines, ast.parse(text.replace("\f", " ")))
    except SyntaxError as error:
        return Module(path, lines, problem=f"line {error.lineno or 1}: {error.msg}")
    except ValueError as error:
        return Module(path, lines, problem=f"it is not valid Python ({error})")
    except (RecursionError, MemoryError):
        return Module(path, lines, problem="it is nested too deeply to be read")


def _read(path: str, lines: tuple[str, ...], tree: ast.Module) -> Module:
    defined: dict[str, Definition] = {}
    imported: dict[str, Import] = {}
    starred: list[str] = []
    for node in _top_level(tree):
        for name in names_of(node):
            defined[name] = node  # type: ignore[assignment]
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.partition(".")[0]] = Import(alias.name)
        elif isinstance(node, ast.ImportFrom):
            _import_from(node, path, imported, starred)
    return Module(path, lines, defined, imported, tuple(starred))


def _top_level(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements of a module, including those inside `if` and `try`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If | ast.Try | ast.ExceptHandler | ast.With):
            yield from _top_level(node)
        elif isinstance(node, ast.stmt):
            yield node


def names_of(node: ast.AST) -> list[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [x.id for target in targets for x in ast.walk(target) if isinstance(x, ast.Name)]
    return []


def _import_from(
    node: ast.ImportFrom, path: str, imported: dict[str, Import], starred: list[str]
) -> None:
    parents = PurePosixPath(path).parent.parts
    base = list(parents[: len(parents) - node.level + 1]) if node.level else []
    module = ".".join([*base, *filter(None, [node.module])])
    for alias in node.names:
        if alias.name == "*":
            starred.append(module)
        else:
            imported[alias.asname or alias.name] = Import(module, alias.name)


def look_up(modules: Mapping[str, Module], module: str, name: str, depth: int = 5) -> Import | None:
    """Return where a name used in a module is defined in the submission, if it is."""
    here = _named(modules, module)
    if not here or not depth:
        return None
    if name in modules[here].defined:
        return Import(here, name)
    found = modules[here].imported.get(name)
    if found is None:
        tries = (look_up(modules, star, name, depth - 1) for star in modules[here].starred)
        return next((one for one in tries if one), None)
    whole = _named(modules, f"{found.module}.{found.name}".strip("."))
    return Import(whole) if whole else look_up(modules, found.module, found.name, depth - 1)


def _named(modules: Mapping[str, Module], name: str) -> str:
    """Return a module of the submission, even if its name is prefixed by its package."""
    return next((x for x in (name, name.partition(".")[2]) if x and x in modules), "")
