"""What a worker answers to a program: a step that fails loses no earlier answers."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from grader.isolation import Sandbox
from grader.isolation.channel import Channel
from grader.launching import ForkServerClient, Spawner, Starter
from grader.limits import Limits
from grader.program import Call, Load, New, Read, Step
from grader.run import Run
from grader.submission import staging
from grader.submission.submission import Submission
from grader.verdict import Verdict
from tests.homework import ASSIGNMENT, find_targets

LIMITS = Limits(call=0.5, import_=5.0)
CODE = """
import os, time
class It:
    def __init__(self):
        self.parameters = {"W": [1.0, 2.0]}
        print("made")
    def first(self):
        print("first")
        return 1.0
    def last(self): return 2.0
    def die(self): os._exit(7)
    def fail(self): raise ValueError("no")
    def hang(self):
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
    def late(self):
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            return 2.0
    @property
    def slow(self): time.sleep(60)
    @property
    def deaf(self): self.hang()
    @property
    def gone(self): os._exit(7)
"""
NEW, FIRST = New("it", "activations.It"), Call("it", "first", out=("a",))


@pytest.fixture(params=[ForkServerClient, Spawner])
def workers(request: pytest.FixtureRequest) -> Iterator[Starter]:
    starter: Starter = request.param()
    yield starter
    starter.close()


def _run(workers: Starter, *steps: Step, code: str = "") -> Run:
    files = {"activations.py": (code or CODE).encode()}
    with staging(ASSIGNMENT, Submission(files, ".")) as staged:
        (relu,) = find_targets(("ReLU",))
        sandbox = Sandbox(workers, staged.stage(relu), "activations", LIMITS)
        run = sandbox.run((NEW, *steps), time.monotonic() + 20)
        sandbox.close()
    return run


def _values(run: Run) -> dict[str, float]:
    return {name: float(found.array) for name, found in run.answers.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "verdict", "said"),
    [
        ("die", Verdict.CRASHED, "die"),
        ("fail", Verdict.RAISED, "fail raised ValueError: no"),
        ("hang", Verdict.TIMED_OUT, "hang did not return within 0.5 s"),
        ("late", Verdict.TIMED_OUT, "late did not return within 0.5 s"),
    ],
)
def test_what_came_before_a_step_that_fails_is_there_and_nothing_of_the_step(
    workers: Starter, method: str, verdict: Verdict, said: str
) -> None:
    read = Read("it", "parameters", "W", ("w",))
    run = _run(workers, FIRST, read, Call("it", method, out=("b",)), Call("it", "last", out=("c",)))
    assert run.failure is not None
    assert run.answers.pop("w").array.tolist() == [1.0, 2.0]
    assert run.failure.verdict is verdict
    assert run.failure.message.startswith(said)
    assert _values(run) == {"a": 1.0}
    assert run.printed == "made\nfirst\n"
    assert set(run.places) == {"first"}


@pytest.mark.parametrize("name", ["slow", "deaf", "gone"])
def test_a_property_that_does_not_come_back_costs_nothing_that_came_before(
    workers: Starter, name: str
) -> None:
    verdict = Verdict.CRASHED if name == "gone" else Verdict.TIMED_OUT
    run = _run(workers, FIRST, Read("it", name, "", ("b",)), Call("it", "last", out=("c",)))
    assert run.failure is not None
    assert run.failure.verdict is verdict
    assert run.failure.message.startswith("Reading it ")
    assert _values(run) == {"a": 1.0}
    assert run.printed == "made\nfirst\n"


@pytest.mark.slow
def test_every_call_has_the_time_of_a_call_to_itself(workers: Starter) -> None:
    nap = CODE.replace("return 1.0", "time.sleep(0.3); return 1.0")
    calls = [Call("it", "first", out=(name,)) for name in "abc"]
    run = _run(workers, *calls, code=nap)
    assert run.failure is None
    assert _values(run) == dict.fromkeys("abc", 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["__init__", "first"])
def test_a_mark_of_a_submission_stands_for_no_result(workers: Starter, method: str) -> None:
    """After a step without results, a worker writes four bytes; here, the submission does, too."""
    code = f"""
import os, stat
for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode): mine = number
    except OSError: pass
class It:
    def first(self): return 1.0
    def {method}(self):
        os.write(mine, bytes(4))
        return 1.0 if {method == "first"} else None
"""
    run = _run(workers, FIRST, Call("it", "first", out=("b",)), code=code)
    assert run.failure is not None
    assert run.failure.verdict is Verdict.CRASHED
    assert "cannot read" in run.failure.message
    assert not run.answers


def _heard(monkeypatch: pytest.MonkeyPatch, *steps: Step, code: str = "") -> str:
    """Run a program; return what arrived: "F" for a frame, "." for a mark."""
    found, receive = [], Channel.receive

    def receiving(self: Channel, *limits: object) -> object:
        header, arrays = receive(self, *limits)
        found.append("F" if header else ".")
        return header, arrays

    workers = ForkServerClient(())
    with monkeypatch.context() as patch:
        patch.setattr(Channel, "receive", receiving)
        run = _run(workers, *steps, code=code)
    workers.close()
    assert run.failure is None
    return "".join(found[2:])  # the first two are for the worker and the import


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks workers")
def test_a_step_without_results_costs_a_frame_only_if_there_is_something_to_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, load = Read("it", "parameters", "W", ("w",)), Load("it", "W", np.ones(2))
    quiet = CODE.replace('print("made")', "pass")
    warning = CODE.replace('print("made")', "import warnings; warnings.warn('hm')")
    assert _heard(monkeypatch, load, load, read, FIRST, FIRST) == "F..FFF"
    assert _heard(monkeypatch, load, load, read, FIRST, FIRST, code=quiet) == "...FFF"
    assert _heard(monkeypatch, load, Call("it", "last"), code=quiet) == "..F"
    assert _heard(monkeypatch, load, FIRST, code=warning) == "F.F"


@pytest.mark.slow
def test_what_reading_raises_while_it_is_counted_is_raised(workers: Starter) -> None:
    """Otherwise, the loop that computes it could wait until nobody counts."""
    code = """
class It:
    def __init__(self): self.refused = 0
    def first(self): return 1.0
    @property
    def later(self):
        self.refused += 1
        if self.refused == 1: raise ValueError("not now")
        return 2.0
"""
    first = replace(FIRST, count=True)
    run = _run(workers, first, Read("it", "later", "", ("b",)), code=code)
    assert run.failure is not None
    assert run.failure.message.startswith("Reading it raised ValueError: not now")
    assert _values(run) == {"a": 1.0}
