"""How long a submission is waited for in all: shares of what is left, by a clock of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from grader.isolation import clock, patience
from grader.isolation.clock import Clock, Lap
from grader.isolation.patience import Patience
from grader.limits import Limits

LIMITS = Limits(call=5.0, calls=16.0, trainings=32.0, hangs=2)


def _check(waits: Patience, calls: int = 99, trains: bool = False) -> float:
    """Let every call of a check use all that it may; return what they used."""
    waits.begin(trains)
    used = 0.0
    for _ in range(calls):
        if waits.is_over:
            break
        share = waits.share(LIMITS.training if trains else LIMITS.call)
        waits.use(share)
        used += share
    return used


def test_a_first_call_has_all_the_time_that_there_is_for_one() -> None:
    waits = Patience(LIMITS)
    waits.begin(trains=False)
    assert waits.share(LIMITS.call) == LIMITS.call
    assert waits.share(1.0) == 1.0
    waits.returned(0.03)
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) == pytest.approx(28.8)


def test_a_training_of_slow_code_or_of_code_that_was_not_called_may_take_long() -> None:
    waits = Patience(LIMITS)
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) == LIMITS.training
    waits.begin(trains=False)
    waits.returned(0.7)
    waits.returned(0.1)
    for _ in range(2):  # the second one, too: the first one came back
        waits.begin(trains=True)
        assert waits.share(LIMITS.training) == pytest.approx(70.0)
        waits.use(60.0)
        waits.returned(60.0)
    waits.begin(trains=True)
    waits.use(75.0)
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) == patience.LEAST_TRAINING


def test_all_checks_together_take_less_than_a_minute_whatever_they_do() -> None:
    for honest in range(42):  # checks that are passed before it begins to hang
        waits, used = Patience(LIMITS), 0.0
        waits.returned(0.03)
        for number in range(60):
            trains = number in (36, 54)
            used += _check(waits, trains=trains) if number >= honest else 0.0
        assert used < 52


def test_what_comes_last_has_what_honest_code_needs() -> None:
    waits = Patience(LIMITS)
    waits.returned(0.9)
    for _ in range(50):
        _check(waits)
    waits.begin(trains=False)
    assert waits.share(LIMITS.call) == patience.LEAST_CALL
    assert not waits.is_over
    assert waits.hangs == 1
    waits.begin(trains=True)
    _check(waits, trains=True)
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) >= patience.LEAST_TRAINING


def test_one_class_that_hangs_takes_nothing_from_the_trainings() -> None:
    waits = Patience(LIMITS)
    waits.returned(0.03)
    _check(waits, calls=4)
    assert waits.hangs == 2
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) == pytest.approx(28.8)


linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells it on Linux")


def _shares(code: str, processor: int | None = None) -> float:
    """Return the part of the time that the first of two processes is charged."""
    pin = "" if processor is None else f"import os; os.sched_setaffinity(0, {{{processor}}})\n"
    command = [sys.executable, "-c", f"{pin}print(flush=True)\n{code}"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        measured, start = Clock(processes[0].pid), time.monotonic()
        time.sleep(0.5)
        return measured.lap().used * clock.slowness() / (time.monotonic() - start)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@linux
def test_waiting_for_a_processor_is_not_charged() -> None:
    assert _shares("while True: pass", min(os.sched_getaffinity(0))) < 0.8


@linux
def test_sleeping_is_charged() -> None:
    assert _shares("import time; time.sleep(60)") > 0.8


def test_where_nobody_tells_all_the_time_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_told_by_kernel", lambda _: None)
    monkeypatch.setattr(clock, "_share", lambda: 0.5)
    monkeypatch.setattr(clock, "slowness", lambda: 2.0)
    moments = iter((10.0, 14.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    assert Clock(os.getpid()).lap() == Lap(1.0, 1.0)


def test_threads_that_a_process_waits_for_are_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(((1.0, 0.0), (5.0, 4.0)))
    monkeypatch.setattr(clock, "_told_by_kernel", lambda _: next(told))
    monkeypatch.setattr(clock, "slowness", lambda: 1.0)
    moments = iter((10.0, 14.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    assert Clock(os.getpid()).lap() == Lap(4.0, 4.0)
