"""How a process beside the grader is started: its command line and its environment."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from grader.paths import PACKAGE
from grader.worker import packages

# `grader` is importable only while its own modules load: the submission finds an empty package.
_BOOT = """
import sys, types
package = types.ModuleType("grader")
package.__path__ = [sys.argv[1]]
sys.modules["grader"] = package
from grader.worker import launcher
launcher.{entry}
"""
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
}
# The activity that error messages name when the machine refuses it.
STARTING = "The processes for a submission cannot be started"
# Without these, Windows finds no DLLs, and an old OpenBLAS may choose a wrong kernel.
_INHERITED = ("SYSTEMROOT", "PATH", "OPENBLAS_CORETYPE", "LD_LIBRARY_PATH")


def command(entry: str) -> list[str]:
    """Return the command that calls a function of `worker.launcher` in a separate process.

    Args:
        entry: the call, such as "serve_one('/folder/of/numpy')".
    """
    return [sys.executable, "-I", "-S", "-B", "-c", _BOOT.format(entry=entry), str(PACKAGE)]


def environment() -> dict[str, str]:
    """Return the environment of such a process: minimal, and the same everywhere."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, **_ENVIRONMENT}


def numpy_folder() -> str:
    """Return where numpy is installed, without importing it."""
    found = importlib.util.find_spec("numpy")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
    return str(Path(found.origin).parent.parent)


def package_folders() -> dict[str, str]:
    """Return where the packages used to build layers are installed, for those that are."""
    found = {name: importlib.util.find_spec(name) for name in packages.PACKAGES}
    origins = {name: spec.origin for name, spec in found.items() if spec and spec.origin}
    return {name: str(Path(origin).parent.parent) for name, origin in origins.items()}
