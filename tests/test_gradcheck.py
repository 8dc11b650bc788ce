"""Numeric gradients: right where they claim to be, silent at kinks, never fooled by coupling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.assignment.adapters import CallAdapter, Coupling
from grader.assignment.case import Case
from grader.judging.gradcheck import GRADIENT_RTOL, Numeric, numeric_gradient
from grader.sampler import Sampler
from grader.worker.interpreter import Interpreter
from tests.grading import live
from tests.homework import CASES

DIFFERENTIABLE = [
    case for case in CASES if case.check == "gradient" and case.problem(0).adapter is not None
    and not case.problem(0).advice
]  # fmt: skip


def _measured(function: Callable, P: np.ndarray, dY: np.ndarray, coupling: Coupling) -> Numeric:
    found = numeric_gradient(lambda values: [function(v) for v in values], P, dY, coupling)
    assert found is not None
    return found


def _of_the_reference(case: Case, seed: int, wrt: str) -> Numeric:
    problem = case.problem(seed)
    adapter, example = problem.adapter, problem.example
    assert isinstance(adapter, CallAdapter)
    assert example is not None

    def evaluate(values: list[np.ndarray]) -> list[np.ndarray]:
        interpreter = Interpreter(live()._package)  # with the fakes in it
        for step in adapter.evaluations(example, wrt, values):
            interpreter.run(step)
        return [np.asarray(interpreter.objects[str(i)]) for i in range(len(values))]

    dY = np.array(1.0) if example.cotangent is None else example.cotangent
    point = {**example.inputs, **example.parameters}[wrt]
    found = numeric_gradient(evaluate, point, dY, adapter.coupling[wrt], adapter.step)
    assert found is not None
    return found


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=lambda case: case.key)
def test_the_reference_is_the_derivative_of_itself_in_every_case(case: Case) -> None:
    live()
    for seed in (0, 11):
        right = live().answers(case, seed, case.problem(seed))
        for result in case.problem(seed).judged:
            numeric = _of_the_reference(case, seed, result.wrt)
            assert numeric.agrees(right[result.name]) is True, (seed, result.name)
            assert not np.all(numeric.value == 0)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=lambda case: case.key)
def test_an_error_of_one_in_ten_thousand_is_seen_in_every_case(case: Case) -> None:
    right = live().answers(case, 0, case.problem(0))
    for result in case.problem(0).judged:
        numeric = _of_the_reference(case, 0, result.wrt)
        assert numeric.agrees(right[result.name] * 1.0001) is False


@pytest.mark.parametrize("distance", [0.0, 1e-9, 1e-6, 2.0**-12, 2.0**-11, 2.0**-10])
def test_an_entry_at_a_kink_accuses_nobody(distance: float) -> None:
    Z = Sampler(0, "kinks").signed(0.25, 1.0, (4, 8))
    Z[0, 0], Z[1, 3] = distance, -distance
    dY = Sampler(0, "dY").cotangent(Z.shape)
    numeric = _measured(lambda z: np.maximum(z, 0.0), Z, dY, Coupling.SAMPLES)
    assert numeric.agrees(dY * (Z > 0)) is not False
    assert numeric.agrees(dY * (Z >= 0)) is not False
    assert numeric.agrees(dY * (Z < 0)) is False


@pytest.mark.parametrize("coupling", list(Coupling))
def test_code_that_computes_in_float32_is_measured_with_a_coarser_step(coupling: Coupling) -> None:
    X, W = Sampler(3, "X").signed(0.1, 1.0, (4, 3)), Sampler(3, "W").signed(0.1, 1.0, (3, 3))
    W = W if coupling is Coupling.SAMPLES else np.diag(np.diag(W))  # independent columns
    dY = Sampler(3, "dY").cotangent((4, 3))

    def single(x: np.ndarray) -> np.ndarray:
        return np.tanh((x @ W).astype(np.float32)).astype(float)

    found = _measured(single, X, dY, coupling)
    right = (dY * (1 - np.tanh(X @ W) ** 2)) @ W.T
    assert found.single
    assert found.agrees(right) is True
    assert found.agrees(right * 1.02) is False
    assert found.agrees(-right) is False


def test_entries_that_are_nothing_beside_the_others_do_not_matter() -> None:
    Z = Sampler(4, "Z").signed(0.1, 1.0, (4, 3))
    Z[0] = -800.0
    dY = Sampler(4, "dY").cotangent(Z.shape)
    s = np.exp(np.minimum(Z, 0)) / (1 + np.exp(-np.abs(Z)))
    numeric = _measured(
        lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))), Z, dY, Coupling.SAMPLES
    )
    right = dY * s * (1 - s)
    assert numeric.agrees(np.where(Z < -700, 0.0, right)) is True
    assert numeric.agrees(np.where(Z < -700, 1.0, right)) is False


def test_where_most_entries_are_at_kinks_nothing_is_said() -> None:
    Z, dY = np.zeros((3, 4)), np.ones((3, 4))
    assert _measured(np.abs, Z, dY, Coupling.SAMPLES).agrees(dY) is None


ONES = np.ones(10)
FIRST = (np.arange(10) == 0).astype(float)


def _agrees(error: float, *, single: bool = False, **measured: np.ndarray) -> bool | None:
    """Tell whether a gradient that is off by `error` in its first entry agrees."""
    parts = {"scale": ONES, "kink": 0 * ONES, "noise": 0 * ONES} | measured
    return Numeric(0 * ONES, single=single, **parts).agrees(error * FIRST)


@pytest.mark.parametrize(
    ("most", "measured"),
    [
        (1e-6, {}),
        (3e-6, {"scale": 3 * ONES}),
        (2e-3, {"single": True}),
        (1e-6 + 5e-4, {"kink": 5e-4 * ONES}),
        (1e-6 + 0.25, {"noise": 0.25 * ONES}),
        (1e-6 + 0.45, {"kink": 0.2 * ONES, "noise": 0.25 * ONES}),
        (5e-9, {"scale": 5 * (ONES - FIRST)}),  # relative to the largest scale
        (2e-10, {"scale": 0.2 * (ONES - FIRST)}),
        (0.25, {"scale": 0 * ONES, "noise": 0.25 * ONES}),
    ],
)
def test_how_far_off_a_gradient_may_be(most: float, measured: dict) -> None:
    for sign in (1, -1):
        assert _agrees(sign * 0.99 * most, **measured) is True
        assert _agrees(sign * 1.02 * most, **measured) is False


def test_how_far_off_a_gradient_in_float32_may_be() -> None:
    numeric = Numeric(0 * ONES, ONES, 0 * ONES, 0 * ONES)
    for error, right in ((1.9e-3, True), (2.1e-3, False)):
        assert numeric.agrees((error * FIRST).astype(np.float32)) is right


def test_zeros_agree_with_zeros_and_nothing_with_another_shape() -> None:
    assert _agrees(0.0, scale=0 * ONES) is True
    assert Numeric(*[0 * ONES] * 4).agrees(np.zeros((10, 1))) is False


@pytest.mark.parametrize(("size", "noise"), [(1.0, 0.0), (1.0, 2.0), (0.0, 0.0), (2.0, 0.0)])
def test_with_more_than_a_fifth_of_the_entries_at_kinks_nothing_is_said(
    size: float, noise: float
) -> None:
    at_kink = 1e-3 * size + noise + 1e-9 * max(size, 1)  # the last term is negligible
    for entries, factor, said in ((2, 1.01, True), (3, 1.01, None), (3, 0.99, False)):
        kink = np.where(np.arange(10) >= 10 - entries, factor * at_kink, 0.0)
        scale = np.where(kink > 0, size, 1.0)
        numeric = Numeric(0 * ONES, scale, kink, noise * ONES)
        far_off = np.where(kink > 0, 100.0, 0.0)
        assert numeric.agrees(far_off) is said


def _over_rows(Z: np.ndarray) -> np.ndarray:
    powers = np.exp(Z - Z.max(axis=0))
    return powers / powers.sum(axis=0)


@pytest.mark.parametrize("coupling", list(Coupling))
def test_a_function_that_couples_more_than_permitted_is_measured_entry_by_entry(
    coupling: Coupling,
) -> None:
    """Softmax over the wrong axis couples samples; over the right one it couples columns."""
    Z, dY = Sampler(1, "Z").signed(0.1, 1.0, (4, 3)), Sampler(1, "dY").cotangent((4, 3))
    for function in (_over_rows, lambda z: _over_rows(z.T).T):
        transposed = function is not _over_rows
        Y = function(Z)
        inner = (dY * Y).sum(axis=1 if transposed else 0, keepdims=True)
        assert _measured(function, Z, dY, coupling).agrees(Y * (dY - inner)) is True


def test_functions_that_give_no_finite_arrays_of_the_right_shape_are_not_measured() -> None:
    Z, dY = np.ones((2, 3)), np.ones((2, 3))
    for function in (lambda z: z * np.nan, lambda z: z[:1], lambda z: z.T):
        found = numeric_gradient(lambda v, f=function: [f(x) for x in v], Z, dY, Coupling.SAMPLES)
        assert found is None


def test_the_scale_of_the_numbers_does_not_matter() -> None:
    Z, dY = Sampler(2, "Z").signed(0.1, 1.0, (5, 4)), Sampler(2, "dY").cotangent((5, 4))
    for factor in (1e-6, 1.0, 1e6):
        numeric = _measured(lambda z, f=factor: f * np.tanh(z), Z, dY, Coupling.SAMPLES)
        right = factor * dY * (1 - np.tanh(Z) ** 2)
        assert numeric.agrees(right) is True
        assert numeric.agrees(right * (1 + 20 * GRADIENT_RTOL)) is False


def test_draws_are_the_same_everywhere_and_have_both_signs_in_every_column() -> None:
    first = Sampler(5, "key").signed(0.125, 2.0, (3, 2))
    expected = [[1.7705078125, -1.619140625], [-1.4921875, 1.2138671875], [0, 0]]
    assert first.shape == np.shape(expected)
    assert np.array_equal(first, Sampler(5, "key").signed(0.125, 2.0, (3, 2)))
    assert not np.array_equal(first, Sampler(6, "key").signed(0.125, 2.0, (3, 2)))
    for m in (2, 3, 7):
        signs = np.sign(Sampler(m, "signs").cotangent((m, 5)))
        assert np.all(signs.min(axis=0) == -1)
        assert np.all(signs.max(axis=0) == 1)
    assert np.all(Sampler(0, "spread").columns((5, 4)).std(axis=0) > 0.5)
    values = Sampler(0, "distinct").distinct(0.125, (4, 5))
    assert np.diff(np.sort(values.ravel())).min() == 0.125
    assert np.all(Sampler(0, "p").probabilities((6, 5)) > 0.05)
