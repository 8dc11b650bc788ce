"""Unpacking the archive of a whole class: regular files only, into one folder, with size limits."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import re
import shutil
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from grader.course.entries import line
from grader.errors import UsageError, is_refusal, refusals
from grader.submission import is_skipped, is_tar, printable

# A class of thousands has a few hundred thousand files, each of a few kB; a student's archive may
# contain data. The table of an export contains all results.
MAX_MEMBERS = 2_000_000
MAX_FILE = 200_000_000
MAX_TABLE = 4_000_000_000
MAX_TOTAL = 20_000_000_000
# How much to read from a tar at once: headers can claim any length.
MAX_READ = 64_000_000
MAX_DEPTH = 40
# How many sentences to keep about members that were not unpacked.
MAX_TOLD = 20
TABLES = ("submission_metadata.yml", "submission_metadata.yaml")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 1 << 20
_PACKED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZ": bz2.open,
    b"\xfd7": lzma.open,
}


class _NotUnpacked(Exception):
    """Why a member was not unpacked."""


@dataclass
class _Unpacking:
    """Writes members below a folder, and records what it did not write.

    Args:
        path: the archive, under its readable name.
        folder: where they go.
        told: why each of the others was not unpacked.
    """

    path: Path
    folder: Path
    told: list[str] = field(default_factory=list)
    more: int = 0

    def tell(self, name: str, reason: str) -> None:
        """Record why a member was not unpacked; create its folder, since it belongs to someone."""
        with contextlib.suppress(_NotUnpacked, OSError):
            if place := self._place(name):
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(self.told) < MAX_TOLD:
            self.told.append(f"{line(name)} in {self.path} was not unpacked: {reason}.")
        else:
            self.more += 1

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what was not unpacked, up to a maximum number."""
        more = f"{self.more} more files in {self.path} were not unpacked."
        return (*self.told, *([more] if self.more else []))

    def make(self, name: str) -> None:
        """Create a folder from the archive."""
        with contextlib.suppress(_NotUnpacked, OSError):
            place = self._place(name)
            if place is not None:
                place.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(
        self, name: str, size: int, when: float | None, opened: Callable[[], IO[bytes]]
    ) -> None:
        """Write a file from the archive, or record why not.

        Args:
            name: as in the archive.
            size: the size it claims.
            when: its modification time in seconds; None if unknown.
            opened: opens it.
        """
        try:
            place = self._place(name)
            if place is not None:
                _require_small(place, size)
                self._write(place, when, opened)
        except _NotUnpacked as reason:
            self.tell(name, str(reason))
        except FileExistsError:
            self.tell(name, "the archive has it twice, and the first was used")
        except OSError as error:
            if is_refusal(error.errno):
                raise
            self.tell(name, error.strerror or "it is damaged")

    def _place(self, name: str) -> Path | None:
        """Return where a member goes; None if it is junk."""
        parts = PurePosixPath(printable(name.replace("\\", "/"))).parts
        leads_out = ".." in parts or name[:1] in ("/", "\\") or re.match("[A-Za-z]:", name)
        if leads_out:
            raise _NotUnpacked("its path leads out of the archive")
        if len(parts) > MAX_DEPTH:
            raise _NotUnpacked(f"it is more than {MAX_DEPTH} folders deep")
        if ".git" in parts:  # its presence shows that the folder is a clone
            git = self.folder.joinpath(*parts[: parts.index(".git") + 1])
            git.mkdir(mode=0o700, parents=True, exist_ok=True)
        return None if not parts or is_skipped(parts) else self.folder.joinpath(*parts)

    def _write(self, place: Path, when: float | None, opened: Callable[[], IO[bytes]]) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with place.open("xb") as file:
            try:
                with opened() as member:
                    shutil.copyfileobj(member, file, _CHUNK)
            except (OSError, _TooMuch) as error:
                place.unlink()
                if isinstance(error, OSError) and not is_refusal(error.errno):
                    raise _NotUnpacked("it is damaged") from None
                raise
            except Exception:  # noqa: BLE001 - a damaged member can make its reader raise anything
                place.unlink()
                raise _NotUnpacked("it is damaged") from None
        if when is not None:
            with contextlib.suppress(OSError, OverflowError, ValueError):
                os.utime(place, (when, when))


def _require_small(place: Path, size: int) -> None:
    most = MAX_TABLE if place.name in TABLES else MAX_FILE
    if size > most:
        raise _NotUnpacked(f"it is larger than {most // 1_000_000} MB")


class _TooMuch(Exception):
    """The archive unpacks to more than any class needs."""


def unpack(path: Path, folder: Path) -> tuple[str, ...]:
    """Unpack an archive into a folder, and return what was not unpacked, one sentence each.

    Raises:
        UsageError: it is not an archive, is damaged, or is too large.
    """
    unpacking = _Unpacking(path, folder)
    with refusals(f"{path} cannot be unpacked"):
        with path.open("rb") as file:
            start = file.read(512)
        try:
            if is_tar(start) or start[:2] in _PACKED:
                _unpack_tar(unpacking, start)
            else:
                _unpack_zip(unpacking)
        except _TooMuch:
            size = f"{MAX_TOTAL // 1_000_000_000} GB"
            raise UsageError(
                f"{path} unpacks to more than {size} or {MAX_MEMBERS} files, which no class has."
            ) from None
    return unpacking.problems


def _unpack_zip(unpacking: _Unpacking) -> None:
    path = unpacking.path
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # a damaged file can make zipfile raise anything
        if isinstance(error, OSError) and is_refusal(error.errno):
            raise
        raise UsageError(f"{path} is neither a zip nor a tar, or it is damaged: {error}.") from None
    with archive:
        members = archive.infolist()
        total = sum(min(info.file_size, MAX_TABLE) for info in members)
        if len(members) > MAX_MEMBERS or total > MAX_TOTAL:
            raise _TooMuch
        _require_room(unpacking, total)
        for info in members:
            _unpack_member(unpacking, archive, info)


def _require_room(unpacking: _Unpacking, total: int) -> None:
    free = shutil.disk_usage(unpacking.folder).free
    if total > free:
        raise UsageError(
            f"{unpacking.path} unpacks to {total / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free "
            "for temporary files; set TMPDIR to a folder with room."
        )


def _unpack_member(unpacking: _Unpacking, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    name, kind = _name(info), stat.S_IFMT(info.external_attr >> 16)
    if info.is_dir() or name.endswith(("/", "\\")):
        unpacking.make(name)
    elif kind not in (0, stat.S_IFREG):
        unpacking.tell(name, "it is a link" if kind == stat.S_IFLNK else "it is not a regular file")
    elif info.flag_bits & 1:
        unpacking.tell(name, "it is encrypted")
    elif info.compress_type not in _METHODS:
        unpacking.tell(name, "its compression method is not supported")
    else:
        unpacking.write(name, info.file_size, _when(info), partial(archive.open, info))


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; some tools write UTF-8 without setting its flag."""
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _when(info: zipfile.ZipInfo) -> float | None:
    with contextlib.suppress(ValueError, OverflowError):
        return time.mktime((*info.date_time, 0, 0, -1))
    return None


class _Capped:
    """The unpacked bytes of a tar; reading past the limit raises an error."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_READ or self._file.tell() + size > MAX_TOTAL:
            raise _TooMuch
        return self._file.read(size)


def _unpack_tar(unpacking: _Unpacking, start: bytes) -> None:
    opened = _PACKED.get(start[:2], open)
    try:
        with opened(unpacking.path, "rb") as file:
            capped: Any = _Capped(file)
            with tarfile.open(fileobj=capped, mode="r:") as archive:
                for info in _members(archive):
                    _unpack_entry(unpacking, archive, info)
    except _TooMuch:
        raise
    except Exception as error:  # a damaged file can make tarfile and gzip raise anything
        if isinstance(error, OSError) and is_refusal(error.errno):
            raise
        if not any(unpacking.folder.iterdir()):
            raise UsageError(f"{unpacking.path} is a damaged tar: {error}.") from None
        unpacking.told.append(f"The end of {unpacking.path} is damaged: {error}.")


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for number, info in enumerate(archive):
        if number >= MAX_MEMBERS:
            raise _TooMuch
        yield info


def _unpack_entry(unpacking: _Unpacking, archive: tarfile.TarFile, info: tarfile.TarInfo) -> None:
    if info.isdir():
        unpacking.make(info.name)
    elif info.isreg() and not info.issparse():

        def opened() -> IO[bytes]:
            file = archive.extractfile(info)
            assert file is not None
            return file

        unpacking.write(info.name, info.size, float(info.mtime), opened)
    else:
        is_link = info.issym() or info.islnk()
        unpacking.tell(info.name, "it is a link" if is_link else "it is not a regular file")
