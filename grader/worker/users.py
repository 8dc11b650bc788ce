"""Users of the workers: one for each that runs now, claimed on the whole machine."""

from __future__ import annotations

import os
import signal
import socket

# Between the users of Debian and the dynamic ones of systemd; one for every worker at a time.
UIDS = range(60700, 61100)


def claim_uid() -> tuple[int, socket.socket]:
    """Take a user that no other worker on this machine has now; the socket is the claim.

    Two workers of one user could disturb each other, and the sweep after one would end both.
    An abstract socket's name goes with the process that holds it.

    Raises:
        RuntimeError: all are taken.
    """
    for uid in UIDS:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0nn-homework-grader-uid-{uid}")
        except OSError:
            claim.close()
            continue
        if not _has_account(uid):
            return uid, claim
        claim.close()
    raise RuntimeError(f"All users from {UIDS[0]} to {UIDS[-1]} are taken by other graders.")


def _has_account(uid: int) -> bool:
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def kill_all_of(uid: int) -> None:
    """Kill every process of a user, from a process of that user, which spares itself."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            for _ in range(2):  # a fork may have been under way
                os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
