"""The process that holds the submission: it runs programs and answers, and decides nothing.

`serve` is what a worker does from its first to its last moment. It is the only place where code
of a submission is imported. Everything it sends is a claim that the grader compares with its own
numbers.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import socket
import sys
import traceback
import types
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import counting, iteration, wire
from .program import Call, Machine, Missing, Read, Step, WrongResult, decode, kind, named

# The header of a reply, and its arrays.
Reply = tuple[dict[str, Any], list[np.ndarray]]

PACKAGE = "student"
# What one call may print; the rest is dropped. A screenful is what a person reads.
MAX_PRINTED = 2000
MAX_MESSAGE = 500
MAX_LINE = 200
MAX_WARNINGS = 3
TAMPERED = (
    "The code meddles with the counting of loops ({what}), or with something that could. Remove "
    "that."
)


@dataclass(frozen=True)
class Stage:
    """Where the files are: the submission's package, the handout's, and which modules to take.

    `own` names the modules of the interface that come from the submission; the others come from
    the handout ("given"). Modules that are not of the interface are always the submission's.
    """

    submission: str
    given: str
    own: tuple[str, ...]


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with the builtins that make iteration visible.

    A given module that stands in for a file of the submission also offers the names that the
    submission added there (a helper of its layers, kept in activations.py, say): what the handout
    defines comes from the handout, any other name from the submission's own file.
    """

    def __init__(self, fullname: str, file: str, given: bool = False, own: str = "") -> None:
        super().__init__(fullname, file)
        self._given = given
        self._own = own

    def get_code(self, fullname: str) -> types.CodeType | None:
        return _compiled(self.path) if self._given else super().get_code(fullname)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__["__builtins__"] = iteration.PLAIN_BUILTINS
        super().exec_module(module)
        if self._own:
            module.__dict__["__getattr__"] = _own_names(self._own, module)


@functools.lru_cache(maxsize=32)
def _compiled(file: str) -> types.CodeType:
    with open(file, "rb") as source:
        return compile(source.read(), file, "exec", dont_inherit=True)


def compile_given(folder: str) -> None:
    """Compile the handout's modules: workers that are forked later find them ready."""
    for name in os.listdir(folder):
        if name.endswith(".py"):
            _compiled(os.path.join(folder, name))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds `student` and its modules, each where the stage says."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != PACKAGE and not fullname.startswith(PACKAGE + "."):
            return None
        file = self._file(fullname.split(".")[1:])
        if file is None:
            return None
        folder = [os.path.dirname(file)] if file.endswith("__init__.py") else None
        own = os.path.join(self._stage.submission, os.path.basename(file))
        given = file.startswith(self._stage.given)
        lent = given and folder is None and os.path.isfile(own)
        loader = _Loader(fullname, file, given, own if lent else "")
        return importlib.util.spec_from_file_location(
            fullname, file, loader=loader, submodule_search_locations=folder
        )

    def _file(self, parts: list[str]) -> str | None:
        if not parts:
            return os.path.join(self._stage.given, "__init__.py")
        if len(parts) == 1 and parts[0] not in self._stage.own:
            given = os.path.join(self._stage.given, parts[0] + ".py")
            if os.path.isfile(given):
                return given
        base = os.path.join(self._stage.submission, *parts)
        files = (base + ".py", os.path.join(base, "__init__.py"))
        return next((file for file in files if os.path.isfile(file)), None)


def _own_names(file: str, given: types.ModuleType) -> Any:
    name = given.__name__.replace(".", "._own_")

    def __getattr__(attribute: str) -> Any:
        if attribute.startswith("__") and attribute != "__all__":
            raise AttributeError(attribute)
        if attribute == "__all__":
            names = {*vars(given), *_names_of_own(name, file)}
            return sorted(x for x in names if not x.startswith("_"))
        own = _load_own(name, file)
        if not hasattr(own, attribute):
            raise AttributeError(f"module {given.__name__!r} has no attribute {attribute!r}")
        return getattr(own, attribute)

    return __getattr__


def _names_of_own(name: str, file: str) -> tuple[str, ...]:
    """Return what the submission's file defines; nothing where it cannot even be imported."""
    try:
        return tuple(vars(_load_own(name, file)))
    except Exception:  # noqa: BLE001 - `import *` from a broken file still gives what is given
        return ()


def _load_own(name: str, file: str) -> types.ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file, loader=_Loader(name, file))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


class _Printed:
    """Takes the place of stdout and stderr; keeps the beginning of what is written."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._text = ""
        self.dropped = False

    def write(self, text: str) -> int:
        room = MAX_PRINTED - len(self._text)
        self._text += str(text)[: max(room, 0)]
        self.dropped = self.dropped or len(text) > room
        return len(text)

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def isatty(self) -> bool:
        return False

    def take(self) -> str:
        text = self._text + ("\n... (cut)\n" if self.dropped else "")
        self._text, self.dropped = "", False
        return text


class Worker:
    """Answers the grader's requests on one socket."""

    def __init__(self, sock: socket.socket, stage: Stage) -> None:
        """Take over stdout and stderr, and the import of the submission."""
        self._sock = sock
        self._places = counting.Places(stage.submission, stage.given)
        self._guard = counting.Guard(self._places)
        self._stage = stage
        self._printed = _Printed()
        sys.stdout = sys.stderr = self._printed
        iteration.replace_c_iteration()
        sys.meta_path.insert(0, _Finder(stage))
        for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
            del sys.modules[name]

    def serve(self) -> None:
        """Answer until the grader goes away."""
        while True:
            try:
                header, arrays = wire.receive(self._sock)
            except wire.Closed:
                return
            for step, (reply, answers) in enumerate(self._replies(header, arrays)):
                wire.send(self._sock, {"id": header["id"], "step": step, **reply}, answers)

    def _replies(self, header: dict[str, Any], arrays: list[np.ndarray]) -> Iterator[Reply]:
        """Yield one reply a step; the first error is the last reply."""
        machine = Machine(PACKAGE)
        steps: list[Step | None] = [None] if "import" in header else []
        for step in (*steps, *decode(header["program"], arrays)):
            try:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    reply, answers = self._run(machine, step, header)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the submission's
                yield {"error": self._error(error), "printed": self._printed.take()}, []
                return
            reply["warnings"] = self._warnings(caught)
            yield {**reply, "printed": self._printed.take()}, answers

    def _run(self, machine: Machine, step: Step | None, header: dict[str, Any]) -> Reply:
        if step is None:
            importlib.import_module(f"{PACKAGE}.{header['import']}")
            return {}, []
        if isinstance(step, Call) and step.optional:
            with contextlib.suppress(BaseException):
                return self._call(machine, step, header["room"])
            return {}, []
        if isinstance(step, Call):
            return self._call(machine, step, header["room"])
        if isinstance(step, Read):
            return self._read(machine, step, header["room"])
        return _encoded(machine.run(step), header["room"])

    def _call(self, machine: Machine, step: Call, room: int) -> Reply:
        method, args, arguments = machine.prepare(step)
        if step.count == "arrays":
            args = [counting.watch(arg) for arg in args]
        with self._counter(step.count) as counter:
            results = named(step, method(*args, **arguments))
        machine.objects.update(results)
        reply, answers = _encoded(results, room)
        if counter:
            reply["counts"] = counter.report()
            compiled = ["compiled code"] if iteration.asked_for else []
            reply["flags"] = counter.flags() + compiled
            if self._guard.noted:
                what = self._guard.noted
                raise counting.Tampered(TAMPERED.format(what=what))
        reply["at"] = self._defined(method)
        reply["changed"] = not step.count and _changed(step.args, args)
        return reply, answers

    def _defined(self, method: Any) -> list[Any]:
        """Return the file and the line of a plain method; nothing for what is wrapped."""
        function = method.__func__ if type(method) is types.MethodType else None
        if type(function) is not types.FunctionType:
            return []
        return [self._places.label(function.__code__.co_filename), function.__code__.co_firstlineno]

    def _counter(self, count: str) -> Any:
        counters = {"lines": counting.Lines, "arrays": counting.Arrays}
        return counters[count](self._places) if count else contextlib.nullcontext()

    def _read(self, machine: Machine, step: Read, room: int) -> Reply:
        """Read one thing; that it is missing is an answer, and the program goes on."""
        try:
            return _encoded(machine.run(step), room)
        except Missing as missing:
            entry = {"name": step.out[0], "type": "missing", "about": str(missing)[:MAX_MESSAGE]}
            return {"outputs": [{**entry, "dtype": "", "array": False}]}, []

    def _error(self, error: BaseException) -> dict[str, Any]:
        """Return what happened and where: the submission's frames only, innermost last."""
        where = []
        for frame in traceback.extract_tb(error.__traceback__):
            file = self._places.label(frame.filename)
            if file:
                where.append([file, frame.lineno, frame.name[:80], (frame.line or "")[:MAX_LINE]])
        if isinstance(error, SyntaxError) and error.filename:
            file = self._places.label(error.filename) or error.filename
            where.append([file[:120], error.lineno or 0, "", (error.text or "").strip()[:MAX_LINE]])
        ours = isinstance(error, Missing | WrongResult | counting.Tampered)
        return {
            "type": type(error).__name__[:80],
            "ours": ours,
            "unfinished": isinstance(error, NotImplementedError),
            "message": _text(error)[:MAX_MESSAGE],
            "where": where[-3:],
        }

    def _warnings(self, caught: list[warnings.WarningMessage]) -> list[str]:
        found = {
            f"{w.category.__name__}: {w.message} ({self._places.label(w.filename)}, "
            f"line {w.lineno})"
            for w in caught
            if self._places.label(w.filename)
        }
        return sorted(text[:MAX_MESSAGE] for text in found)[:MAX_WARNINGS]


def _text(error: BaseException) -> str:
    try:
        return error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # noqa: BLE001 - __str__ is the submission's code, too
        return "(its text cannot be shown)"


def _changed(before: Sequence[Any], after: Sequence[Any]) -> bool:
    return any(
        isinstance(old, np.ndarray) and not np.array_equal(old, new, equal_nan=True)
        for old, new in zip(before, after, strict=True)
    )


def _encoded(outputs: dict[str, Any], room: int) -> Reply:
    """Describe every output, and turn into arrays what can be, and has room in one frame."""
    described, arrays = [], []
    for name, value in outputs.items():
        array = _array(value, room)
        room -= array.nbytes if array is not None else 0
        entry: dict[str, Any] = {
            "name": name,
            "type": _type_name(value),
            "about": kind(value)[:200],
        }
        entry["dtype"] = str(value.dtype)[:80] if isinstance(value, np.ndarray | np.generic) else ""
        entry["array"] = array is not None
        described.append(entry)
        if array is not None:
            arrays.append(array)
    return {"outputs": described}, arrays


def _type_name(value: Any) -> str:
    """Return the name of a value's type; "ndarray" and "float" are what is called so by others."""
    name = type(value).__name__[:80]
    exact = {"ndarray": np.ndarray, "float": float, "int": int}
    return name if exact.get(name, type(value)) is type(value) else f"{name} of the submission"


def _array(value: Any, room: int) -> np.ndarray | None:
    """Return numbers as an array that can cross the pipe, or None."""
    if isinstance(value, bool | int | float):
        try:
            return np.array(float(value))
        except OverflowError:
            return None
    if not isinstance(value, np.ndarray | np.generic):
        return None
    if isinstance(value, np.ma.MaskedArray):
        value = value.filled(np.nan)
    fits = value.size * 8 <= room and value.ndim <= wire.MAX_DIMENSIONS
    if value.dtype.kind not in "fiub" or not fits:
        return None
    array = np.array(value, subok=False)
    return array if array.dtype.str in wire.DTYPES else array.astype("<f8")


def serve(sock: socket.socket, stage: Stage, problem: str = "") -> None:
    """Say whether this process is ready; then be a worker until the grader goes away.

    Args:
        sock: connected with the grader.
        stage: the files.
        problem: why this process cannot be confined as it should; then it does nothing.
    """
    wire.send(sock, {"problem": problem})
    if not problem:
        # The grader interrupts what does not end, to be told where that is, before it kills.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        Worker(sock, stage).serve()
