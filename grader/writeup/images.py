"""Which images in a submission are typeset: regular files inside it, of known kinds and sizes."""

from __future__ import annotations

import posixpath
import struct
from pathlib import PurePosixPath
from urllib.parse import unquote

# Maximum bytes of one file, and of pixels to decode.
MAX_BYTES = 8_000_000
MAX_PIXELS = 30_000_000
MAX_IMAGES = 100
# Recognized by their first bytes: file names prove nothing.
_KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}
_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def inside(path: str) -> PurePosixPath | None:
    """Return the path of an image in the submission, None if it leads anywhere else."""
    name = PurePosixPath(posixpath.normpath(unquote(path).replace("\\", "/")))
    if "://" in path or path.startswith("data:") or name.is_absolute() or ".." in name.parts:
        return None
    return name if name.parts and ":" not in name.parts[0] else None


def kind_of(content: bytes) -> str:
    """Return the file extension for this content, "" if it is not a known kind."""
    return next((end for begin, end in _KINDS.items() if content.startswith(begin)), "")


def pixels(content: bytes) -> int:
    """Return how many pixels an image has; -1 if unknown."""
    try:
        if content.startswith(b"GIF8"):
            width, height = struct.unpack("<HH", content[6:10])
        elif content.startswith(b"\x89PNG"):
            width, height = struct.unpack(">II", content[16:24])
        else:
            width, height = _jpeg(content)
    except (struct.error, IndexError):
        return -1
    return int(width) * int(height)


def _jpeg(content: bytes) -> tuple[int, int]:
    """Return the width and height of a JPEG, from the segment that has them."""
    at = 2
    while content[at] == 0xFF:
        marker, (length,) = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise IndexError


def problem_of(content: bytes) -> str:
    """Return why an image is not typeset, "" if it is."""
    if not kind_of(content):
        return "is not a PNG, JPEG or GIF; save it as PNG"
    if len(content) > MAX_BYTES:
        return f"is larger than {MAX_BYTES // 1_000_000} MB"
    count = pixels(content)
    if count < 0:
        return "is damaged"
    return f"has more than {MAX_PIXELS // 1_000_000} million pixels" if count > MAX_PIXELS else ""
