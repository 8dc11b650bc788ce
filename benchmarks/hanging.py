"""How long the worst submissions take: they hang, or stay just below a limit, wherever they can.

`python benchmarks/hanging.py [NAME ...]` grades them one after another, with the normal limits, and
prints a table: the seconds of each run, and the seconds that the submission computed or slept. Only
the latter are the same on a busy machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.answers import choose
from grader.isolation import Patience
from grader.launching import starter
from grader.running import grade
from grader.submission import Submission
from grader.verdict import Verdict
from tests.catalogue import reference_files
from tests.homework import ASSIGNMENT

# Appended to every module: it replaces methods.
REPLACE = """

def _every(replace, names=lambda name: True):
    for kind in [x for x in globals().values() if isinstance(x, type) and x.__module__ == __name__]:
        for name, method in list(vars(kind).items()):
            if callable(method) and names(name):
                setattr(kind, name, replace(method))


def _spin(*args, **named):
    while True:
        pass


def _sleep(*args, **named):
    import time
    while True:
        time.sleep(60)


def _deaf(*args, **named):
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _spin()


def _late(seconds):
    import time
    def replace(method):
        def late(*args, **named):
            time.sleep(seconds)
            return method(*args, **named)
        return late
    return replace


def _slow_once(method):
    import time
    start = []
    def slow(*args, **named):
        start.append(time.monotonic())
        while time.monotonic() < start[0] + 1.3:
            pass
        return method(*args, **named)
    return slow


def _gone(*args, **named):
    import os, time
    os.closerange(0, 100)
    time.sleep(60)


def _calls(name):
    return not name.startswith("__")
"""
WORST = {
    "spins in every call": "_every(lambda _: _spin, _calls)",
    "sleeps in every call": "_every(lambda _: _sleep, _calls)",
    "spins in every call, and cannot be interrupted": "_every(lambda _: _deaf, _calls)",
    "spins wherever an object is made": "_every(lambda _: _spin, '__init__'.__eq__)",
    "spins when it is imported": "_spin()",
    "spins in `train`": "_every(lambda _: _spin, 'train'.__eq__)",
    "sleeps 4.9 s in every call": "_every(_late(4.9), _calls)",
    "sleeps 0.9 s in every call": "_every(_late(0.9), _calls)",
    "sleeps 0.24 s in every call": "_every(_late(0.24), _calls)",
    "sleeps 0.05 s in every call": "_every(_late(0.05), _calls)",
    "sleeps 28 s in `train`": "_every(_late(28), 'train'.__eq__)",
    "sleeps in `train`, and in the layers that are graded after it":
        "_every(lambda _: _sleep, 'train'.__eq__)\n"
        "for kind in filter(None, map(globals().get, ('Conv2D', 'Pool2D', 'BatchNorm1D'))):\n"
        "    kind.forward = kind.backward = _sleep",
    "computes 1.3 s once, and then spins in `train`":
        "if 'ReLU' in globals():\n    ReLU.forward = _slow_once(ReLU.forward)\n"
        "_every(lambda _: _spin, 'train'.__eq__)",
    "takes 3 s to be imported": "_late(3)(len)('')",
    "closes its connection in every call, and sleeps": "_every(lambda _: _gone, _calls)",
    "takes 1.9 s to be imported, and exits in every call":
        "_late(1.9)(len)('')\nimport os\n_every(lambda _: lambda *args: os._exit(0), _calls)",
}  # fmt: skip


def worst(name: str) -> Submission:
    """Return the reference with code at the end of every module that makes it hang."""
    modules = {f"{module}.py" for module in ASSIGNMENT.graded_modules}
    files = {
        file: code + (REPLACE + WORST[name] + "\n").encode() if file in modules else code
        for file, code in reference_files().items()
    }
    return Submission(files, name)


def main(names: list[str]) -> None:
    """Grade them and print how long it took, and their scores."""
    oracle = choose(ASSIGNMENT, "live")
    print("| the submission | seconds | of its own | points |\n|---|---|---|---|")
    for name in names or WORST:
        used: list[float] = []
        with mock.patch.object(Patience, "use", _counting(used)):
            found = grade(ASSIGNMENT, worst(name), oracle, workers=starter())
        assert not any(x.result.verdict is Verdict.HARNESS_FAULT for x in found.lines)
        numbers = f"{found.seconds:.0f} | {sum(used):.0f} | {found.score:g}"
        print(f"| {name} | {numbers} |", flush=True)


def _counting(used: list[float]) -> Callable[[Patience, float], None]:
    """Return a replacement for `Patience.use` that also records the seconds."""
    use = Patience.use

    def count(self: Patience, seconds: float) -> None:
        used.append(seconds)
        use(self, seconds)

    return count


main(sys.argv[1:])
