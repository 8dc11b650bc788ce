"""What was handed in instead of a module: an almost right name, a notebook, or an archive."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from .contents import MAX_NOTEBOOK_BYTES, Contents, NotTaken, ReadFile, is_archive, read_whole

MAX_NAMED = 3
# What a browser, a file manager, or an editor adds to a name.
_COPY = re.compile(r"^copy of |[ _-]*(\(\d+\)|(- )?copy( ?\(?\d+\)?)?|[ _-]\d+)$", re.IGNORECASE)
_PYTHON = {".py", ".pyw", ".py.txt", ".py.py", ".py.bak", ".py.download", ".txt", ".py~", "."}
A_CLASS = "`grader class` grades a class"
ONE_BY_ONE = f"name the one to grade; {A_CLASS}"


def missing_module(module: str, found: Contents) -> str:
    """Return what to say about a module that the graded folder lacks; "" if nothing.

    It may have been refused or be somewhere else, another file may have been meant as it, or it may
    be inside an archive.
    """
    name = f"{module}.py"
    if refused := [text for text in found.left_out if text.startswith(f"{name} (")]:
        return f"rejected: {refused[0]}"
    if elsewhere := [path for path in found.python if path.name == name and not _is_harness(path)]:
        return f"found {elsewhere[0]} (put it beside the other files)"
    folders = {part for path in (*found.python, *found.others) for part in path.parent.parts}
    if name in folders or name in {path.name for path in found.empty}:
        return "found a folder of this name"
    near = instead_of(module, found) or "; ".join(list(_archives(found))[:MAX_NAMED])
    return f"found {near}" if near else ""


def _is_harness(name: PurePosixPath) -> bool:
    """Tell whether a file belongs to the handout's grader, which has modules of the same names."""
    return "grader" in name.parent.parts


def instead_of(module: str, found: Contents) -> str:
    """Return what may have been meant as a missing module; "" if nothing was found."""
    files = {**found.python, **found.others}
    near = [(kind, len(name.parts), name) for name in files if (kind := _kind(module, name))]
    return "; ".join(
        _described(module, name, kind, files[name]) for kind, _, name in sorted(near)[:MAX_NAMED]
    )


def _kind(module: str, name: PurePosixPath) -> int:
    """Return how a file may be the module, with 1 most likely; 0 if it cannot be the module."""
    stem, _, suffix = name.name.lower().strip().partition(".")
    if name.name == f"{module}.py" or _is_harness(name):
        return 0
    plain = _COPY.sub("", stem).strip()
    if plain == module and f".{suffix}" in _PYTHON:
        return RENAMED
    if suffix == "ipynb":
        return NOTEBOOK if module in plain else 0
    if plain == module and suffix == "pyc":
        return COMPILED
    is_text = suffix in ("py", "txt", "pyw", "py.txt")
    close = is_text and (module in stem or difflib.get_close_matches(plain, [module], 1, 0.8))
    return SIMILAR if close else 0


RENAMED, NOTEBOOK, COMPILED, SIMILAR = range(1, 5)


def _described(module: str, name: PurePosixPath, kind: int, read: ReadFile) -> str:
    """Return a description of a file, with advice on what to do about it."""
    about = {RENAMED: f"rename it to {module}.py", COMPILED: "compiled: hand in the source"}
    if kind == NOTEBOOK:
        is_one = _is_notebook(read)
        about[kind] = f"a notebook: save it as {module}.py" if is_one else "not a notebook"
    return f"{name} ({about[kind]})" if kind in about else str(name)


def _is_notebook(read: ReadFile) -> bool:
    """Tell whether a file is a notebook, without parsing all of its JSON."""
    try:
        content = read_whole(read, MAX_NOTEBOOK_BYTES)
    except NotTaken:
        return False
    return content.lstrip().startswith(b"{") and b'"nbformat"' in content and b'"cells"' in content


def what_is_there(modules: Sequence[str], found: Contents) -> str:
    """Return a phrase for what was handed in if none of the modules was."""
    left_out = "; ".join(found.left_out[:MAX_NAMED])
    near = [text for module in modules if (text := instead_of(module, found))]
    archives = list(_archives(found))
    if len(archives) > 1 and not near:
        shown = ", ".join(text.partition(" (")[0] for text in archives[:MAX_NAMED])
        more = f" and {len(archives) - MAX_NAMED} more" if len(archives) > MAX_NAMED else ""
        # The reader may be a single student, or have the archives of a whole class.
        return f"it has {len(archives)} archives ({shown}{more}): hand in what they hold; {A_CLASS}"
    rest = near or [*archives, *_notebooks(found), *_modules_not_fetched(found)]
    if left_out and not rest:
        return f"left out: {left_out}"
    if not rest:
        names = sorted({**found.python, **found.others}, key=lambda name: len(name.parts))
        rest = list(map(str, names))
    if not rest:
        return "it is empty"
    more = f" and {len(rest) - MAX_NAMED} more" if len(rest) > MAX_NAMED else ""
    also = f"; left out: {left_out}" if left_out else ""
    return f"it has {', '.join(rest[:MAX_NAMED])}{more}{also}"


def _archives(found: Contents) -> Iterator[str]:
    for name in found.others:
        if is_archive(name):
            yield f"{name} (an archive inside: hand in what it holds)"


def _notebooks(found: Contents) -> Iterator[str]:
    named = [name for name in found.others if name.suffix.lower() == ".ipynb"]
    for name in named[:MAX_NAMED]:
        if _is_notebook(found.others[name]):
            yield f"{name} (a notebook: save its code in the files of the homework)"


def _modules_not_fetched(found: Contents) -> Iterator[str]:
    for folder in found.empty:
        if folder.parts:
            yield f"{folder} (an empty folder, such as Git leaves for an unfetched submodule)"
