"""Text as Typst's literals: the only way in which a student's words get into the document."""

from __future__ import annotations

import unicodedata

_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t"}


def literal(text: str) -> str:
    """Return a string of Typst that has this text, and can be nothing but a string.

    Characters that are not shown, or that turn the direction of what follows, are replaced.
    """
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    is_odd = unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") or char in _TURNING
    return "\ufffd" if is_odd else char


# Bidirectional controls: code would be read in another order than it runs.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
