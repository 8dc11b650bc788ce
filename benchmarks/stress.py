"""How often correct code is accused, and how small an error is detected: `make stress`.

- False alarms: every correct variant of the tests, in this process, on random cases in ten regimes,
  most of them harsher than what the grader uses. An accusation is a result that the comparison
  with the right one rejects; a wrong hint is a numeric gradient that contradicts a right one. At
  exact ties and zeros the slope is the student's choice, so gradients are not compared there,
  only hinted at. Rows with |z| near 1000 are not tried alone: their gradients underflow.
- Sensitivity: right results with one error in them, in all entries or in one; the smallest
  relative size that is detected in 99 of 100 draws. This leaves out the saturated cases: most of
  their entries are at most 1e-300.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from grader.answers import Entry, LiveOracle, entries, mistaken_package, reference_package
from grader.assignment import (
    OTHER_LAYOUTS,
    CallAdapter,
    Case,
    Example,
    Problem,
    laid_out,
    load,
)
from grader.judging import compare, numeric_gradient
from grader.paths import HOMEWORK
from grader.program import Program, Step, decode, encode
from grader.result import ResultSpec
from grader.run import Answer
from grader.worker.interpreter import Interpreter

ASSIGNMENT = load(HOMEWORK)
# The package name under which the live oracle imports the reference.
REFERENCE = reference_package(ASSIGNMENT)
CASES_PER_REGIME = 3000
DRAWS = 200
SEEN = 0.99
SIZES = [a * 10.0**b for b in range(-8, 0) for a in (1.0, 2.0, 5.0)]
Change = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def _near_kinks(rng: np.random.Generator, array: np.ndarray) -> np.ndarray:
    tiny = rng.choice([-1.0, 1.0], array.shape) * 10.0 ** rng.uniform(-7, -2, array.shape)
    return np.where(rng.random(array.shape) < 0.3, tiny, array)


REGIMES: dict[str, Change] = {
    "as the grader draws": lambda _, array: array,
    "times 1e-3": lambda _, array: array * 1e-3,
    "times 1e3": lambda _, array: array * 1e3,
    "standard normal": lambda rng, array: rng.normal(size=array.shape),
    "near kinks": _near_kinks,
    "ties and zeros": lambda _, array: np.round(2 * array) / 2,
    "float32": lambda _, array: array.astype(np.float32),
    "batches of 1 to 257": lambda _, array: array,
    **{words: lambda _, array: array for words in OTHER_LAYOUTS.values()},
}
LAYOUTS = {words: layout for layout, words in OTHER_LAYOUTS.items()}
# Their gradients underflow where Z is larger than the grader's; dY is scaled instead.
SATURATING = ("activations.Sigmoid", "activations.SoftMax")
LARGE, TIES, SINGLE = "batches of 1 to 257", "ties and zeros", "float32"
# Here float32 code is off by 1e-4 in Z before tanh sees it; all other regimes include it.
HUGE = "times 1e3"


def changed(rng: np.random.Generator, target: str, example: Example, regime: str) -> Example:
    """Return an example in a regime; probabilities stay probabilities."""
    probabilities = target == "losses.CrossEntropy"
    change = REGIMES[regime] if not probabilities or regime == SINGLE else REGIMES[LARGE]
    inputs = {name: change(rng, array) for name, array in example.inputs.items()}
    cotangent = example.cotangent
    saturating = target in SATURATING or example.arguments.get("activation") == "tanh"
    if saturating and regime.startswith("times") and cotangent is not None:
        inputs, cotangent = dict(example.inputs), change(rng, cotangent)
    if regime == LARGE:
        least = 3 if target == "layers.BatchNorm1D" else 1
        rows = rng.integers(0, example.size, int(rng.choice([least, 2 + least, 64, 257])))
        noise = 0.0 if probabilities else 0.25
        inputs = {k: v[rows] + noise * rng.normal(size=v[rows].shape) for k, v in inputs.items()}
        cotangent = None if cotangent is None else cotangent[rows]
    if regime == SINGLE and cotangent is not None:
        cotangent = cotangent.astype(np.float32)
    return replace(example, inputs=inputs, cotangent=cotangent)


def results(package: str, program: Program, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Run a program in this process; return its results by name."""
    machine, made = Interpreter(package), dict[str, np.ndarray]()
    silence = contextlib.redirect_stdout(io.StringIO())
    with silence, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for step in program:
            made |= {k: np.array(v) for k, v in machine.run(step).items()}
    return {name: made[name] for name in names}


def accused(
    specs: Sequence[ResultSpec], found: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]
) -> bool:
    """Tell whether the grader would reject any of the results."""
    for spec in specs:
        array = found[spec.name]
        answer = Answer("float" if array.ndim == 0 else "ndarray", "", str(array.dtype), array)
        if not compare(spec, answer, right[spec.name]).right:
            return True
    return False


def hinted_wrongly(package: str, adapter: CallAdapter, example: Example) -> bool:
    """Tell whether the numeric gradient of right code contradicts its right gradient."""
    specs = adapter.results(example, "backward")
    analytic = results(package, adapter.program(example, "backward"), _names(specs))
    dY = np.array(1.0) if example.cotangent is None else example.cotangent
    for spec in specs:

        def evaluate(values: Sequence[np.ndarray], wrt: str = spec.wrt) -> list[np.ndarray]:
            program = adapter.evaluations(example, wrt, values)
            found = results(package, program, [str(i) for i in range(len(values))])
            return list(found.values())

        point = {**example.inputs, **example.parameters}[spec.wrt]
        numeric = numeric_gradient(evaluate, point, dY, adapter.coupling[spec.wrt], adapter.step)
        gradient = analytic[spec.name].reshape(point.shape)
        if numeric is not None and numeric.agrees(gradient) is False:
            return True
    return False


def _names(specs: Sequence[ResultSpec]) -> list[str]:
    return [spec.name for spec in specs]


def _of_target(target: str) -> list[Case]:
    checks = ("values", "gradient", "behaviour")
    cases = [c for c in ASSIGNMENT.cases if c.target == target and c.check in checks]
    return [c for c in cases if not c.problem(0).advice]


def one_case(rng: np.random.Generator, entry: Entry, case: Case, regime: str) -> tuple[bool, bool]:
    """Try one variant on one random case; return whether it was accused, or hinted at wrongly."""
    problem, package = case.problem(int(rng.integers(2**32))), mistaken_package(ASSIGNMENT, entry)
    adapter, example = problem.adapter, problem.example
    if adapter is None or example is None:
        program = _laid_out(_changed_program(rng, problem, regime), regime)
        names = _names(problem.judged)
        right = results(REFERENCE, problem.oracle_program or program, names)
        return accused(problem.judged, results(package, program, names), right), False
    example = changed(rng, case.target, example, regime)
    wrong = False
    for direction in ("forward", "backward") if regime != TIES else ("forward",):
        specs = adapter.results(example, direction)
        program = _laid_out(adapter.program(example, direction), regime)
        right = results(REFERENCE, _as_float64(program), _names(specs))
        wrong |= accused(specs, results(package, program, _names(specs)), right)
    numeric = regime not in (SINGLE, LARGE)
    return wrong, numeric and hinted_wrongly(package, adapter, example)


def _laid_out(program: Program, regime: str) -> Program:
    return laid_out(program, LAYOUTS[regime]) if regime in LAYOUTS else program


def _changed_program(rng: np.random.Generator, problem: Problem, regime: str) -> Program:
    """Return a program in a regime; its arrays depend on each other, so they are at most scaled."""
    steps, arrays = encode(problem.program)
    scaled = regime.startswith("times") and not problem.oracle_program
    return tuple(decode(steps, [REGIMES[regime](rng, a) if scaled else a for a in arrays]))


def _as_float64(program: Program) -> tuple[Step, ...]:
    steps, arrays = encode(program)
    return tuple(decode(steps, [np.asarray(array, float) for array in arrays]))


def false_alarms() -> int:
    """Print accusations and wrong hints in every regime; return how many there were."""
    rng, total = np.random.default_rng(2026), 0
    honest = [e for e in entries(ASSIGNMENT.folders.honest) if not e.id.startswith("odd-")]
    by_target = {t.name: [e for e in honest if e.target == t.name] for t in ASSIGNMENT.rubric}
    by_target = {name: found for name, found in by_target.items() if found}
    print("| regime | cases | accused | wrong hints |\n|---|---|---|---|")
    for regime in REGIMES:
        count, alarms, hints = 0, 0, 0
        while count < CASES_PER_REGIME:
            for target, variants in by_target.items():
                cases = [c for c in _of_target(target) if regime != LARGE or "1000" not in c.name]
                fitting = [e for e in variants if regime != HUGE or "float32" not in e.id]
                entry = fitting[int(rng.integers(len(fitting)))]
                case = cases[int(rng.integers(len(cases)))]
                try:
                    wrong, misled = one_case(rng, entry, case, regime)
                except (AssertionError, TypeError, ValueError):
                    if regime != SINGLE:
                        raise
                    continue  # this variant asks for float64, as it may
                if wrong or misled:
                    what = "accused" if wrong else "hinted at wrongly"
                    print(f"{entry.id}, {case.key}, {regime}: {what}", file=sys.stderr)
                count, alarms, hints = count + 1, alarms + wrong, hints + misled
        print(f"| {regime} | {count:,} | {alarms} | {hints} |", flush=True)
        total += alarms + hints
    return total


def sensitivity() -> None:
    """Print the smallest relative error that is detected, for every target."""
    rng = np.random.default_rng(2027)
    print("\n| target | forward, all | forward, one | backward, all | backward, one |")
    print("|---|---|---|---|---|")
    for target in ASSIGNMENT.rubric:
        found = []
        for direction, check in (("forward", "values"), ("backward", "gradient")):
            cases = [c for c in _of_target(target.name) if c.check == check]
            cases = [c for c in cases if c.problem(0).adapter and "1000" not in c.name]
            if cases:
                found += [_smallest(rng, cases, direction, one) for one in (False, True)]
        if found:
            shown = " | ".join(f"{size:.0e}" for size in found)
            print(f"| {target.name} | {shown} |", flush=True)


def _smallest(rng: np.random.Generator, cases: Sequence[Case], direction: str, one: bool) -> float:
    """Return the smallest relative error in all entries, or in a random one, that is detected."""
    least = []
    for _ in range(DRAWS):
        problem = cases[int(rng.integers(len(cases)))].problem(int(rng.integers(2**32)))
        adapter, example = problem.adapter, problem.example
        assert adapter is not None
        assert example is not None
        specs = adapter.results(example, direction)
        right = results(REFERENCE, adapter.program(example, direction), _names(specs))
        spec = specs[int(rng.integers(len(specs)))]
        least.append(_least_seen(rng, spec, right[spec.name], one))
    return float(np.quantile(least, SEEN, method="higher"))


def _least_seen(rng: np.random.Generator, spec: ResultSpec, right: np.ndarray, one: bool) -> float:
    entries = np.flatnonzero(right)
    chosen = [rng.choice(entries)] if one else entries
    for size in SIZES:
        wrong = right.copy()
        wrong.reshape(-1)[chosen] *= 1.0 + size
        if accused([spec], {spec.name: wrong}, {spec.name: right}):
            return size
    return 1.0


if __name__ == "__main__":
    logging.disable()  # some variants log
    LiveOracle(ASSIGNMENT)  # installs the reference and the fakes
    alarms = false_alarms()
    sensitivity()
    sys.exit(1 if alarms else 0)
