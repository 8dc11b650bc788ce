"""The reference as packages: as it is, and with a known mistake in it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.machinery
import importlib.util
import sys
import types
import zlib
from pathlib import Path

from grader.arithmetic import undisturbed
from grader.assignment import Assignment, not_imported, unique_name
from grader.errors import UsageError

from .catalogue import Entry


def reference_package(assignment: Assignment) -> str:
    """Import the reference of an assignment, and its stand-ins into it; return its name.

    The name stands for both: an assignment with the same home may have another reference.
    """
    name = unique_name("reference", assignment.folders.reference)
    if assignment.standins is not None:
        name = unique_name(name, assignment.standins)
    _import_module(name, assignment.folders.reference / "__init__.py")
    if assignment.standins is not None:
        # Programs find the stand-ins in the package they are used with.
        _import_module(f"{name}.{assignment.standins.stem}", assignment.standins)
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
    except Exception as error:  # whatever code of an assignment raises
        del sys.modules[name]
        raise UsageError(not_imported(error, file, "this file")) from error


class _MistakenLoader(importlib.machinery.SourceFileLoader):
    """Loads a module of the reference with a mistake in it."""

    def __init__(self, fullname: str, file: str, source: str, entry: Entry) -> None:
        super().__init__(fullname, file)
        self._source = source
        self._entry = entry

    def get_code(self, fullname: str) -> types.CodeType:
        return self.source_to_code(self._source.encode(), f"<{self._entry.id}>")


def mistaken_package(assignment: Assignment, entry: Entry) -> str:
    """Return the name of a package that is the reference with one module changed."""
    reference = reference_package(assignment)
    # Another catalogue may have another mistake of the same name.
    package = f"{reference}.mistaken {entry.id} {zlib.crc32(entry.code.encode()):08x}"
    if package in sys.modules:
        return package
    folder, own = assignment.folders.reference, f"{reference}.{entry.module}"
    importlib.import_module(own)
    loader = _MistakenLoader(own, entry.module, entry.source(folder), entry)
    path = folder / f"{entry.module}.py"
    spec = importlib.util.spec_from_file_location(own, path, loader=loader)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[package] = types.ModuleType(package)
    for name in {path.stem for path in package_modules(assignment)} - {"__init__", entry.module}:
        if name != assignment.training_module:
            sys.modules[f"{package}.{name}"] = importlib.import_module(f"{reference}.{name}")
    sys.modules[f"{package}.{entry.module}"] = module
    return package


def package_modules(assignment: Assignment) -> list[Path]:
    """Return the modules of a reference, and its stand-ins."""
    standins = [assignment.standins] if assignment.standins else []
    return [*assignment.folders.reference.glob("*.py"), *standins]


def sources_digest(assignment: Assignment) -> bytes:
    """Return 8 bytes that change with the modules of the reference that edits are made of."""
    digest = hashlib.sha256()
    for module in sorted(assignment.graded_modules):
        digest.update((assignment.folders.reference / f"{module}.py").read_bytes())
    return digest.digest()[:8]
