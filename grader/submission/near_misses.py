"""What was handed in instead of a module: a name that is nearly right, a notebook, an archive."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from .contents import MAX_NOTEBOOK_BYTES, Contents, NotTaken, ReadFile, is_archive, read_whole

MAX_NAMED = 3
# What a browser, a file manager or an editor adds to a name.
_COPY = re.compile(r"^copy of |[ _-]*(\(\d+\)|(- )?copy( ?\(?\d+\)?)?|[ _-]\d+)$", re.IGNORECASE)
_PYTHON = {".py", ".pyw", ".py.txt", ".py.py", ".py.bak", ".txt", ".py~"}


def instead_of(module: str, found: Contents) -> str:
    """Return what may have been meant as a module that is not there; "" if nothing was found."""
    near = [
        (_effort(text), len(name.parts), text)
        for name, read in {**found.python, **found.others}.items()
        if (text := _nearly(module, name, read))
    ]
    return "; ".join(text for *_, text in sorted(near)[:MAX_NAMED])


def _effort(text: str) -> bool:
    return "(" not in text


def _nearly(module: str, name: PurePosixPath, read: ReadFile) -> str:
    """Return a file with what to do about it, if it may be the module."""
    stem, _, suffix = name.name.lower().partition(".")
    plain = _COPY.sub("", stem).strip()
    if f"{name.name}" == f"{module}.py" or "grader" in name.parent.parts:
        return ""
    if suffix == "ipynb":
        if module not in plain:
            return ""
        about = f"a notebook: save it as {module}.py" if _is_notebook(read) else "not a notebook"
        return f"{name} ({about})"
    if plain == module and f".{suffix}" in _PYTHON:
        return f"{name} (rename it to {module}.py)"
    if plain == module and suffix == "pyc":
        return f"{name} (compiled: hand in the source)"
    close = difflib.get_close_matches(plain, [module], 1, 0.8) or module in stem
    return str(name) if close and suffix in ("py", "txt", "pyw", "py.txt") else ""


def _is_notebook(read: ReadFile) -> bool:
    try:
        value = json.loads(read_whole(read, MAX_NOTEBOOK_BYTES))
    except (NotTaken, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "cells" in value and "nbformat" in value


def what_is_there(modules: Sequence[str], found: Contents) -> str:
    """Return what was handed in, where none of the modules was: one phrase."""
    if found.left_out:
        return f"left out: {'; '.join(found.left_out[:MAX_NAMED])}"
    near = [text for module in modules if (text := instead_of(module, found))]
    rest = near or [*_archives(found), *_notebooks(found), *_modules_not_fetched(found)]
    if not rest:
        names = sorted({**found.python, **found.others}, key=lambda name: len(name.parts))
        rest = list(map(str, names))
    if not rest:
        return "it is empty"
    more = f" and {len(rest) - MAX_NAMED} more" if len(rest) > MAX_NAMED else ""
    return f"it has {', '.join(rest[:MAX_NAMED])}{more}"


def _archives(found: Contents) -> Iterator[str]:
    for name in found.others:
        if is_archive(name):
            yield f"{name} (an archive inside: hand in what it holds)"


def _notebooks(found: Contents) -> Iterator[str]:
    for name, read in found.others.items():
        if name.suffix.lower() == ".ipynb" and _is_notebook(read):
            yield f"{name} (a notebook: save its code in the files of the homework)"


def _modules_not_fetched(found: Contents) -> Iterator[str]:
    for folder in found.empty:
        if folder.parts:
            yield f"{folder} (an empty folder, as Git leaves of a submodule that was not fetched)"
