"""The cases: which inputs every check tries on every target.

A case draws a `Problem`, which is a program and the names of the results to be judged. Shapes are
chosen, not drawn: sizes differ pairwise, so that 1/m cannot pass for 1/n, and no case is one
where a wrong idea (identity, zeros, ones) happens to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .draw import Draw
from .gradcheck import STEP, Coupling
from .kinds import ActivationKind, Example, Kind, LayerKind, LossKind
from .program import Call, New, Program, Read, Ref, Step

Builder = Callable[[Draw], Example]
SAMPLES, COLUMNS, ENTRIES = Coupling.SAMPLES, Coupling.COLUMNS, Coupling.ENTRIES


@dataclass(frozen=True)
class Problem:
    """What a submission is asked in one case.

    Args:
        program: what to run.
        judged: names of the results that are compared with the oracle's.
        ground: results that must be right before the judged ones mean anything; while they are
            wrong, the case is blocked.
        recount, sizes: the same program with the other way of counting, and the batch sizes of
            its counted calls (batching).
        truth: what the oracle runs instead of the program.
        kind, example: what numeric differentiation needs.
        advice: the case earns nothing; this is said if a result is not finite.
    """

    program: Program
    judged: tuple[str, ...]
    ground: tuple[str, ...] = ()
    recount: Program = ()
    sizes: tuple[int, ...] = ()
    truth: Program = ()
    kind: Kind | None = None
    example: Example | None = None
    advice: str = ""


@dataclass(frozen=True)
class Case:
    """A named case of one check of one target; `key` fixes what it draws."""

    target: str
    check: str
    name: str
    build: Callable[[Draw], Problem]

    @property
    def key(self) -> str:
        """Return the name under which answers are recorded."""
        return f"{self.target}/{self.check}/{self.name}"

    def problem(self, seed: int) -> Problem:
        """Draw the problem for a seed."""
        return self.build(Draw(seed, self.key))


def _one_call(kind: Kind, direction: str, builder: Builder, advice: str = "") -> Callable[[Draw], Problem]:
    def build(draw: Draw) -> Problem:
        example = builder(draw)
        judged = tuple(kind.results(example, direction))
        program = kind.program(example, direction)
        return Problem(program, judged, kind=kind, example=example, advice=advice)

    return build


# The four batch sizes span more than 40 times, so that loops over chunks show too; they are
# moved by a few from seed to seed, so that no size can be waited for.
WARM_UP = 5


def _sizes(draw: Draw) -> tuple[int, ...]:
    ranges = ((3, 5), (9, 12), (30, 36), (122, 137))
    return tuple(int(draw.integers(low, high, (1,))[0]) for low, high in ranges)


def _counted(
    kind: Kind, direction: str, sized: Callable[[Draw, int], Example]
) -> Callable[[Draw], Problem]:
    def build(draw: Draw) -> Problem:
        sizes = _sizes(draw)
        examples = [sized(draw, m) for m in (WARM_UP, *sizes)]
        programs = [kind.repeated(examples, direction, count) for count in ("lines", "arrays")]
        judged = [
            f"{name} (m = {example.size})"
            for example in examples[1:]
            for name in kind.results(example, direction)
        ]
        return Problem(programs[0], tuple(judged), recount=programs[1], sizes=sizes)

    return build


def _exercises(
    kind: Kind,
    shape: Mapping[str, Builder],
    numbers: Mapping[str, Builder],
    sized: Callable[[Draw, int], Example],
) -> list[Case]:
    """Return the cases that every differentiable target has: its shapes, its numbers, its loops."""
    found = []
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        for name, builder in shape.items():
            build = _one_call(kind, direction, builder)
            found.append(Case(kind.target, "shape", f"{direction}, {name}", build))
        for name, builder in numbers.items():
            found.append(Case(kind.target, check, name, _one_call(kind, direction, builder)))
        build = _counted(kind, direction, sized)
        found.append(Case(kind.target, "batching", direction, build))
    return found


# --- activations -------------------------------------------------------------------------------


def _activation(
    shape: tuple[int, ...], low: float = 0.125, high: float = 2.0
) -> Builder:
    return lambda draw: Example(
        {}, {"Z": draw.signed(low, high, shape)}, cotangent=draw.cotangent(shape)
    )


def _saturated(shape: tuple[int, int]) -> Builder:
    """Half of the rows as usual, half with |z| between 700 and 1000, where exp overflows."""

    def build(draw: Draw) -> Example:
        Z = draw.signed(0.125, 2.0, shape)
        Z[::2] = draw.signed(700.0, 1000.0, Z[::2].shape)
        return Example({}, {"Z": Z}, cotangent=draw.cotangent(shape))

    return build


def _elementwise(target: str, large: Builder) -> list[Case]:
    kind = ActivationKind(target, {"Z": SAMPLES})
    return _exercises(
        kind,
        {
            "m = 1": _activation((1, 6)),
            "a matrix": _activation((5, 3)),
            "images": _activation((2, 3, 4, 2)),
        },
        {"a matrix": _activation((5, 8)), "images": _activation((2, 4, 3, 2)), "|z| up to 1000": large},
        lambda draw, m: _activation((m, 6))(draw),
    )


def _softmax() -> list[Case]:
    kind = ActivationKind("activations.SoftMax", {"Z": SAMPLES})
    return _exercises(
        kind,
        {"m = 1": _activation((1, 4)), "m = 5": _activation((5, 3))},
        {
            "three classes": _activation((5, 3)),
            "eight classes": _activation((4, 8)),
            "|z| up to 1000": _saturated((6, 4)),
        },
        lambda draw, m: _activation((m, 4))(draw),
    )


# --- losses ------------------------------------------------------------------------------------

# Moving a probability of 0.05 by 2^-14 keeps 1/y smooth to 1e-9.
_PROBABILITY_STEP = 2.0**-14


def _cross_entropy() -> list[Case]:
    kind = LossKind("losses.CrossEntropy", {"Y_hat": ENTRIES}, step=_PROBABILITY_STEP)
    named = {"name": "cross_entropy"}

    def one_hot(m: int, k: int) -> Builder:
        return lambda draw: Example(
            named, {"Y": draw.one_hot((m, k)), "Y_hat": draw.probabilities((m, k))}
        )

    def soft(m: int, k: int) -> Builder:
        return lambda draw: Example(
            named, {"Y": draw.probabilities((m, k)), "Y_hat": draw.probabilities((m, k))}
        )

    def zeros(draw: Draw) -> Example:
        Y = draw.one_hot((3, 4))
        return Example(named, {"Y": Y, "Y_hat": Y.copy()})

    cases = _exercises(
        kind,
        {"m = 1": one_hot(1, 4), "m = 5": one_hot(5, 3)},
        {"one-hot targets": one_hot(5, 3), "soft targets": soft(4, 5), "one example": one_hot(1, 5)},
        lambda draw, m: one_hot(m, 4)(draw),
    )
    hint = "exact zeros in Y_hat give {what}; a small constant inside the logarithm avoids it."
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        build = _one_call(kind, direction, zeros, advice=hint)
        cases.append(Case(kind.target, check, "exact zeros", build))
    return cases


def _mse() -> list[Case]:
    kind = LossKind("losses.MSE", {"Y_hat": ENTRIES})

    def pair(m: int, k: int) -> Builder:
        return lambda draw: Example(
            {"name": "mse"},
            {"Y": draw.signed(0.125, 1.0, (m, k)), "Y_hat": draw.signed(1.0, 3.0, (m, k))},
        )

    return _exercises(
        kind,
        {"m = 1": pair(1, 4), "m = 5": pair(5, 3)},
        {"several outputs": pair(5, 3), "one output": pair(4, 1), "one example": pair(1, 5)},
        lambda draw, m: pair(m, 3)(draw),
    )


# --- layers ------------------------------------------------------------------------------------


def _fully_connected() -> list[Case]:
    kind = LayerKind("layers.FullyConnected", {"X": SAMPLES, "W": COLUMNS, "b": COLUMNS})

    def example(m: int, n_in: int, n_out: int, activation: str) -> Builder:
        return lambda draw: Example(
            {"n_out": n_out, "activation": activation},
            {"X": draw.signed(0.125, 1.0, (m, n_in))},
            {
                "W": draw.signed(0.125, 1.0, (n_in, n_out)),
                "b": draw.signed(0.125, 1.0, (1, n_out)),
            },
            draw.cotangent((m, n_out)),
        )

    cases = _exercises(
        kind,
        {
            "m = 1": example(1, 3, 4, "identity"),
            "m = 5": example(5, 3, 2, "identity"),
            "one output": example(4, 3, 1, "identity"),
        },
        {
            "identity": example(5, 3, 7, "identity"),
            "tanh": example(4, 6, 2, "tanh"),
            "one example": example(1, 5, 3, "tanh"),
        },
        lambda draw, m: _same_parameters(kind.target, example(m, 4, 3, "tanh"))(draw),
    )
    return cases + _state_cases(
        kind, example(5, 4, 3, "tanh"), example(2, 4, 3, "tanh"), example(7, 4, 3, "tanh")
    )


def _same_parameters(target: str, builder: Builder) -> Builder:
    """Draw the example, but its parameters from a stream of their own: equal for all sizes."""

    def build(draw: Draw) -> Example:
        example = builder(draw)
        common = builder(Draw(draw.seed, f"{target}/parameters"))
        return Example(example.arguments, example.inputs, common.parameters, example.cotangent)

    return build


def _state_cases(kind: LayerKind, first: Builder, *others: Builder) -> list[Case]:
    """Return the cases for what a call must not leave behind."""

    def other_batches(draw: Draw) -> Problem:
        examples = [_same_parameters(kind.target, builder)(draw) for builder in (first, *others)]
        program = kind.ready(examples[0])
        names: list[str] = []
        for example in examples:
            suffix = f" (m = {example.size})"
            program += kind.once(example, "forward", "", suffix)
            program += kind.turn(example, "", suffix)
            results = [*kind.results(example, "forward"), *kind.results(example, "backward")]
            names += [name + suffix for name in results]
        count = len(names) // len(examples)
        return Problem(program, tuple(names[count:]), ground=tuple(names[:count]))

    def backward_twice(draw: Draw) -> Problem:
        example = first(draw)
        program = kind.program(example, "backward") + kind.turn(example, "", " again")
        names = tuple(kind.results(example, "backward"))
        return Problem(program, tuple(f"{name} again" for name in names), ground=names)

    return [
        Case(kind.target, "behaviour", "batches of other sizes", other_batches),
        Case(kind.target, "behaviour", "backward twice", backward_twice),
    ]


Size = tuple[int, int]


def _out(size: Size, kernel: Size, stride: int, pad: Size) -> Size:
    height, width = (
        (size[i] + 2 * pad[i] - kernel[i]) // stride + 1 for i in range(2)
    )
    return height, width


def _conv() -> list[Case]:
    kind = LayerKind("layers.Conv2D", {"X": SAMPLES, "W": COLUMNS, "b": COLUMNS})

    def example(
        shape: tuple[int, int, int, int],
        kernel: Size,
        n_out: int,
        stride: int,
        pad: str | int,
        activation: str = "identity",
    ) -> Builder:
        m, height, width, channels = shape
        same = ((kernel[0] - 1) // 2, (kernel[1] - 1) // 2)
        zeros = same if pad == "same" else (0, 0) if isinstance(pad, str) else (pad, pad)
        out = _out((height, width), kernel, stride, zeros)

        def build(draw: Draw) -> Example:
            arguments = {
                "n_out": n_out,
                "kernel_shape": kernel,
                "activation": activation,
                "stride": stride,
                "pad": pad,
            }
            W = draw.signed(0.125, 1.0, (*kernel, channels, n_out))
            b = draw.signed(0.125, 1.0, (1, n_out))
            X = draw.signed(0.125, 1.0, shape)
            return Example(arguments, {"X": X}, {"W": W, "b": b}, draw.cotangent((m, *out, n_out)))

        return build

    def small(m: int) -> Builder:
        return example((m, 4, 3, 2), (2, 3), 3, 1, "same", "tanh")

    cases = _exercises(
        kind,
        {
            "m = 1": example((1, 4, 5, 2), (3, 3), 3, 1, "same"),
            "stride 2": example((3, 6, 5, 1), (2, 3), 2, 2, 1),
            "pad='valid'": example((2, 5, 4, 3), (3, 2), 1, 1, "valid"),
        },
        {
            "pad='same'": example((2, 5, 4, 2), (3, 3), 3, 1, "same"),
            "pad='valid', tanh": example((3, 5, 4, 2), (3, 2), 2, 1, "valid", "tanh"),
            "pad=1, stride=2": example((2, 5, 6, 2), (2, 3), 3, 2, 1),
            "pad=0, a last window dropped": example((2, 6, 4, 1), (3, 3), 2, 2, 0),
            "pad='same', kernel 5x2": example((2, 4, 5, 2), (5, 2), 3, 1, "same"),
            "pad=2, stride=3": example((2, 5, 4, 3), (2, 2), 2, 3, 2),
        },
        lambda draw, m: _same_parameters(kind.target, small(m))(draw),
    )
    return cases + _state_cases(kind, small(3), small(2), small(5))


def _pool() -> list[Case]:
    kind = LayerKind("layers.Pool2D", {"X": SAMPLES})

    def example(
        shape: tuple[int, int, int, int], kernel: Size, mode: str, stride: int, pad: int
    ) -> Builder:
        m, height, width, channels = shape
        out = _out((height, width), kernel, stride, (pad, pad))
        arguments = {"kernel_shape": kernel, "mode": mode, "stride": stride, "pad": pad}
        # Numbers 1/8 apart: no two maxima tie, and no step of the stencil changes a winner.
        return lambda draw: Example(
            arguments,
            {"X": draw.distinct(0.125, shape)},
            cotangent=draw.cotangent((m, *out, channels)),
        )

    def numbers(mode: str) -> dict[str, Builder]:
        return {
            f"{mode}, 2x2, stride 2": example((2, 4, 6, 3), (2, 2), mode, 2, 0),
            f"{mode}, 3x2, overlapping": example((2, 5, 4, 2), (3, 2), mode, 1, 0),
            f"{mode}, padded": example((2, 5, 4, 2), (3, 3), mode, 2, 1),
            f"{mode}, a last window dropped": example((3, 5, 6, 1), (2, 3), mode, 2, 0),
        }

    def small(m: int) -> Builder:
        return example((m, 4, 4, 2), (2, 2), "max", 2, 0)

    cases = _exercises(
        kind,
        {
            "m = 1": example((1, 4, 6, 2), (2, 2), "max", 2, 0),
            "m = 3, average": example((3, 5, 4, 2), (3, 2), "average", 1, 1),
        },
        {**numbers("max"), **numbers("average")},
        lambda draw, m: small(m)(draw),
    )
    return cases + _state_cases(kind, small(3), small(2), small(5))


def _batch_norm() -> list[Case]:
    coupling = {"X": COLUMNS, "gamma": COLUMNS, "beta": COLUMNS}
    kind = LayerKind("layers.BatchNorm1D", coupling)

    def example(m: int, n: int, eps: float = 1e-8) -> Builder:
        return lambda draw: Example(
            {"eps": eps, "momentum": 0.75},
            {"X": draw.columns((m, n))},
            {
                "gamma": draw.signed(0.5, 1.5, (1, n)),
                "beta": draw.signed(0.125, 1.0, (1, n)),
            },
            draw.cotangent((m, n)),
        )

    def statistics(modes: str, judged: tuple[str, ...], shown: str = "") -> Callable[[Draw], Problem]:
        """Forward in the modes t(rain) and e(valuate), then read the running statistics."""

        def build(draw: Draw) -> Problem:
            steps: list[Step] = [New("it", kind.target, {"eps": 0.125, "momentum": 0.75})]
            for number, mode in enumerate(modes):
                name = "train" if mode == "t" else "test"
                X = draw.columns((6 - number, 3))
                steps.append(
                    Call("it", "forward", (X,), {"mode": name}, out=(f"Y{number}",))
                )
            for key in ("running_mu", "running_var"):
                steps.append(Read("it", "cache", key, (f"cache[{key!r}]",)))
            return Problem(tuple(steps), judged, ground=(shown,) if shown else ())

        return build

    both = ("cache['running_mu']", "cache['running_var']")
    cases = _exercises(
        kind,
        {"m = 5": example(5, 3), "one column": example(6, 1)},
        {"m = 7": example(7, 5), "m = 4": example(4, 3), "eps = 0.5": example(6, 2, eps=0.5)},
        lambda draw, m: _same_parameters(kind.target, example(m, 3))(draw),
    )
    cases += [
        Case(kind.target, "behaviour", "running statistics", statistics("tt", both)),
        Case(kind.target, "behaviour", "test mode", statistics("tte", ("Y2",))),
        Case(
            kind.target,
            "behaviour",
            "test mode changes no statistics",
            statistics("tte", both, "Y2"),
        ),
    ]
    return cases + _state_cases(kind, example(5, 3), example(3, 3), example(8, 3))


# --- models and optimizers ---------------------------------------------------------------------

_NETWORK = "models.NeuralNetwork"
_MATRICES = ((4, 6), (6, 3), (3, 5))


def _network(draw: Draw) -> Program:
    """Return the steps that build "it": three matrices in a row, whose shapes fix their order."""
    layers = [
        New(f"layer {i}", "standins.Matrix", {"A": draw.signed(0.125, 1.0, shape)})
        for i, shape in enumerate(_MATRICES)
    ]
    arguments = {
        "loss": Ref("loss"),
        "layers": [Ref(layer.into) for layer in layers],
        "optimizer": Ref("optimizer"),
        "seed": 0,
    }
    ends = (New("loss", "standins.Skew"), New("optimizer", "standins.Quarter"))
    return (*layers, *ends, New("it", _NETWORK, arguments))


def _batch(draw: Draw, m: int) -> tuple[np.ndarray, np.ndarray]:
    return draw.signed(0.125, 1.0, (m, 4)), draw.signed(0.125, 1.0, (m, 5))


def _through_layers(X: np.ndarray) -> Program:
    """Return forward calls of the layers one by one, which do not need the network's forward."""
    calls: list[Step] = []
    passed: object = X
    for i in range(len(_MATRICES)):
        calls.append(Call(f"layer {i}", "forward", (passed,), out=(f"H{i}",)))
        passed = Ref(f"H{i}")
    return tuple(calls)


def _network_backward(target: np.ndarray, suffix: str = "", count: str = "") -> Program:
    back = Call("it", "backward", (target, Ref("H2")), out=("loss" + suffix,), count=count)
    reads = [
        Read(f"layer {i}", "gradients", "A", (f"gradient of layer {i + 1}{suffix}",))
        for i in range(len(_MATRICES))
    ]
    return (back, *reads)


def _gradient_names(suffix: str = "") -> tuple[str, ...]:
    return tuple(f"gradient of layer {i + 1}{suffix}" for i in range(len(_MATRICES)))


def _models() -> list[Case]:
    def forward(m: int) -> Callable[[Draw], Problem]:
        def build(draw: Draw) -> Problem:
            X, _ = _batch(draw, m)
            return Problem((*_network(draw), Call("it", "forward", (X,), out=("Y_hat",))), ("Y_hat",))

        return build

    def predict(draw: Draw) -> Problem:
        call = Call("it", "predict", _batch(draw, 5), out=("Y_hat", "loss"))
        return Problem((*_network(draw), call), call.out)

    def backward(m: int) -> Callable[[Draw], Problem]:
        def build(draw: Draw) -> Problem:
            X, Y = _batch(draw, m)
            program = _network(draw) + _through_layers(X) + _network_backward(Y)
            return Problem(program, (*_gradient_names(), "loss"))

        return build

    def second_batch(draw: Draw) -> Problem:
        program = _network(draw)
        for m, suffix in ((5, ""), (2, " of the second batch")):
            X, Y = _batch(draw, m)
            call = Call("it", "forward", (X,), out=("Y_hat" + suffix,))
            program += (call, *_through_layers(X), *_network_backward(Y, suffix))
        names = ("Y_hat", *_gradient_names(), "loss")
        return Problem(program, tuple(f"{n} of the second batch" for n in names), ground=names)

    def step(draw: Draw) -> Problem:
        X, Y = _batch(draw, 6)
        first = Call("it", "forward", (X,), out=("Y_hat",))
        update = Call("it", "update", (0,))
        again = Call("it", "forward", (X,), out=("Y_hat after one step",))
        backward = _through_layers(X) + _network_backward(Y)
        program = (*_network(draw), first, *backward, update, again)
        return Problem(program, ("Y_hat after one step",), ground=("Y_hat", *_gradient_names()))

    def counted(direction: str) -> Callable[[Draw], Problem]:
        def build(draw: Draw) -> Problem:
            network, sizes = _network(draw), _sizes(draw)
            batches = [_batch(draw, m) for m in (WARM_UP, *sizes)]
            programs = [network, network]
            judged: list[str] = []
            for i, (X, Y) in enumerate(batches):
                suffix = f" (m = {len(X)})"
                for k, mode in enumerate(("lines", "arrays")):
                    count = mode if i else ""
                    if direction == "forward":
                        programs[k] += (
                            Call("it", "forward", (X,), out=("Y_hat" + suffix,), count=count),
                        )
                    else:
                        programs[k] += _through_layers(X) + _network_backward(Y, suffix, count)
                names = ["Y_hat"] if direction == "forward" else [*_gradient_names(), "loss"]
                judged += [name + suffix for name in names] if i else []
            return Problem(programs[0], tuple(judged), recount=programs[1], sizes=sizes)

        return build

    return [
        Case(_NETWORK, "values", "forward", forward(5)),
        Case(_NETWORK, "values", "forward, m = 1", forward(1)),
        Case(_NETWORK, "values", "predict", predict),
        Case(_NETWORK, "gradient", "backward", backward(5)),
        Case(_NETWORK, "gradient", "backward, m = 1", backward(1)),
        Case(_NETWORK, "batching", "forward", counted("forward")),
        Case(_NETWORK, "batching", "backward", counted("backward")),
        Case(_NETWORK, "behaviour", "batches of other sizes", second_batch),
        Case(_NETWORK, "behaviour", "a step of update", step),
    ]


def _sgd() -> list[Case]:
    target = "optimizers.SGD"

    def updates(
        momentum: float, names: str, judged: Mapping[int, str], ground: tuple[int, ...] = ()
    ) -> Callable[[Draw], Problem]:
        """One call of update for every letter of `names`; `judged` names the deltas that count."""

        def build(draw: Draw) -> Problem:
            steps: list[Step] = [New("it", target, {"lr": 0.25, "momentum": momentum})]
            for i, name in enumerate(names):
                shape = (3, 2) if name == "W" else (1, 5)
                args = (name, draw.signed(0.5, 1.0, shape), draw.cotangent(shape), i)
                steps.append(Call("it", "update", args, out=(judged.get(i, f"delta {i + 1}"),)))
            first = tuple(f"delta {i + 1}" for i in ground)
            return Problem(tuple(steps), tuple(judged.values()), ground=first)

        return build

    def in_place(draw: Draw) -> Problem:
        value = draw.signed(0.5, 1.0, (4, 3))
        held = New("parameter", "standins.Holder", {"value": value})
        args = ("W", Ref("parameter", "value"), draw.cotangent((4, 3)), 0)
        steps = (
            New("it", target, {"lr": 0.25, "momentum": 0.5}),
            held,
            Call("it", "update", args, out=("delta",)),
            Read("parameter", "value", out=("the parameter after update",)),
        )
        return Problem(steps, ("the parameter after update",), ground=("delta",))

    return [
        Case(target, "values", "a matrix", updates(0.0, "W", {0: "delta"})),
        Case(target, "values", "a row", updates(0.0, "b", {0: "delta"})),
        Case(target, "values", "no momentum: no memory", updates(0.0, "WW", {1: "delta"}, (0,))),
        Case(
            target,
            "behaviour",
            "momentum",
            updates(0.5, "WWW", {1: "second delta", 2: "third delta"}, (0,)),
        ),
        Case(
            target,
            "behaviour",
            "each parameter has its own memory",
            updates(0.5, "WbWb", {2: "second delta of W", 3: "second delta of b"}, (0,)),
        ),
        Case(target, "behaviour", "the caller changes the parameter", in_place),
    ]


# --- training ----------------------------------------------------------------------------------


def _training(run: str, dataset: str, epochs: int) -> Case:
    def build(draw: Draw) -> Problem:
        seed = int(draw.integers(0, 2**31, (1,))[0])
        data = New("data", f"datasets.load_{dataset}", {"seed": seed})
        program = (
            New("it", f"train.{dataset}_network", {"seed": seed}),
            data,
            Call("it", "train", (Ref("data"), epochs)),
            Call("it", "forward", (Ref("data", "X_test"),), out=("predictions",)),
        )
        truth = (data, Read("data", "Y_test", out=("predictions",)))
        return Problem(program, ("predictions",), truth=truth)

    return Case(run, "training", "test accuracy", build)


CASES: tuple[Case, ...] = (
    *_elementwise("activations.ReLU", _activation((6, 4), 700.0, 1000.0)),
    *_elementwise("activations.Sigmoid", _saturated((6, 4))),
    *_fully_connected(),
    *_softmax(),
    *_cross_entropy(),
    *_mse(),
    *_models(),
    *_sgd(),
    _training("train.iris", "iris", epochs=20),
    *_conv(),
    *_pool(),
    _training("train.digits", "digits", epochs=6),
    *_batch_norm(),
)


def cases_of(target: str, check: str) -> list[Case]:
    """Return the cases of one check of one target."""
    return [case for case in CASES if (case.target, case.check) == (target, check)]
