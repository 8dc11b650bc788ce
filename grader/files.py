"""Writing a file in one step: readers see the old one or the whole new one."""

from __future__ import annotations

import tempfile
from pathlib import Path


def replace_text(path: Path, content: str) -> None:
    """Write a text as UTF-8; see `replace_bytes`."""
    replace_bytes(path, content.encode("utf-8", "replace"))


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step, and the folders above it; what is no file is written to.

    Raises:
        OSError: that is not possible; nothing is left behind.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():  # a pipe or a device must stay one
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "wb", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        written = Path(file.name)
        try:
            file.write(content)
            file.close()
            written.chmod(0o644)
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
