"""Plain explanations of Python and numpy exceptions that a student may not understand."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from .syntax_hints import syntax_hint

_ENDED = "Do not end the program (exit, quit, sys.exit) in your code."
# Explanations of Python and numpy messages that are hard to understand.
_MEANINGS = {
    "truth value of an array": "`if`, `and` and Python's max need one truth value; for "
    "arrays, use np.where, np.maximum, or a mask.",
    "converted to Python scalars": "Functions in math take single numbers; numpy has versions "
    "for arrays, such as np.exp.",
    "mismatch in its core dimension": "The inner dimensions of this matrix product differ.",
    "not aligned": "The inner dimensions of this matrix product differ.",
    "operands could not be broadcast": "These shapes cannot be broadcast together.",
    "NoneType": "Something is None: a method without return gives None, and so does list.reverse.",
    "name 'np' is not defined": "Write import numpy as np at the top of the file.",
    **dict.fromkeys(("name 'exit' is not defined", "name 'quit' is not defined"), _ENDED),
}
# Names that numpy has removed, and what to write instead.
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
# Numpy messages whose first line says everything.
LONG = re.compile(r"^module 'numpy' has no attribute '\w+'\.")
# Explanations that depend only on the kind of exception.
_KINDS = {
    "PermissionError": "Graded code cannot write files, use the network or start processes.",
    "BdbQuit": "Remove breakpoint() and pdb: nobody can type here.",
    "EOFError": "Remove input(): nobody can type here.",
    "SystemExit": _ENDED,
    "TabError": "Indent with spaces everywhere, four per level.",
}


def hint(kind: str, message: str, modules: Sequence[str], line: str = "") -> str:
    """Return what an exception means, or "" if there is no explanation.

    Args:
        kind: the name of its type.
        message: its text.
        modules: the names of the homework's modules.
        line: the code that raised it.
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
    """Say what replaces a name that numpy has removed; "" if it is not one of those."""
    found = _NUMPY.search(message)
    name = found[1] or found[2] if found else ""
    return f"{REMOVED}{name} anymore: use {_REMOVED[name] or name}." if name in _REMOVED else ""


def _import_hint(message: str, modules: Sequence[str]) -> str:
    """Say how to import the homework's modules, if the import seems to refer to one of them."""
    lacking = re.search(r"cannot import name '(\w+)' from '(?:\w+\.)?(\w+)'", message)
    if lacking and lacking[2] in modules:
        return f"{lacking[2]}.py defines no {lacking[1]}."
    wanted = message.partition("No module named ")[2].strip("'").rpartition(".")[2]
    similar = difflib.get_close_matches(wanted, modules, 1, 0.75)
    if similar:
        return f"Import the homework's modules with a dot: from .{similar[0]} import ..."
    return "Only numpy, the standard library and the homework's modules are available."
