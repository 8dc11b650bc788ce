"""How long the grader waits for a submission in all: one time budget, on a clock of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from grader.isolation import clock
from grader.isolation.clock import Clock
from grader.isolation.patience import Patience
from grader.limits import Limits

LIMITS = Limits(call=5.0, check=20.0, training=90.0, own=50.0)
ACTIVATIONS, LAYERS = ("activations",), ("layers",)


def _hang(waits: Patience, trains: bool = False) -> float:
    """Let the first call of a check use all the time it may, and time out; return that time."""
    waits.begin(trains)
    if waits.is_over:
        return 0.0
    share = waits.share(LIMITS.training if trains else LIMITS.call)
    waits.use(share)
    waits.timed_out()
    return share


def test_nothing_is_shortened_before_something_times_out() -> None:
    waits = Patience(LIMITS)
    for _ in range(9):  # slow code that returns
        waits.begin(trains=False)
        assert waits.share(LIMITS.call) == LIMITS.call
        assert waits.share(LIMITS.import_, LAYERS) == LIMITS.import_ or waits.left < LIMITS.import_
        waits.use(4.9)
    assert waits.left == pytest.approx(50 - 9 * 4.9)
    waits.begin(trains=False)
    assert waits.share(LIMITS.call) == LIMITS.call
    assert waits.is_short(4.9, LIMITS.call)  # nothing has hung, but most of the time is used
    assert not waits.is_short(5.0, LIMITS.call)
    waits.use(4.9)
    waits.use(0.99)
    waits.begin(trains=False)
    assert waits.is_over
    assert waits.is_used_up


def test_a_time_out_leaves_later_checks_a_small_part_of_what_is_left() -> None:
    waits = Patience(LIMITS)
    assert _hang(waits) == 5.0
    assert _hang(waits) == pytest.approx(4.5)
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) == pytest.approx(40.5 / 4)
    assert not waits.is_short(1.0, LIMITS.call)
    assert waits.is_short(0.9, LIMITS.call)
    assert not waits.is_short(0.5, 0.5)


def test_a_training_leaves_something_for_what_comes_after_it() -> None:
    waits = Patience(LIMITS)
    assert _hang(waits, trains=True) == pytest.approx(40.0)
    waits.begin(trains=False)
    assert waits.share(LIMITS.call) == pytest.approx(1.0)


def test_slow_code_that_hangs_in_a_training_is_not_waited_for_longer() -> None:
    waits = Patience(LIMITS)
    waits.begin(trains=False)
    waits.use(1.3)
    used = 1.3 + _hang(waits, trains=True) + _hang(waits, trains=True) + _hang(waits, trains=True)
    assert used < LIMITS.own


def test_all_checks_together_take_less_than_a_minute_whatever_they_do() -> None:
    for honest in range(42):  # checks that pass before the code begins to hang
        waits = Patience(LIMITS)
        checks = [number in (36, 54) for number in range(60)][honest:]
        assert sum(_hang(waits, trains) for trains in checks) <= LIMITS.own


def test_what_comes_after_many_hangs_has_what_honest_code_needs() -> None:
    waits = Patience(LIMITS)
    for _ in range(20):
        _hang(waits)
    waits.begin(trains=False)
    assert waits.share(LIMITS.call) > 0.5
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) > 1.0


def test_an_import_that_came_back_may_take_as_long_again_and_costs_the_check_nothing() -> None:
    waits = Patience(LIMITS)
    waits.begin(trains=False)
    waits.use(3.0)
    waits.imported(ACTIVATIONS, 3.0)
    for _ in range(7):
        assert _hang(waits) > 1.0
    waits.begin(trains=False)
    before = waits.share(LIMITS.call)
    assert waits.share(LIMITS.import_, LAYERS) == before < 2.5
    assert waits.share(LIMITS.import_, ACTIVATIONS) == pytest.approx(4.5)
    waits.use(3.0)
    waits.imported(ACTIVATIONS, 3.0)
    assert waits.share(LIMITS.call) == pytest.approx(before)


def test_slow_imports_of_every_worker_leave_the_trainings_their_time() -> None:
    waits = Patience(LIMITS)
    for number in range(12):
        waits.begin(trains=False)
        assert waits.share(LIMITS.import_, (f"module{number % 5}",)) >= 3.0
        waits.use(3.0)
        waits.imported((f"module{number % 5}",), 3.0)
        assert waits.share(LIMITS.call) == LIMITS.call
    waits.begin(trains=True)
    assert waits.share(LIMITS.training) == pytest.approx(14 * 4 / 5)


linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports it")


def _shares(code: str, processor: int | None = None) -> float:
    """Return the share of the time that the first of two processes is charged."""
    pin = "" if processor is None else f"import os; os.sched_setaffinity(0, {{{processor}}})\n"
    command = [sys.executable, "-c", f"{pin}print(flush=True)\n{code}"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        measured, start = Clock(processes[0].pid), time.monotonic()
        time.sleep(0.5)
        return measured.lap() * clock.slowness() / (time.monotonic() - start)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.mark.slow
@linux
def test_waiting_for_a_processor_is_not_charged() -> None:
    assert _shares("while True: pass", min(os.sched_getaffinity(0))) < 0.8


@pytest.mark.slow
@linux
def test_sleeping_is_charged() -> None:
    assert _shares("import time; time.sleep(60)") > 0.8


def test_where_nobody_tells_all_the_time_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_told_by_kernel", lambda _: None)
    monkeypatch.setattr(clock, "_share", lambda: 0.5)
    monkeypatch.setattr(clock, "slowness", lambda: 2.0)
    moments = iter((10.0, 14.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    assert Clock(os.getpid()).lap() == 1.0


def test_a_machine_without_a_load_gets_no_discount(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> tuple[float, float, float]:
        raise OSError

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "getloadavg", load, raising=False)
    assert clock._share() == 1.0


def test_threads_that_a_process_waits_for_are_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(((1.0, 0.0), (5.0, 4.0)))
    monkeypatch.setattr(clock, "_told_by_kernel", lambda _: next(told))
    monkeypatch.setattr(clock, "slowness", lambda: 1.0)
    moments = iter((10.0, 14.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    assert Clock(os.getpid()).lap() == 4.0
