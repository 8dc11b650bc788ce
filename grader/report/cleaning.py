"""A submission's text, safe to display: nothing in it acts on a terminal or a CI service."""

from __future__ import annotations

import codecs
import re

# Maximum length of a submission's output, and of a whole message where a service limits it.
MOST_CHARACTERS = 4000
# Escape sequences, which move the cursor or set colors or titles; then other control characters.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# What a CI service would interpret as a command: `::error::` at the start of a line, `##[`,
# `##vso[`.
_COMMANDS = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)
_LINES = re.compile(r"(\r\n|\n|\r)")


def cut(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return the start of a long text, with a note that it was cut."""
    return text if len(text) <= most else f"{text[:most]}\n(cut: {len(text)} characters)"


def clean(text: str) -> str:
    """Remove from a submission's text what a terminal or a CI service would act on."""
    text = _ESCAPES.sub("", text)
    if not text.replace("\n", " ").replace("\t", " ").isprintable():
        text = "".join(c if c in "\n\t" or c.isprintable() else "?" for c in text)
    return _COMMANDS.sub(lambda found: f"{found[0]} ", text)


class Cleaner:
    """Cleans bytes line by line; a carriage return, as in progress bars, also ends a line."""

    def __init__(self) -> None:
        """Start with nothing left over."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._open = ""

    def clean(self, chunk: bytes) -> str:
        """Return the clean text of the complete lines; an incomplete one is kept for later."""
        *lines, self._open = _LINES.split(self._open + self._decode(chunk))
        if len(self._open) > MOST_CHARACTERS:
            lines, self._open = [*lines, self._open, "\n"], ""
        return "".join(line if line in ("\r", "\n", "\r\n") else clean(line) for line in lines)

    def end(self) -> str:
        """Return the clean text of an incomplete last line."""
        last, self._open = clean(self._open), ""
        return last
