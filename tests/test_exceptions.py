"""How an exception is explained: facts about its line, close matches, and which call it was."""

from __future__ import annotations

import textwrap

import pytest

from tests.catalogue import reference_files, spliced
from tests.grading import examined

MADE = "if self.n_in is None:\n    self._init_parameters(X.shape)\n"
WITH_W = f"def forward(self, X):\n{textwrap.indent(MADE, '    ')}"
ALONE = (
    "backward is called here without an earlier call to forward: it must compute everything from "
    "its arguments."
)


def _messages(target: str, body: str, helpers: str = "") -> list[str]:
    """Return the messages for a class with these methods instead, one per failed case."""
    module, _, name = target.partition(".")
    files = reference_files()
    code = f"{helpers}class {name}:\n{textwrap.indent(body, '    ')}\n"
    files[f"{module}.py"] = spliced(files[f"{module}.py"].decode(), code).encode()
    lines = examined(files, target).lines
    return [case.message for line in lines for case in line.result.cases if case.message]


# A class, its methods, the start of the first exception message, and the facts below its line.
RAISING = {
    "a transpose too many": (
        "layers.FullyConnected",
        f"{WITH_W}    W = self.parameters['W']\n    return self.activation.forward(X @ W.T)",
        "forward raised ValueError: matmul: Input operand 1 has a mismatch",
        ["X is (1, 3), W is (3, 4).", "The inner dimensions of this matrix product differ."],
    ),
    "a transpose missing": (
        "layers.FullyConnected",
        "def backward(self, dLdY):\n    dZ = self.activation.backward(self.cache['Z'], dLdY)\n"
        '    self.gradients["W"] = self.cache["X"] @ dZ\n    return dZ',
        "backward raised ValueError: matmul: Input operand 1 has a mismatch",
        [
            "self.cache['X'] is (1, 3), dZ is (1, 4).",
            "The inner dimensions of this matrix product differ.",
        ],
    ),
    "keepdims": (
        "activations.SoftMax",
        "def forward(self, Z):\n    e = np.exp(Z - Z.max(axis=1))\n    return e / e.sum(axis=1)",
        "forward raised ValueError: operands could not be broadcast together with shapes (5,3)",
        ["Z is (5, 3).", "These shapes cannot be broadcast together."],
    ),
    "an attribute that is misspelled": (
        "layers.FullyConnected",
        "def forward(self, X):\n    return self.activaton.forward(X)",
        "forward raised AttributeError: 'FullyConnected' object has no attribute 'activaton'",
        ["Did you mean self.activation?"],
    ),
    "a key that is misspelled": (
        "layers.FullyConnected",
        f"{WITH_W}    return X @ self.parameters['w']",
        "forward raised KeyError: 'w'",
        ["self.parameters has 'W', 'b'."],
    ),
    "a key that one dict lacks on a line that writes to another": (
        "layers.FullyConnected",
        f"{WITH_W}    self.gradients['W'] = 0 * self.parameters['w']",
        "forward raised KeyError: 'w'",
        ["self.parameters has 'W', 'b'."],
    ),
    "a key in a variable, on a line that writes to another dict": (
        "layers.FullyConnected",
        f"{WITH_W}    name = 'w'\n    self.gradients['W'] = self.parameters[name]",
        "forward raised KeyError: 'w'",
        ["self.parameters has 'W', 'b'."],
    ),
    "a key that two dicts on the line lack": (
        "layers.FullyConnected",
        f"{WITH_W}    return self.cache.get('X', 1) * self.parameters['c'] + self.gradients['c']",
        "forward raised KeyError: 'c'",
        ["self.parameters has 'W', 'b'."],
    ),
    "exit": (
        "activations.ReLU",
        "def forward(self, Z):\n    exit()",
        "forward raised NameError: name 'exit' is not defined",
        ["Do not end the program (exit, quit, sys.exit) in your code."],
    ),
    "quit": (
        "activations.ReLU",
        "def forward(self, Z):\n    quit()",
        "forward raised NameError: name 'quit' is not defined",
        ["Do not end the program (exit, quit, sys.exit) in your code."],
    ),
    "a function of numpy that is misspelled": (
        "activations.ReLU",
        "def forward(self, Z):\n    return np.maximun(Z, 0)",
        "forward raised AttributeError: module 'numpy' has no attribute 'maximun'",
        ["Did you mean np.maximum?"],
    ),
    "a variable in lower case": (
        "activations.ReLU",
        "def forward(self, Z):\n    return np.maximum(z, 0)",
        "forward raised NameError: name 'z' is not defined",
        ["Did you mean Z?"],
    ),
    "self is missing before a name": (
        "layers.FullyConnected",
        "def forward(self, X):\n    return X @ parameters['W']",
        "forward raised NameError: name 'parameters' is not defined",
        ["Did you mean self.parameters?"],
    ),
    "a method of arrays": (
        "activations.ReLU",
        "def forward(self, Z):\n    return Z.tranpose()",
        "forward raised AttributeError: 'numpy.ndarray' object has no attribute 'tranpose'",
        ["Did you mean Z.transpose?"],
    ),
    "np.product": (
        "activations.ReLU",
        "def backward(self, Z, dY):\n    return dY * (Z > 0) * np.product(Z.shape)",
        "backward raised AttributeError: module 'numpy' has no attribute 'product'",
        ["numpy has no np.product anymore: use np.prod."],
    ),
    "np.int": (
        "activations.ReLU",
        "def backward(self, Z, dY):\n    return dY * (Z > 0).astype(np.int)",
        "backward raised AttributeError: module 'numpy' has no attribute 'int'.",
        ["numpy has no np.int anymore: use int."],
    ),
    "an attribute that forward stores": (
        "activations.ReLU",
        "def forward(self, Z):\n    self.Z = Z\n    return np.maximum(Z, 0)\n"
        "def backward(self, Z, dY):\n    return dY * (self.Z > 0)",
        "backward raised AttributeError: 'ReLU' object has no attribute 'Z'",
        [ALONE],
    ),
    "an entry that forward stores": (
        "activations.ReLU",
        "def __init__(self):\n    self.cache = {}\ndef forward(self, Z):\n    self.cache['Z'] = Z\n"
        "    return np.maximum(Z, 0)\n"
        "def backward(self, Z, dY):\n    return dY * (self.cache['Z'] > 0)",
        "backward raised KeyError: 'Z'",
        [ALONE],
    ),
    "None until forward": (
        "activations.ReLU",
        "def __init__(self):\n    self.Z = None\ndef forward(self, Z):\n    self.Z = Z\n"
        "    return np.maximum(Z, 0)\ndef backward(self, Z, dY):\n    return dY * (self.Z > 0)",
        "backward raised TypeError: '>' not supported between instances of 'NoneType' and 'int'",
        [ALONE],
    ),
    "an attribute that forward stores, misspelled": (
        "activations.ReLU",
        "def __init__(self):\n    self.inputs = 0\ndef forward(self, Z):\n    self.inputs = Z\n"
        "    return np.maximum(Z, 0)\ndef backward(self, Z, dY):\n    return dY * (self.input > 0)",
        "backward raised AttributeError: 'ReLU' object has no attribute 'input'",
        ["Did you mean self.inputs?"],
    ),
    "before the parameters are made": (
        "layers.FullyConnected",
        "def forward(self, X):\n    return X @ np.zeros((self.n_in, self.n_out))",
        "forward raised TypeError: 'NoneType' object cannot be interpreted as an integer",
        ["self.n_in is None, self.n_out is an int.", "self.n_in is stored in _init_parameters."],
    ),
    "a method without self": (
        "activations.ReLU",
        "def forward(Z):\n    return np.maximum(Z, 0)",
        "forward raised TypeError: ReLU.forward() takes 1 positional argument but 2 were given",
        ["Expected `def forward(self, Z)`, found `def forward(Z)`."],
    ),
    "a method with fewer arguments": (
        "optimizers.SGD",
        "def update(self, param_name, param, param_grad=0):\n    return param_grad",
        "update raised TypeError: SGD.update() takes from 3 to 4 positional arguments but 5 were",
        ["Expected `def update(self, param_name, param, param_grad, epoch)`, "
         "found `def update(self, param_name, param, param_grad=...)`."],
    ),
    "fewer arguments for a loss that is given": (
        "models.NeuralNetwork",
        "def backward(self, target, out):\n    return self.loss.backward(out)",
        "backward raised TypeError: self.loss.backward(...) was called with 1 argument; it takes "
        "(Y, Y_hat)\n",
        [],
    ),
    "more arguments for an activation that is given": (
        "layers.FullyConnected",
        "def backward(self, dLdY):\n    return self.activation(self.cache['Z'], dLdY)",
        "backward raised TypeError: self.activation(...) was called with 2 arguments; it takes (Z)",
        [],
    ),
    "a method that a given loss does not have": (
        "models.NeuralNetwork",
        "def backward(self, target, out):\n    return self.loss.compute(target, out)",
        "backward raised AttributeError: self.loss has no attribute 'compute'",
        ["target is (5, 5), out is (5, 5)."],
    ),
    "images with the channels first": (
        "layers.Conv2D",
        f"{WITH_W}    images = X.transpose(0, 3, 1, 2)\n    W = self.parameters['W']\n"
        "    return images @ W",
        "forward raised ValueError: matmul: Input operand 1 has a mismatch",
        ["images is (1, 2, 4, 5), W is (3, 3, 2, 3).",
         "images has the sizes of an array that was passed in, (1, 4, 5, 2), in another order.",
         "The inner dimensions of this matrix product differ."],
    ),
    "a kernel with the channels first": (
        "layers.Conv2D",
        "def _init_parameters(self, X_shape):\n    self.n_in = X_shape[3]\n"
        "    shape = (self.n_out, self.n_in, *self.kernel_shape)\n"
        "    self.parameters = {'W': np.zeros(shape), 'b': np.zeros((1, self.n_out))}\n"
        f"{WITH_W}    W = self.parameters['W']\n    return np.tensordot(X, W, axes=([3], [2]))",
        "forward raised ValueError: shape-mismatch for sum",
        ["X is (1, 4, 5, 2), W is (3, 2, 3, 3).",
         "W has the sizes of the expected parameters['W'], (3, 3, 2, 3), in another order."],
    ),
    "too few axes": (
        "layers.Pool2D",
        "def forward(self, X):\n    m, H, W = X.shape\n    return X",
        "forward raised ValueError: too many values to unpack (expected 3",
        ["X is (1, 4, 6, 2)."],
    ),
    "floats for indices": (
        "losses.CrossEntropy",
        "def forward(self, Y, Y_hat):\n    classes = Y.argmax(axis=1) * 1.0\n"
        "    return -np.log(Y_hat[classes])",
        "forward raised IndexError: arrays used as indices must be of integer (or boolean) type",
        ["Y_hat is (1, 4), classes is (1,)."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RAISING)
def test_an_exception_is_told_with_the_facts_of_its_line(name: str) -> None:
    target, body, said, facts = RAISING[name]
    first, *_ = [text for text in _messages(target, body) if " raised " in text]
    assert first.startswith(said)
    lines = first.split("\n")
    (place,) = [number for number, line in enumerate(lines) if ".py:" in line]
    assert lines[place + 1 :] == [f"  {fact}" for fact in facts]


def test_which_of_several_calls_raised_is_said() -> None:
    body = (
        "def forward(self, Z):\n    if not hasattr(self, 'mask'):\n        self.mask = Z > 0\n"
        "    return Z * self.mask"
    )
    (said,) = [text for text in _messages("activations.ReLU", body) if " raised " in text]
    assert said.endswith(
        "\n  Z is (4, 6), self.mask is (5, 6) of booleans."
        "\n  These shapes cannot be broadcast together."
        "\n  This is the second call of forward, for a batch of 4 examples after one of 5."
    )


# Values whose code must not run when an exception is explained: each prints something if it does.
LIVELY = """
class Said(dict):
    def __getitem__(self, key):
        return self.say('item')
    def __len__(self):
        return self.say('len')
    @staticmethod
    def say(what):
        print('RAN', what)
        return 0


class Kind(type):
    def __getattribute__(cls, name):
        print('RAN', name)
        return type.__getattribute__(cls, name)


class Lively(metaclass=Kind):
    __slots__ = ('cache',)
    def __getattr__(self, name):
        print('RAN', name)
        raise AttributeError
    @property
    def shape(self):
        print('RAN shape')
    @property
    def __class__(self):
        print('RAN class')
        return np.ndarray
    @property
    def __dict__(self):
        print('RAN dict')
        return {}
    def __repr__(self):
        print('RAN repr')
        return ''
    def __eq__(self, other):
        print('RAN eq')
        return True
    def __hash__(self):
        return hash('W')


"""


@pytest.mark.parametrize(
    "line",
    [
        "np.nothing(lively, lively.shape, lively['W'], said['x'], entries['W'])",
        "np.nothing(lively.cache.T, lively.other['W'], lively.__dict__['W'], said['x'].T)",
        "(Z @ np.ones(77), lively, said, said['x'], lively.shape)",
        "entries['V']",
        "said.nothing",
    ],
)
def test_no_code_of_the_submission_runs_because_an_exception_is_told(line: str) -> None:
    body = (
        "def forward(self, Z):\n    lively, said = Lively(), Said()\n"
        f"    entries = {{'a': lively, lively: 1}}\n    said['x'] = 1\n    return {line}"
    )
    files = reference_files()
    code = f"{LIVELY}class ReLU:\n{textwrap.indent(body, '    ')}\n"
    files["activations.py"] = spliced(files["activations.py"].decode(), code).encode()
    lines = examined(files, "activations.ReLU").lines
    assert " raised " in lines[0].result.cases[0].message
    assert "RAN" not in "".join(line.result.printed for line in lines)
