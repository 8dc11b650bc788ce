"""The contents of a zip or tar file, read in place and never unpacked to disk."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import stat
import tarfile
import zipfile
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from grader.errors import UsageError

from .contents import (
    LARGE,
    LINK,
    MAX_DEPTH,
    MAX_MEMBERS,
    MAX_NOTEBOOK_BYTES,
    ODD,
    Contents,
    NotTaken,
    ReadFile,
    is_skipped,
    printable,
)

# Limit for the unpacked size of a tar file.
MAX_TAR_BYTES = 50_000_000
# How a tar file may be compressed, by its first bytes.
PACKED_TAR: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
OUTSIDE = "its path leads out of the archive"
DEEP = f"more than {MAX_DEPTH} folders deep"


def is_tar(start: bytes) -> bool:
    """Tell whether a file starts like a tar file, compressed or not."""
    if start[:2] in PACKED_TAR:
        return True
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _named(found: Contents, packed: str) -> PurePosixPath | None:
    """Return where an archive member belongs; None if it is unwanted, which may be noted."""
    name = PurePosixPath(printable(packed.replace("\\", "/")))
    outside = name.is_absolute() or ".." in name.parts
    deep = len(name.parts) > MAX_DEPTH
    if not name.parts:
        return None
    if not outside and (is_skipped(name.parts) or (deep and "grader" in name.parts)):
        return None  # clutter, or a deeply nested module of the handout's grader
    if not outside and not deep:
        return name
    if name.suffix == ".py":
        found.left_out.append(f"{name} ({OUTSIDE if outside else DEEP})")
    return None


def of_zip(path: Path, stack: contextlib.ExitStack) -> Contents:
    """Return the contents of a zip file, which stays open until the stack is closed."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        members = archive.infolist()
    except Exception as error:  # zipfile may raise anything for a damaged file
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
    """Return a member's bytes, using only compression methods that unpack no more than is read."""
    if stat.S_ISLNK(info.external_attr >> 16):
        raise NotTaken(LINK)
    if info.flag_bits & 1:
        raise NotTaken("encrypted; pack the zip without a password")
    if info.compress_type not in _ZIP_METHODS:
        raise NotTaken("compressed with an unsupported method; make an ordinary zip")
    try:
        with archive.open(info) as file:
            return file.read(most)
    except Exception:  # noqa: BLE001 - zipfile may raise anything for a damaged member
        raise NotTaken("damaged") from None


class _Capped(io.RawIOBase):
    """The unpacked bytes of a tar file; reading too many raises an error."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, MAX_TAR_BYTES

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._left:
            raise NotTaken(f"everything after the first {MAX_TAR_BYTES // 1_000_000} MB of the tar")
        self._left -= size
        return self._file.read(size)


def of_tar(path: Path, start: bytes) -> Contents:
    """Return the contents of a tar file, given its first bytes; everything wanted is read now."""
    unpack = PACKED_TAR.get(start[:2], open)
    found = Contents()
    try:
        with unpack(path, "rb") as file, tarfile.open(fileobj=_Capped(file), mode="r|") as archive:
            _add_members(archive, found)
    except NotTaken as reason:
        found.left_out.append(str(reason))
    except Exception as error:  # tarfile and gzip may raise anything for a damaged file
        if not found.python and not found.others:
            what = f"{path} is damaged or not a tar ({error})"
            raise UsageError(f"{what}; pack the files again as a zip.") from error
        found.left_out.append(f"the rest of the tar, which is damaged ({error})")
    return found


def _add_members(archive: tarfile.TarFile, found: Contents) -> None:
    """Read the members of a tar file in the order they are stored in: a stream has no other."""
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
