"""Signals that end a process, after it cleans up."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

# Sent by `timeout`, a service that shuts down, a terminal that is closed, and Ctrl-\.
SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT")
# Seconds during which a repeated signal counts as the same one: `timeout` sends two.
SAME = 2.0


@contextlib.contextmanager
def interruptions_kept() -> Iterator[None]:
    """End a block with KeyboardInterrupt if a signal raised it inside, even if it got lost there.

    Code that is interrupted during cleanup, or in a callback, drops it or raises another error.
    Only the main thread receives signals.
    """
    lost: list[int] = []

    def noting(handler: Callable[[int, types.FrameType | None], Any]) -> Any:
        def note(number: int, frame: types.FrameType | None) -> None:
            try:
                handler(number, frame)
            except KeyboardInterrupt:
                lost.append(number)
                raise

        return note

    in_main = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in (*SIGNALS, "SIGINT") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers if in_main}
    noted = {number: handler for number, handler in before.items() if callable(handler)}
    for number, handler in noted.items():
        signal.signal(number, noting(handler))
    try:
        yield
    except BaseException as error:
        if not lost or isinstance(error, KeyboardInterrupt):
            raise
    finally:
        for number, handler in noted.items():
            signal.signal(number, handler)
    if lost:
        raise KeyboardInterrupt


def wait_for_children() -> None:
    """Make sure that this process is notified when its children end, whatever its parent set."""
    if hasattr(signal, "SIGCHLD") and signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


@contextlib.contextmanager
def cleaned_up() -> Iterator[None]:
    """Make deadly signals end this process the way Ctrl-C does, and then by the signal itself.

    A signal that is ignored (`nohup`) or already handled stays so; this needs the main thread.
    """
    received: list[tuple[int, float]] = []

    def interrupt(number: int, _: types.FrameType | None) -> None:
        again = received and time.monotonic() - received[-1][1] < SAME
        if not again:
            received.append((number, time.monotonic()))
            raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    in_main = threading.current_thread() is threading.main_thread()
    taken = [x for x in numbers if in_main and signal.getsignal(x) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
        if received:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
            os.kill(os.getpid(), received[0][0])
