"""What values cannot prove: how a result was obtained is flagged, and tampering fails the check."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from grader.judging.grade import Grade
from grader.verdict import CaseResult, CheckResult, Verdict
from grader.worker import guard, lines, wire
from grader.worker.originals import Originals
from grader.worker.places import Places
from tests.catalogue import reference_files, spliced
from tests.grading import graded
from tests.homework import ASSIGNMENT
from tests.wall.corpus import attacks


def _relu(code: str, top: str = "") -> Grade:
    files = reference_files()
    text = spliced(files["activations.py"].decode(), code)
    files["activations.py"] = f"{text}\n{top}\n".encode()
    return graded(files, "3.1")


def _batching(result: Grade) -> tuple[str, tuple[str, ...]]:
    (line,) = (line for line in result.lines if line.check == "batching")
    return line.result.verdict.value, line.result.flags


FLAGGED = {
    "central differences": (
        "class ReLU:\n    def backward(self, Z, dY):\n        h = 1e-6\n"
        "        return dY * (self.forward(Z + h) - self.forward(Z - h)) / (2 * h)\n",
        ("forward inside backward",),
    ),
    "complex step": (
        "class ReLU:\n    def backward(self, Z, dY):\n        z = Z + 1e-30j\n"
        "        return dY * np.where(z.real > 0, z, 0).imag / 1e-30\n",
        ("complex numbers",),
    ),
    "ctypes": (
        "import ctypes\nclass ReLU:\n    def forward(self, Z):\n        return np.maximum(Z, 0)\n",
        ("compiled code",),
    ),
    "forward of -Z, which is honest": (
        "class ReLU:\n    def backward(self, Z, dY):\n"
        "        return dY * np.sign(self.forward(Z) + 0 * self.forward(-Z))\n",
        (),
    ),
}


@pytest.mark.parametrize("name", FLAGGED)
def test_how_a_result_was_come_by_is_flagged_and_costs_nothing(name: str) -> None:
    code, flags = FLAGGED[name]
    assert _batching(_relu(code)) == ("passed", flags)


def test_a_remark_is_said_by_the_first_case_that_did_not_pass_or_else_by_the_first() -> None:
    passed, failed = (
        CaseResult("a", v, text) for v, text in ((Verdict.PASSED, ""), (Verdict.FAILED, "No."))
    )
    for cases, said in (
        ([passed], ["It costs."]),
        ([passed, passed], ["It costs.", ""]),
        ([passed, failed, failed], ["", "No. It costs.", "No."]),
        ([failed, passed], ["No. It costs.", ""]),
    ):
        found = CheckResult(tuple(cases)).with_remark("It costs.")
        assert [case.message for case in found.cases] == said
        assert CheckResult(tuple(cases)).with_remark("").cases == tuple(cases)


def test_a_flag_costs_points_where_the_rubric_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = replace(ASSIGNMENT, forbidden=frozenset({"forward inside backward"}))
    monkeypatch.setattr("tests.grading.ASSIGNMENT", strict)
    code, flags = FLAGGED["central differences"]
    assert _batching(_relu(code)) == ("partly", flags)


LOOP = "[0 for row in Z]"
TAMPERED = {
    "switched off": f"import sys; sys.settrace(None); {LOOP}",
    "switched off for a while": f"import sys; t = sys.gettrace(); sys.settrace(None); {LOOP}; "
    "sys.settrace(t)",
    "set to something else": f"import sys; sys.settrace(lambda *a: None); {LOOP}",
    "a frame that is not traced": "_untraced(Z)",
    "a frame without lines": "_lineless(Z)",
    "false file name": "exec(compile('for row in Z: pass', _contextlib, 'exec'), {'Z': Z})",
    "false file name of a library": "exec(compile('for row in Z: pass', np.__file__, 'exec'), "
    "{'Z': Z})",
    "false name of a function": "_renamed(Z)",
    "false name of a function of numpy": "_renamed(Z, np.__file__)",
    "frames of a traceback": "_frames()",
    "changed iterators": "_quiet(); any(row.sum() > 1e9 for row in Z)",
    "memory": "import gc; [x for x in gc.get_objects() if type(x).__name__ == 'LineCounter']",
}
HELPERS = """
import contextlib, sys
_contextlib = contextlib.__file__
def _untraced(Z):
    sys._getframe().f_trace = None
    for row in Z: pass
def _lineless(Z):
    sys._getframe().f_trace_lines = False
    for row in Z: pass
def _looping(Z):
    for row in Z: pass
def _renamed(Z, file=_contextlib):
    _looping.__code__ = _looping.__code__.replace(co_filename=file)
    _looping(Z)
def _quiet():
    for iterator in filter.__mro__[1].__subclasses__():
        iterator.__iter__ = lambda self: self._items
def _frames():
    try:
        raise ValueError
    except ValueError as error:
        frame = error.__traceback__.tb_frame
    while frame.f_back:
        frame = frame.f_back
"""


@pytest.mark.parametrize("look", ["sys.getprofile()", "sys.gettrace()"])
def test_looking_for_what_counts_fails_the_case(look: str) -> None:
    code = f"class ReLU:\n    def forward(self, Z):\n        import sys; {look}\n"
    result = _relu(code + "        return np.maximum(Z, 0)\n")
    (line,) = (line for line in result.lines if line.check == "batching")
    cases = {case.name: case.verdict.value for case in line.result.cases}
    assert cases == {"forward": "failed", "backward": "passed"}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_with_the_counts_fails_the_check(name: str) -> None:
    code = f"class ReLU:\n    def forward(self, Z):\n        {TAMPERED[name]}\n"
    result = _relu(code + "        return np.maximum(Z, 0)\n", HELPERS)
    (line,) = (line for line in result.lines if line.check == "batching")
    assert line.result.verdict.value == "failed"
    (case,) = (case for case in line.result.cases if case.name == "forward")
    said = ("A debugger or tracer is active", "change what the loop check counts", "switched off")
    assert any(text in case.message for text in said)
    assert all(x.result.verdict.value == "passed" for x in result.lines if x is not line)


# What a module does while it is imported: no class is graded then, and nothing is counted.
AT_IMPORT = {
    "a tracer": ("import sys; sys.settrace(lambda *a: None)", "looks into the interpreter"),
    "frames": ("import sys; sys._getframe()", "looks into the interpreter"),
    "frames from inspect": (
        "import inspect; inspect.currentframe().f_locals", "looks into the interpreter",
    ),
    "memory": ("import gc; gc.get_objects()", "looks into the interpreter"),
    "an audit hook": ("import sys; sys.addaudithook(print)", "looks into the interpreter"),
    "json": ("import json; json.dumps = lambda *a, **k: '{}'", "changed functions"),
    "sys": ("import sys; sys.settrace = print", "changed functions"),
    "a class of the worker's": (
        "(found,) = (x for x in object.__subclasses__() if x.__name__ == 'LineCounter')\n"
        "found.report = None",
        "changed functions",
    ),
    "a handler": (
        "import signal; signal.signal(signal.SIGTERM, lambda *a: None)", "signal handlers",
    ),
    "a thread": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()", "threads",
    ),
    "memory of ctypes": (
        "import numpy.ctypeslib\nnumpy.ctypeslib.ctypes.string_at(id(0), 1)", "compiled code",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AT_IMPORT)
def test_what_a_module_does_at_its_import_is_flagged_and_costs_no_class_its_points(
    name: str,
) -> None:
    code, flag = AT_IMPORT[name]
    files = reference_files()
    files["losses.py"] += f"\n\n{code}\n".encode()
    found = graded(files, "3.6")
    assert found.score == found.maximum
    assert _batching(found) == ("passed", (flag,))


def test_every_thread_is_listened_to_while_an_event_of_another_is_taken(tmp_path: Path) -> None:
    """An audit hook of the submission's own is refused, whatever another thread is doing."""
    refused: list[bool] = []

    def add() -> None:
        with pytest.raises(RuntimeError, match="audit hook"):
            watching.hear("sys.addaudithook", ())
        refused.append(True)

    class Waiting(guard.Guard):
        def _take(self, event: str, args: tuple[Any, ...], caller: FrameType) -> None:
            if event == "compile":
                thread = threading.Thread(target=add)
                thread.start()
                thread.join()

    watching = Waiting(Places(str(tmp_path), str(tmp_path)), Originals())
    watching.hear("compile", (b"", "a.py"))
    assert refused == [True]


def test_tampering_in_the_calls_of_one_class_costs_no_other_class_of_its_module() -> None:
    code = "class ReLU:\n    def forward(self, Z):\n        import sys; sys._getframe()\n"
    files = reference_files()
    text = spliced(files["activations.py"].decode(), code + "        return np.maximum(Z, 0)\n")
    found = graded({**files, "activations.py": text}, "3.1", "3.2")
    failed = {(x.target.title, x.check) for x in found.lines if x.score < x.points}
    assert failed == {("ReLU", "batching")}
    flagged = {(x.target.title, x.check) for x in found.lines if x.result.flags}
    assert flagged == {("ReLU", "batching")}


def test_counts_that_the_worker_has_not_signed_are_none_and_the_staff_is_told() -> None:
    (attack,) = (attack for attack in attacks() if attack.id == "server-in-the-middle")
    found = graded(attack.files(), "3.1")
    flags = ("counts of unknown origin", "missing counts")
    assert _batching(found) == ("failed", flags)
    assert all(x.result.verdict is Verdict.PASSED for x in found.lines if x.check != "batching")


def test_a_seal_is_of_one_key_one_reply_its_counts_its_flags_and_its_arrays() -> None:
    reply = {"id": 3, "step": 1, "counts": {"student": {"a.py:1": 2}}, "flags": ["threads"]}
    seal = wire.seal("key", reply, [np.zeros(2)])
    assert seal == wire.seal("key", json.loads(json.dumps(reply)), [np.zeros(2)])
    others = (
        wire.seal("other", reply, [np.zeros(2)]),
        wire.seal("key", reply, [np.ones(2)]),
        wire.seal("key", reply, []),
        *(
            wire.seal("key", {**reply, name: value}, [np.zeros(2)])
            for name, value in {"id": 4, "step": 2, "counts": {}, "flags": []}.items()
        ),
    )
    assert seal not in others
    assert len(set(others)) == len(others)


def test_functions_that_counting_rests_on_are_put_back_and_named() -> None:
    kept = Originals()
    assert kept.restore() == ""
    report, dumps, code = lines.LineCounter.report, json.dumps, lines._arrays.__code__
    lines.LineCounter.report = lines.LineCounter.flags  # type: ignore[method-assign,assignment]
    assert kept.restore() == "LineCounter.report"
    json.dumps = print
    assert kept.restore() == "json.dumps"
    lines._arrays.__code__ = (lambda frame: []).__code__
    assert kept.restore() == "_arrays"
    lines.len = abs  # type: ignore[attr-defined]
    assert kept.restore() == "grader.worker.lines.len"
    lines.LineCounter.__len__ = lambda self: 0  # type: ignore[attr-defined]
    assert kept.restore() == "LineCounter.__len__"
    del json.dumps
    assert kept.restore() == "json.dumps"
    assert kept.restore() == ""
    assert (lines.LineCounter.report, json.dumps) == (report, dumps)
    assert lines._arrays.__code__ is code
    assert not hasattr(lines, "len")
    assert not hasattr(lines.LineCounter, "__len__")


FORWARD = "class ReLU:\n    def forward(self, Z):\n"
IMPOSSIBLE = {
    "the tracer is switched off": (
        "        import sys; sys.settrace(None)\n        return np.maximum(Z, 0.0)\n",
        {"interference with the counting"},
    ),
    "what is no reply is written to every socket": (
        "        import os\n        for number in range(3, 30):\n            try:\n"
        "                os.write(number, b'junk' * 9)\n            except OSError:\n"
        "                pass\n        return np.maximum(Z, 0.0)\n",
        {"unreadable replies"},
    ),
    "the process ends, which accuses nobody": ("        import os; os._exit(1)\n", set()),
    "the process crashes, which accuses nobody": (
        "        import os; os.abort()\n",
        set(),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_no_honest_worker_sends_is_flagged_for_the_course_staff(name: str) -> None:
    code, flags = IMPOSSIBLE[name]
    found = _relu(FORWARD + code)
    assert {flag for line in found.lines for flag in line.result.flags} == flags
    assert not found.faults
