"""Noticing that a student has saved a file: the newest content of a folder, in a thread.

The events of the file system say when to look, and looking decides: what counts is the bytes of
the files that `submission.find` takes. An event for nothing (a file saved as it was, litter of an
editor, the grader's own results) stays unseen that way, and an event that does not come (network
folders, a folder that was replaced) costs two seconds and no more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from watchfiles import Change, DefaultFilter, watch

from .errors import UsageError
from .submission import NOTHING, Submission, find

# Milliseconds: events this close together belong to one save; however long they go on.
STEP, DEBOUNCE = 25, 400
# Milliseconds after which to look without an event.
LOOK = 2000
# Seconds in which an editor puts back a file that it replaces, or fills one that it empties.
REPLACING = 1.0
# What the grader writes itself.
RESULTS = ("results.json", "report.html")


class _Code(DefaultFilter):
    """Leaves out what editors, Python, version control and the grader write beside code."""

    def __call__(self, change: Change, path: str) -> bool:
        """Tell whether an event is worth a look; folders are, they may hold code."""
        return Path(path).name not in RESULTS and super().__call__(change, path)


class Saves:
    """The newest content of a folder, as long as the context is open.

    Args:
        folder: where a submission lies.
        on_save: called in a thread of its own, whenever the content has become another one.
    """

    def __init__(self, folder: Path, on_save: Callable[[], None]) -> None:
        """Look for the first time.

        Raises:
            UsageError: there is nothing to grade, or it is no folder.
        """
        if folder.is_file():
            raise UsageError(f"{folder} is not a folder; only a folder can be watched.")
        self.newest = find(folder)
        self._folder = folder
        self._on_save = on_save
        self._saved, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="saves", daemon=True)

    def __enter__(self) -> Saves:
        """Start to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def after(self, seen: Submission) -> Submission:
        """Wait until the content is another one than was seen; return it."""
        while self.newest is seen:
            # Not for ever: on Windows, nothing interrupts such a wait.
            self._saved.wait(0.5)
            self._saved.clear()
        return self.newest

    def _follow(self) -> None:
        for _ in self._occasions():
            found = self._settled()
            if found.files != self.newest.files:
                self.newest = found
                self._saved.set()
                self._on_save()

    def _occasions(self) -> Iterator[None]:
        """Come back whenever it is worth a look, until the context is closed."""
        try:
            for _ in watch(
                self._folder,
                watch_filter=_Code(),
                debounce=DEBOUNCE,
                step=STEP,
                stop_event=self._stop,
                rust_timeout=LOOK,
                yield_on_timeout=True,
            ):
                yield
        except Exception:  # noqa: BLE001, S110 - no events here (the system has run out of them)
            pass
        while not self._stop.wait(LOOK / 1000):
            yield

    def _settled(self) -> Submission:
        """Look; where something is missing that was there, wait for it to come back."""
        end = time.monotonic() + REPLACING
        while True:
            found = _look(self._folder)
            lost = any(not found.files.get(name) for name, old in self.newest.files.items() if old)
            if not lost or time.monotonic() >= end or self._stop.wait(0.05):
                return found


def _look(folder: Path) -> Submission:
    """Return what is there; nothing where nothing is."""
    try:
        return find(folder)
    except UsageError:
        return NOTHING
