"""What a line that Python cannot parse probably is: from a notebook, a merge, a newer Python."""

from __future__ import annotations

import re
import sys
import unicodedata

_RUNNING = sys.version_info[:2]
_MERGE = (
    "This is a marker of an unresolved merge conflict: keep one of the two versions between "
    "<<<<<<< and >>>>>>>, and delete the markers."
)
_LINES = (
    (
        r"%%?\w|!\w|\w+\?{1,2}$",
        "Lines with %, ! or ? like this one are notebook commands, not Python: delete them.",
    ),
    (r"<{7}|={7}|>{7}|\|{7}", _MERGE),
    (
        r"version https://git-lfs|oid sha256:",
        "The file is a Git LFS pointer, not the code itself: fetch it with git lfs pull.",
    ),
)
# A notebook is JSON, which Python may parse until the first of these names.
_JSON = re.compile(r'[{\["].*"(cells|cell_type|nbformat|metadata|execution_count)"|"\w+": \w+\b')
_JSON_NAMES = re.compile("name '(null|true|false)' is not defined")
_NOTEBOOK = "The file is a notebook, not Python: save its code as a .py file."
_CHARACTER = re.compile(r"invalid (?:character .* \(|non-printable character )U\+([0-9A-F]{4,6})")
# Python 2 syntax that Python 3's messages do not recognize.
_PYTHON_2 = re.compile(r"raise +\w+ *,|.*[\w)] *<> *[\w(]|.*`\w+`")
_UNKNOWN = ("invalid syntax", "expected '('", "expected ':'")
# Which Python version introduced what, newest first.
_NEWER = (
    ((3, 14), r"""(.*[=(,\s])?[tT][rR]?["']""", "A t-string"),
    ((3, 13), r"(async )?(def|class) +\w+ *\[[^\]]*=", "A type parameter with a default"),
    ((3, 12), r"(async )?(def|class) +\w+ *\[", "A type parameter in brackets"),
    ((3, 12), r"type +\w+.*=", "A type statement"),
    ((3, 11), r"except *\*", "except*"),
)


def syntax_hint(kind: str, message: str, line: str) -> str:
    """Return a hint about code that Python cannot parse, or "" if there is none.

    Args:
        kind: the name of the exception's type.
        message: its text.
        line: the line that the message refers to.
    """
    if kind == "NameError":
        return _NOTEBOOK if _JSON_NAMES.search(message) and _JSON.match(line) else ""
    if kind not in ("SyntaxError", "IndentationError"):
        return ""
    known = next((meaning for pattern, meaning in _LINES if re.match(pattern, line)), "")
    if message == "invalid syntax" and _PYTHON_2.match(line):
        known = known or f"The line is Python 2; {_running()}."
    return known or _of_message(message) or _newer(message, line)


def _of_message(message: str) -> str:
    if re.search(r"null bytes|UTF-(16|32)|codec can't decode", message):
        return "Save the file as text in UTF-8."
    if "must be parenthesized" in message:
        return f"Without parentheses, several types need Python 3.14 or newer; {_running()}."
    if "Missing parentheses in call to" in message:
        return f"The line is Python 2; {_running()}."
    # What a submission says about itself may not be one of Python's messages.
    odd = _CHARACTER.search(message)
    number = int(odd[1], 16) if odd else sys.maxunicode + 1
    return _character(chr(number)) if number <= sys.maxunicode else ""


def _running() -> str:
    return "this is Python {}.{}".format(*_RUNNING)


def _newer(message: str, line: str) -> str:
    for version, pattern, what in _NEWER:
        if version > _RUNNING and message in _UNKNOWN and re.match(pattern, line):
            return "{} needs Python {}.{} or newer; {}.".format(what, *version, _running())
    if message.startswith("f-string") and _RUNNING < (3, 12):
        return (
            "Inside the braces of an f-string, its own quotes, backslashes and "
            f"comments need Python 3.12 or newer; {_running()}."
        )
    return ""


def _character(odd: str) -> str:
    """Describe a character that is not valid in Python, and say what to type instead."""
    name = unicodedata.name(odd, "")
    kinds = {
        "QUOTATION MARK": "a straight quote",
        "APOSTROPHE": "a straight quote",
        "DASH": "a hyphen (-)",
        "MINUS": "a hyphen (-)",
        "SPACE": "an ordinary space",
        "MULTIPLICATION": "an asterisk (*)",
    }
    if name.startswith("ZERO WIDTH") or unicodedata.category(odd) == "Cf":
        return f"U+{ord(odd):04X} ({name}) is invisible: delete it."
    instead = next((what for word, what in kinds.items() if word in name), "")
    said = f"U+{ord(odd):04X} is {name or 'a character without a name'}"
    return f"{said}: type {instead} instead." if instead else f"{said}: delete or replace it."


def visible(line: str) -> str:
    """Return a line of code with invisible or space-like characters replaced by their names."""
    return "".join(
        char if char.isprintable() or char == "\t" else f"<U+{ord(char):04X}>" for char in line
    )
