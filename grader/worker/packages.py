"""The packages that layers of confinement are built with, which may be missing on a platform."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Mapping
from typing import Any

PACKAGES = ("landlockpy", "seccompy")


class Unavailable(Exception):
    """A layer cannot be had here; the text says why."""


def load_packages(folders: Mapping[str, str]) -> None:
    """Import what the layers are built with, each from its folder, as far as it is there."""
    for name, folder in folders.items():
        sys.path.append(folder)
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
        sys.path.remove(folder)


def package(name: str) -> Any:
    """Return a package that was loaded.

    Raises:
        Unavailable: it was not there.
    """
    if name not in sys.modules:
        raise Unavailable(f"the package {name} is not installed")
    return sys.modules[name]
