"""Frames that functions of Python's library give to a submission, and whether it inspects them.

A frame leads to the variables of every caller. Code that only asks for its own position, as in
`inspect.currentframe().f_lineno`, reveals none of them.
"""

from __future__ import annotations

import dis
from itertools import takewhile
from types import FrameType, FunctionType, ModuleType
from typing import Any

from .places import plain

# Functions that return frames, by the end of their files' names.
_GIVING = (
    ("inspect.py", ("currentframe", "stack", "trace", "getinnerframes")),
    ("traceback.py", ("walk_stack", "walk_tb")),
    ("logging/__init__.py", ("currentframe", "<lambda>")),
    ("bdb.py", ("set_trace", "get_stack", "set_break")),
    ("asyncio/base_tasks.py", ("_task_get_stack",)),
    ("types.py", ("gi_frame",)),
    ("numpy/distutils/misc_util.py", ("get_frame",)),
)
_LEADING_ON = ("f_back", "frame")
_PLACE = ("f_code", "f_lineno", "code_context", "filename", "function", "lineno")
_SUBSCRIPT = ("BINARY_SUBSCR", "BINARY_OP")  # as in `inspect.stack()[1]`


def giver(caller: FrameType) -> FrameType | None:
    """Return the outermost of the functions that pass a frame on its way out.

    Args:
        caller: whoever asked Python for a frame.
    """
    found, frame = None, caller
    while _gives(frame) and frame.f_back is not None:
        found, frame = frame, frame.f_back
    return found


def _gives(frame: FrameType) -> bool:
    file, name = plain(frame.f_code.co_filename).replace("\\", "/"), plain(frame.f_code.co_name)
    return any(name in names and file.endswith("/" + end) for end, names in _GIVING)


def asks_for_the_place(user: FrameType, giver: FrameType) -> bool:
    """Tell whether only the position is read from a frame, and read immediately.

    Args:
        user: the frame whose code calls the function that returns the frame.
        giver: the frame of that function.
    """
    code = list(dis.get_instructions(user.f_code))
    before = [x for x in code if x.offset < user.f_lasti and x.opname.startswith("LOAD_")]
    after = [x for x in code if x.offset > user.f_lasti and x.opname != "EXTENDED_ARG"]
    if _called(before, user.f_globals) is not giver.f_code:  # its own function may keep the frame
        return False
    if after[0].opname in ("LOAD_CONST", "LOAD_SMALL_INT") and after[1].opname in _SUBSCRIPT:
        del after[:2]
    on = [*takewhile(lambda x: x.opname == "LOAD_ATTR" and x.argval in _LEADING_ON, after)]
    read = after[len(on)]
    return read.opname == "LOAD_ATTR" and read.argval in _PLACE


def _called(loads: list[dis.Instruction], names: dict[str, Any]) -> Any:
    """Return the code of the function loaded last, looked up by its own or its module's name."""
    *_, owner, last = (None, None, *loads)
    name = None if last is None else last.argval
    if last is not None and last.opname in ("LOAD_ATTR", "LOAD_METHOD") and owner is not None:
        module = names.get(owner.argval) if owner.opname in ("LOAD_GLOBAL", "LOAD_NAME") else None
        names = vars(module) if type(module) is ModuleType else {}
    function = names.get(name) if type(name) is str else None
    return function.__code__ if type(function) is FunctionType else None
