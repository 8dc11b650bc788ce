"""Which files below `grader/` belong to the project: in a git checkout, those that git tracks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageError
from grader.paths import PACKAGE, ROOT

# Ignore who owns the repository: its code is running here anyway.
_GIT = ("git", "-c", "safe.directory=*", "ls-files", "-z")


def only_tracked(files: Mapping[str, Path]) -> dict[str, Path]:
    """Return the files of the package that a zip may contain.

    In a git checkout of the project, ignored files are left out, and a file that is neither tracked
    nor ignored is refused: it may be a scratch file, or a new module without which the zip does not
    work. In an unpacked archive, all files belong to the project. Files outside the package are not
    checked.

    Args:
        files: by whatever names the zip uses.

    Raises:
        UsageError: git does not know one of them, or cannot be asked.
    """
    tracked = _listed()
    if PACKAGE / "__init__.py" not in tracked:
        if (ROOT / ".git").exists():
            raise UsageError(
                f"{ROOT} is a git checkout, and git does not say which files belong to it: is it "
                "installed, and does `git status` work there?"
            )
        return dict(files)
    new = _listed("--others", "--exclude-standard")
    strange = sorted(path for path in files.values() if path in new)
    if strange:
        shown = ", ".join(path.relative_to(PACKAGE.parent).as_posix() for path in strange[:5])
        raise UsageError(
            f"git does not track {shown}: add what the zip needs (git add); ignore the rest, or "
            "move it away."
        )
    return {
        name: path
        for name, path in files.items()
        if path in tracked or not path.is_relative_to(PACKAGE)
    }


def _listed(*options: str) -> frozenset[Path]:
    """Return the files of the package that git lists; none without git or a checkout."""
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("GIT_")}
    try:
        listed = subprocess.check_output(
            [*_GIT, *options], cwd=PACKAGE, env=environment, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.CalledProcessError):
        return frozenset()
    return frozenset(PACKAGE / os.fsdecode(name) for name in listed.split(b"\0") if name)
