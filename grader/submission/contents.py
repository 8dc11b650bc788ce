"""What a folder or an archive holds: names, and how to read each file. Nothing is written.

Only regular files are read, with caps on size and number; no link is followed.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from grader.errors import UsageError

# A homework has ten files of a few kB. These caps only keep litter out.
MAX_FILE_BYTES = 1_000_000
# Of what is looked at, of a tar as it is unpacked, and folders inside each other.
MAX_MEMBERS = 5000
MAX_TAR_BYTES = 50_000_000
MAX_DEPTH = 6
# A notebook with its pictures is larger than code.
MAX_NOTEBOOK_BYTES = 10_000_000
_LITTER = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env"}
# The first bytes of archives that are not opened.
_CLOSED = {b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\xfd7zX": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
# How a tar may be packed, by its first bytes.
_PACKED_TAR: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a named pipe must not hold the grader up


class NotTaken(Exception):
    """Why a file is not taken."""


LINK, ODD = "a link", "not a regular file"
LARGE = f"larger than {MAX_FILE_BYTES // 1_000_000} MB"
OUTSIDE = "its path leads out of the archive"
DEEP = f"more than {MAX_DEPTH} folders deep"
# Returns at most so many bytes of a file.
ReadFile = Callable[[int], bytes]


@dataclass
class Contents:
    """What was handed in, before anything is chosen.

    Args:
        python: the `.py` files that may be taken.
        others: other files that are no litter, up to a number.
        empty: folders with nothing in them.
        left_out: what was not looked at, with the reason.
    """

    python: dict[PurePosixPath, ReadFile] = field(default_factory=dict)
    others: dict[PurePosixPath, ReadFile] = field(default_factory=dict)
    empty: list[PurePosixPath] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, name: PurePosixPath, read: ReadFile) -> None:
        """Add a file where it belongs."""
        if name.suffix == ".py":
            self.python[name] = read
        elif len(self.others) < MAX_MEMBERS:
            self.others[name] = read

    def add_empty(self, folders: Iterable[PurePosixPath]) -> None:
        """Add those folders of an archive that nothing lies in."""
        names = {*folders, *self.python, *self.others}
        parents = {parent for name in names for parent in name.parents}
        self.empty += sorted(folder for folder in set(folders) if folder not in parents)


def read_whole(read: ReadFile, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a file.

    Raises:
        NotTaken: it cannot be read, or is too large.
    """
    content = read(most + 1)
    if len(content) > most:
        raise NotTaken(LARGE)
    return content


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """Provide what a folder, a zip or a tar holds; its files can be read in here.

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
            raise UsageError(f"{path} is neither a folder nor a zip nor a tar.")
        with path.open("rb") as file:
            start = file.read(512)
        # A tar that ends with a zip would pass for that zip.
        if start[:2] in _PACKED_TAR or _is_tar(start):
            return _of_tar(path, start)
        if zipfile.is_zipfile(path):
            return _of_zip(path, stack)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    raise UsageError(_not_opened(path, start))


def _is_tar(start: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _not_opened(path: Path, start: bytes) -> str:
    kind = next((name for begin, name in _CLOSED.items() if start.startswith(begin)), "")
    if kind:
        return f"{path} is a {kind} archive, which is not opened here; pack the files as a zip."
    if not start:
        return f"{path} is empty."
    if path.suffix.lower() in (".zip", ".gz", ".tgz", ".tar", ".bz2"):
        return f"{path} is a damaged archive."
    return f"{path} is neither a folder nor a zip nor a tar; hand in the folder of your files."


def is_archive(name: PurePosixPath) -> bool:
    """Tell whether a file is an archive, by its name."""
    known = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".7z", ".rar", ".zst")
    return name.suffix.lower() in known


def _skipped(parts: Iterable[str]) -> bool:
    return any(part in _LITTER or part.startswith(".") for part in parts)


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)


def _of_folder(root: Path) -> Contents:
    os.scandir(root).close()  # os.walk would say nothing of a folder that cannot be read
    found, seen = Contents(), 0
    for folder, folders, names in os.walk(root):
        inside = Path(folder).relative_to(root)
        shown = PurePosixPath(_printable(inside.as_posix()))
        deep = len(inside.parts) >= MAX_DEPTH or seen >= MAX_MEMBERS
        folders[:] = [] if deep else sorted(name for name in folders if not _skipped([name]))
        if not deep and not folders and not names:
            found.empty.append(shown)
        for name in sorted(names):
            if not name.startswith("."):
                seen += name.endswith(".py")
                found.add(shown / _printable(name), partial(_read, Path(folder) / name))
    return found


def _read(path: Path, most: int) -> bytes:
    """Return bytes of a regular file, without following a link."""
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


def _named(found: Contents, packed: str) -> PurePosixPath | None:
    """Return where a member of an archive belongs; None if it is not wanted, or says where."""
    name = PurePosixPath(_printable(packed.replace("\\", "/")))
    outside = name.is_absolute() or ".." in name.parts
    deep = len(name.parts) > MAX_DEPTH
    if not name.parts:
        return None
    if not outside and (_skipped(name.parts) or (deep and "grader" in name.parts)):
        return None  # litter, or a module of the handout's grader, which lies deep
    if not outside and not deep:
        return name
    if name.suffix == ".py":
        found.left_out.append(f"{name} ({OUTSIDE if outside else DEEP})")
    return None


def _of_zip(path: Path, stack: contextlib.ExitStack) -> Contents:
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        members = archive.infolist()
    except Exception as error:  # whatever a damaged file makes zipfile raise
        raise UsageError(f"{path} is a damaged zip: {error}") from error
    found, folders = Contents(), []
    if len(members) > MAX_MEMBERS:
        found.left_out.append(f"everything after the first {MAX_MEMBERS} members of the zip")
    for info in members[:MAX_MEMBERS]:
        name = _named(found, info.filename)
        if name is not None and info.is_dir():
            folders.append(name)
        elif name is not None:
            found.add(name, partial(_extract, archive, info))
    found.add_empty(folders)
    return found


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """Return bytes of a member; of the ways to pack, those that unpack no more than is read."""
    if stat.S_ISLNK(info.external_attr >> 16):
        raise NotTaken(LINK)
    if info.flag_bits & 1:
        raise NotTaken("encrypted; pack the zip without a password")
    if info.compress_type not in _ZIP_METHODS:
        raise NotTaken("packed in a way that is not unpacked here; pack an ordinary zip")
    try:
        with archive.open(info) as file:
            return file.read(most)
    except Exception:  # noqa: BLE001 - whatever a damaged member makes zipfile raise
        raise NotTaken("damaged") from None


class _Capped(io.RawIOBase):
    """The unpacked bytes of a tar, which end with an error where there are too many."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, MAX_TAR_BYTES

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._left:
            raise NotTaken(f"everything after the first {MAX_TAR_BYTES // 1_000_000} MB of the tar")
        self._left -= size
        return self._file.read(size)


def _of_tar(path: Path, start: bytes) -> Contents:
    unpack = _PACKED_TAR.get(start[:2], open)
    found = Contents()
    try:
        with unpack(path, "rb") as file, tarfile.open(fileobj=_Capped(file), mode="r|") as archive:
            _add_members(archive, found)
    except NotTaken as reason:
        found.left_out.append(str(reason))
    except Exception as error:  # whatever a damaged file makes tarfile and gzip raise
        if not found.python and not found.others:
            raise UsageError(f"{path} is a damaged tar: {error}") from error
        found.left_out.append(f"the rest of the tar, which is damaged ({error})")
    return found


def _add_members(archive: tarfile.TarFile, found: Contents) -> None:
    """Read what a tar has, in the order in which it lies there: a stream has no other."""
    folders = []
    for number, info in enumerate(archive):
        if number == MAX_MEMBERS:
            found.left_out.append(f"everything after the first {MAX_MEMBERS} members of the tar")
            break
        name = _named(found, info.name)
        if name is not None and info.isdir():
            folders.append(name)
        elif name is not None:
            found.add(name, _member(archive, info))
    found.add_empty(folders)


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> ReadFile:
    reason = ""
    if not info.isreg() or info.issparse():
        reason = LINK if info.issym() or info.islnk() else ODD
    elif info.size > MAX_NOTEBOOK_BYTES:
        reason = LARGE
    file = None if reason else archive.extractfile(info)
    content = file.read() if file else b""

    def read(most: int) -> bytes:
        if reason:
            raise NotTaken(reason)
        return content[:most]

    return read
