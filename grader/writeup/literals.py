"""Text as Typst literals: the only way in which a student's words get into the document."""

from __future__ import annotations

import unicodedata

_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t"}


def literal(text: str) -> str:
    """Return a Typst string with this text that cannot be anything but a string.

    Invisible characters, and those that change the text direction, are replaced.
    """
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    is_odd = unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") or char in _TURNING
    return "\ufffd" if is_odd else char


# Bidirectional controls, which would make code appear in a different order than it runs.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
