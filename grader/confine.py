"""Confinement of a worker: what its process gives up before it sees the submission, in layers.

| layer | what it takes away | needs |
|---|---|---|
| limits | memory, descriptors, threads (with uid), any byte of a file, core files | a Unix |
| uid | other users' files and processes, root's rights | root |
| landlock | every file outside a short list, all writing, signals and TCP to others | Linux 5.13 |
| seccomp | system calls outside a list: no sockets, processes, signals, ptrace, writing | Linux |

A layer that a platform lacks is left out and reported, never silently: the launcher tries all of
them once in a child (`probe`), and a worker in which a layer fails that held there does not start.
The filters are built by `landlockpy` and `seccompy`; what is written here is the policy.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import importlib
import json
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

LAYERS = ("limits", "uid", "landlock", "seccomp")

# numpy with one BLAS thread peaks at 132 MB; the rest is for a wasteful im2col.
MEMORY = 3 * 2**29
OPEN_FILES = 128
# RLIMIT_NPROC counts the threads of a user, so it means something only with a uid of its own.
THREADS = 64

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_GET_NAME = 1, 4, 15, 16
_PR_SET_CHILD_SUBREAPER = 36

# System calls that a single process needs which computes, has threads, and reads files.
_ALLOWED = """
read readv pread64 preadv preadv2 write writev close close_range fstat newfstatat stat lstat statx
statfs fstatfs lseek dup dup2 dup3 pipe pipe2 access faccessat faccessat2 readlink readlinkat
getdents getdents64 getcwd chdir fchdir umask fadvise64 fsync
mmap mprotect munmap mremap madvise mincore brk membarrier
futex futex_waitv set_robust_list get_robust_list set_tid_address rseq restart_syscall
sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
sched_get_priority_min getpriority getcpu
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack
alarm setitimer getitimer pause nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday
time times getrusage getrlimit sysinfo uname getrandom
getpid gettid getppid getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp getpgid
getsid select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
eventfd2 recvfrom getsockname getpeername getsockopt shutdown wait4 waitid exit exit_group
""".split()
# Of these, only what an argument makes harmless: its place, a mask, and the values allowed.
_WHOLE = 2**64 - 1
_CLONE_THREAD = 0x10000
_AF_UNIX = 1
_ALLOWED_IF: dict[str, tuple[int, int, Sequence[int]]] = {
    "clone": (0, _CLONE_THREAD, (_CLONE_THREAD,)),
    "fcntl": (1, _WHOLE, (0, 1, 2, 3, 4, 1030)),  # duplicate, flags; not F_SETOWN, not locks
    "ioctl": (1, _WHOLE, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),  # of terminals: ask
    "prctl": (0, _WHOLE, (_PR_SET_NAME, _PR_GET_NAME)),
    "prlimit64": (0, _WHOLE, (0,)),  # of this process
    "sendto": (4, _WHOLE, (0,)),  # on what is connected already
    "socketpair": (0, _WHOLE, (_AF_UNIX,)),
}
# Not there for a program that can do without; refused, with a word that a person understands:
_REFUSED = """
open openat creat socket connect bind listen accept accept4 sendmsg sendmmsg socketpair sendto
fork vfork clone execve execveat kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open
pidfd_send_signal pidfd_getfd ptrace process_vm_readv process_vm_writev
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
truncate ftruncate chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat mknod mknodat utime
utimes utimensat setxattr memfd_create setuid setgid setreuid setregid setresuid setresgid setgroups
setsid setpgid unshare setns mount umount2 chroot pivot_root
""".split()
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE: what `open` may not have.
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Unavailable(Exception):
    """A layer cannot be had here; the text says why."""


@dataclass
class Confinement:
    """The layers that a worker gets, and what it may read.

    Args:
        layers: some of `LAYERS`.
        readable: folders of the interpreter, its libraries and numpy.
    """

    layers: tuple[str, ...]
    readable: tuple[str, ...] = ()
    _filter: Any = field(default=None, repr=False)

    def prepare(self) -> None:
        """Compile the filter of system calls once, before workers are forked."""
        if "seccomp" in self.layers:
            self._filter = _system_call_filter("landlock" in self.layers)
        if "landlock" in self.layers:
            _ = self._parts

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        """What may be read in the readable folders: all but the packages installed there."""
        return tuple(part for path in self.readable for part in without_packages(path))

    def apply(self, uid: int | None, folders: Iterable[str]) -> None:
        """Give up, in this process and for good, what the layers take away.

        Args:
            uid: the user to become; None without the layer "uid".
            folders: what else may be read: the staged submission.

        Raises:
            OSError, Unavailable: a layer could not be applied; the process must not go on.
        """
        rules = self._file_rules(folders) if "landlock" in self.layers else None
        if "limits" in self.layers:
            limit_resources(THREADS if uid is not None else None)
        _be_first_to_be_killed()
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        if sys.platform == "linux":  # the change of user has cleared both
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            prctl(_PR_SET_DUMPABLE, 0)
        if rules is not None:
            with rules:
                rules.restrict()
        if "seccomp" in self.layers:
            (self._filter or _system_call_filter(rules is not None)).load()

    def _file_rules(self, folders: Iterable[str]) -> Any:
        landlock = _package("landlockpy")
        if not landlock.supported():
            raise Unavailable("this kernel has no Landlock")
        rules = landlock.Ruleset(scoped=landlock.Scope.ABSTRACT_UNIX_SOCKET | landlock.Scope.SIGNAL)
        read, listing = landlock.AccessFS.READ_FILE, landlock.AccessFS.READ_DIR
        for path in (*self._parts, *folders, "/dev/urandom"):
            rules.allow_path(path, read | (listing if os.path.isdir(path) else 0))
        for path in filter(os.path.isdir, self.readable):
            rules.allow_path(path, listing)
        rules.allow_path(os.devnull, read | landlock.AccessFS.WRITE_FILE)
        return rules


def without_packages(path: str) -> list[str]:
    """Return what is in a folder but installed packages, and what links lead out of it to.

    The folder itself, if there are none; Landlock grants a folder with all that is below it.
    """
    path, names = os.path.realpath(path), list[str]()
    with contextlib.suppress(OSError):  # a file, or a folder that may not be listed
        names = os.listdir(path)
    if not any(map(_has_packages, names)):
        return [path]
    parts = [os.path.join(path, name) for name in names if not _has_packages(name)]
    return [part for part in parts if os.path.realpath(part).startswith(path + os.sep)]


def _has_packages(name: str) -> bool:
    """Tell whether a folder of this name holds packages; "python3" is Debian's, in /usr/lib."""
    return name in ("site-packages", "dist-packages") or name.startswith("python3")


PACKAGES = ("landlockpy", "seccompy")


def load_packages(folders: Mapping[str, str]) -> None:
    """Import what the layers are built with, each from its folder, as far as it is there."""
    for name, folder in folders.items():
        sys.path.append(folder)
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
        sys.path.remove(folder)


def _package(name: str) -> Any:
    if name not in sys.modules:
        raise Unavailable(f"the package {name} is not installed")
    return sys.modules[name]


def _system_call_filter(files_are_ruled: bool) -> Any:
    """Return the filter: some calls, some with some arguments, and no other call.

    Args:
        files_are_ruled: Landlock decides which files may be opened for writing (none but
            /dev/null); without it no file may.
    """
    seccomp = _package("seccompy")
    if not seccomp.supported():
        raise Unavailable("this kernel has no seccomp filters")
    rules = seccomp.Filter(default=seccomp.Action.ERRNO | errno.ENOSYS)
    is_in = seccomp.CmpOp.MASKED_EQ

    def add(name: str, rule: Callable[..., None], *arguments: Any, **options: Any) -> None:
        with contextlib.suppress(ValueError):  # no such call on this architecture
            rule(name, *arguments, **options)

    for name in _ALLOWED:
        add(name, rules.allow)
    for name, (place, mask, values) in _ALLOWED_IF.items():
        for value in values:
            add(name, rules.allow, args=[seccomp.ArgCmp(place, is_in, value, mask)])
    for name, place in (("open", 1), ("openat", 2)):
        writing = 0 if files_are_ruled else _WRITING
        add(name, rules.allow, args=[seccomp.ArgCmp(place, is_in, 0, writing)])
    for name in _REFUSED:
        add(name, rules.errno, errno.EACCES)
    _ = rules.program  # compiled here, once
    return rules


def prctl(option: int, value: int) -> None:
    """Ask the kernel to change this process; what it does not know is left out."""
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def hide_memory() -> None:
    """Keep other processes of this user out of this one's memory and /proc files, on Linux."""
    if sys.platform == "linux":
        prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, on Linux: a sweep finds them."""
    if sys.platform == "linux":
        prctl(_PR_SET_CHILD_SUBREAPER, 1)


def limit_resources(threads: int | None = None) -> None:
    """Cap memory, descriptors and threads, where the platform can; no data and no core files."""
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
    """Let the kernel choose this process when the machine's memory is used up."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def probe(layers: Sequence[str], readable: tuple[str, ...], uid: int | None) -> dict[str, str]:
    """Try each layer in a child of its own; return why it is missing, "" where it holds.

    That a layer was applied is not enough: the child then tries what the layer forbids.
    """
    return {layer: _probe_one(layer, layers, readable, uid) for layer in LAYERS}


def _probe_one(
    layer: str, layers: Sequence[str], readable: tuple[str, ...], uid: int | None
) -> str:
    if layer not in layers:
        return "it was switched off"
    if layer == "uid" and uid is None:
        return "only root can change to another user"
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(ours, _try_layer(layer, readable, uid).encode()[:1000])
        finally:
            os._exit(0)
    os.close(ours)
    with os.fdopen(theirs, "rb") as answers:
        answer = answers.read()
    os.waitpid(pid, 0)
    return str(json.loads(answer or '"the process that tried it died"'))


def _try_layer(layer: str, readable: tuple[str, ...], uid: int | None) -> str:
    """Apply one layer to this process and try to break it; return JSON of what is wrong."""
    try:
        Confinement((layer,), readable).apply(uid if layer == "uid" else None, ())
        return json.dumps("" if _FORBIDDEN[layer]() else "it was applied, and does not hold")
    except BaseException as error:  # noqa: BLE001 - whatever it is, the layer is not there
        return json.dumps(str(error) or type(error).__name__)


def _fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except (OSError, MemoryError):
        return True
    return False


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _socket() -> None:
    import socket  # noqa: PLC0415 - only here

    socket.socket().close()


_FORBIDDEN: dict[str, Callable[[], bool]] = {
    "limits": lambda: _fails(lambda: bytearray(2 * MEMORY)),
    "uid": lambda: os.getuid() != 0 and _fails(lambda: os.setuid(0)),
    "landlock": lambda: _fails(lambda: os.listdir("/")),
    "seccomp": lambda: _fails(_fork) and _fails(_socket),
}


def closed_to_others(path: str) -> str:
    """Return what on the way to a path another user cannot enter or read, "" if there is nothing.

    Only modes are looked at: the other user is in none of the groups.
    """
    whole = os.path.realpath(path)
    parts = whole.split(os.sep)
    for end in range(2, len(parts) + 1):
        part = os.sep.join(parts[:end])
        mode = os.stat(part).st_mode
        if not mode & (0o001 if stat.S_ISDIR(mode) else 0o004):
            return part
    return ""


def lend(folders: Sequence[str]) -> dict[str, str]:
    """Return other names for folders, good for a user who cannot enter a folder above them.

    An interpreter below another user's home is such a case. The names go through descriptors,
    which stay open. Only with Landlock: without it, the way up from a descriptor is open, too.
    """
    return {
        folder: f"/proc/self/fd/{os.open(folder, os.O_PATH | os.O_DIRECTORY)}"
        for folder in folders
        if closed_to_others(folder)
    }
