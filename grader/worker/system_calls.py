"""Which system calls a worker may make: the policy, and the kernel filter built from it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Sequence
from typing import Any

from .packages import Unavailable, package

# System calls needed by a single process that computes, uses threads, and reads files.
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
# Calls that are allowed only with harmless arguments: argument position, mask, allowed values.
_WHOLE = 2**64 - 1
_CLONE_THREAD = 0x10000
_PR_SET_NAME, _PR_GET_NAME = 15, 16
_AF_UNIX = 1
_ALLOWED_IF: dict[str, tuple[int, int, Sequence[int]]] = {
    "clone": (0, _CLONE_THREAD, (_CLONE_THREAD,)),
    "fcntl": (1, _WHOLE, (0, 1, 2, 3, 4, 1030)),  # duplicate, flags; not F_SETOWN, not locks
    "ioctl": (1, _WHOLE, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),  # terminals: ask only
    "prctl": (0, _WHOLE, (_PR_SET_NAME, _PR_GET_NAME)),
    "prlimit64": (0, _WHOLE, (0,)),  # of this process
    "sendto": (4, _WHOLE, (0,)),  # only on what is already connected
    "socketpair": (0, _WHOLE, (_AF_UNIX,)),
}
# Calls that a program can do without; refused with an error that people understand:
_REFUSED = """
open openat creat socket connect bind listen accept accept4 sendmsg sendmmsg socketpair sendto
fork vfork clone execve execveat kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open
pidfd_send_signal pidfd_getfd ptrace process_vm_readv process_vm_writev
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
truncate ftruncate chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat mknod mknodat utime
utimes utimensat setxattr memfd_create setuid setgid setreuid setregid setresuid setresgid setgroups
setsid setpgid unshare setns mount umount2 chroot pivot_root
""".split()
# Flags that `open` may not have: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE.
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def system_call_filter(files_are_ruled: bool) -> Any:
    """Return the filter: some calls, some with some arguments, and no other call.

    Args:
        files_are_ruled: Landlock decides which files may be opened for writing (none but
            /dev/null); without it no file may be.
    """
    seccomp = package("seccompy")
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
