"""The packages used to build layers of confinement; a platform may lack some of them."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Mapping
from typing import Any

PACKAGES = ("landlockpy", "seccompy")


class Unavailable(Exception):
    """A layer is not available here; the text says why."""


def load_packages(folders: Mapping[str, str]) -> None:
    """Import the packages used to build layers, each from its folder, as far as they exist."""
    for name, folder in folders.items():
        sys.path.append(folder)
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
        sys.path.remove(folder)


def package(name: str) -> Any:
    """Return a package that was loaded.

    Raises:
        Unavailable: it does not exist here.
    """
    if name not in sys.modules:
        raise Unavailable(f"the package {name} is not installed")
    return sys.modules[name]
