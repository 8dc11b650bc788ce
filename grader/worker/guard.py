"""Noticing that a submission tampers with the counting."""

from __future__ import annotations

import itertools
import signal
import sys
import threading

# The `signal` versions create an enum member for every number, which takes twenty times as long.
from _signal import default_int_handler, getsignal, valid_signals  # type: ignore[import-not-found]
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from . import frames, wire
from .iteration import SIGNALED
from .originals import Originals
from .places import Places, plain

# What the answering loop tells the guard: a request has arrived, or an answer is about to go out.
ASKED, ANSWERED = "grader.asked", "grader.answered"
# The event Python raises when an attribute is read that exposes frames or code.
_READ = "object.__getattr__"
# And the one for setting an attribute, among those that not everybody may set.
_SET = "object.__setattr__"

# What the course staff is told; see `grader.run`.
CHANGED, COMPILED, LOOKS = "changed functions", "compiled code", "looks into the interpreter"
PROCESSES, SIGNALS, THREADS = "processes", "signal handlers", "threads"

# What a student reads about it, used wherever the message may say only that it happened.
TAMPERED = "The code does something that can change what the loop check counts. Remove it."
_TAMPERED = (
    "The code does something that can change what the loop check counts ({what}). Remove it."
)
_TRACED = "A debugger or tracer is active ({what}). Remove it."


class Tampered(Exception):
    """The submission tampered with the counting."""


def tampered(what: str) -> Tampered:
    """Return the error that reports what a submission did."""
    tracer = what in ("sys.settrace", "sys.setprofile")
    return Tampered((_TRACED if tracer else _TAMPERED).format(what=what))


class Guard:
    """Listens to Python's audit events, and signs what was counted.

    An audit hook cannot be removed or found by Python code, and it hears of every change of the
    tracer, of code made under a false file name, and of looks into frames and memory that no
    homework needs. During a call, these fail the check of the class that is called. While a module
    is imported, nothing is counted and no class is at work yet: then they are flags for the staff.

    Only the loop that answers the grader can have counts signed, and only with functions that are
    as they were before the submission was loaded. The grader judges no other counts.
    """

    # Reported even if other code does it on the submission's behalf, such as a context manager.
    _TRACING = ("sys.settrace",)
    _ALWAYS = ("sys.setprofile", "sys._getframe", "sys._current_frames", "gc.get_objects",
               "gc.get_referrers", "gc.get_referents", "marshal.loads",
               "sys.monitoring.register_callback")  # fmt: skip
    _NAMES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
    _PROCESSES = ("os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.kill",
                  "subprocess.Popen", "cpython.PyInterpreterState_New")  # fmt: skip
    _SIGNALS = (SIGNALED, "signal.pthread_kill")

    def __init__(self, places: Places, originals: Originals) -> None:
        """Keep the functions as they are.

        Args:
            places: tells whose code a frame runs.
            originals: the functions from before the submission was loaded.
        """
        self._places = places
        self._originals = originals
        self._key = ""
        self._answering: FrameType | None = None
        self._importing = self._checking = False
        # Whether a function's code may have been replaced; doing so raises an event.
        self._codes_may_differ = False
        self._noted = ""
        self._flags: set[str] = set()
        # The threads that are currently handling an event.
        self._busy: set[int] = set()

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Handle an event; refuse an audit hook added by the submission.

        Raises:
            RuntimeError: this is how Python refuses a hook; the submission does not get to see it.
        """
        if event == _SET:
            self._codes_may_differ = True
            return
        # Counting itself reads attributes of frames all the time; those events are skipped at once.
        if event == _READ and not (type(args[1]) is str and args[1] in self._NAMES):
            return
        thread = threading.get_ident()
        if thread in self._busy:  # handling an event raises events, too
            return
        self._busy.add(thread)
        try:
            self._take(event, args, sys._getframe(1))  # noqa: SLF001
        finally:
            self._busy.discard(thread)
        if event == "sys.addaudithook":
            raise RuntimeError("There is one audit hook.")

    def _take(self, event: str, args: tuple[Any, ...], caller: FrameType) -> None:
        if event in (ASKED, ANSWERED):
            self._answer(event, caller, *args)
        elif event in self._TRACING:
            self._note(event, caller, anywhere=True)
        elif event in self._ALWAYS:
            self._note(event, caller)
        elif event == _READ:
            self._note(args[1], caller)
        elif event in ("compile", "code.__new__"):
            file = _second(args)
            foreign = self._places.kind(file) in ("harness", "ignored", "library")
            if foreign and self._is_false(args[0], file, caller):
                self._places.distrust(file)
                self._remember(f"code under the file name {file}")
        elif event == "sys.addaudithook":
            self._flag(LOOKS, caller)
        elif event in (*self._PROCESSES, *self._SIGNALS):
            flag = PROCESSES if event in self._PROCESSES else SIGNALS
            self._flag(flag, self._places.outside(caller))
        elif event.startswith("ctypes."):
            self._flag(COMPILED, caller)

    def _note(self, what: str, caller: FrameType, anywhere: bool = False) -> None:
        """Record what the submission's own code does.

        Args:
            what: what it does.
            caller: the frame that does it.
            anywhere: also through a library, except for what libraries do while they are imported.
        """
        if self._is_students(caller, anywhere):
            self._remember(what)
        elif self._hands_out(caller):
            self._flags.add(LOOKS)

    def _remember(self, what: str) -> None:
        if self._importing:
            self._flags.add(LOOKS)
        else:
            self._noted = what

    def _is_false(self, source: Any, file: str, caller: FrameType) -> bool:
        """Tell whether the submission makes code under a file name that is not its own.

        Code that Python's import makes under such a name is genuine if it matches the file's
        content.
        """
        if "<frozen importlib" not in plain(caller.f_code.co_filename):
            return self._is_students(caller, anywhere=True)
        try:
            with open(file, "rb") as opened:
                return not (type(source) is bytes and opened.read() == source)
        except (OSError, ValueError):
            return True

    def _flag(self, flag: str, caller: FrameType) -> None:
        if self._is_students(caller, anywhere=True):
            self._flags.add(flag)

    def _is_students(self, frame: FrameType | None, anywhere: bool) -> bool:
        """Tell whether a frame is the submission's, or called by it, except to import something."""
        while frame is not None:
            file = plain(frame.f_code.co_filename)
            kind = self._places.kind(file)
            if kind in ("student", "harness") or not anywhere or "<frozen importlib" in file:
                return kind == "student"
            frame = frame.f_back
        return False

    def _hands_out(self, caller: FrameType) -> bool:
        """Tell whether a library function gives the submission a frame that it can look into."""
        giver = frames.giver(caller)
        direct = giver and giver.f_back
        if giver is None or direct is None:
            return False
        user = self._places.outside(direct)
        if not self._is_students(user, anywhere=False):
            return False
        return user is not direct or not frames.asks_for_the_place(user, giver)

    def _answer(
        self, event: str, caller: FrameType, message: dict[str, Any], arrays: Sequence[np.ndarray]
    ) -> None:
        """Take the key out of the first request; check and sign what answers."""
        if self._answering is None:
            self._answering, self._key = caller, message.pop("key", "")
        if caller is not self._answering:
            self._noted = event
        elif event == ASKED:
            self._importing = "import" in message
            counting = any(step.get("count") for step in message["program"])
            self._checking = self._importing or counting
            self._check()
        else:
            self._check()
            self._importing = False
            if "counts" in message:
                message["flags"] = sorted({*message["flags"], *self._flags, *self._beside()})
                message["seal"] = wire.seal(self._key, message, arrays)
                message["noted"] = self._noted

    def _check(self) -> None:
        """Restore what was changed, where it matters; what a call has changed is tampering."""
        if not self._checking:
            return
        codes, self._codes_may_differ = self._codes_may_differ, False
        changed = self._originals.restore(codes)
        if self._flags:
            _unregister()
        if changed and self._importing:
            self._flags.add(CHANGED)
        elif changed:
            self._noted = f"{changed} was changed"

    def _beside(self) -> set[str]:
        """Return what could run alongside the call, or between two of its lines."""
        handlers = {getsignal(number) for number in valid_signals() - _blocked()}
        own = any(callable(x) and x is not default_int_handler for x in handlers)
        others = len(sys._current_frames()) > 1  # noqa: SLF001
        return {*([SIGNALS] if own else []), *([THREADS] if others else [])}


def _second(args: tuple[Any, ...]) -> str:
    """Return the second argument of an event if it is text: any code can raise events."""
    return plain(args[1]) if len(args) > 1 and issubclass(type(args[1]), str) else ""


def _blocked() -> set[int]:
    """Return the signals that cannot arrive: those of timers, as set up in `serving`."""
    if not hasattr(signal, "pthread_sigmask"):
        return set()
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def _unregister() -> None:
    """Remove the callbacks of `sys.monitoring`: what runs in them is not traced."""
    monitoring: Any = getattr(sys, "monitoring", None)  # Python 3.12 and later
    numbers = [x for x in vars(monitoring.events).values() if x] if monitoring else []
    for tool, event in itertools.product(range(6), numbers):
        monitoring.register_callback(tool, event, None)
