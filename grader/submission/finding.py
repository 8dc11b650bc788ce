"""Finding what a student handed in: a folder, or a zip.

Only regular `.py` files are taken, with caps on size and number; symbolic links are not followed.
Nothing of a submission is imported or parsed here.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from grader.errors import UsageError

from .submission import Submission

# A homework has ten files of a few kB. These caps only keep litter out.
MAX_FILES = 200
MAX_FILE_BYTES = 1_000_000
MAX_BYTES = 10_000_000
# Of what is looked at in a zip, of what is named as left out, and bytes of a part of a path.
MAX_MEMBERS = 5000
MAX_LEFT_OUT = 20
MAX_NAME = 200
MAX_DEPTH = 6
_LITTER = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env"}
# Returns the content of a file, or None if it is not to be taken.
ReadFile = Callable[[], bytes | None]


def find(path: Path, modules: Sequence[str]) -> Submission:
    """Return the submission at a path.

    Its files lie in the folder or zip itself, in a folder `student`, or one or two folders deeper.

    Args:
        path: a folder or a zip.
        modules: that students write in; a submission has one of them at least.

    Raises:
        UsageError: there is nothing to grade.
    """
    wanted = {f"{name}.py" for name in modules}
    if not path.exists():
        raise UsageError(f"There is no folder or zip {path}.")
    if path.is_file() and not zipfile.is_zipfile(path):
        raise UsageError(f"{path} is neither a folder nor a zip; hand in the folder of your files.")
    left_out: list[str] = []
    found = _zip_files(path, left_out) if path.is_file() else _folder_files(path)
    folder = _package_folder(found, wanted)
    own = (name for name in found if folder is not None and name.is_relative_to(folder))
    files = _taken({name.relative_to(folder or ""): found[name] for name in own}, left_out)
    if wanted.isdisjoint(map(str, files)):
        names = ", ".join(sorted(wanted))
        also = f" Left out: {'; '.join(left_out[:3])}." if left_out else ""
        raise UsageError(f"There is nothing to grade in {path}: none of {names} is there.{also}")
    if len(left_out) > MAX_LEFT_OUT:
        left_out[MAX_LEFT_OUT:] = [f"and {len(left_out) - MAX_LEFT_OUT} more"]
    return Submission({str(name): x for name, x in files.items()}, str(folder), tuple(left_out))


def _taken(
    found: Mapping[PurePosixPath, ReadFile], left_out: list[str]
) -> dict[PurePosixPath, bytes]:
    """Read the files that can be written, up to the caps."""
    files: dict[PurePosixPath, bytes] = {}
    size = 0
    for name, read in found.items():
        if len(files) == MAX_FILES or size > MAX_BYTES:
            left_out.append(f"everything after the first {len(files)} files")
            break
        content = read()
        if content is None:
            left_out.append(f"{name} (not a regular file of at most 1 MB)")
        elif any(len(part.encode("utf-8", "replace")) > MAX_NAME for part in name.parts):
            left_out.append(f"{str(name)[:MAX_NAME]}... (the name is too long)")
        elif not files.keys().isdisjoint(name.parents) or any(name in x.parents for x in files):
            left_out.append(f"{name} (a file and a folder of the same name)")
        else:
            files[name] = content
            size += len(content)
    return files


def _package_folder(names: Iterable[PurePosixPath], wanted: set[str]) -> PurePosixPath | None:
    """Return the folder with most of the graded modules; `student`, then the least deep, wins."""
    modules: dict[PurePosixPath, int] = {}
    for name in names:
        if name.name in wanted and not _is_harness(name.parent):
            modules[name.parent] = modules.get(name.parent, 0) + 1
    return min(
        modules,
        key=lambda folder: (
            -modules[folder],
            folder.name != "student",
            len(folder.parts),
            str(folder),
        ),
        default=None,
    )


def _skipped(parts: Iterable[str]) -> bool:
    return any(part in _LITTER or part.startswith(".") for part in parts)


def _is_harness(folder: PurePosixPath) -> bool:
    """Tell whether a folder is of the handout's grader, which has modules of the same names."""
    return "grader" in folder.parts


def _folder_files(root: Path) -> dict[PurePosixPath, ReadFile]:
    found: dict[PurePosixPath, ReadFile] = {}
    for folder, folders, names in os.walk(root):
        inside = Path(folder).relative_to(root)
        deep = len(inside.parts) >= MAX_DEPTH or len(found) >= MAX_MEMBERS
        folders[:] = [] if deep else sorted(f for f in folders if not _skipped([f]))
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith("."):
                shown = PurePosixPath(_printable(inside.as_posix())) / _printable(name)
                found[shown] = partial(_read, Path(folder) / name)
    return found


def _read(path: Path) -> bytes | None:
    """Return the content of a small regular file, without following a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or path.is_symlink():
            return None
        content = file.read(MAX_FILE_BYTES + 1)
    return content if len(content) <= MAX_FILE_BYTES else None


_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a named pipe must not hold the grader up


def _zip_files(path: Path, left_out: list[str]) -> dict[PurePosixPath, ReadFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except Exception as error:  # whatever a damaged file makes zipfile raise
        raise UsageError(f"{path} is a damaged zip: {error}") from error
    if len(members) > MAX_MEMBERS:
        left_out.append(f"everything after the first {MAX_MEMBERS} members of the zip")
    found: dict[PurePosixPath, ReadFile] = {}
    for info in members[:MAX_MEMBERS]:
        name = PurePosixPath(_printable(info.filename.replace("\\", "/")))
        unsafe = name.is_absolute() or ".." in name.parts or len(name.parts) > MAX_DEPTH
        if name.suffix != ".py" or info.is_dir() or (not unsafe and _skipped(name.parts)):
            continue
        if unsafe and _is_harness(name.parent) and ".." not in name.parts:
            continue  # a module of the handout's grader, which lies deep
        if unsafe or stat.S_ISLNK(info.external_attr >> 16):
            left_out.append(f"{name} (not a regular file of at most 1 MB)")
        else:
            found[name] = partial(_extract, path, info)
    return found


def _extract(path: Path, info: zipfile.ZipInfo) -> bytes | None:
    """Return a small member; of the methods of packing, those that unpack no more than is read."""
    if info.file_size > MAX_FILE_BYTES or info.compress_type not in _METHODS:
        return None
    try:
        with zipfile.ZipFile(path) as archive, archive.open(info) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except Exception:  # noqa: BLE001 - whatever a damaged member makes zipfile raise
        return None
    return content if len(content) <= MAX_FILE_BYTES else None


_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)
