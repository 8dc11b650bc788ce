"""A copy of the project and of Python that every user can read, for graders run by other users."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import sys
import sysconfig
from pathlib import Path

from grader.paths import ROOT
from grader.worker.access import closed_to_others

_LEFT_OUT = shutil.ignore_patterns("test", "idlelib", "tkinter", "ensurepip", "site-packages")
_TOOLS = shutil.ignore_patterns("ruff*", "mypy*", "pip*", "setuptools*", "scipy*", "__editable__*")


def portable_project(folder: Path) -> Path:
    """Return a copy of what a grader needs from the project, compiled once for all users.

    As bait for the attacks, it has a compiled copy of the reference and a `.git` folder.
    """
    made = folder / "project"
    for name in ("grader", "reference", "student", "tests"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("grader", "tests"):
        compileall.compile_dir(made / name, quiet=2)  # some submissions do not compile
    py_compile.compile(str(made / "reference" / "layers.py"))
    (made / ".git").mkdir()
    (made / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return made


def portable_python(folder: Path) -> Path:
    """Return an interpreter that every user can start: this one, or a copy with its packages."""
    library = sysconfig.get_paths()["stdlib"]
    packages = sysconfig.get_paths()["purelib"]
    if not any(closed_to_others(path) for path in (sys.executable, library, packages)):
        return Path(sys.executable)
    copy = folder / "lib" / Path(library).name
    shutil.copytree(library, copy, copy_function=_link, ignore=_LEFT_OUT, symlinks=True)
    site = copy / "site-packages"
    shutil.copytree(packages, site, copy_function=_link, ignore=_TOOLS, symlinks=True)
    (folder / "bin").mkdir()
    python = folder / "bin" / Path(library).name
    shutil.copy2(os.path.realpath(sys.executable), python)
    return python


def _link(source: str, target: str) -> None:
    """Hard-link a file instead of copying it if both paths are on the same file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
