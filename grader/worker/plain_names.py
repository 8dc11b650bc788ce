"""Plain imports of a student's own files, treated as imports from their package."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

STUDENT_PACKAGE = "student"


class PlainImport(ImportWarning):
    """A file of the package was imported without a dot."""

    def __init__(self, name: str) -> None:
        """Say how to write it."""
        super().__init__(
            f"{name} is part of this homework and was imported without a dot. It was found here, "
            f"but write .{name} (from .{name} import ...), so that it is found everywhere."
        )


class PlainNames:
    """Finds the package's modules under their plain names, unless something else has that name.

    `import helpers`, for a file that was handed in along with the others, is treated as
    `from . import helpers`: the same module under a second name. A warning says so.
    """

    def __init__(self, exists: Callable[[str], bool], label: Callable[[str], str]) -> None:
        """Keep functions that say if the package has a module, and how a student knows a file."""
        self._exists = exists
        self._label = label
        self._known: set[str] = set()

    def install(self) -> None:
        """Install the finders so that anything else that is found comes first."""
        sys.meta_path.insert(0, _Aliases(lambda name: name.partition(".")[0] in self._known))
        sys.meta_path.append(_Aliases(self._is_meant))

    def _is_meant(self, name: str) -> bool:
        if "." in name or not self._exists(name):
            return False
        self._known.add(name)
        caller: types.FrameType | None = sys._getframe(1)  # noqa: SLF001
        while caller is not None and not self._label(caller.f_code.co_filename):
            caller = caller.f_back
        if caller is not None:
            place = (caller.f_code.co_filename, caller.f_lineno)
            with contextlib.suppress(PlainImport):  # if warnings are errors
                warnings.warn_explicit(PlainImport(name), PlainImport, *place)
        return True


class _Aliases(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules of the package under names without the package prefix."""

    def __init__(self, is_meant: Callable[[str], bool]) -> None:
        self._is_meant = is_meant
        self._specs: dict[str, Any] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        meant = self._is_meant(fullname)
        return importlib.machinery.ModuleSpec(fullname, self) if meant else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = importlib.import_module(f"{STUDENT_PACKAGE}.{spec.name}")
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Restore the spec that belongs to the module's own name; the module has already run."""
        assert module.__spec__ is not None
        module.__spec__ = self._specs.pop(module.__spec__.name)
