"""Confinement of a worker: what its process gives up before it sees the submission, in layers.

| layer | what it takes away | needs |
|---|---|---|
| limits | memory, descriptors, threads (with uid), any byte of a file, core files | a Unix |
| uid | other users' files and processes, root's rights | root |
| landlock | every file outside a short list, all writing, signals and TCP to others | Linux 5.13 |
| seccomp | system calls outside a list: no sockets, processes, signals, ptrace, writing | Linux |

A layer that a platform lacks is left out and reported, never silently: the launcher tries each of
them once in a child (`probing`), and if a layer that held there fails in a worker, that worker does
not start. The filters are built by `landlockpy` and `seccompy`; what is written here, and in
`system_calls`, is the policy.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .access import without_packages
from .packages import Unavailable, package
from .system_calls import system_call_filter

LAYERS = ("limits", "uid", "landlock", "seccomp")

# numpy with one BLAS thread peaks at 132 MB; the rest leaves room for a wasteful im2col.
MEMORY = 3 * 2**29
OPEN_FILES = 128
# RLIMIT_NPROC counts a user's threads, so it is meaningful only if the worker has its own uid.
THREADS = 64

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36


@dataclass
class Confinement:
    """The layers of a worker, and what it may read.

    Args:
        layers: some of `LAYERS`.
        readable: folders of the interpreter, its libraries, and numpy.
    """

    layers: tuple[str, ...]
    readable: tuple[str, ...] = ()
    _filter: Any = field(default=None, repr=False)
    _is_enclosed: bool = False
    # The folders of a submission, and the list of what its workers may read.
    _list: tuple[tuple[str, ...], Any] | None = field(default=None, repr=False)

    def prepare(self) -> None:
        """Load and compile what every worker needs, once, before any worker is forked."""
        with contextlib.suppress(ImportError):  # not on Windows
            import resource  # noqa: F401, PLC0415 - each worker uses it to set its limits
        if "seccomp" in self.layers:
            self._filter = system_call_filter("landlock" in self.layers)

    def enclose(self, places: Iterable[str]) -> None:
        """Keep this process, and all that it forks, out of most files, if Landlock is a layer.

        What may be read of Python's folders is a list of hundreds of parts: everything except the
        packages installed there. The launcher applies the list to itself once. A worker is
        restricted to whole folders, which is quick, and can read only what both allow. If one of
        these folders contains a place for workers' files, or is inside one, workers take the list,
        too.

        Args:
            places: the folders below which the workers' files will be.

        Raises:
            OSError, Unavailable: it could not be applied.
        """
        if "landlock" not in self.layers:
            return
        places = [*filter(os.path.isdir, places)]
        with self._file_rules(places, scoped=False) as rules:
            access = package("landlockpy").AccessFS
            if os.path.isdir("/proc"):  # for children and for the OOM setting
                own = access.READ_FILE | access.READ_DIR | access.WRITE_FILE
                rules.allow_path("/proc", own)
            rules.restrict()
        self._is_enclosed = not any(
            _overlap(path, place) for path in self.readable for place in places
        )

    def list_files(self, *folders: str) -> tuple[int, ...]:
        """Make the list of what a worker may read, before it is forked.

        The workers of one submission share a list. Landlock copies it when it takes effect; the
        next submission is in other folders and gets a new list.

        Args:
            folders: what may be read in addition to `readable`: the staged submission.

        Returns:
            The descriptors that a worker needs until it is confined.

        Raises:
            OSError, Unavailable: there is no such list.
        """
        return (self._listed(folders).fileno(),) if "landlock" in self.layers else ()

    def _listed(self, folders: tuple[str, ...]) -> Any:
        if self._list is None or self._list[0] != folders:
            self._list = folders, self._file_rules(folders, scoped=True)
        return self._list[1]

    def forget_files(self) -> None:
        """Release the list: the submission has no workers left."""
        self._list = None

    def _parts(self) -> tuple[str, ...]:
        """Return what may be read in the readable folders: everything except the packages there."""
        if self._is_enclosed:
            return self.readable
        return tuple(part for path in self.readable for part in without_packages(path))

    def apply(self, uid: int | None, folders: Iterable[str]) -> None:
        """Give up, in this process and for good, what the layers take away.

        Args:
            uid: the user to become; None without the layer "uid".
            folders: what else may be read: the staged submission.

        Raises:
            OSError, Unavailable: a layer could not be applied; the process must not continue.
        """
        rules = self._listed(tuple(folders)) if "landlock" in self.layers else None
        if "limits" in self.layers:
            limit_resources(THREADS if uid is not None else None)
        _be_first_to_be_killed()
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        if sys.platform == "linux":  # the change of user has cleared both
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _prctl(_PR_SET_DUMPABLE, 0)
        if rules is not None:
            with rules:
                rules.restrict()
        if "seccomp" in self.layers:
            (self._filter or system_call_filter(rules is not None)).load()

    def _file_rules(self, folders: Iterable[str], scoped: bool) -> Any:
        landlock = package("landlockpy")
        if not landlock.supported():
            raise Unavailable("this kernel has no Landlock")
        scope = landlock.Scope
        kept_in = scope.ABSTRACT_UNIX_SOCKET | scope.SIGNAL if scoped else scope.NONE
        rules = landlock.Ruleset(scoped=kept_in)
        read, listing = landlock.AccessFS.READ_FILE, landlock.AccessFS.READ_DIR
        for path in (*self._parts(), *folders, "/dev/urandom"):
            rules.allow_path(path, read | (listing if os.path.isdir(path) else 0))
        for path in filter(os.path.isdir, self.readable):
            rules.allow_path(path, listing)
        rules.allow_path(os.devnull, read | landlock.AccessFS.WRITE_FILE)
        return rules


def _overlap(path: str, other: str) -> bool:
    """Tell whether two paths are the same, or one is below the other."""
    paths = [os.path.join(os.path.realpath(one), "") for one in (path, other)]
    return paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])


def _prctl(option: int, value: int) -> None:
    """Ask the kernel to change this process; options that it does not know are skipped."""
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def hide_memory() -> None:
    """Keep other processes of this user out of this one's memory and /proc files, on Linux."""
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent dies, on Linux, so that a sweep finds them."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def limit_resources(threads: int | None = None) -> None:
    """Cap memory, descriptors and threads where supported; allow no file data and no core files."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:  # Windows
        return
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    caps = {"AS": MEMORY, "NOFILE": OPEN_FILES, "CORE": 0, "FSIZE": 0, "MEMLOCK": 0, "MSGQUEUE": 0}
    if threads is not None:
        caps["NPROC"] = threads
    for name, value in caps.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            number = getattr(resource, f"RLIMIT_{name}")
            _, hard = resource.getrlimit(number)
            ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (ceiling, ceiling))


def _be_first_to_be_killed() -> None:
    """Make the kernel choose this process first when the machine runs out of memory."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
