"""The reference against independent sources: autograd, plain loops, and numbers worked by hand.

Formulas are written here a second time, and differently: a convolution is one einsum with 0/1
matrices that say which pixel a kernel position covers, a variance is a mean over pairs, a softmax
is 1 / sum exp(z_l - z_j). Gradients are autograd's vector-Jacobian products of those formulas.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, grad, jacobian, make_vjp
from numpy.testing import assert_allclose, assert_array_equal

from reference import train as training
from reference.activations import Activation, initialize_activation
from reference.datasets import DATA, Dataset, load_digits, load_iris, one_hot
from reference.layers import (
    BatchNorm1D,
    Conv2D,
    Flatten,
    FullyConnected,
    Layer,
    Pool2D,
    initialize_layer,
)
from reference.losses import MSE, CrossEntropy, Loss, initialize_loss
from reference.models import NeuralNetwork
from reference.optimizers import SGD
from reference.weights import initialize_weights, seed_weights

Formula = Callable[..., Any]


def _normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def _same(actual: Any, expected: Any) -> None:
    assert np.shape(actual) == np.shape(expected)
    assert np.asarray(actual).dtype == np.float64
    assert_allclose(actual, expected, rtol=1e-9, atol=1e-11)


def _relu(z: Any) -> Any:
    return (z + anp.abs(z)) / 2


def _sigmoid(z: Any) -> Any:
    return (1 + anp.tanh(z / 2)) / 2


def _tanh(z: Any) -> Any:
    return 1 - 2 / (anp.exp(2 * z) + 1)


def _softmax(z: Any) -> Any:
    return 1 / anp.sum(anp.exp(z[:, None, :] - z[:, :, None]), axis=2)


ACTIVATIONS: dict[str, Formula] = {
    "identity": lambda z: 1.0 * z,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "softmax": _softmax,
}
ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]
SHAPES = [(1,), (7,), (4, 5), (1, 6), (2, 3, 4), (2, 3, 2, 2)]
WHERE_SHAPED = [
    *((name, shape) for name in ELEMENTWISE for shape in SHAPES),
    *(("softmax", shape) for shape in [(1, 1), (1, 6), (5, 1), (4, 5), (9, 3)]),
]


# Activations


@pytest.mark.parametrize(("name", "shape"), WHERE_SHAPED)
def test_an_activation_has_the_values_of_its_formula(name: str, shape: tuple[int, ...]) -> None:
    Z = 3.0 * _normal(1, *shape)
    activation = initialize_activation(name)
    _same(activation.forward(Z), ACTIVATIONS[name](Z))
    _same(activation(Z), ACTIVATIONS[name](Z))


@pytest.mark.parametrize(("name", "shape"), WHERE_SHAPED)
def test_an_activation_pulls_a_random_cotangent_back_as_autograd_does(
    name: str, shape: tuple[int, ...]
) -> None:
    Z, dY = 3.0 * _normal(2, *shape), _normal(3, *shape)
    pull, _ = make_vjp(ACTIVATIONS[name])(Z)
    _same(initialize_activation(name).backward(Z, dY), pull(dY))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_slope_of_an_elementwise_activation_is_autograds(name: str) -> None:
    Z = np.linspace(-6.0, 6.0, 40)
    slope = elementwise_grad(ACTIVATIONS[name])(Z)
    _same(initialize_activation(name).backward(Z, np.ones_like(Z)), slope)


def test_softmax_goes_backward_through_the_whole_jacobian_of_each_row() -> None:
    Z, dY = _normal(4, 3, 5), _normal(5, 3, 5)
    full = jacobian(_softmax)(Z)  # (row, j, row', l)
    expected = np.einsum("ij,ijrl->rl", dY, full)
    _same(initialize_activation("softmax").backward(Z, dY), expected)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_backward_of_an_activation_uses_its_argument_and_no_earlier_forward(name: str) -> None:
    Z, dY = _normal(6, 4, 3), _normal(7, 4, 3)
    fresh, used = initialize_activation(name), initialize_activation(name)
    used.forward(_normal(8, 6, 2))
    assert_array_equal(fresh.backward(Z, dY), used.backward(Z, dY))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_leaves_its_arguments_as_they_were(name: str) -> None:
    Z, dY = _normal(9, 4, 3), _normal(10, 4, 3)
    before = Z.copy(), dY.copy()
    activation = initialize_activation(name)
    activation.forward(Z)
    activation.backward(Z, dY)
    assert_array_equal(Z, before[0])
    assert_array_equal(dY, before[1])


def test_relu_at_zero_is_zero_with_a_slope_in_the_unit_interval() -> None:
    relu = initialize_activation("relu")
    assert relu.forward(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    slope = relu.backward(np.zeros(3), np.ones(3))
    assert np.all((slope >= 0.0) & (slope <= 1.0))


EXTREME = np.array([[-1000.0, 1000.0, 0.0], [1000.0, 1000.0, 1000.0], [-1000.0, -1000.0, -999.0]])


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("Z", [EXTREME, -EXTREME, EXTREME.T], ids=["as is", "negated", "turned"])
def test_an_activation_is_finite_and_silent_for_a_thousand(name: str, Z: np.ndarray) -> None:
    activation = initialize_activation(name)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        Y, dZ = activation.forward(Z), activation.backward(Z, np.ones_like(Z))
    assert np.all(np.isfinite(Y))
    assert np.all(np.isfinite(dZ))


def test_sigmoid_has_the_right_limits_and_keeps_its_small_tail() -> None:
    sigmoid = initialize_activation("sigmoid")
    assert sigmoid.forward(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]
    tail = np.array([-30.0, -300.0, -700.0])
    exact = [math.exp(z) / (1.0 + math.exp(z)) for z in tail]
    assert_allclose(sigmoid.forward(tail), exact, rtol=1e-12)
    assert_allclose(sigmoid.backward(tail, np.ones(3)), exact, rtol=1e-12)


def test_softmax_of_huge_numbers_is_that_of_their_differences() -> None:
    softmax = initialize_activation("softmax")
    Z, dY = _normal(11, 4, 3), _normal(12, 4, 3)
    for shift in (1000.0, -1000.0, 1e8):
        moved = Z + shift
        exact = _softmax(moved - moved[:, :1])
        assert_allclose(softmax.forward(moved), exact, rtol=1e-12)
        assert_allclose(softmax.backward(moved, dY), make_vjp(_softmax)(moved - shift)[0](dY))
    rows = softmax.forward(np.array([[1000.0, -1000.0], [-1000.0, -1000.0], [1e300, -1e300]]))
    assert rows.tolist() == [[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]


def test_every_row_of_softmax_is_a_distribution_apart_from_the_other_rows() -> None:
    Z = 50.0 * _normal(13, 30, 6)
    Y = initialize_activation("softmax").forward(Z)
    assert np.all(Y >= 0.0)
    assert_allclose([math.fsum(row) for row in Y], np.ones(30), rtol=1e-14)
    alone = [initialize_activation("softmax").forward(row[None])[0] for row in Z]
    assert_allclose(Y, alone, rtol=1e-14)


# Losses


def _targets(seed: int, m: int, k: int, kind: str) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "one-hot":
        return np.array([[float(j == c) for j in range(k)] for c in rng.integers(k, size=m)])
    return rng.dirichlet(np.ones(k), size=m)


def _cross_entropy(Y: Any, Y_hat: Any) -> Any:
    return anp.mean(anp.sum(Y * anp.log(1 / Y_hat), axis=1))


def _squared(Y: Any, Y_hat: Any) -> Any:
    return anp.trace(anp.dot(Y - Y_hat, (Y - Y_hat).T)) / len(Y)


LOSSES: dict[str, Formula] = {"cross_entropy": _cross_entropy, "mse": _squared}
SIZES = [(1, 3), (5, 3), (8, 10), (4, 2), (6, 1)]


@pytest.mark.parametrize("kind", ["one-hot", "soft"])
@pytest.mark.parametrize(("m", "k"), SIZES)
def test_cross_entropy_is_the_mean_over_examples_of_a_plain_sum(m: int, k: int, kind: str) -> None:
    Y, Y_hat = _targets(20, m, k, kind), _targets(21, m, k, "soft")
    total = 0.0
    for i, j in product(range(m), range(k)):
        total -= Y[i, j] * math.log(Y_hat[i, j])
    assert CrossEntropy().forward(Y, Y_hat) == pytest.approx(total / m, rel=1e-12)


@pytest.mark.parametrize(("m", "k"), SIZES)
def test_mse_is_the_mean_over_examples_of_the_squared_distance(m: int, k: int) -> None:
    Y, Y_hat = _normal(22, m, k), _normal(23, m, k)
    total = sum((Y[i, j] - Y_hat[i, j]) ** 2 for i, j in product(range(m), range(k)))
    assert MSE().forward(Y, Y_hat) == pytest.approx(total / m, rel=1e-12)


@pytest.mark.parametrize("kind", ["one-hot", "soft"])
@pytest.mark.parametrize(("m", "k"), SIZES)
@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_of_a_loss_is_autograds(name: str, m: int, k: int, kind: str) -> None:
    Y, Y_hat = _targets(24, m, k, kind), _targets(25, m, k, "soft")
    _same(initialize_loss(name).backward(Y, Y_hat), grad(LOSSES[name], 1)(Y, Y_hat))


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_a_plain_float_and_calling_it_is_forward(name: str) -> None:
    loss, Y, Y_hat = initialize_loss(name), _targets(26, 4, 3, "one-hot"), np.full((4, 3), 0.25)
    assert type(loss.forward(Y, Y_hat)) is float
    assert loss(Y, Y_hat) == loss.forward(Y, Y_hat)
    assert loss.name == name


@pytest.mark.parametrize("cls", [CrossEntropy, MSE])
def test_a_loss_takes_its_name_or_has_the_usual_one(cls: Callable[..., Loss]) -> None:
    assert cls().name in LOSSES
    assert cls(name="other").name == "other"


def test_losses_worked_by_hand() -> None:
    Y, Y_hat = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.5, 0.5], [0.25, 0.75]])
    assert CrossEntropy().forward(Y, Y_hat) == pytest.approx(1.5 * math.log(2.0), rel=1e-14)
    _same(CrossEntropy().backward(Y, Y_hat), [[0.0, -1.0], [-2.0, 0.0]])
    assert MSE().forward(Y, Y_hat) == pytest.approx((0.25 + 0.25 + 0.5625 + 0.5625) / 2)
    _same(MSE().backward(Y, Y_hat), [[0.5, -0.5], [-0.75, 0.75]])


def test_cross_entropy_is_finite_after_a_softmax_of_a_thousand() -> None:
    softmax, loss = initialize_activation("softmax"), CrossEntropy()
    Y = np.eye(3)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        Y_hat = softmax.forward(EXTREME)
        dZ = softmax.backward(EXTREME, loss.backward(Y, Y_hat))
        assert math.isfinite(loss.forward(Y, Y_hat))
    assert np.all(np.isfinite(dZ))


def test_cross_entropy_is_exact_for_probabilities_down_to_a_billionth() -> None:
    Y, Y_hat = np.array([[1.0, 0.0]]), np.array([[1e-9, 1.0 - 1e-9]])
    assert CrossEntropy().forward(Y, Y_hat) == pytest.approx(9.0 * math.log(10.0), rel=1e-12)
    assert_allclose(CrossEntropy().backward(Y, Y_hat), [[-1e9, 0.0]], rtol=1e-12)


# Layers: what all of them share


def _dense(X: Any, W: Any, b: Any) -> Any:
    rows = [anp.sum(X[i][:, None] * W, axis=0) + b[0] for i in range(len(X))]
    return anp.stack(rows)


def _give(layer: Layer, X: np.ndarray, seed: int) -> list[np.ndarray]:
    layer.forward(X)
    for number, (name, value) in enumerate(layer.parameters.items()):
        layer.parameters[name] = 0.7 * _normal(seed + number, *value.shape)
    return list(layer.parameters.values())


def _check_pullback(layer: Layer, formula: Formula, X: np.ndarray, seed: int) -> None:
    values = _give(layer, X, seed)
    pull, expected = make_vjp(formula, tuple(range(len(values) + 1)))(X, *values)
    Y = layer.forward(X)
    _same(Y, expected)
    dY = _normal(seed + 50, *Y.shape)
    dX, *gradients = pull(dY)
    _same(layer.backward(dY), dX)
    assert list(layer.gradients) == list(layer.parameters)
    for mine, theirs in zip(layer.gradients.values(), gradients, strict=True):
        _same(mine, theirs)


LAYERS: dict[str, tuple[Callable[[], Layer], tuple[int, ...]]] = {
    "FullyConnected": (lambda: FullyConnected(3, "tanh"), (5, 4)),
    "Conv2D": (lambda: Conv2D(2, (3, 2), "tanh", stride=2, pad=1), (2, 5, 6, 2)),
    "Pool2D max": (lambda: Pool2D((2, 3), "max", stride=1, pad=1), (2, 5, 6, 2)),
    "Pool2D average": (lambda: Pool2D((2, 3), "average", stride=2, pad=1), (2, 5, 6, 2)),
    "BatchNorm1D": (BatchNorm1D, (5, 4)),
    "Flatten": (Flatten, (2, 5, 6, 2)),
}


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
def test_a_layer_makes_its_parameters_at_the_first_forward_and_keeps_them(
    make: Callable[[], Layer], shape: tuple[int, ...]
) -> None:
    layer = make()
    assert layer.parameters == {}
    layer(_normal(30, *shape))
    first = dict(layer.parameters)
    layer(_normal(31, *shape))
    assert all(layer.parameters[name] is value for name, value in first.items())
    assert layer.parameters.keys() == first.keys() == layer.gradients.keys()


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
def test_the_gradients_of_a_layer_are_replaced_and_not_added_up(
    make: Callable[[], Layer], shape: tuple[int, ...]
) -> None:
    layer, X = make(), _normal(32, *shape)
    dY = _normal(33, *layer.forward(X).shape)
    once, first = layer.backward(dY).copy(), {k: v.copy() for k, v in layer.gradients.items()}
    layer.forward(X)
    assert_array_equal(layer.backward(dY), once)
    for name, value in first.items():
        assert_array_equal(layer.gradients[name], value)


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
def test_a_layer_leaves_its_arguments_and_parameters_as_they_were(
    make: Callable[[], Layer], shape: tuple[int, ...]
) -> None:
    layer, X = make(), _normal(34, *shape)
    dY = _normal(35, *layer.forward(X).shape)
    kept = [X, dY, *layer.parameters.values()]
    before = [array.copy() for array in kept]
    layer.forward(X)
    layer.backward(dY)
    for array, copy in zip(kept, before, strict=True):
        assert_array_equal(array, copy)
    assert all(x is y for x, y in zip(kept[2:], layer.parameters.values(), strict=True))


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
def test_a_second_batch_of_another_size_forgets_the_first(
    make: Callable[[], Layer], shape: tuple[int, ...]
) -> None:
    used, fresh = make(), make()
    X = _normal(36, shape[0] + 3, *shape[1:])
    used.forward(_normal(37, *shape))
    fresh.forward(X)
    fresh.parameters = dict(used.parameters)
    Y = fresh.forward(X)
    assert_array_equal(used.forward(X), Y)
    dY = _normal(38, *Y.shape)
    assert_array_equal(used.backward(dY), fresh.backward(dY))


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
def test_clear_gradients_leaves_zeros_of_the_shape_of_every_parameter(
    make: Callable[[], Layer], shape: tuple[int, ...]
) -> None:
    layer = make()
    layer.backward(_normal(39, *layer.forward(_normal(40, *shape)).shape))
    layer.clear_gradients()
    for name, value in layer.parameters.items():
        assert_array_equal(layer.gradients[name], np.zeros(value.shape))


# FullyConnected


@pytest.mark.parametrize(("m", "n_in", "n_out"), [(5, 4, 3), (1, 4, 3), (6, 1, 2), (3, 2, 1)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_fully_connected_layer_agrees_with_autograd(
    name: str, m: int, n_in: int, n_out: int
) -> None:
    def formula(X: Any, W: Any, b: Any) -> Any:
        return ACTIVATIONS[name](_dense(X, W, b))

    _check_pullback(FullyConnected(n_out, name), formula, _normal(41, m, n_in), 42)


def test_the_parameters_of_a_fully_connected_layer_have_the_shapes_of_the_text() -> None:
    layer = FullyConnected(3, "relu")
    layer.forward(_normal(43, 7, 5))
    assert {name: x.shape for name, x in layer.parameters.items()} == {"W": (5, 3), "b": (1, 3)}
    assert (layer.n_in, layer.n_out) == (5, 3)
    assert not layer.parameters["b"].any()


def test_a_fully_connected_layer_adds_up_over_examples_and_never_divides_by_m() -> None:
    layer, X, dY = FullyConnected(2, "identity"), _normal(44, 3, 4), _normal(45, 3, 2)
    layer.forward(X)
    layer.backward(dY)
    once = {name: value.copy() for name, value in layer.gradients.items()}
    layer.forward(np.tile(X, (5, 1)))
    layer.backward(np.tile(dY, (5, 1)))
    for name, value in once.items():
        assert_allclose(layer.gradients[name], 5.0 * value, rtol=1e-12)


# Conv2D and Pool2D


class Plan(NamedTuple):
    """A window that moves over images: image, kernel, stride, pad as given, and what it means."""

    image: tuple[int, int]
    kernel: tuple[int, int]
    stride: int = 1
    pad: str | int = "valid"
    zeros: tuple[int, int] = (0, 0)


PLANS = [
    Plan((5, 5), (3, 3)),
    Plan((5, 5), (3, 3), 1, "same", (1, 1)),
    Plan((5, 6), (3, 3), 2, "same", (1, 1)),
    Plan((6, 5), (5, 3), 1, "same", (2, 1)),
    Plan((5, 6), (1, 5), 1, "same", (0, 2)),
    Plan((5, 5), (2, 2), 1, "same", (0, 0)),
    Plan((5, 6), (4, 2), 1, "same", (1, 0)),
    Plan((5, 6), (2, 4), 2, "same", (0, 1)),
    Plan((6, 5), (4, 4), 3, "same", (1, 1)),
    Plan((4, 7), (1, 1)),
    Plan((4, 7), (1, 1), 2),
    Plan((4, 7), (1, 1), 3, 1, (1, 1)),
    Plan((6, 6), (2, 2), 2),
    Plan((7, 6), (2, 2), 2),  # no whole window covers the last row
    Plan((8, 7), (3, 2), 3),  # partial windows on both sides
    Plan((7, 8), (2, 3), 4),
    Plan((5, 7), (2, 2), 3, 0, (0, 0)),  # pixels between windows that no window covers
    Plan((5, 6), (3, 2), 1, 2, (2, 2)),
    Plan((5, 6), (2, 3), 2, 2, (2, 2)),
    Plan((4, 4), (2, 2), 1, 3, (3, 3)),  # windows of nothing but padding
    Plan((4, 5), (4, 5)),
    Plan((2, 3), (4, 5), 1, 1, (1, 1)),  # a kernel larger than the image
    Plan((1, 6), (1, 3), 2, "same", (0, 1)),
    Plan((1, 1), (3, 3), 1, "same", (1, 1)),
    Plan((5, 5), (2, 2), 9, "valid", (0, 0)),
]


def _name(plan: Any) -> str:
    if not isinstance(plan, Plan):
        return str(plan)
    (H, W), (kh, kw) = plan.image, plan.kernel
    return f"{H}x{W} by {kh}x{kw} stride {plan.stride} pad {plan.pad}"


def _covers(size: int, kernel: int, stride: int, pad: int) -> np.ndarray:
    starts = range(0, size + 2 * pad - kernel + 1, stride)
    table = [
        [[float(start + u - pad == h) for h in range(size)] for u in range(kernel)]
        for start in starts
    ]
    return np.array(table)


def _coverage(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    rows = _covers(plan.image[0], plan.kernel[0], plan.stride, plan.zeros[0])
    return rows, _covers(plan.image[1], plan.kernel[1], plan.stride, plan.zeros[1])


def _convolution(plan: Plan, activation: str) -> Formula:
    rows, columns = _coverage(plan)

    def formula(X: Any, W: Any, b: Any) -> Any:
        picked = anp.einsum("ruh,mhwc->mruwc", rows, X)
        windows = anp.einsum("qvw,mruwc->mrqucv", columns, picked)
        return ACTIVATIONS[activation](anp.einsum("mrqucv,uvco->mrqo", windows, W) + b[0])

    return formula


def _pooling(plan: Plan, mode: str) -> Formula:
    rows, columns = _coverage(plan)

    def formula(X: Any) -> Any:
        picked = anp.einsum("ruh,mhwc->mruwc", rows, X)
        windows = anp.einsum("qvw,mruwc->mrqcuv", columns, picked)
        flat = anp.reshape(windows, (*windows.shape[:4], -1))
        return anp.max(flat, axis=4) if mode == "max" else anp.sum(flat, axis=4) / flat.shape[4]

    return formula


def _pixel(X: np.ndarray, i: int, row: int, column: int, channel: int) -> float:
    inside = 0 <= row < X.shape[1] and 0 <= column < X.shape[2]
    return float(X[i, row, column, channel]) if inside else 0.0


def _window(X: np.ndarray, plan: Plan, at: tuple[int, ...], channel: int) -> list[float]:
    i, r, q = at
    top, left = r * plan.stride - plan.zeros[0], q * plan.stride - plan.zeros[1]
    steps = product(range(plan.kernel[0]), range(plan.kernel[1]))
    return [_pixel(X, i, top + u, left + v, channel) for u, v in steps]


def _out_shape(plan: Plan) -> tuple[int, int]:
    sizes = zip(plan.image, plan.kernel, plan.zeros, strict=True)
    height, width = (math.floor((n + 2 * p - k) / plan.stride + 1) for n, k, p in sizes)
    return height, width


def _dot(left: list[float], right: list[float]) -> float:
    return math.fsum(x * y for x, y in zip(left, right, strict=True))


def _conv_by_loops(X: np.ndarray, W: np.ndarray, b: np.ndarray, plan: Plan) -> np.ndarray:
    m, channels, n_out = len(X), X.shape[3], W.shape[3]
    Z = np.zeros((m, *_out_shape(plan), n_out))
    for i, r, q, o in np.ndindex(Z.shape):
        total = float(b[0, o])
        for c in range(channels):
            kernel = [float(W[u, v, c, o]) for u, v in np.ndindex(W.shape[:2])]
            total += _dot(_window(X, plan, (i, r, q), c), kernel)
        Z[i, r, q, o] = total
    return Z


@pytest.mark.parametrize("plan", PLANS, ids=_name)
def test_a_convolution_has_the_values_of_loops_over_everything(plan: Plan) -> None:
    X = _normal(60, 2, *plan.image, 2)
    layer = Conv2D(3, plan.kernel, "identity", stride=plan.stride, pad=plan.pad)
    W, b = _give(layer, X, 61)
    _same(layer.forward(X), _conv_by_loops(X, W, b, plan))


@pytest.mark.parametrize("plan", PLANS, ids=_name)
def test_a_convolution_agrees_with_autograd(plan: Plan) -> None:
    layer = Conv2D(2, plan.kernel, "tanh", stride=plan.stride, pad=plan.pad)
    _check_pullback(layer, _convolution(plan, "tanh"), _normal(62, 3, *plan.image, 2), 63)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize(("m", "channels", "n_out"), [(1, 1, 1), (2, 3, 1), (3, 1, 4), (1, 4, 2)])
def test_a_convolution_agrees_with_autograd_for_every_activation_and_number_of_channels(
    name: str, m: int, channels: int, n_out: int
) -> None:
    plan = Plan((6, 5), (3, 2), 2, 1, (1, 1))
    layer = Conv2D(n_out, plan.kernel, name, stride=plan.stride, pad=plan.pad)
    _check_pullback(layer, _convolution(plan, name), _normal(64, m, *plan.image, channels), 65)


def test_a_convolution_is_a_cross_correlation_worked_by_hand() -> None:
    layer, X = Conv2D(1, (1, 2), "identity", pad="valid"), np.array([1.0, 2.0, 4.0])
    layer.forward(X.reshape(1, 1, 3, 1))
    layer.parameters["W"] = np.array([10.0, 1.0]).reshape(1, 2, 1, 1)
    layer.parameters["b"] = np.array([[0.5]])
    assert layer.forward(X.reshape(1, 1, 3, 1)).ravel().tolist() == [12.5, 24.5]
    dX = layer.backward(np.array([1.0, 3.0]).reshape(1, 1, 2, 1))
    assert dX.ravel().tolist() == [10.0, 31.0, 3.0]
    assert layer.gradients["W"].ravel().tolist() == [7.0, 14.0]
    assert layer.gradients["b"].tolist() == [[4.0]]


def test_the_parameters_of_a_convolution_have_the_shapes_of_the_text() -> None:
    layer = Conv2D(4, (2, 3), "relu")
    layer.forward(_normal(66, 2, 5, 5, 6))
    shapes = {name: x.shape for name, x in layer.parameters.items()}
    assert shapes == {"W": (2, 3, 6, 4), "b": (1, 4)}
    assert (layer.n_in, layer.n_out) == (6, 4)
    assert not layer.parameters["b"].any()


@pytest.mark.parametrize("mode", ["max", "average"])
@pytest.mark.parametrize("plan", PLANS, ids=_name)
def test_a_pooling_has_the_values_of_loops_over_everything(plan: Plan, mode: str) -> None:
    X = _normal(67, 2, *plan.image, 3)
    expected = np.zeros((2, *_out_shape(plan), 3))
    for i, r, q, c in np.ndindex(expected.shape):
        window = _window(X, plan, (i, r, q), c)
        expected[i, r, q, c] = max(window) if mode == "max" else math.fsum(window) / len(window)
    _same(Pool2D(plan.kernel, mode, stride=plan.stride, pad=plan.pad).forward(X), expected)


@pytest.mark.parametrize("mode", ["max", "average"])
@pytest.mark.parametrize("plan", PLANS, ids=_name)
def test_a_pooling_agrees_with_autograd(plan: Plan, mode: str) -> None:
    layer = Pool2D(plan.kernel, mode, stride=plan.stride, pad=plan.pad)
    X = _normal(68, 2, *plan.image, 3)
    _check_pullback(layer, _pooling(plan, mode), X, 69)


def test_the_zeros_of_the_padding_win_over_negative_pixels_and_take_their_gradient() -> None:
    layer = Pool2D((3, 3), "max", stride=1, pad=1)
    X = -1.0 - np.arange(9.0).reshape(1, 3, 3, 1)
    assert layer.forward(X).ravel().tolist() == [0.0] * 4 + [-1.0] + [0.0] * 4
    dX = layer.backward(np.ones((1, 3, 3, 1)))
    assert dX.ravel().tolist() == [1.0] + [0.0] * 8


def test_the_gradient_of_tied_maxima_is_given_away_whole() -> None:
    layer = Pool2D((2, 2), "max", stride=2)
    layer.forward(np.ones((2, 4, 6, 3)))
    dY = _normal(70, 2, 2, 3, 3)
    dX = layer.backward(dY).reshape(2, 2, 2, 3, 2, 3)
    _same(dX.sum(axis=(2, 4)), dY)


@pytest.mark.parametrize("pad", [-1, "full", 1.5, None])
def test_an_impossible_padding_is_refused_by_value(pad: Any) -> None:
    with pytest.raises(ValueError, match="pad is"):
        Conv2D(1, (3, 3), "relu", pad=pad)
    with pytest.raises(ValueError, match="pad is"):
        Pool2D((3, 3), pad=pad)


def test_an_unknown_mode_of_pooling_is_refused_by_value() -> None:
    with pytest.raises(ValueError, match=r"'min'.*'max' or 'average'"):
        Pool2D((2, 2), mode="min")


# BatchNorm1D


def _pairs(X: Any) -> Any:
    gaps = X[:, None, :] - X[None, :, :]
    return anp.mean(gaps**2, axis=(0, 1))[None] / 2


def _batch_norm(eps: float) -> Formula:
    def formula(X: Any, gamma: Any, beta: Any) -> Any:
        mean = anp.dot(anp.ones((1, len(X))), X) / len(X)
        return beta + gamma * (X - mean) * (_pairs(X) + eps) ** -0.5

    return formula


@pytest.mark.parametrize("eps", [1e-8, 1e-3, 0.5])
@pytest.mark.parametrize(("m", "n"), [(2, 1), (6, 3), (9, 4)])
def test_batch_normalization_agrees_with_autograd(m: int, n: int, eps: float) -> None:
    X = 2.0 * _normal(80, m, n) + 3.0
    _check_pullback(BatchNorm1D(eps=eps), _batch_norm(eps), X, 81)


def test_batch_normalization_begins_as_plain_standardization() -> None:
    layer, X = BatchNorm1D(), 5.0 * _normal(82, 40, 3) - 7.0
    Y = layer.forward(X)
    assert {k: v.tolist() for k, v in layer.parameters.items()} == {
        "gamma": [[1.0, 1.0, 1.0]],
        "beta": [[0.0, 0.0, 0.0]],
    }
    for column in range(3):
        assert math.fsum(Y[:, column]) == pytest.approx(0.0, abs=1e-10)
        assert math.fsum(Y[:, column] ** 2) / 40 == pytest.approx(1.0, rel=1e-7)
    assert_array_equal(layer.forward(X, mode="train"), Y)


def test_the_defaults_of_batch_normalization_are_those_of_the_text() -> None:
    assert (BatchNorm1D().eps, BatchNorm1D().momentum) == (1e-8, 0.9)


def _averaged(batches: Sequence[np.ndarray], keep: float) -> tuple[list[float], list[float]]:
    mu, var = [0.0] * batches[0].shape[1], [0.0] * batches[0].shape[1]
    for X, j in product(batches, range(batches[0].shape[1])):
        column = [float(x) for x in X[:, j]]
        mean = math.fsum(column) / len(column)
        spread = math.fsum((x - mean) ** 2 for x in column) / len(column)
        mu[j] = keep * mu[j] + (1 - keep) * mean
        var[j] = keep * var[j] + (1 - keep) * spread
    return mu, var


@pytest.mark.parametrize("keep", [0.9, 0.0, 0.35])
def test_the_running_statistics_follow_their_recursion_from_zeros(keep: float) -> None:
    layer = BatchNorm1D(momentum=keep)
    batches = [(k + 1.0) * _normal(90 + k, 4 + k, 3) + k for k in range(5)]
    for count, X in enumerate(batches, start=1):
        layer.forward(X)
        mu, var = _averaged(batches[:count], keep)
        _same(layer.cache["running_mu"], [mu])
        _same(layer.cache["running_var"], [var])


def test_test_mode_uses_the_running_statistics_and_does_not_move_them() -> None:
    layer, batches = BatchNorm1D(eps=0.01), [_normal(95, 6, 2) + 2.0, 3.0 * _normal(96, 5, 2)]
    for X in batches:
        layer.forward(X)
    layer.parameters = {"gamma": np.array([[2.0, -1.0]]), "beta": np.array([[0.5, 4.0]])}
    (mu, var), X = _averaged(batches, 0.9), _normal(97, 3, 2)
    expected = np.zeros((3, 2))
    for i, j in np.ndindex(3, 2):
        scaled = (X[i, j] - mu[j]) / math.sqrt(var[j] + 0.01)
        expected[i, j] = (2.0, -1.0)[j] * scaled + (0.5, 4.0)[j]
    for _ in range(2):
        _same(layer.forward(X, mode="test"), expected)
    _same(layer.forward(X[1:2], mode="test"), expected[1:2])
    _same(layer.cache["running_mu"], [mu])
    _same(layer.cache["running_var"], [var])


def test_backward_of_batch_normalization_leaves_the_running_statistics() -> None:
    layer, X = BatchNorm1D(), _normal(98, 6, 2)
    layer.forward(X)
    before = layer.cache["running_mu"].copy(), layer.cache["running_var"].copy()
    layer.backward(_normal(99, 6, 2))
    assert_array_equal(layer.cache["running_mu"], before[0])
    assert_array_equal(layer.cache["running_var"], before[1])


def test_batch_normalization_is_finite_for_a_constant_column() -> None:
    layer, X = BatchNorm1D(), np.array([[3.0, 1.0], [3.0, -1.0]])
    assert_allclose(layer.forward(X), [[0.0, 1.0], [0.0, -1.0]], atol=1e-7)
    assert np.all(np.isfinite(layer.backward(np.ones((2, 2)))))


# Flatten


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4, 5), (1, 2, 2, 1)])
def test_flatten_makes_every_example_a_row_in_reading_order(shape: tuple[int, ...]) -> None:
    X, layer = _normal(100, *shape), Flatten()
    _same(layer.forward(X), [[float(x) for x in example.flat] for example in X])
    assert_array_equal(layer.backward(layer.forward(X)), X)


def test_flatten_can_keep_the_last_axis_instead() -> None:
    X, layer = _normal(101, 2, 3, 4, 5), Flatten(keep_dim="last")
    _same(layer.forward(X), [X[index] for index in np.ndindex(2, 3, 4)])
    dY = _normal(102, 24, 5)
    dX = layer.backward(dY)
    for row, index in enumerate(np.ndindex(2, 3, 4)):
        assert_array_equal(dX[index], dY[row])


def test_flatten_refuses_an_unknown_axis_by_value() -> None:
    with pytest.raises(ValueError, match="'first' or 'last'"):
        Flatten(keep_dim="middle")


# Names


MADE = {
    "fully_connected": (FullyConnected, {"n_out": 2, "activation": "relu"}),
    "conv2d": (Conv2D, {"n_out": 2, "kernel_shape": (2, 2), "activation": "relu"}),
    "pool2d": (Pool2D, {"kernel_shape": (2, 2)}),
    "batchnorm1d": (BatchNorm1D, {}),
    "flatten": (Flatten, {}),
}
INITIALIZERS = [
    *("zeros", "ones", "normal", "uniform"),
    *("xavier_uniform", "xavier_normal", "he_uniform", "he_normal"),
]
MAKERS: list[tuple[Callable[[str], Any], Iterable[str]]] = [
    (initialize_activation, ACTIVATIONS),
    (initialize_loss, LOSSES),
    (initialize_layer, MADE),
    (initialize_weights, INITIALIZERS),
]


@pytest.mark.parametrize("unknown", ["gelu", "", "ReLU", "none"])
@pytest.mark.parametrize(("maker", "known"), MAKERS)
def test_an_unknown_name_is_not_implemented_and_the_message_names_the_known(
    maker: Callable[[str], Any], known: Iterable[str], unknown: str
) -> None:
    with pytest.raises(NotImplementedError) as caught:
        maker(unknown)
    assert repr(unknown) in str(caught.value)
    assert all(name in str(caught.value) for name in known)


@pytest.mark.parametrize(
    "make",
    [
        lambda name: FullyConnected(2, name),
        lambda name: FullyConnected(2, "relu", name),
        lambda name: Conv2D(2, (2, 2), name),
        lambda name: Conv2D(2, (2, 2), "relu", weight_init=name),
    ],
    ids=["dense activation", "dense weights", "conv activation", "conv weights"],
)
def test_a_layer_with_an_unknown_name_is_refused_when_it_is_made(
    make: Callable[[str], Layer],
) -> None:
    with pytest.raises(NotImplementedError, match="'nothing'"):
        make("nothing")


@pytest.mark.parametrize(("name", "made"), MADE.items())
def test_a_layer_is_made_by_name(name: str, made: tuple[type[Layer], dict[str, Any]]) -> None:
    cls, arguments = made
    assert type(initialize_layer(name, **arguments)) is cls


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_made_by_name(name: str) -> None:
    activation = initialize_activation(name)
    assert isinstance(activation, Activation)
    assert type(activation).__name__.lower() == name


# NeuralNetwork


def _dense_network(loss: str, last: str) -> tuple[NeuralNetwork, Formula, np.ndarray]:
    layers = [FullyConnected(6, "relu"), FullyConnected(5, "tanh"), FullyConnected(3, last)]

    def formula(p: dict[str, Any], X: Any) -> Any:
        for number, name in enumerate(("relu", "tanh", last)):
            X = ACTIVATIONS[name](anp.dot(X, p[f"W{number}"]) + p[f"b{number}"])
        return X

    return NeuralNetwork(loss, layers, SGD(0.1)), formula, _normal(110, 7, 4)


def _normalized_network() -> tuple[NeuralNetwork, Formula, np.ndarray]:
    layers = [FullyConnected(4, "sigmoid"), BatchNorm1D(eps=0.1), FullyConnected(3, "softmax")]

    def formula(p: dict[str, Any], X: Any) -> Any:
        X = _sigmoid(anp.dot(X, p["W0"]) + p["b0"])
        X = _batch_norm(0.1)(X, p["gamma1"], p["beta1"])
        return _softmax(anp.dot(X, p["W2"]) + p["b2"])

    return NeuralNetwork("cross_entropy", layers, SGD(0.1)), formula, _normal(111, 8, 5)


def _image_network(mode: str) -> tuple[NeuralNetwork, Formula, np.ndarray]:
    convolved, pooled = Plan((7, 6), (3, 2), 1, "same", (1, 0)), Plan((7, 5), (2, 2), 2)
    layers = [
        {"name": "conv2d", "n_out": 3, "kernel_shape": (3, 2), "activation": "tanh"},
        {"name": "pool2d", "kernel_shape": (2, 2), "mode": mode, "stride": 2},
        {"name": "flatten"},
        {"name": "fully_connected", "n_out": 3, "activation": "softmax"},
    ]

    def formula(p: dict[str, Any], X: Any) -> Any:
        X = _convolution(convolved, "tanh")(X, p["W0"], p["b0"])
        X = anp.reshape(_pooling(pooled, mode)(X), (len(X), -1))
        return _softmax(anp.dot(X, p["W3"]) + p["b3"])

    return NeuralNetwork("cross_entropy", layers, SGD(0.1)), formula, _normal(112, 4, 7, 6, 2)


NETWORKS: dict[str, Callable[[], tuple[NeuralNetwork, Formula, np.ndarray]]] = {
    "dense, softmax, cross-entropy": lambda: _dense_network("cross_entropy", "softmax"),
    "dense, identity, squared error": lambda: _dense_network("mse", "identity"),
    "dense, sigmoid, squared error": lambda: _dense_network("mse", "sigmoid"),
    "batch normalization": _normalized_network,
    "max pooling": lambda: _image_network("max"),
    "average pooling": lambda: _image_network("average"),
}


def _named(network: NeuralNetwork, kind: str) -> dict[str, np.ndarray]:
    return {
        f"{name}{number}": value.copy()
        for number, layer in enumerate(network.layers)
        for name, value in getattr(layer, kind).items()
    }


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_every_gradient_of_a_whole_network_is_autograds(
    make: Callable[[], tuple[NeuralNetwork, Formula, np.ndarray]],
) -> None:
    network, formula, X = make()
    Y = _targets(113, len(X), 3, "one-hot")
    out = network.forward(X)
    parameters = _named(network, "parameters")
    _same(out, formula(parameters, X))

    def whole(p: dict[str, Any]) -> Any:
        return LOSSES[network.loss.name](Y, formula(p, X))

    assert network.backward(Y, out) == pytest.approx(whole(parameters), rel=1e-10)
    expected, found = grad(whole)(parameters), _named(network, "gradients")
    assert found.keys() == expected.keys()
    for name, value in found.items():
        _same(value, expected[name])
        assert np.abs(value).max() > 1e-6 or name == "b0"  # normalization cancels b0


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_predict_returns_the_outputs_and_their_loss(
    make: Callable[[], tuple[NeuralNetwork, Formula, np.ndarray]],
) -> None:
    network, formula, X = make()
    Y = _targets(114, len(X), 3, "one-hot")
    Y_hat, loss = network.predict(X, Y)
    expected = formula(_named(network, "parameters"), X)
    _same(Y_hat, expected)
    assert loss == pytest.approx(LOSSES[network.loss.name](Y, expected), rel=1e-10)


def test_an_update_takes_each_parameter_down_its_gradient_and_clears_the_gradients() -> None:
    network, _, X = _image_network("max")
    Y = _targets(115, len(X), 3, "one-hot")
    network.optimizer = SGD(lr=0.3, momentum=0.8)
    steps: dict[str, np.ndarray] = {}
    for epoch in range(3):
        network.backward(Y, network.forward(X))
        before, slopes = _named(network, "parameters"), _named(network, "gradients")
        network.update(epoch)
        for name, value in _named(network, "parameters").items():
            steps[name] = 0.3 * slopes[name] + 0.8 * steps.get(name, 0.0)
            _same(value, before[name] - steps[name])
    assert all(not value.any() for value in _named(network, "gradients").values())
    assert _named(network, "gradients").keys() == _named(network, "parameters").keys()


def test_a_small_step_lowers_the_loss_by_the_squared_length_of_the_gradient() -> None:
    network, _, X = _dense_network("cross_entropy", "softmax")
    Y, lr = _targets(116, len(X), 3, "one-hot"), 1e-6
    network.optimizer = SGD(lr)
    before = network.backward(Y, network.forward(X))
    squared = sum(float((g**2).sum()) for g in _named(network, "gradients").values())
    network.update(0)
    _, after = network.predict(X, Y)
    assert (before - after) / lr == pytest.approx(squared, rel=1e-3)


def test_the_error_is_the_share_of_examples_with_another_largest_output() -> None:
    network = NeuralNetwork("mse", [], SGD(0.1))
    out = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6], [-3.0, -2.0]])
    assert network.error(one_hot(np.array([1, 0, 0, 0]), 2), out) == 0.5
    assert network.error(out, out) == 0.0


def test_a_seed_fixes_the_weights_of_a_network() -> None:
    def weights(seed: int) -> np.ndarray:
        network = NeuralNetwork("mse", [FullyConnected(3, "relu")], SGD(0.1), seed)
        network.forward(_normal(117, 2, 4))
        return network.layers[0].parameters["W"]

    assert_array_equal(weights(5), weights(5))
    assert not np.array_equal(weights(5), weights(6))


def test_training_is_forward_backward_and_update_for_every_batch() -> None:
    X, Y = _normal(118, 7, 3), _normal(119, 7, 2)
    network = NeuralNetwork("mse", [FullyConnected(2, "identity")], SGD(0.05, momentum=0.5), 3)
    network.forward(X)
    W, b = (network.layers[0].parameters[name].copy() for name in "Wb")
    history = network.train(Dataset(X, Y, X, Y, 3, seed=4), epochs=2)
    moves, expected, again = [0.0, 0.0], [], Dataset(X, Y, X, Y, 3, seed=4)
    for _ in range(2):
        losses = []
        for x, y in again.batches():
            value, slopes = _line_fit(x, y, W, b)
            losses.append(value)
            moves = [0.5 * old + 0.05 * new for old, new in zip(moves, slopes, strict=True)]
            W, b = W - moves[0], b - moves[1]
        expected.append(sum(losses) / len(losses))
    assert_allclose(history, expected, rtol=1e-10)
    _same(network.layers[0].parameters["W"], W)
    _same(network.layers[0].parameters["b"], b)


def _line_fit(x: Any, y: Any, W: Any, b: Any) -> tuple[float, tuple[Any, Any]]:
    def loss(W: Any, b: Any) -> Any:
        return _squared(y, anp.dot(x, W) + b)

    return loss(W, b), grad(loss, (0, 1))(W, b)


# SGD


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.5])
def test_the_steps_of_sgd_follow_the_momentum_recursion_unrolled(momentum: float) -> None:
    optimizer, slopes = SGD(lr=0.2, momentum=momentum), [_normal(120 + k, 2, 3) for k in range(6)]
    for now in range(6):
        delta = optimizer.update("W0", np.zeros((2, 3)), slopes[now], now)
        expected = sum(0.2 * momentum ** (now - k) * slopes[k] for k in range(now + 1))
        _same(delta, expected)


def test_sgd_worked_by_hand() -> None:
    optimizer, x = SGD(lr=0.5, momentum=0.5), np.array([8.0])
    visited = []
    for epoch in range(4):
        x = x - optimizer.update("x", x, x, epoch)  # the gradient of x^2 / 2
        visited.append(float(x[0]))
    assert visited == [4.0, 0.0, -2.0, -2.0]


def test_sgd_remembers_every_parameter_under_its_own_name() -> None:
    optimizer = SGD(lr=1.0, momentum=0.5)
    optimizer.update("a", np.zeros(2), np.array([1.0, 2.0]), 0)
    first = optimizer.update("b", np.zeros((1, 3)), np.ones((1, 3)), 0)
    assert first.tolist() == [[1.0, 1.0, 1.0]]
    assert optimizer.update("a", np.zeros(2), np.zeros(2), 1).tolist() == [0.5, 1.0]


def test_sgd_leaves_parameter_and_gradient_and_survives_changes_of_its_answer() -> None:
    optimizer, parameter, slope = SGD(lr=0.1, momentum=0.5), np.full(3, 7.0), np.ones(3)
    delta = optimizer.update("W", parameter, slope, 0)
    assert (parameter.tolist(), slope.tolist()) == ([7.0] * 3, [1.0] * 3)
    delta *= 100.0
    slope *= 100.0
    assert_allclose(optimizer.update("W", parameter, np.zeros(3), 1), np.full(3, 0.05))


# Weights


SQRT2 = math.sqrt(2.0)
GAINS = [(None, 1.0), ("identity", 1.0), ("sigmoid", 1.0), ("softmax", 1.0)]
GAINS += [("relu", SQRT2), ("tanh", 5.0 / 3.0)]
# The shape of W, its fan_in and fan_out counted by hand.
FANS = [((60, 40), 60, 40), ((3, 5, 16, 32), 240, 480), ((1, 2, 40, 30), 80, 60)]


def _spread(name: str, activation: str | None, fan_in: int, fan_out: int) -> float:
    gain = dict(GAINS)[activation]
    variances = {
        "normal": 1e-4,
        "uniform": 1e-4 / 3.0,
        "xavier_uniform": gain**2 * 2.0 / (fan_in + fan_out),
        "xavier_normal": gain**2 * 2.0 / (fan_in + fan_out),
        "he_uniform": 2.0 / fan_in,
        "he_normal": 2.0 / fan_in,
    }
    return math.sqrt(variances[name])


def _drawn(name: str, activation: str | None, shape: tuple[int, ...], count: int) -> np.ndarray:
    seed_weights(7)
    make = initialize_weights(name, activation)
    weights = [make(shape) for _ in range(count)]
    assert all(w.shape == shape and w.dtype == np.float64 for w in weights)
    return np.concatenate([w.ravel() for w in weights])


@pytest.mark.parametrize(("shape", "fan_in", "fan_out"), FANS)
@pytest.mark.parametrize("activation", [name for name, _ in GAINS])
@pytest.mark.parametrize("name", INITIALIZERS[2:])
def test_random_weights_have_mean_zero_and_the_spread_of_their_fans(
    name: str, activation: str | None, shape: tuple[int, ...], fan_in: int, fan_out: int
) -> None:
    spread = _spread(name, activation, fan_in, fan_out)
    weights = _drawn(name, activation, shape, 1 + 20_000 // math.prod(shape))
    assert abs(weights.mean()) < 5.0 * spread / math.sqrt(weights.size)
    assert weights.std() == pytest.approx(spread, rel=0.025)
    largest = float(np.abs(weights).max()) / spread
    if name.endswith("uniform"):
        assert math.sqrt(3.0) * 0.99 < largest <= math.sqrt(3.0) * (1.0 + 1e-12)
    else:
        assert 3.0 < largest < 7.0


def test_zeros_and_ones_are_what_they_say_for_any_shape() -> None:
    for shape in [(2, 3), (2, 2, 3, 4)]:
        assert_array_equal(initialize_weights("zeros", "relu")(shape), np.zeros(shape))
        assert_array_equal(initialize_weights("ones", activation="tanh")(shape), np.ones(shape))


@pytest.mark.parametrize("name", INITIALIZERS[2:])
def test_weights_are_the_same_for_one_seed_and_new_at_every_draw(name: str) -> None:
    first, again = _drawn(name, "relu", (3, 4), 2), _drawn(name, "relu", (3, 4), 2)
    assert_array_equal(first, again)
    assert len(set(first.tolist())) == 24


def test_layers_draw_their_weights_with_their_own_initializer_and_activation() -> None:
    def limit(layer: Layer, X: np.ndarray) -> float:
        layer.forward(X)
        return float(np.abs(layer.parameters["W"]).max())

    seed_weights(8)
    X, images = _normal(130, 2, 60), _normal(131, 1, 5, 5, 16)
    glorot = [(name, 5.0, gain * math.sqrt(6.0 / 160)) for name, gain in GAINS if name]
    for name, _, bound in glorot:
        assert 0.98 * bound < limit(FullyConnected(100, name), X) <= bound * (1 + 1e-12)
    conv = Conv2D(40, (3, 2), "tanh")
    bound = 5.0 / 3.0 * math.sqrt(6.0 / (96 + 240))
    assert 0.98 * bound < limit(conv, images) <= bound * (1 + 1e-12)
    assert limit(FullyConnected(9, "relu", weight_init="zeros"), X) == 0.0
    assert limit(Conv2D(2, (2, 2), "relu", weight_init="ones"), images) == 1.0


# Data sets


def _rows(name: str) -> list[tuple[float, ...]]:
    path = DATA / name
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(float(x) for x in row) for row in csv.reader(lines)]


def test_the_bundled_data_is_iris_and_the_digits_as_they_are_known() -> None:
    iris, digits = np.array(_rows("iris.csv")), np.array(_rows("digits.csv.gz"))
    assert (iris.shape, digits.shape) == ((150, 5), (1797, 65))
    assert_allclose(iris[:, :4].mean(axis=0), [5.843333, 3.057333, 3.758, 1.199333], atol=1e-6)
    assert np.bincount(iris[:, 4].astype(int)).tolist() == [50, 50, 50]
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(digits[:, 64].astype(int)).tolist() == counts
    assert set(digits[:, :64].ravel().tolist()) == {float(x) for x in range(17)}


def test_the_data_sets_have_the_shapes_of_the_text() -> None:
    for data, total, shape, k in [
        (load_iris(), 150, (4,), 3),
        (load_digits(), 1797, (8, 8, 1), 10),
    ]:
        m, rest = len(data.X_train), len(data.X_test)
        assert m + rest == total
        assert rest == total // 3
        assert (data.X_train.shape, data.X_test.shape) == ((m, *shape), (rest, *shape))
        assert (data.Y_train.shape, data.Y_test.shape) == ((m, k), (rest, k))
        assert {x.dtype for x in (data.X_train, data.X_test, data.Y_train)} == {np.dtype(float)}


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_targets_are_one_hot_and_every_class_is_in_both_halves(load: Callable[[], Dataset]) -> None:
    data = load()
    for Y in (data.Y_train, data.Y_test):
        assert set(Y.ravel().tolist()) == {0.0, 1.0}
        assert set(Y.sum(axis=1).tolist()) == {1.0}
        assert np.all(Y.sum(axis=0) >= 10)


def _original(X: np.ndarray, Y: np.ndarray, name: str) -> Counter[tuple[float, ...]]:
    rows = X.reshape(len(X), -1) * 16.0
    if name == "iris.csv":
        columns = list(zip(*_rows(name), strict=True))[:4]
        means = [math.fsum(c) / 150 for c in columns]
        squares = zip(columns, means, strict=True)
        spreads = [math.sqrt(math.fsum((x - a) ** 2 for x in c) / 150) for c, a in squares]
        rows = X * spreads + means
    labels = [next(k for k, y in enumerate(row) if y == 1.0) for row in Y]
    pairs = zip(rows, labels, strict=True)
    return Counter((*(round(float(x), 6) for x in row), float(label)) for row, label in pairs)


@pytest.mark.parametrize(
    ("load", "name"), [(load_iris, "iris.csv"), (load_digits, "digits.csv.gz")]
)
def test_train_and_test_halves_are_disjoint_and_cover_the_file(
    load: Callable[[], Dataset], name: str
) -> None:
    data = load()
    train = _original(data.X_train, data.Y_train, name)
    test = _original(data.X_test, data.Y_test, name)
    assert train + test == Counter(_rows(name))  # as often as in the file: Iris has one row twice
    assert test == Counter(_rows(name)[::3])


def _numbered(m: int, batch_size: int, seed: int | np.random.Generator) -> Dataset:
    X, Y = np.arange(float(m))[:, None], one_hot(np.arange(m), m)
    return Dataset(X, Y, X[:1], Y[:1], batch_size, seed)


def _order(data: Dataset) -> list[int]:
    return [int(x) for X, _ in data.batches() for x in X[:, 0]]


@pytest.mark.parametrize(("m", "size"), [(10, 3), (9, 3), (4, 10), (7, 1)])
def test_an_epoch_has_every_example_once_beside_its_own_target(m: int, size: int) -> None:
    data = _numbered(m, size, 1)
    for _ in range(3):
        batches = list(data.batches())
        assert sorted(int(x) for X, _ in batches for x in X[:, 0]) == list(range(m))
        assert all(Y[i, int(X[i, 0])] == 1.0 for X, Y in batches for i in range(len(X)))
        assert all(len(X) == size for X, _ in batches[:-1])
        assert len(batches) == math.ceil(m / size)


def test_the_order_of_an_epoch_is_new_every_time_and_fixed_by_the_seed() -> None:
    data, again, other = _numbered(40, 7, 5), _numbered(40, 7, 5), _numbered(40, 7, 6)
    first, second = _order(data), _order(data)
    assert first != second
    assert first != list(range(40))
    assert [_order(again), _order(again)] == [first, second]
    assert _order(other) != first
    shared = np.random.default_rng(5)
    assert _order(_numbered(40, 7, shared)) == first
    assert _order(_numbered(40, 7, shared)) == second


@pytest.mark.parametrize(("load", "m"), [(load_iris, 100), (load_digits, 1198)])
def test_an_epoch_of_the_bundled_data_has_every_example_once(
    load: Callable[[int], Dataset], m: int
) -> None:
    data = load(3)
    X, Y = (np.concatenate(part) for part in zip(*data.batches(), strict=True))
    assert len(X) == m

    def rows(X: np.ndarray, Y: np.ndarray) -> Counter[tuple[bytes, bytes]]:
        return Counter((x.tobytes(), y.tobytes()) for x, y in zip(X, Y, strict=True))

    assert rows(X, Y) == rows(data.X_train, data.Y_train)
    again = np.concatenate([x for x, _ in load(3).batches()])
    assert_array_equal(X, again)


def test_one_hot_has_a_one_at_the_label_of_each_row() -> None:
    rows = one_hot(np.array([2.0, 0.0, 2.0]), 4)
    _same(rows, [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])


# Training


@pytest.mark.parametrize("seed", range(8))
def test_iris_is_learnt_to_the_accuracy_of_the_text_from_any_seed(seed: int) -> None:
    assert training.train("Iris", seed) >= 0.93


@pytest.mark.slow
def test_the_digits_are_learnt_to_the_accuracy_of_the_text() -> None:
    assert training.train("digits", 0) >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Iris", "digits"])
def test_two_runs_from_one_seed_give_equal_losses_and_equal_accuracy(name: str) -> None:
    def run(seed: int) -> tuple[list[float], float]:
        rng = np.random.default_rng(seed)
        chosen = training.RUNS[name]
        network, data = chosen.network(rng), chosen.dataset(rng)
        history = network.train(data, 2)
        return history, network.error(data.Y_test, network.forward(data.X_test))

    first = run(1)
    assert run(1) == first
    assert run(2) != first
    assert first[0][1] < first[0][0]


def test_train_returns_the_same_accuracy_twice_and_it_is_that_of_plain_counting() -> None:
    assert training.train("Iris", 4) == training.train("Iris", 4)
    rng = np.random.default_rng(4)
    network, data = training.iris_network(rng), load_iris(rng)
    network.train(data, training.RUNS["Iris"].epochs)
    pairs = zip(network.forward(data.X_test).tolist(), data.Y_test.tolist(), strict=True)
    right = sum(out.index(max(out)) == y.index(1.0) for out, y in pairs)
    assert training.train("Iris", 4) == pytest.approx(right / 50)


def test_a_progress_wrapper_sees_every_epoch() -> None:
    seen: list[int] = []

    def progress(epochs: Iterable[int]) -> Iterator[int]:
        for epoch in epochs:
            seen.append(epoch)
            yield epoch

    plain = training.train("Iris", 1)
    assert training.train("Iris", 1, progress) == plain
    assert seen == list(range(training.RUNS["Iris"].epochs))


def test_the_script_prints_the_accuracy_of_both_networks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    short = {
        name: training.Run(run.network, run.dataset, epochs=1)
        for name, run in training.RUNS.items()
    }
    monkeypatch.setattr(training, "RUNS", short)
    training.main()
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0].split("[")[0] for line in printed] == ["Iris", "digits"]
    accuracies = [
        re.search(r"test accuracy (\S+) \(expected at least 0\.93\)$", line) for line in printed
    ]
    assert all(found and 0.2 < float(found[1]) <= 1.0 for found in accuracies)
