"""Users for the workers: one for each running worker, reserved across the whole machine."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
from collections.abc import Sequence

from .sweeping import wait

# Between Debian's users and systemd's dynamic ones; each worker uses one at a time.
UIDS = range(60700, 61100)
# Number of users to look up: every grader on the machine has a few workers at a time.
MOST = 32
# Seconds for a process that sends a signal as another user, which takes milliseconds.
SENDING = 2.0


def without_account() -> tuple[int, ...]:
    """Return some user IDs without an account, for processes that can no longer read the accounts.

    Different processes on this machine start at different IDs.
    """
    start = os.getpid() % len(UIDS)
    free = (uid for uid in (*UIDS[start:], *UIDS[:start]) if not _has_account(uid))
    return tuple(itertools.islice(free, MOST))


def claim_uid(uids: Sequence[int]) -> tuple[int, socket.socket]:
    """Take a user that no other worker on this machine has now; the socket is the claim.

    Two workers with the same user could disturb each other, and the sweep after one would end both.
    An abstract socket's name disappears with the process that holds it.

    Args:
        uids: the user IDs to choose from, none of which has an account.

    Raises:
        RuntimeError: all are taken.
    """
    for uid in uids:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0nn-homework-grader-uid-{uid}")
        except OSError:
            claim.close()
            continue
        return uid, claim
    raise RuntimeError(f"All users from {UIDS[0]} to {UIDS[-1]} are taken by other graders.")


def _has_account(uid: int) -> bool:
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def send_as(uid: int, target: int, *numbers: int) -> None:
    """Send signals from a process of a user: root may not be allowed to (without CAP_KILL).

    Args:
        uid: the user.
        target: a process; -1 for all processes of the user, except the one that sends.
        numbers: the signal numbers.
    """
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            for number in numbers:
                os.kill(target, number)
        finally:
            os._exit(0)
    wait(pid, SENDING)


def end(pid: int, uid: int | None) -> int | None:
    """Kill a child with its group, and all processes of its user; return its status once it ends.

    Nothing is waited for before the child's own user has killed it, too.
    """
    for kill in (os.kill, os.killpg):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    if uid is not None:
        send_as(uid, -1, signal.SIGKILL, signal.SIGKILL)  # a fork may have been under way
    return wait(pid, SENDING)
