"""Writing a file atomically, so that readers see the old or the new one; and temporary folders."""

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
    """Write a file atomically, with its parent folders; pipes and devices are written to directly.

    A file that is replaced keeps its mode; a new one gets the default mode.

    Raises:
        OSError: writing is not possible; nothing is left behind.
    """
    try:
        path = path.resolve()
    except RuntimeError as error:  # a link that points to itself
        raise OSError(str(error)) from error
    if path.exists() and not path.is_file():  # a pipe or a device must remain one
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
    """Return the possible temporary folders, the default first; some may not exist."""
    try:
        usual = tempfile.gettempdir()
    except FileNotFoundError:  # none of them is writable
        usual = os.environ.get("TMPDIR", tempfile.gettempprefix())
    return usual, "/tmp", "/var/tmp"  # noqa: S108 - only for creating fresh folders
