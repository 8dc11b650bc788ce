"""Train the two networks of the homework and print their accuracy on the test examples.

Each network imports only the layers that it uses, so one can be trained while others are missing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .datasets import Dataset, load_digits, load_iris
from .models import NeuralNetwork
from .optimizers import SGD

Progress = Callable[[Iterable[int]], Iterable[int]]


def iris_network(seed: int | np.random.Generator = 0) -> NeuralNetwork:
    """Return question 4.3's network: 4 -> 16 (ReLU) -> 3 (softmax)."""
    from .layers import FullyConnected

    layers = [FullyConnected(16, "relu"), FullyConnected(3, "softmax")]
    return NeuralNetwork("cross_entropy", layers, SGD(lr=0.02, momentum=0.9), seed)


def digits_network(seed: int | np.random.Generator = 0) -> NeuralNetwork:
    """Return question 5.3's network: 10 kernels of 3x3 (ReLU), 2x2 max pooling, 10 (softmax)."""
    from .layers import Conv2D, Flatten, FullyConnected, Pool2D

    layers = [
        Conv2D(10, (3, 3), "relu"),
        Pool2D((2, 2), mode="max", stride=2),
        Flatten(),
        FullyConnected(10, "softmax"),
    ]
    return NeuralNetwork("cross_entropy", layers, SGD(lr=0.12, momentum=0.9), seed)


@dataclass(frozen=True)
class Run:
    """One training run: its network, its data, and its number of epochs."""

    network: Callable[[int | np.random.Generator], NeuralNetwork]
    dataset: Callable[[int | np.random.Generator], Dataset]
    epochs: int


RUNS = {
    "Iris": Run(iris_network, load_iris, epochs=20),
    "digits": Run(digits_network, load_digits, epochs=7),
}


DUE = 0.93  # accuracy on the test examples


def train(name: str, seed: int = 0, progress: Progress | None = None) -> float:
    """Train one of `RUNS` from one seed, and return its accuracy on the test examples."""
    rng = np.random.default_rng(seed)
    run = RUNS[name]
    network, dataset = run.network(rng), run.dataset(rng)
    network.train(dataset, run.epochs, progress)
    return 1.0 - network.error(dataset.Y_test, network.forward(dataset.X_test))


def progress_bar(name: str) -> Progress:
    """Return a wrapper for a range that draws a progress bar while the range is looped over."""

    def bar(epochs: Iterable[int]) -> Iterator[int]:
        total = len(list(epochs))
        for done in range(total):
            _draw(name, done, total)
            yield done
        _draw(name, total, total)

    return bar


def _draw(name: str, done: int, total: int) -> None:
    filled = 24 * done // total
    line = f"\r{name:8}[{'#' * filled}{'.' * (24 - filled)}] epoch {done}/{total} "
    if sys.stdout.isatty() or done == total:
        print(line if sys.stdout.isatty() else line.strip(), end="", flush=True)


def main() -> None:
    """Train both networks; if a part is not implemented yet, say what is missing."""
    for name in RUNS:
        print(_outcome(name))


def _outcome(name: str) -> str:
    try:
        accuracy = train(name, progress=progress_bar(name))
    except (NotImplementedError, ImportError) as error:
        below_bar = "\n" if sys.stdout.isatty() else ""
        why = str(error).partition(" (/")[0]  # an ImportError ends in the path of the file
        return f"{below_bar}{name} cannot be trained yet. {why}"
    return f" test accuracy {accuracy:.3f} (expected at least {DUE})"


if __name__ == "__main__":
    main()
