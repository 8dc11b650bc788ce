"""What the exceptions of Python and numpy mean, where a student may not understand them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from .syntax_hints import syntax_hint

# What the words of Python and numpy mean, where they are hard to read.
_MEANINGS = {
    "truth value of an array": "An if, an and, or Python's max needs one truth value; for arrays "
    "there are np.where, np.maximum and masks.",
    "converted to Python scalars": "The functions of math take single numbers; numpy has the same "
    "for arrays, such as np.exp.",
    "mismatch in its core dimension": "The inner sizes of a matrix product differ. Is a transpose "
    "missing, or one too many?",
    "not aligned": "The inner sizes of a matrix product differ. Is a transpose missing, or one too "
    "many?",
    "broadcast": "Two arrays do not fit entry by entry. Does a sum lack keepdims=True, "
    "or is there a transpose missing, or one too many?",
    "NoneType": "Something is None. Does a method lack its return, or an attribute its value?",
    "name 'np' is not defined": "Write import numpy as np at the top of the file.",
}
# What the kind of an exception says.
_KINDS = {
    "PermissionError": "Code is graded without files to write, network, and other processes.",
    "BdbQuit": "Remove breakpoint() and pdb: nobody can type here.",
    "EOFError": "Remove input(): nobody can type here.",
    "SystemExit": "Do not end the program (exit, quit, sys.exit) in your code.",
    "TabError": "Indent with spaces everywhere, four for a level.",
    "KeyError": "The dict has no entry of this name. Is it stored before it is read, and is it "
    "spelled the same in both places?",
}


def hint(kind: str, message: str, modules: Sequence[str], line: str = "") -> str:
    """Return what an exception is likely to mean, "" if nothing is known of it.

    Args:
        kind: the name of its type.
        message: its text.
        modules: the names of the homework's modules.
        line: the code where it was raised.
    """
    if meaning := syntax_hint(kind, message, line):
        return f"\n  {meaning}"
    for words, meaning in _MEANINGS.items():
        if words in message:
            return f"\n  {meaning}"
    if kind in ("ModuleNotFoundError", "ImportError"):
        return _import_hint(message, modules)
    return f"\n  {_KINDS[kind]}" if kind in _KINDS else ""


def _import_hint(message: str, modules: Sequence[str]) -> str:
    """Say how the homework's modules are imported, if it is one that was meant."""
    lacking = re.search(r"cannot import name '(\w+)' from '(?:\w+\.)?(\w+)'", message)
    if lacking and lacking[2] in modules:
        return f"\n  {lacking[2]}.py defines no {lacking[1]}."
    wanted = message.partition("No module named ")[2].strip("'").rpartition(".")[2]
    similar = difflib.get_close_matches(wanted, modules, 1, 0.75)
    if similar:
        return f"\n  Import the homework's modules with a dot: from .{similar[0]} import ..."
    return "\n  Only numpy, the standard library and the homework's modules are there."
