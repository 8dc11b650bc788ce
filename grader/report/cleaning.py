"""A submission's text, fit to be shown: nothing in it acts on a terminal or a CI service."""

from __future__ import annotations

import codecs
import re

# Of what a submission prints, and of a whole message where a service shows only so much.
MOST_CHARACTERS = 4000
# Sequences that move the cursor, set colors or titles; then every other control character.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# What a CI service would take as a command to itself: `::error::` at the start of a line, `##[`,
# `##vso[`.
_COMMANDS = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)
_LINES = re.compile(r"(\r\n|\n|\r)")


def cut(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return the start of a long text, with a note that it is cut."""
    return text if len(text) <= most else f"{text[:most]}\n(cut: it is {len(text)} long)"


def clean(text: str) -> str:
    """Take out of a submission's text what a terminal or a CI service would act on."""
    text = _ESCAPES.sub("", text)
    if not text.replace("\n", " ").replace("\t", " ").isprintable():
        text = "".join(c if c in "\n\t" or c.isprintable() else "?" for c in text)
    return _COMMANDS.sub(lambda found: f"{found[0]} ", text)


class Cleaner:
    """Cleans a stream of bytes line by line; a carriage return, as bars use it, ends one too."""

    def __init__(self) -> None:
        """Start with nothing left over."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._open = ""

    def clean(self, chunk: bytes) -> str:
        """Return the clean text of the lines that have ended; the start of another one is kept."""
        *lines, self._open = _LINES.split(self._open + self._decode(chunk))
        if len(self._open) > MOST_CHARACTERS:
            lines, self._open = [*lines, self._open, "\n"], ""
        return "".join(line if line in ("\r", "\n", "\r\n") else clean(line) for line in lines)

    def end(self) -> str:
        """Return the clean text of a last line that has not ended."""
        last, self._open = clean(self._open), ""
        return last
