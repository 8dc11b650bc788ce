"""Importing the package `student` in a worker: each module from where the stage says."""

from __future__ import annotations

import codecs
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

from . import iteration
from .plain_names import STUDENT_PACKAGE
from .stage import Stage


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with the builtins that make iteration visible.

    A handout module that stands in for a file of the submission also offers the names that the
    submission added there (such as a helper for its layers in activations.py): names that the
    handout defines come from the handout, any other name from the submission's own file.
    """

    def __init__(self, fullname: str, file: str, given: bool = False, own: str = "") -> None:
        super().__init__(fullname, file)
        self._given = given
        self._own = own

    def get_code(self, fullname: str) -> types.CodeType | None:
        if self._given:
            return _compiled(self.path)
        try:
            return super().get_code(fullname)
        except Exception as error:  # noqa: BLE001 - anything that keeps a file from being compiled
            raise _unreadable(error, self.path) from None

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__["__builtins__"] = iteration.TRACED_BUILTINS
        super().exec_module(module)
        if self._own:
            module.__dict__["__getattr__"] = _own_names(self._own, module)


def _unreadable(error: Exception, file: str) -> SyntaxError:
    """Return why a file of the submission does not compile, adding a place that Python may omit."""
    if isinstance(error, SyntaxError) and error.filename:
        return error
    with open(file, "rb") as source:
        content = source.read()
    message, line = (error.msg if isinstance(error, SyntaxError) else str(error)), 1
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        message = "the file is saved as UTF-32"
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        message = "the file is saved as UTF-16"
    elif b"\0" in content:
        line += content[: content.index(b"\0")].count(b"\n")
    return SyntaxError(message, (file, line, None, None))


@functools.lru_cache(maxsize=32)
def _compiled(file: str) -> types.CodeType:
    with open(file, "rb") as source:
        return compile(source.read(), file, "exec", dont_inherit=True)


def compile_given(folder: str) -> None:
    """Compile the handout's modules, so that workers forked later find them ready."""
    for name in os.listdir(folder):
        if name.endswith(".py"):
            _compiled(os.path.join(folder, name))


class Finder(importlib.abc.MetaPathFinder):
    """Finds `student` and its modules, each where the stage says."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the package or one of its modules; nothing else."""
        if fullname != STUDENT_PACKAGE and not fullname.startswith(STUDENT_PACKAGE + "."):
            return None
        parts = fullname.split(".")[1:]
        file = self._file(parts)
        if file is None:
            return self._namespace(fullname, parts)
        folder = [os.path.dirname(file)] if file.endswith("__init__.py") else None
        own = os.path.join(self._stage.submission, os.path.basename(file))
        given = file.startswith(self._stage.given)
        lent = given and folder is None and os.path.isfile(own)
        loader = _Loader(fullname, file, given, own if lent else "")
        return importlib.util.spec_from_file_location(
            fullname, file, loader=loader, submodule_search_locations=folder
        )

    def has(self, name: str) -> bool:
        """Tell whether the package has a module with this name."""
        folder = os.path.join(self._stage.submission, name)
        return self._file([name]) is not None or os.path.isdir(folder)

    def _namespace(
        self, fullname: str, parts: Sequence[str]
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a folder of the submission without an `__init__.py`, which is a package, too."""
        folder = os.path.join(self._stage.submission, *parts)
        if not os.path.isdir(folder):
            return None
        spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [folder]
        return spec

    def _file(self, parts: list[str]) -> str | None:
        if not parts:
            return os.path.join(self._stage.given, "__init__.py")
        if len(parts) == 1 and parts[0] not in self._stage.submitted_modules:
            given = os.path.join(self._stage.given, parts[0] + ".py")
            if os.path.isfile(given):
                return given
        base = os.path.join(self._stage.submission, *parts)
        files = (base + ".py", os.path.join(base, "__init__.py"))
        return next((file for file in files if os.path.isfile(file)), None)


def _own_names(file: str, given: types.ModuleType) -> Any:
    name = given.__name__.replace(".", "._own_")

    def __getattr__(attribute: str) -> Any:
        if attribute.startswith("__") and attribute != "__all__":
            raise AttributeError(attribute)
        if attribute == "__all__":
            names = {*vars(given), *_names_of_own(name, file)}
            return sorted(x for x in names if not x.startswith("_"))
        own = _load_own(name, file)
        if not hasattr(own, attribute):
            raise AttributeError(f"module {given.__name__!r} has no attribute {attribute!r}")
        return getattr(own, attribute)

    return __getattr__


def _names_of_own(name: str, file: str) -> tuple[str, ...]:
    """Return what the submission's file defines; nothing if it cannot even be imported."""
    try:
        return tuple(vars(_load_own(name, file)))
    except Exception:  # noqa: BLE001 - `import *` from a broken file still provides the given names
        return ()


def _load_own(name: str, file: str) -> types.ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file, loader=_Loader(name, file))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]
