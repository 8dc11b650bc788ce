"""What a worker answers to a program: few frames, and nothing lost with a step that goes wrong."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import numpy as np
import pytest

from grader.isolation import Sandbox
from grader.isolation.channel import Channel
from grader.isolation.replies import split
from grader.launching import ForkServerClient, Spawner, Starter
from grader.limits import Limits
from grader.program import Call, Load, New, Program, Read, Step
from grader.run import Run
from grader.submission import staging
from grader.submission.submission import Submission
from grader.verdict import Verdict
from grader.worker import wire
from grader.worker.answers import Answers
from tests.homework import ASSIGNMENT, find_targets
from tests.tape import Frame

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


def test_a_property_that_hangs_is_what_hangs(workers: Starter) -> None:
    run = _run(workers, FIRST, Read("it", "slow", "", ("b",)), Call("it", "last", out=("c",)))
    assert run.failure is not None
    assert run.failure.verdict is Verdict.TIMED_OUT
    assert "slow" in run.failure.message
    assert _values(run) == {"a": 1.0}


def test_every_call_has_the_time_of_a_call_to_itself(workers: Starter) -> None:
    nap = CODE.replace("return 1.0", "time.sleep(0.3); return 1.0")
    calls = [Call("it", "first", out=(name,)) for name in "abc"]
    run = _run(workers, *calls, code=nap)
    assert run.failure is None
    assert _values(run) == dict.fromkeys("abc", 1.0)


def test_nothing_goes_on_after_the_last_step(workers: Starter) -> None:
    """Four bytes of a submission say that a step is done: at the last there is none to go on to."""
    code = """
import os, stat
for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode): mine = number
    except OSError: pass
class It:
    def first(self):
        os.write(mine, bytes(4))
        return 1.0
"""
    run = _run(workers, FIRST, code=code)
    assert run.failure is not None
    assert run.failure.verdict is Verdict.CRASHED
    assert "cannot read" in run.failure.message


# Frames and marks, from the worker to the grader.
def _heard(monkeypatch: pytest.MonkeyPatch, program: Program, code: str = "") -> list[int]:
    """Run a program; return how many replies each frame had, 0 for a mark."""
    found, receive = [], Channel.receive

    def receiving(self: Channel, *limits: object) -> object:
        header, arrays = receive(self, *limits)
        found.append(len(header.get("replies", ())))
        return header, arrays

    workers = ForkServerClient(())
    with monkeypatch.context() as patch:
        patch.setattr(Channel, "receive", receiving)
        run = _run(workers, *program, code=code)
    workers.close()
    assert run.failure is None
    return found[2:]  # that it is ready, and the import


def test_replies_come_together_and_none_to_a_call_waits_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quiet = CODE.replace('print("made")', "pass")
    read = Read("it", "parameters", "W", ("w",))
    last, load = Call("it", "last", out=("b",)), Load("it", "W", np.ones(2))
    assert _heard(monkeypatch, (last,), quiet) == [0, 2]
    assert _heard(monkeypatch, (last, read, read), quiet) == [0, 0, 0, 4]
    assert _heard(monkeypatch, (last, last, read), quiet) == [0, 2, 0, 2]
    assert _heard(monkeypatch, (load, load, read, last), quiet) == [0, 0, 0, 4, 1]


def test_what_was_printed_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _heard(monkeypatch, (FIRST, FIRST)) == [1, 1, 1]


def _frames(sock: socket.socket) -> Iterator[list[Frame]]:
    """Yield the replies in each frame until the other side has gone; none for a mark."""
    with contextlib.suppress(wire.Closed):
        while True:
            header, arrays = wire.receive(sock, max_header=wire.MAX_REPLY_HEADER)
            yield split(header, arrays) if header else []


def test_a_frame_holds_no_more_than_it_has_room_for() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answers = Answers(ours, max_bytes=100)
        for number, size in enumerate((5, 7, 1, 12)):
            answers.add({"step": number}, [np.full(size, float(number))])
            answers.done("Load", "" if number == 3 else "Load")
        ours.close()
        found = [[(x["step"], array.size) for x, (array,) in part] for part in _frames(theirs)]
    assert found == [[], [], [(0, 5), (1, 7)], [], [(2, 1)], [(3, 12)]]


def test_a_header_is_never_longer_than_the_grader_reads() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**22)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
        answers = Answers(ours, max_bytes=2**20)
        for number in range(120):
            answers.add({"step": number, "about": "\x00" * 800}, [])
            answers.done("Load", "" if number == 119 else "Load")
        ours.close()
        found = [part["step"] for frame in _frames(theirs) for part, _ in frame]
    assert found == list(range(120))
