"""`python -m grader`, and the `grader` command."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading

SETTINGS = ("PYTHONHOME", "PYTHONPATH")
# New objects before Python looks for reference cycles: there are few cycles, and looking for them
# takes a twentieth of the time of a grade.
OBJECTS = 50_000
FAULT = 3  # same as in the commands, which cannot be imported here


def main() -> None:
    """Run the command; search installed packages for modules first.

    Python searches the current folder and those in PYTHONPATH first: a scratch file there may be
    called random.py, and a numpy there may belong to another Python.
    """
    gc.set_threshold(OBJECTS)
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        last = {os.path.abspath(folder) for folder in ("", *named)}  # noqa: PTH100 - is loaded
    except FileNotFoundError:  # the current folder was deleted, with everything in it
        last = set()
    sys.path.sort(key=lambda folder: folder in last)
    try:
        from grader.cli import main as command  # noqa: PLC0415 - after the line above
    except Exception as error:
        found = [name for name in SETTINGS if os.environ.get(name)]
        if not found:
            raise
        names = " and ".join(found)
        print(  # noqa: T201 - click may be the missing module
            f"Error: Python did not start correctly ({error}), and {names} may be why: unset "
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
    """Exit immediately, if nothing else runs: Python takes a tenth of a second to shut down."""
    if threading.active_count() > 1:
        return
    atexit._run_exitfuncs()  # noqa: SLF001 - as Python does first when it shuts down
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # the command has reported unprinted output
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
