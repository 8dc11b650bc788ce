"""The reference, also with modified code, as packages on which programs can be run."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.util
import sys
import types
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from grader.arithmetic import undisturbed
from grader.assignment import Assignment, Problem, given_files, not_imported, unique_name
from grader.errors import UsageError
from grader.judging import Signature, fitted, signature
from grader.result import ResultSpec
from grader.worker.interpreter import Interpreter
from grader.worker.values import numbers

from .catalogue import Entry
from .oracle import Effect

# Limit for one result of a mistake: anything larger is not a known mistake.
MAX_BYTES = 2**24


def reference_package(assignment: Assignment) -> str:
    """Import the reference of an assignment, with its fakes; return its package name.

    The name depends on both: an assignment with the same home may have another reference.
    """
    name = unique_name("reference", assignment.folders.reference)
    if assignment.fakes is not None:
        name = unique_name(name, assignment.fakes)
    _import_module(name, assignment.folders.reference / "__init__.py")
    if assignment.fakes is not None:
        # Programs look for the fakes in the package they are run on.
        _import_module(f"{name}.{assignment.fakes.stem}", assignment.fakes)
    return name


def _import_module(name: str, file: Path) -> None:
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with undisturbed():
            spec.loader.exec_module(module)
    except Exception as error:  # an assignment's code may raise anything
        del sys.modules[name]
        raise UsageError(not_imported(error, file, "this file")) from error


class _MistakenLoader(importlib.machinery.SourceFileLoader):
    """Loads a module of the reference with a mistake in it."""

    def __init__(self, fullname: str, file: str, tree: ast.Module, entry: Entry) -> None:
        super().__init__(fullname, file)
        self._tree = tree
        self._entry = entry

    def get_code(self, fullname: str) -> types.CodeType:
        return self.source_to_code(self._tree, f"<{self._entry.id}>")


def mistaken_package(assignment: Assignment, entry: Entry) -> str:
    """Return the name of a package that is the reference with one module changed."""
    reference = reference_package(assignment)
    # Another catalogue may have a different mistake of the same name.
    package = f"{reference}.mistaken {entry.id} {zlib.crc32(entry.code.encode()):08x}"
    if package in sys.modules:
        return package
    folder, own = assignment.folders.reference, f"{reference}.{entry.module}"
    importlib.import_module(own)
    loader = _MistakenLoader(own, entry.module, entry.tree(folder), entry)
    path = folder / f"{entry.module}.py"
    spec = importlib.util.spec_from_file_location(own, path, loader=loader)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[package] = types.ModuleType(package)
    for name in {path.stem for path in module_paths(assignment)} - {"__init__", entry.module}:
        if name != assignment.training_module:
            sys.modules[f"{package}.{name}"] = importlib.import_module(f"{reference}.{name}")
    sys.modules[f"{package}.{entry.module}"] = module
    return package


def module_paths(assignment: Assignment) -> list[Path]:
    """Return the paths of the reference's modules, and of the fakes."""
    fakes = [assignment.fakes] if assignment.fakes else []
    return [*assignment.folders.reference.glob("*.py"), *fakes]


def wrong_results(package: str, problem: Problem, right: Mapping[str, np.ndarray]) -> Effect:
    """Run a problem on a package; return the judged results that differ from the right ones."""
    interpreter = Interpreter(package)
    specs = {result.name: result for result in problem.judged}
    made: dict[str, Signature | None] = {}
    with contextlib.suppress(Exception), undisturbed():
        for step in problem.program:  # later steps may change arrays that earlier ones returned
            results = interpreter.run(step).items()
            made |= {n: _signed(specs[n], value, right[n]) for n, value in results if n in specs}
    signed = {name: made.get(name) for name in specs if name in right}
    return {
        name: found
        for name, found in signed.items()
        if found is None or not found.equals(signature(specs[name], right[name]))
    }


def _signed(result: ResultSpec, value: object, right: np.ndarray) -> Signature | None:
    """Return the signature of the numbers that a worker would send."""
    array = numbers(value, MAX_BYTES)
    if array is None:
        return None
    in_form = fitted(array, right.shape)
    return signature(result, array if in_form is None else in_form)


def sources_digest(assignment: Assignment) -> bytes:
    """Return 8 bytes that change with the reference, the known mistakes, and the alternatives.

    They also change with the given modules, the data, and the fakes, on which the others depend.
    """
    digest, folders = hashlib.sha256(files_digest(assignment)), assignment.folders
    modules = [folders.reference / f"{module}.py" for module in sorted(assignment.graded_modules)]
    cells = [sorted(folder.glob("*.py")) for folder in (folders.mistakes, folders.alternatives)]
    for kind, paths in enumerate((modules, *cells)):
        for path in paths:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{kind} {path.name} {len(content)} ".encode() + content)
    return digest.digest()[:8]


def files_digest(assignment: Assignment) -> bytes:
    """Return 8 bytes that change with the fakes, the data, and the given modules.

    The right answers depend on them, but no problem contains them. Windows line endings make no
    difference.
    """
    given = given_files(assignment)
    graded = {f"{module}.py" for module in assignment.graded_modules}
    files = {x: given[x] for x in given if x not in graded and not x.endswith(".md")}
    if assignment.fakes is not None:
        files["fakes"] = assignment.fakes.read_bytes()
    digest = hashlib.sha256()
    for name in sorted(files):
        content = files[name].replace(b"\r\n", b"\n")
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.digest()[:8]
