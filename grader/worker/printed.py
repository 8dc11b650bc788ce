"""What the submission prints: kept up to a limit, and sent along with an answer."""

from __future__ import annotations

# Limit for what one call may print, about a screenful; the rest is dropped.
MAX_PRINTED_PER_CALL = 2000


class Printed:
    """Replaces stdout and stderr; keeps the beginning of what is written."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._text = ""
        self.dropped = False

    def write(self, text: str) -> int:
        """Keep a text, or as much of it as there is room for."""
        left = MAX_PRINTED_PER_CALL - len(self._text)
        self._text += str(text)[: max(left, 0)]
        self.dropped = self.dropped or len(text) > left
        return len(text)

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def fileno(self) -> int:
        """Return the descriptor of standard error, which `faulthandler.enable()` asks for."""
        return 2

    def isatty(self) -> bool:
        """Say that this is not a terminal."""
        return False

    def take(self) -> str:
        """Return what was kept, and forget it."""
        text = self._text + ("\n... (cut)\n" if self.dropped else "")
        self._text, self.dropped = "", False
        return text
