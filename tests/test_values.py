"""What crosses from a worker: only numbers, and only as many as there is room for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.program import Call
from grader.running.checks.test_training import _series
from grader.worker import wire
from grader.worker.interpreter import Interpreter
from grader.worker.values import numbers

ROOM = 800  # bytes: a hundred numbers


def _deep(levels: int) -> Any:
    return 1.0 if levels == 0 else [_deep(levels - 1)]


ITSELF: list[Any] = []
ITSELF.append(ITSELF)
FITS = {
    "an array": np.zeros(100),
    "an array of rows": np.zeros((4, 25)),
    "small numbers": np.zeros(100, np.int8),
    "a list": [0.0] * 99,  # a list counts as an entry, too
    "a list of rows": [[0.0] * 9] * 9,
    "a list of arrays": [np.zeros(49), np.zeros(49)],
    "a deep list": _deep(wire.MAX_DIMENSIONS),
    "a deep array": np.zeros((1,) * wire.MAX_DIMENSIONS),
}
REFUSED = {
    "an array": np.zeros(101),
    "an array of rows": np.zeros((4, 26)),
    "small numbers": np.zeros(101, np.int8),
    "a list": [0.0] * 100,
    "a list of rows": [[0.0] * 9] * 10,
    "a list of arrays": [np.zeros(50), np.zeros(50)],
    "a deep list": _deep(wire.MAX_DIMENSIONS + 1),
    "a deep array": np.zeros((1,) * (wire.MAX_DIMENSIONS + 1)),
    "a list of itself": ITSELF,
    "a long list of others": [object()] * 10,
    "a list of text": ["1.0"],
}


@pytest.mark.parametrize("name", FITS)
def test_numbers_cross_as_far_as_there_is_room(name: str) -> None:
    found = numbers(FITS[name], ROOM)
    assert found is not None
    assert found.nbytes <= ROOM
    assert np.array_equal(found, np.array(FITS[name]))
    assert found.dtype.str in wire.DTYPES


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_much_or_no_number_does_not_cross(name: str) -> None:
    assert numbers(REFUSED[name], ROOM) is None


def _order(array: np.ndarray) -> str:
    return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "neither"


@pytest.mark.parametrize(
    ("count", "layout", "orders"),
    [(1, "C", "C"), (1, "F", "F"), (1, "view", "neither"), (2, "F", "F F"), (2, "C", "C C"),
     (2, "view", "F neither"), (3, "view", "F neither neither")],
)  # fmt: skip
def test_arrays_are_given_in_every_layout_and_one_of_several_in_another(
    count: int, layout: str, orders: str
) -> None:
    class It:
        def forward(self, *args: np.ndarray) -> None:
            """Take what there is."""

    interpreter, array = Interpreter("nothing"), np.arange(12.0).reshape(4, 3)
    interpreter.objects["it"] = It()
    call = Call("it", "forward", (array,) * count, layout=layout)
    _, given, _ = interpreter.prepare(call)
    assert " ".join(map(_order, given)) == orders
    assert all(np.array_equal(x, array) and not np.shares_memory(x, array) for x in given)


def test_the_losses_of_a_training_are_numbers_one_after_the_other() -> None:
    for array in (np.array([3.0, 2.0, 1.0]), np.array([[3.0], [2.0], [1.0]])):
        series = _series(array)
        assert series is not None
        assert series.y == (3.0, 2.0, 1.0)
    assert _series(np.array(1.0)) is None
    assert _series(None) is None
