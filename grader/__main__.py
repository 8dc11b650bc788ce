"""`python -m grader`, and the command `grader`."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading

SETTINGS = ("PYTHONHOME", "PYTHONPATH")
# Objects that are made before Python looks for circles of them: there are few, and looking takes a
# twentieth of a grade.
OBJECTS = 50_000
FAULT = 3  # as the commands have it, which cannot be imported


def main() -> None:
    """Run the command; look for modules where they are installed first.

    Python looks in the current folder first, and in those of PYTHONPATH: a scratch file there may
    be called random.py, and a numpy may be another Python's.
    """
    gc.set_threshold(OBJECTS)
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        last = {os.path.abspath(folder) for folder in ("", *named)}  # noqa: PTH100 - loaded already
    except FileNotFoundError:  # the current folder is gone, and what lay in it
        last = set()
    sys.path.sort(key=lambda folder: folder in last)
    try:
        from grader.cli import main as command  # noqa: PLC0415 - after the line above
    except Exception as error:
        found = [name for name in SETTINGS if os.environ.get(name)]
        if not found:
            raise
        names = " and ".join(found)
        print(  # noqa: T201 - click may be what is not found
            f"Error: Python does not start as it should ({error}), and {names} may be why: unset "
            f"{'it' if len(found) == 1 else 'them'}, or write `python -I -m grader`.",
            file=sys.stderr,
        )
        sys.exit(FAULT)
    try:
        command()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _end(end.code or 0)
        raise


def _end(code: int) -> None:
    """End at once, if nothing else runs: Python takes a tenth of a second to take all apart."""
    if threading.active_count() > 1:
        return
    atexit._run_exitfuncs()  # noqa: SLF001 - as Python does, before it takes anything apart
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # the command has told what was not printed
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
