"""How each kind of target is exercised: its programs for forward, backward and repeated calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

import numpy as np

from grader.program import Call, Load, New, Program, Read, Step
from grader.result import ResultSpec, Role


class Coupling(Enum):
    """Which input entries may be moved together, because no output depends on two of them."""

    SAMPLES = "samples"  # output row i depends only on input row i: all copies in one batch
    COLUMNS = "columns"  # output column j depends only on input column j (last axes)
    ENTRIES = "entries"  # nothing is known: one entry at a time


@dataclass(frozen=True)
class Example:
    """One randomly drawn way to exercise a target: what it is built and called with.

    `cotangent` is dL/dY, of the shape of the output; a loss has none. `before` are steps that run
    before it is built.
    """

    arguments: Mapping[str, Any]
    inputs: Mapping[str, np.ndarray]
    parameters: Mapping[str, np.ndarray] = field(default_factory=dict)
    cotangent: np.ndarray | None = None
    before: Program = ()
    unnamed: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """Return m, the number of examples in the mini-batch."""
        return len(next(iter(self.inputs.values())))


@dataclass(frozen=True)
class CallAdapter:
    """What the targets of one kind have in common.

    Args:
        target: "module.Class".
        coupling: for every differentiable array, what may be moved together; arrays without an
            entry have nothing that may be.
        step: of numeric differentiation; None for that of `judging.gradcheck`.
    """

    target: str
    coupling: Mapping[str, Coupling] = field(default_factory=dict)
    step: float | None = None

    # Whether backward builds on what forward has stored.
    keeps_state = False
    # The names of each method's arguments.
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def cotangent(self, example: Example) -> np.ndarray:
        """Return the upstream gradient passed to backward.

        Raises:
            ValueError: the example has none.
        """
        if example.cotangent is None:
            raise ValueError(f"an Example of {self.target} has no cotangent")
        return example.cotangent

    def ready(self, example: Example) -> Program:
        """Return the steps that build the object, as "it", and set its parameters."""
        return (*example.before, New("it", self.target, example.arguments))

    def once(
        self, example: Example, direction: str, count: bool = False, suffix: str = ""
    ) -> Program:
        """Return the steps of one call on an object that is ready.

        Args:
            example: what it is called with.
            direction: "forward" or "backward".
            count: whether to count what runs during that call, see `program.Call`.
            suffix: appended to the names of the results.
        """
        raise NotImplementedError

    def evaluations(self, example: Example, wrt: str, values: Sequence[np.ndarray]) -> Program:
        """Return a forward call for every value of the array `wrt`, with results named "0", ..."""
        raise NotImplementedError

    def results(self, example: Example, direction: str) -> tuple[ResultSpec, ...]:
        """Return the results of `once`."""
        raise NotImplementedError

    def program(self, example: Example, direction: str) -> Program:
        """Return the whole program of one call."""
        return self.ready(example) + self.once(example, direction)

    def repeated(self, examples: Sequence[Example], direction: str) -> Program:
        """Return counted calls on one object, after a first call that is not counted.

        The names of their results end in " (m = 3)" and so on.
        """
        program = self.ready(examples[0]) + self.once(examples[0], direction, False, " (warm-up)")
        for example in examples[1:]:
            program += self.once(example, direction, True, f" (m = {example.size})")
        return program


def _call(method: str, args: Sequence[Any], out: str = "", count: bool = False) -> Step:
    return Call("it", method, tuple(args), out=(out,) if out else (), count=count)


class ActivationAdapter(CallAdapter):
    """forward(Z), backward(Z, dY): each can be called by itself."""

    names: ClassVar = {"forward": ("Z",), "backward": ("Z", "dY")}

    def once(
        self, example: Example, direction: str, count: bool = False, suffix: str = ""
    ) -> Program:
        """Return one call."""
        Z = example.inputs["Z"]
        if direction == "forward":
            return (_call("forward", [Z], "Y" + suffix, count),)
        return (_call("backward", [Z, self.cotangent(example)], "dZ" + suffix, count),)

    def evaluations(self, example: Example, wrt: str, values: Sequence[np.ndarray]) -> Program:
        """Return forward(Z) for every Z."""
        calls = [_call("forward", [Z], str(i)) for i, Z in enumerate(values)]
        return (*self.ready(example), *calls)

    def results(self, example: Example, direction: str) -> tuple[ResultSpec, ...]:
        """Return Y, or dZ."""
        return (ResultSpec("Y") if direction == "forward" else ResultSpec("dZ", wrt="Z"),)


class LossAdapter(CallAdapter):
    """forward(Y, Y_hat), backward(Y, Y_hat), with the target first."""

    names: ClassVar = {"forward": ("Y", "Y_hat"), "backward": ("Y", "Y_hat")}

    def once(
        self, example: Example, direction: str, count: bool = False, suffix: str = ""
    ) -> Program:
        """Return one call."""
        args = [example.inputs["Y"], example.inputs["Y_hat"]]
        out = "loss" if direction == "forward" else "dY_hat"
        return (_call(direction, args, out + suffix, count),)

    def evaluations(self, example: Example, wrt: str, values: Sequence[np.ndarray]) -> Program:
        """Return forward(Y, Y_hat) for every Y_hat."""
        Y = example.inputs["Y"]
        calls = [_call("forward", [Y, value], str(i)) for i, value in enumerate(values)]
        return (*self.ready(example), *calls)

    def results(self, example: Example, direction: str) -> tuple[ResultSpec, ...]:
        """Return the loss, or dY_hat."""
        forward = direction == "forward"
        return (ResultSpec("loss") if forward else ResultSpec("dY_hat", wrt="Y_hat"),)


class LayerAdapter(CallAdapter):
    """forward(X), then backward(dLdY); parameters are set after a first forward created them."""

    keeps_state = True
    names: ClassVar = {"forward": ("X",), "backward": ("dLdY",)}

    def ready(self, example: Example) -> Program:
        """Build the layer; if it has parameters, let it create them, then replace them."""
        new = super().ready(example)
        if not example.parameters:
            return new
        loads = [Load("it", key, value) for key, value in example.parameters.items()]
        return (*new, _call("forward", [example.inputs["X"]]), *loads)

    def once(
        self, example: Example, direction: str, count: bool = False, suffix: str = ""
    ) -> Program:
        """Return forward, or else forward, backward, and reading every gradient."""
        X = example.inputs["X"]
        if direction == "forward":
            return (_call("forward", [X], "Y" + suffix, count),)
        return (_call("forward", [X], count=count), *self.turn(example, count, suffix))

    def turn(self, example: Example, count: bool = False, suffix: str = "") -> Program:
        """Return the call of backward, and reading every gradient."""
        call = _call("backward", [self.cotangent(example)], "dX" + suffix, count)
        reads = [
            Read("it", "gradients", key, (f"gradients[{key!r}]{suffix}",))
            for key in example.parameters
        ]
        return (call, *reads)

    def evaluations(self, example: Example, wrt: str, values: Sequence[np.ndarray]) -> Program:
        """Return forward for every X, or for every value of a parameter."""
        X = example.inputs["X"]
        steps: list[Step] = list(self.ready(example))
        for i, value in enumerate(values):
            if wrt != "X":
                steps.append(Load("it", wrt, value))
            steps.append(_call("forward", [value if wrt == "X" else X], str(i)))
        return tuple(steps)

    def results(self, example: Example, direction: str) -> tuple[ResultSpec, ...]:
        """Return Y, or dX and the gradient of every parameter."""
        if direction == "forward":
            return (ResultSpec("Y"),)
        gradients = (
            ResultSpec(f"gradients[{key!r}]", Role.PARAMETER_GRADIENT, key)
            for key in example.parameters
        )
        return (ResultSpec("dX", wrt="X"), *gradients)
