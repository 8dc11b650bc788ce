"""Measure the grader in ratios to something that is run alternately with it: `make benchmark`.

- Whole runs: `python -m grader grade reference` against `python -c "import numpy, pytest"`, the
  floor for any grader built on these two, and, without the trainings, against its peer: plain
  tests of the same eleven classes, in one process (`bare/`).
- The wall: grading `reference/` with all layers of isolation and with none, alternately.
- Counting: the calls of the no-loop check, counted, against the same calls not counted.
- Numeric gradients: every gradient case, the way the grader measures it, against 2-point central
  differences, one entry at a time with one message per call, in the same worker.

These are medians of several rounds; the machine may be busy, so trust the ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from grader.answers import LiveOracle
from grader.assignment import CallAdapter, Case, Example, load
from grader.isolation import Sandbox
from grader.judging import numeric_gradient
from grader.launching import ForkServerClient, starter
from grader.limits import Isolation, Limits
from grader.paths import HOMEWORK, ROOT
from grader.program import Call, Program
from grader.running import grade
from grader.submission import Submission, find, staging
from grader.worker.confine import LAYERS

ASSIGNMENT = load(HOMEWORK)
ROUNDS = 7
TRAINING = ("4.3", "5.3")
FLOOR, PEER = "import numpy, pytest", "pytest benchmarks/bare"
NO_TRAINING = "grade reference, no training"


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - start


def _reference() -> Submission:
    return find(ASSIGNMENT.folders.reference, ASSIGNMENT)


def _workers(layers: Sequence[str]) -> ForkServerClient:
    """Return a client that starts workers with some layers, ahead of time whatever they are."""
    workers = ForkServerClient(layers)
    vars(workers)["isolation"] = Isolation(dict.fromkeys(LAYERS, ""))
    return workers


def wall() -> None:
    """Print the cost of confining workers: grading with all layers and with none, alternately."""
    submission, oracle = _reference(), LiveOracle(ASSIGNMENT)
    times: dict[str, list[float]] = {"all layers": [], "no layer": []}
    for _ in range(ROUNDS):
        for name, layers in (("all layers", LAYERS), ("no layer", ())):
            start = time.perf_counter()
            found = grade(ASSIGNMENT, submission, oracle, workers=_workers(layers))
            times[name].append(time.perf_counter() - start)
            assert found.score == sum(line.points for line in found.lines)
    with_wall, without = (statistics.median(found) for found in times.values())
    print("\n| grading `reference` in this process | median s | ratio |\n|---|---|---|")
    print(f"| with no layer of isolation | {without:.2f} | 1.00 |")
    print(f"| with all layers | {with_wall:.2f} | {with_wall / without:.2f} |")


def whole_runs() -> None:
    """Print the medians of whole processes, run alternately, and ratios to the floor and the peer.

    Only `NO_TRAINING` covers the same classes as the peer, so only it has a ratio to it.
    """
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory() as folder:
        grade = [sys.executable, "-m", "grader", "grade", "--seed", "0"]
        grade += ["--out", f"{folder}/results.json"]
        questions = [target.question for target in ASSIGNMENT.rubric]
        rest = [f"--only={question}" for question in questions if question not in TRAINING]
        commands = {
            FLOOR: [sys.executable, "-c", "import numpy, pytest"],
            PEER: [*pytest, "benchmarks/bare"],
            "grade reference": [*grade, "reference"],
            NO_TRAINING: [*grade, "reference", *rest],
            "grade student (stubs)": [*grade, "student"],
        }
        rounds = [{name: _seconds(c) for name, c in commands.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(one[name] for one in rounds) for name in commands}
    print("| whole process | median s | to the floor | to the peer |\n|---|---|---|---|")
    for name, median in medians.items():
        to_peer = f"{median / medians[PEER]:.1f}" if name in (PEER, NO_TRAINING) else ""
        print(f"| {name} | {median:.2f} | {median / medians[FLOOR]:.1f} | {to_peer} |")


def counting() -> None:
    """Print what counting costs: calls with growing batches, counted and plain."""
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"\n| Python {version} | plain ms | counted |\n|---|---|---|")
    workers = starter()
    with staging(ASSIGNMENT, _reference()) as staged:
        for target in ASSIGNMENT.rubric:
            programs = _counted(target.name)
            if not programs:
                continue
            sandbox = Sandbox(workers, staged.stage(target), target.module, Limits())
            times: dict[str, list[float]] = {name: [] for name in programs}
            for _ in range(ROUNDS + 1):
                for name, program in programs.items():
                    start = time.perf_counter()
                    sandbox.run(program, time.monotonic() + 60)
                    times[name].append(time.perf_counter() - start)
            plain, counted = (statistics.median(found[1:]) for found in times.values())
            print(f"| {target.name} | {1000 * plain:.1f} | {counted / plain:.1f} |")
            sandbox.close()
    workers.close()


def _counted(target: str) -> dict[str, Program]:
    """Return the program of the backward case of "batching", plain and counted."""
    for case in ASSIGNMENT.cases_of(target, "batching"):
        if case.name == "backward":
            problem = case.problem(0)
            steps = [replace(s, count=False) if isinstance(s, Call) else s for s in problem.program]
            return {"plain": tuple(steps), "counted": problem.program}
    return {}


def _entry_by_entry(
    evaluate: Callable[[Sequence[np.ndarray]], list[np.ndarray]], point: np.ndarray, dY: np.ndarray
) -> np.ndarray:
    gradient, h = np.zeros_like(point), 1e-5
    for index in np.ndindex(point.shape):
        values = []
        for sign in (1.0, -1.0):
            moved = point.copy()
            moved[index] += sign * h
            values.append(evaluate([moved])[0])
        gradient[index] = np.sum((values[0] - values[1]) * dY) / (2 * h)
    return gradient


def _evaluator(
    sandbox: Sandbox, adapter: CallAdapter, example: Example, wrt: str
) -> Callable[[Sequence[np.ndarray]], list[np.ndarray]]:
    def evaluate(values: Sequence[np.ndarray]) -> list[np.ndarray]:
        program = adapter.evaluations(example, wrt, values)
        answers = sandbox.run(program, time.monotonic() + 60).answers
        return [np.asarray(answers[str(i)].array) for i in range(len(values))]

    return evaluate


def _compare(sandbox: Sandbox, case: Case) -> tuple[float, float, float]:
    """Return the seconds both ways take for one case, and their largest difference."""
    problem, ours, naive, apart = case.problem(0), 0.0, 0.0, 0.0
    adapter, example = problem.adapter, problem.example
    assert adapter is not None
    assert example is not None
    dY = np.array(1.0) if example.cotangent is None else example.cotangent
    for spec in adapter.results(example, "backward"):
        point = {**example.inputs, **example.parameters}[spec.wrt]
        evaluate = _evaluator(sandbox, adapter, example, spec.wrt)
        evaluate([point])  # the first call imports
        start = time.perf_counter()
        found = numeric_gradient(evaluate, point, dY, adapter.coupling[spec.wrt], adapter.step)
        middle = time.perf_counter()
        plain = _entry_by_entry(evaluate, point, dY)
        naive += time.perf_counter() - middle
        ours += middle - start
        assert found is not None
        apart = max(apart, float(np.abs(found.value - plain).max()))
    return ours, naive, apart


def gradients() -> None:
    """Print, for every target, the time for both ways of numeric differentiation."""
    print("\n| numeric gradient | 4-point, grouped ms | 2-point, one by one ms | ratio |")
    print("|---|---|---|---|")
    workers = starter()
    with staging(ASSIGNMENT, _reference()) as staged:
        for target in ASSIGNMENT.rubric:
            cases = [
                case
                for case in ASSIGNMENT.cases_of(target.name, "gradient")
                if case.problem(0).adapter is not None and not case.problem(0).advice
            ]
            if not cases:
                continue
            sandbox = Sandbox(workers, staged.stage(target), target.module, Limits())
            found = [_compare(sandbox, case) for case in cases]
            ours, naive = (1000 * sum(times[i] for times in found) for i in range(2))
            print(f"| {target.name} | {ours:.1f} | {naive:.1f} | {naive / ours:.1f} |")
            sandbox.close()
    workers.close()


if __name__ == "__main__":
    whole_runs()
    wall()
    counting()
    gradients()
