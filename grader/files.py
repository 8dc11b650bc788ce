"""Writing a file in one step: readers see the old or the new one; and where temporary ones lie."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path


def replace_text(path: Path, content: str) -> None:
    """Write a text as UTF-8; see `replace_bytes`."""
    replace_bytes(path, content.encode("utf-8", "replace"))


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step, and the folders above it; what is no file is written to.

    A file that is replaced keeps its mode; a new one has that of every new file.

    Raises:
        OSError: that is not possible; nothing is left behind.
    """
    try:
        path = path.resolve()
    except RuntimeError as error:  # a link that leads to itself
        raise OSError(str(error)) from error
    if path.exists() and not path.is_file():  # a pipe or a device must stay one
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with written.open("xb") as file:
            if path.exists():
                written.chmod(stat.S_IMODE(path.stat().st_mode))
            file.write(content)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def temporary_folders() -> tuple[str, ...]:
    """Return where temporary files may lie, the usual place first; not all of it may be there."""
    try:
        usual = tempfile.gettempdir()
    except FileNotFoundError:  # there is none that can be written to
        usual = os.environ.get("TMPDIR", tempfile.gettempprefix())
    return usual, "/tmp", "/var/tmp"  # noqa: S108 - fresh folders are made in it
