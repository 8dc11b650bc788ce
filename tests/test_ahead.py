"""Starting and asking ahead of time changes no answer, and one plan serves many submissions."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignment import Case, Problem
from grader.errors import GraderError
from grader.isolation import Request, Sandbox, processors
from grader.isolation.channel import Channel
from grader.launching import ForkServerClient, Kept, Spawner, Starter
from grader.limits import Isolation, Limits
from grader.program import Call, New, Program
from grader.report.gradescope import results
from grader.run import Run
from grader.running import grade
from grader.submission import staging
from grader.submission.submission import Submission
from grader.verdict import Verdict
from grader.worker import wire
from grader.worker.confine import LAYERS
from tests.catalogue import entries, reference_files, spliced, submission
from tests.grading import QUICK, Watched, live, shared
from tests.homework import ASSIGNMENT, find_targets

LIMITS = Limits(call=0.5, import_=5.0)
CODE = """
import os
class It:
    seen = 0
    def work(self): return 5.0
    def count(self):
        It.seen += 1
        return float(It.seen)
    def fail(self): return 1 / 0
    def die(self): os._exit(7)
    def hang(self):
        while True: pass
    def shout(self):
        print("x" * 300)
        return 1.0
    def large(self, array): return array + 1.0
"""


def _confined() -> ForkServerClient:
    return ForkServerClient()


def _bare() -> ForkServerClient:
    return ForkServerClient(())


@pytest.fixture(params=[_confined, _bare, Spawner], scope="module")
def workers(request: pytest.FixtureRequest) -> Iterator[Starter]:
    starter: Starter = request.param()
    yield starter
    starter.close()


@contextlib.contextmanager
def _sandbox(workers: Starter, code: str = CODE) -> Iterator[Sandbox]:
    files = {"activations.py": code.encode()}
    with staging(ASSIGNMENT, Submission(files, ".")) as staged:
        (relu,) = find_targets(("ReLU",))
        sandbox = Sandbox(workers, staged.stage(relu), "activations", LIMITS)
        yield sandbox
        sandbox.close()


def _program(method: str, *args: object) -> Program:
    return (New("it", "activations.It"), Call("it", method, args, out=("found",)))


def _found(run: Run) -> tuple[object, ...]:
    array = run.answers["found"].array if "found" in run.answers else None
    failure = run.failure and (run.failure.verdict, run.failure.message)
    return failure, None if array is None else array.tolist(), run.printed


def _ask(
    sandbox: Sandbox, programs: Sequence[Program], ahead: bool, begun: bool = False
) -> list[tuple[object, ...]]:
    requests = [Request(program) for program in programs]
    if ahead:
        sandbox.expect(requests)
    if begun:
        sandbox.begin()
    return [_found(sandbox.run(request, time.monotonic() + 20)) for request in requests]


@pytest.mark.slow
@pytest.mark.parametrize(
    "methods",
    [
        ("work", "fail", "work", "die", "work", "fail", "fail", "shout", "work"),
        ("hang", "work", "shout", "hang", "work", "hang", "work"),
        ("die", "die", "shout", "missing", "work"),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_what_is_asked_ahead_is_answered_the_same(
    workers: Starter, methods: tuple[str, ...], begun: bool
) -> None:
    programs = [_program(method) for method in methods]
    with _sandbox(workers) as one_by_one, _sandbox(workers) as ahead:
        right = _ask(one_by_one, programs, ahead=False)
        assert _ask(ahead, programs, ahead=True, begun=begun) == right
    failed = [failure is not None for failure, *_ in right]
    assert failed == [method not in ("work", "shout") for method in methods]


@pytest.mark.slow
def test_requests_and_replies_of_megabytes_get_past_each_other(workers: Starter) -> None:
    arrays = [np.full((300, 500), float(number)) for number in range(8)]
    with _sandbox(workers) as sandbox:
        found = _ask(sandbox, [_program("large", array) for array in arrays], ahead=True)
    for (failure, values, _), array in zip(found, arrays, strict=True):
        assert failure is None
        np.testing.assert_array_equal(values, array + 1.0)


def test_what_comes_otherwise_than_expected_is_answered_all_the_same(workers: Starter) -> None:
    first, second, third = (Request(_program(x)) for x in ("work", "shout", "work"))
    other = Request(_program("shout"))
    with _sandbox(workers) as sandbox:
        sandbox.expect([first, second, third])
        sandbox.begin()
        for request, printed in ((third, 0), (other, 301), (first, 0), (second, 301)):
            run = sandbox.run(request, time.monotonic() + 20)
            assert run.failure is None
            assert len(run.printed) == printed


def test_a_worker_is_asked_once_for_what_it_answers(workers: Starter) -> None:
    """The class's counter would show a second call: it lives as long as the worker."""
    with _sandbox(workers) as sandbox:
        found = _ask(sandbox, [_program("count")] * 5, ahead=True, begun=True)
        again = _ask(sandbox, [_program("count")] * 2, ahead=True)
    assert [values for _, values, _ in found + again] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_worker_that_is_lost_before_its_turn_is_replaced(workers: Starter) -> None:
    with _sandbox(workers) as sandbox:
        requests = [Request(_program(x)) for x in ("hang", "work", "work")]
        sandbox.expect(requests)
        sandbox.begin()
        assert sandbox._worker is not None
        channel = sandbox._worker._channel
        while b'"step": 0' not in channel._unread:  # until the import is done
            channel._read(20.0)
        os.kill(sandbox._worker._process.pid, signal.SIGKILL)
        runs = [sandbox.run(request, time.monotonic() + 20) for request in requests]
    verdicts = [run.failure and run.failure.verdict for run in runs]
    assert verdicts == [Verdict.CRASHED, None, None]  # its death counts against the first question


@pytest.mark.slow
def test_waiting_for_its_turn_costs_a_worker_none_of_its_time(workers: Starter) -> None:
    with _sandbox(workers) as sandbox:
        requests = [Request(_program("work")) for _ in range(2)]
        sandbox.expect(requests)
        sandbox.begin()
        for request in requests:
            time.sleep(0.8)
            assert sandbox.run(request, time.monotonic() + 20).failure is None
        assert sandbox.patience.left > LIMITS.own - 0.8


PEEKING = """
import socket, time
class It:
    def work(self): return 5.0
    def peek(self):
        time.sleep(0.2)
        for number in range(3, 64):
            try:
                sock = socket.socket(fileno=number)
            except OSError:
                continue
            try:
                print(sock.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT).decode("latin-1"))
            except OSError:
                print("nothing")
            sock.detach()
        return 1.0
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sockets are numbered differently there")
def test_what_is_counted_cannot_be_read_before_its_turn(workers: Starter) -> None:
    """Otherwise, its results could be prepared in a call that nobody counts."""
    new, call = _program("work")
    counted = (new, replace(call, count=True, out=("counted",)))
    programs = [_program("peek"), _program("work"), counted, _program("work")]
    with _sandbox(workers, PEEKING) as sandbox:
        requests = [Request(program) for program in programs]
        sandbox.expect(requests)
        sandbox.begin()
        runs = [sandbox.run(request, time.monotonic() + 20) for request in requests]
    assert [run.failure for run in runs] == [None] * 4
    assert '"work"' in runs[0].printed  # uncounted requests are already there
    assert "counted" not in runs[0].printed
    assert len(runs[2].counts) == 1


def test_nothing_is_lost_and_nothing_waits_in_a_channel() -> None:
    ours, theirs = socket.socketpair()
    large, small = wire.packed({"n": 1}, [np.zeros(300_000)]), wire.packed({"n": 2})
    with ours, theirs:
        channel = Channel(ours)
        first, second = channel.post(large), channel.post(small)
        assert not channel.flush(first, time.monotonic() + 0.05)  # nobody is reading
        assert not channel.has_something(0.0)
        received: list[int] = []

        def read() -> None:
            received.extend(wire.receive(theirs)[0]["n"] for _ in range(2))
            theirs.sendall(small + small[:3])

        reader = threading.Thread(target=read)
        reader.start()
        assert channel.flush(first, time.monotonic() + 10)
        assert channel.receive(time.monotonic() + 10)[0] == {"n": 2, "arrays": []}
        reader.join()
        assert channel.flush(second, time.monotonic())
        assert received == [1, 2]
        assert channel.has_something(0.0)  # part of the next frame
        with pytest.raises(TimeoutError):
            channel.receive(time.monotonic() + 0.05)
        theirs.close()
        channel.post(small)  # the other end is gone, which only reading notices
        with pytest.raises(wire.Closed):
            channel.receive(time.monotonic() + 5)


# The number of modules that a training run uses.
TRAINED = len(ASSIGNMENT.submitted_modules(find_targets(("4.3",))[0]))
THREE = ("3.1", "3.2", "4.3")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps workers apart")
def test_a_training_starts_first_and_at_most_three_workers_live() -> None:
    workers = Watched(shared())
    found = grade(
        ASSIGNMENT, Submission(reference_files(), "."), live(), find_targets(THREE), workers=workers
    )
    assert workers.started == [TRAINED, 1, 1]
    assert (workers.most, workers.alive) == (3, 0)
    assert found.score == found.maximum


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps workers apart")
def test_two_trainings_run_beside_the_questions_before_them() -> None:
    workers = Watched(shared())
    asked = find_targets((*THREE, "5.3"))
    found = grade(ASSIGNMENT, Submission(reference_files(), "."), live(), asked, workers=workers)
    assert workers.started == [TRAINED, TRAINED, 1, 1]
    assert (workers.most, workers.alive) == (4, 0)
    assert found.score == found.maximum


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
def test_nothing_is_begun_ahead_where_workers_are_not_kept_apart() -> None:
    inner = ForkServerClient(("limits",))
    workers = Watched(inner)
    try:
        grade(ASSIGNMENT, Submission(reference_files(), "."), live(), find_targets(THREE),
              workers=workers)  # fmt: skip
    finally:
        inner.close()
    assert workers.most == 1
    assert workers.started == [1, 1, TRAINED]


HANGING = {
    **dict.fromkeys(("ReLU", "Sigmoid", "SoftMax"), ("activations", "forward(self, Z)")),
    "SGD": ("optimizers", "update(self, *args, **options)"),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux do workers start ahead of time")
@pytest.mark.parametrize("hanging", [("Sigmoid",), ("ReLU", "Sigmoid", "SoftMax"), ("SGD",)])
def test_what_hangs_costs_no_more_where_it_was_begun_ahead(hanging: tuple[str, ...]) -> None:
    files = {name: content.decode() for name, content in reference_files().items()}
    for name, (module, method) in {x: HANGING[x] for x in hanging}.items():
        code = f"class {name}:\n    def {method}:\n        while True: pass\n"
        files[f"{module}.py"] = spliced(files[f"{module}.py"], code)
    handed_in = Submission({name: text.encode() for name, text in files.items()}, ".")
    limits = Limits(call=0.3, check=1.5, training=2.0, own=6.0)
    found = []
    for apart in (True, False):
        workers = Watched(shared())
        if not apart:
            workers.isolation = Isolation(dict.fromkeys(LAYERS, "it is left out of this test"))
        lines = grade(ASSIGNMENT, handed_in, live(), limits=limits, workers=workers).lines
        found.append([(x.target.name, x.check, x.score, x.result.verdict) for x in lines])
        assert workers.alive == 0
        assert apart or workers.most == 1
    assert found[0] == found[1]
    assert any(verdict is Verdict.TIMED_OUT for *_, verdict in found[0])


class _Counting:
    """A live oracle that counts what it is asked."""

    name = "live"

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.known, self.effects = live().known, live().effects
        self.accept, self.default_seed = live().accept, live().default_seed

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        self.asked[case.key] += 1
        return live().answers(case, seed, problem)


@pytest.mark.slow
def test_one_plan_serves_many_submissions() -> None:
    drawn: Counter[str] = Counter()

    def counted(case: Case) -> Case:
        def build(draw: Any) -> Problem:
            drawn[case.key] += 1
            return case.build(draw)

        return replace(case, build=build)

    assignment = replace(ASSIGNMENT, cases=tuple(map(counted, ASSIGNMENT.cases)))
    oracle, targets = _Counting(), assignment.find_targets(("3.1", "3.2"))
    handed_in = [reference_files(), {"activations.py": b"class ReLU: pass\n"}, reference_files()]
    scores = [
        grade(assignment, Submission(dict(files), "."), oracle, targets, 5, workers=shared()).score
        for files in handed_in
    ]
    keys = {x.key for x in ASSIGNMENT.cases if x.target in {target.name for target in targets}}
    assert drawn == oracle.asked == Counter(keys)
    assert (scores[0], scores[1]) == (scores[2], 0.0)
    assert scores[0] > 0.0


def _bytes(handed_in: Submission, workers: Starter) -> object:
    targets = find_targets(("3.1", "3.4", "4.3"))
    found = grade(ASSIGNMENT, handed_in, live(), targets, 0, QUICK, workers=workers)
    return results(replace(found, seconds=0.0))


@pytest.mark.slow
def test_a_warm_process_gives_the_same_bytes_in_any_order() -> None:
    mistakes = [one for one in entries("mistakes") if one.target == "activations.ReLU"][:2]
    hanging = b"class ReLU:\n  def forward(self, Z):\n    while True: pass\n"
    handed_in = [
        Submission(reference_files(), "."),
        *map(submission, mistakes),
        Submission({**reference_files(), "activations.py": b"import sys; sys.exit(3)\n"}, "."),
        Submission({**reference_files(), "activations.py": hanging}, "."),
        Submission({}, "."),
    ]
    fresh = []
    for one in handed_in:
        workers = ForkServerClient() if sys.platform == "linux" else Spawner()
        fresh.append(_bytes(one, workers))
    warm = Kept(ForkServerClient() if sys.platform == "linux" else Spawner())
    try:
        for order in (range(len(handed_in)), [*range(len(handed_in))][::-1]):
            found = {number: _bytes(handed_in[number], warm) for number in order}
            assert [found[number] for number in range(len(handed_in))] == fresh
    finally:
        warm.end()


class _Failing(_Counting):
    """A live oracle that has no answers to the questions of one class."""

    def answers(self, case: Case, seed: int, problem: Problem) -> Mapping[str, np.ndarray]:
        if case.target == "activations.Sigmoid":
            raise GraderError("There are no answers.")
        return super().answers(case, seed, problem)


@pytest.mark.slow
def test_a_question_that_cannot_be_begun_is_a_fault_of_its_own_lines_only() -> None:
    targets = find_targets(("3.1", "3.2", "3.4"))
    found = grade(ASSIGNMENT, Submission(reference_files(), "."), _Failing(), targets,
                  workers=shared())  # fmt: skip
    faults = {line.target.name for line in found.faults}
    assert faults == {"activations.Sigmoid"}
    others = [line for line in found.lines if line.target.name not in faults]
    assert {line.result.verdict for line in others} == {Verdict.PASSED}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux do workers start ahead of time")
def test_nothing_is_begun_ahead_with_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.running.sandboxes.processors", lambda: 1.5)
    workers = Watched(shared())
    grade(ASSIGNMENT, Submission(reference_files(), "."), live(), find_targets(THREE),
          workers=workers)  # fmt: skip
    assert workers.most == 1


@pytest.mark.parametrize(
    ("texts", "most"), [(["50000 100000"], 0.5), (["max 100000"], 1e9), (["150000", "100000"], 1.5)]
)
def test_a_part_of_a_processor_is_what_a_container_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str], most: float
) -> None:
    paths = [tmp_path / str(number) for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(f"{text}\n", "ascii")
    monkeypatch.setattr("grader.isolation.machine._QUOTAS", (tuple(map(str, paths)), ("/nowhere",)))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert processors() == min(most, 3.0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
def test_a_wrong_gradient_is_explained_by_the_worker_that_gave_it() -> None:
    files = reference_files()
    text = spliced(
        files["activations.py"].decode(),
        """
class ReLU:
    def backward(self, Z, dY):
        return dY * (Z > 0) * 1.5
""",
    )
    files["activations.py"] = text.encode()
    workers = Watched(shared())
    found = grade(ASSIGNMENT, Submission(files, "."), live(), find_targets(("3.1", "3.2")),
                  workers=workers)  # fmt: skip
    assert workers.started == [1, 1]
    (gradient,) = (x for x in found.lines if (x.target.question, x.check) == ("3.1", "gradient"))
    assert "Your forward has the right derivative here" in gradient.result.cases[0].message


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
def test_what_a_lost_launcher_was_to_start_is_started_by_the_next() -> None:
    workers = ForkServerClient()
    try:
        with _sandbox(workers) as first, _sandbox(workers) as second:
            os.kill(workers._process.pid, signal.SIGSTOP)  # it answers neither sandbox
            first.begin()
            second.begin()
            workers.restart()
            request = Request(_program("work"))
            for sandbox in (first, second):
                assert sandbox.run(request, time.monotonic() + 20).failure is None
    finally:
        workers.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a launcher")
def test_a_training_script_finds_what_python_has() -> None:
    script = (
        b"import functools, math, numpy\ndef main():\n"
        b"    print(functools.reduce.__module__, math.fsum.__module__, numpy.fromiter, map)\n"
    )
    workers, said = ForkServerClient(), bytearray()
    try:
        with staging(ASSIGNMENT, Submission({"train.py": script}, ".")) as staged:
            assert workers.train(staged.whole(), "train", said.extend) == 0
    finally:
        workers.close()
    assert said.decode().split() == [
        "_functools", "math", "<built-in", "function", "fromiter>", "<class", "'map'>",
    ]  # fmt: skip
