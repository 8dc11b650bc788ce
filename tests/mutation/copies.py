"""Copies of a project, in which its tests run while one module is a mutant.

A mutant may kill every process of the machine (`kill(-1)` as root) or remove any file. So as root
on Linux, a copy's processes have process IDs of their own, and they can write only to the copy and
to a private `/tmp`. The copy is mounted at the project's own path: whatever finds the project by
its path (an editable install, a script of the environment) finds the copy.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Project, copy and environment may all be below /tmp: /mnt holds them while a private /tmp is made.
# The first process of a namespace ignores signals that it does not handle, so it stays a shell.
_SANDBOX = """
set -e
mount -t tmpfs held /mnt
mkdir /mnt/copy /mnt/environment
mount --bind {copy} /mnt/copy
mount --bind {environment} /mnt/environment
mount -t tmpfs -o mode=1777 own-tmp /tmp
mount -t tmpfs -o mode=1777 own-tmp /var/tmp
mkdir -p {root}
mount --bind /mnt/copy {root}
mkdir -p {environment}
mount --bind /mnt/environment {environment}
umount -l /mnt
mount -o remount,bind,ro {environment}
mount -o remount,bind,ro /
cd {root}
set +e
{command}
exit $?
"""
_NAMESPACES = ("unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c")


@dataclass(frozen=True)
class Copy:
    """A copy of a project.

    Args:
        root: the project.
        folder: where the copy is.
        sandboxed: its processes reach nothing but the copy, at the project's own path.
    """

    root: Path
    folder: Path
    sandboxed: bool

    def pytest(self, arguments: Sequence[str], seconds: float | None) -> tuple[int | None, str]:
        """Run pytest in the copy; return its code, None if it took too long, and what it said."""
        words = [sys.executable, "-m", "pytest", "-q", *arguments]
        if self.sandboxed:
            script = _SANDBOX.format(
                copy=shlex.quote(str(self.folder)), root=shlex.quote(str(self.root)),
                environment=shlex.quote(sys.prefix), command=shlex.join(words),
            )  # fmt: skip
            words = [*_NAMESPACES, script]
        process = subprocess.Popen(
            words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            said, _ = process.communicate()
            return None, said
        return process.returncode, said

    def write(self, module: str, source: str) -> None:
        """Replace a module's source; delete its compiled copy, whatever its timestamp says."""
        path = self.folder / module
        path.write_text(source, "utf-8")
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def can_sandbox() -> bool:
    """Tell whether this machine and user have what `sandboxed` needs."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    tried = subprocess.run([*_NAMESPACES, "mount --bind /mnt /mnt"], check=False,
                           capture_output=True)  # fmt: skip
    return tried.returncode == 0


def copy(root: Path, folder: Path, sandboxed: bool) -> Copy:
    """Copy the files of a project that git tracks."""
    command = ["git", "-C", str(root), "ls-files", "-z"]
    for name in subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0"):
        path = Path(os.fsdecode(name))
        if name and (root / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / path, folder / path)
    for words in (["init", "-q"], ["add", "--all"]):  # what is delivered is what git tracks
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    folder.chmod(0o755)  # like a checkout: workers of other users must find the grader's code
    return Copy(root, folder, sandboxed)
