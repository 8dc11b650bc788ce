"""Loading everything workers consist of into the launcher, before the first one is forked."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType


class _NumpyOnly(importlib.abc.MetaPathFinder):
    """Finds numpy, and no other package that happens to be installed next to it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "numpy":
            return None
        return importlib.machinery.PathFinder.find_spec(fullname, [self._folder])


def load_worker(folder: str) -> None:
    """Load numpy from a folder, and the worker; nothing else can be imported from it afterwards."""
    sys.meta_path.append(_NumpyOnly(folder))
    # Loaded once here, instead of at first use in every worker.
    for name in ("numpy.linalg", "numpy.ma", "numpy.random", f"{__package__}.serving"):
        importlib.import_module(name)
    for name in ("grader", __package__):
        sys.modules[name].__path__ = []
