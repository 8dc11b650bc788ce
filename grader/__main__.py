"""`python -m grader`, and the command `grader`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command; look for modules where they are installed first.

    Python looks in the current folder first, and in those of PYTHONPATH: a scratch file there may
    be called random.py, and a numpy may be another Python's.
    """
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    last = {os.path.abspath(folder) for folder in ("", *named)}  # noqa: PTH100 - loaded already
    sys.path.sort(key=lambda folder: folder in last)

    from grader.cli import main as command  # noqa: PLC0415 - after the line above

    command()


if __name__ == "__main__":
    main()
