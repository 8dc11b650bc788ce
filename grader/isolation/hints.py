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
    "mismatch in its core dimension": "The inner sizes of a matrix product differ.",
    "not aligned": "The inner sizes of a matrix product differ.",
    "operands could not be broadcast": "Two arrays do not fit entry by entry.",
    "NoneType": "Something is None: a method without return gives None, and so does list.reverse.",
    "name 'np' is not defined": "Write import numpy as np at the top of the file.",
}
# Names that numpy had once, and what to write instead.
_REMOVED = {
    **dict.fromkeys(("int", "float", "bool", "complex", "object", "str"), ""),
    "long": "int",
    "unicode": "str",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "row_stack": "np.vstack",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NINF": "-np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "round_": "np.round",
    "asfarray": "np.asarray(..., dtype=float)",
    "msort": "np.sort(..., axis=0)",
    "mat": "np.asmatrix",
}
REMOVED = "numpy has no np."
_NUMPY = re.compile(r"module 'numpy' has no attribute '(\w+)'|^`np\.(\w+)` was removed")
# Texts of numpy's whose first line says all.
LONG = re.compile(r"^module 'numpy' has no attribute '\w+'\.")
# What the kind of an exception says.
_KINDS = {
    "PermissionError": "Code is graded without files to write, network, and other processes.",
    "BdbQuit": "Remove breakpoint() and pdb: nobody can type here.",
    "EOFError": "Remove input(): nobody can type here.",
    "SystemExit": "Do not end the program (exit, quit, sys.exit) in your code.",
    "TabError": "Indent with spaces everywhere, four for a level.",
}


def hint(kind: str, message: str, modules: Sequence[str], line: str = "") -> str:
    """Return what an exception means, "" if nothing is known of it.

    Args:
        kind: the name of its type.
        message: its text.
        modules: the names of the homework's modules.
        line: the code where it was raised.
    """
    if meaning := syntax_hint(kind, message, line):
        return meaning
    if kind == "AttributeError" and (removed := _removed(message)):
        return removed
    for words, meaning in _MEANINGS.items():
        if words in message:
            return meaning
    if kind in ("ModuleNotFoundError", "ImportError"):
        return _import_hint(message, modules)
    return _KINDS.get(kind, "")


def _removed(message: str) -> str:
    """Say what has taken the place of a name that numpy has no more, "" if it is none of those."""
    found = _NUMPY.search(message)
    name = found[1] or found[2] if found else ""
    return f"{REMOVED}{name} any more: use {_REMOVED[name] or name}." if name in _REMOVED else ""


def _import_hint(message: str, modules: Sequence[str]) -> str:
    """Say how the homework's modules are imported, if it is one that was meant."""
    lacking = re.search(r"cannot import name '(\w+)' from '(?:\w+\.)?(\w+)'", message)
    if lacking and lacking[2] in modules:
        return f"{lacking[2]}.py defines no {lacking[1]}."
    wanted = message.partition("No module named ")[2].strip("'").rpartition(".")[2]
    similar = difflib.get_close_matches(wanted, modules, 1, 0.75)
    if similar:
        return f"Import the homework's modules with a dot: from .{similar[0]} import ..."
    return "Only numpy, the standard library and the homework's modules are there."
