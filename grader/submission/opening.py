"""Opening what was handed in: a folder, a zip file, or a tar file."""

from __future__ import annotations

import contextlib
import os
import stat
import zipfile
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from grader.errors import UsageError

from .archives import is_tar, of_tar, of_zip
from .contents import (
    LINK,
    MAX_DEPTH,
    MAX_MEMBERS,
    ODD,
    Contents,
    NotTaken,
    is_archive,
    is_skipped,
    printable,
    read_whole,
)

# The first bytes of archives that cannot be opened here.
_CLOSED = {b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\xfd7zX": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a named pipe must not block the grader


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """Provide the contents of a folder, zip file, or tar file, readable inside this context.

    Raises:
        UsageError: it is none of them, or cannot be read.
    """
    with contextlib.ExitStack() as stack:
        yield _contents(path, stack)


def _contents(path: Path, stack: contextlib.ExitStack) -> Contents:
    try:
        if path.is_dir():
            return _of_folder(path)
        if not path.exists():
            raise UsageError(f"There is no folder or zip {path}.")
        if not path.is_file():
            raise UsageError(f"{path} is not a folder, zip or tar.")
        with path.open("rb") as file:
            start = file.read(512)
        # A tar file that ends with a zip file would pass for that zip file.
        if is_tar(start):
            return of_tar(path, start)
        if zipfile.is_zipfile(path):
            return of_zip(path, stack)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    raise UsageError(_not_opened(path, start))


def _not_opened(path: Path, start: bytes) -> str:
    kind = next((name for begin, name in _CLOSED.items() if start.startswith(begin)), "")
    if kind:
        return f"{path} is packed as {kind}, which is not supported; pack the files as a zip."
    if not start:
        return f"{path} is empty."
    if path.suffix.lower() in (".zip", ".gz", ".tgz", ".tar", ".bz2"):
        return f"{path} is damaged or not an archive; pack the files again as a zip."
    return f"{path} is not a folder, zip or tar; hand in the folder of your files."


def _of_folder(root: Path) -> Contents:
    os.scandir(root).close()
    found, seen = Contents(), 0

    def refused(error: OSError) -> None:
        inside = Path(error.filename).relative_to(root).as_posix()
        found.left_out.append(f"{printable(inside)} (a folder that cannot be read)")

    for folder, folders, names in os.walk(root, onerror=refused):
        inside = Path(folder).relative_to(root)
        shown = PurePosixPath(printable(inside.as_posix()))
        deep = len(inside.parts) >= MAX_DEPTH or seen >= MAX_MEMBERS
        folders[:] = [] if deep else sorted(name for name in folders if not is_skipped([name]))
        if not deep and not folders and not names:
            found.empty.append(shown)
        for name in sorted(names):
            if not name.startswith("."):
                seen += name.endswith(".py")
                found.add(shown / printable(name), partial(_read, Path(folder) / name))
    return found


def _read(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file, without following a link."""
    if path.is_symlink():
        raise NotTaken(LINK)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotTaken(ODD)
            return file.read(most)
    except OSError as error:
        raise NotTaken(f"it cannot be read: {error.strerror or error}") from None


def is_openable(path: Path) -> bool:
    """Tell whether a path is a folder or, by its name or first bytes, an archive; links are not."""
    try:
        if path.is_symlink():
            return False
        if path.is_dir() or not path.is_file():
            return path.is_dir()
        if is_archive(PurePosixPath(path.name)):
            return True
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return False
    return is_tar(start) or zipfile.is_zipfile(path)


def folders_with(path: Path, name: str) -> list[str]:
    """Return the folders of a submission that contain a file of a given name, topmost first.

    Args:
        path: a folder, a zip file, or a tar file.
        name: the name of a file that is not code, such as "writeup.pdf".

    Raises:
        UsageError: the submission cannot be opened.
    """
    with opened(path) as found:
        folders = [one.parent for one in found.others if one.name == name]
    return [str(one) for one in sorted(folders, key=lambda one: (len(one.parts), one))]


def files_beside(
    path: Path, folder: str, wanted: Collection[str], most: int
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return files of a submission that are not code, by their path relative to its modules.

    Args:
        path: a folder, a zip file, or a tar file.
        folder: the folder of the modules in it, as in `Submission.folder`.
        wanted: paths of files, such as "writeup.md" or "plots/loss.png".
        most: maximum number of bytes of a file.

    Returns:
        The contents, and the reasons why existing files were not taken; names in neither do not
        exist.
    """
    contents, reasons = {}, {}
    with opened(path) as found:
        for name in wanted:
            read = found.others.get(PurePosixPath(folder) / printable(name))
            if read is not None:
                try:
                    contents[name] = read_whole(read, most)
                except NotTaken as reason:
                    reasons[name] = str(reason)
    return contents, reasons
