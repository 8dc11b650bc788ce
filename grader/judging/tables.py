"""The inputs from which a wrong result was computed, shown next to its wrong numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from grader.assignment import Problem
from grader.evidence import Index, Table
from grader.result import ResultSpec

# Rows of a table of wrong entries, or of the inputs of a single-number result.
ROWS = 5
ENTRIES = 12


def inputs_of(problem: Problem) -> Mapping[str, np.ndarray]:
    """Return the arrays of a case, by the names in the assignment, excluding parameters."""
    return problem.example.inputs if problem.example is not None else {}


def cotangent_of(problem: Problem, result: ResultSpec) -> Mapping[str, np.ndarray]:
    """Return the upstream gradient that a result is computed from, by name, if it is a gradient."""
    example, adapter = problem.example, problem.adapter
    if example is None or adapter is None or example.cotangent is None or not result.wrt:
        return {}
    names = [x for x in adapter.names.get("backward", ()) if x not in example.inputs]
    return dict.fromkeys(names, example.cotangent)


def beside(
    problem: Problem, result: ResultSpec, found: np.ndarray, expected: np.ndarray, wrong: np.ndarray
) -> Table | None:
    """Return the inputs at the worst entries of an element-wise result, or all for a single number.

    Args:
        problem: the problem that was asked.
        result: the wrong result.
        found: what the submission returned.
        expected: the right result, of the same shape.
        wrong: at which entries it is wrong, of the same shape.

    Returns:
        None if some entries of the result do not correspond to one entry of every input, or if a
        single number has too many inputs to show.
    """
    inputs = {**inputs_of(problem), **cotangent_of(problem, result)}
    adapter = problem.adapter
    shapes = {array.shape for array in inputs.values()}
    if len(shapes) != 1 or (adapter is not None and adapter.keeps_state):
        return None
    (shape,) = shapes
    if not expected.ndim and np.prod(shape) <= ENTRIES:
        return _table(inputs, [tuple(map(int, index)) for index in np.ndindex(*shape)])
    if expected.shape != shape or not expected.ndim:
        return None
    columns = {**inputs, "yours": found, "expected": expected}
    return _table(columns, _worst(inputs, np.abs(found - expected), wrong))


def _worst(inputs: Mapping[str, np.ndarray], error: np.ndarray, wrong: np.ndarray) -> list[Index]:
    """Return the worst entries in order, with inputs of different signs where possible."""
    order = np.argsort(-np.nan_to_num(error, nan=np.inf), axis=None, kind="stable")
    places = [tuple(map(int, np.unravel_index(i, error.shape))) for i in order if wrong.flat[i]]
    seen: Counter[tuple[float, ...]] = Counter()
    turns = []
    for rank, at in enumerate(places):
        signs = tuple(float(np.sign(array[at])) for array in inputs.values())
        turns.append((seen[signs], rank))
        seen[signs] += 1
    return [places[rank] for rank in sorted(rank for _, rank in sorted(turns)[:ROWS])]


def _table(columns: Mapping[str, np.ndarray], places: list[Index]) -> Table:
    rows = ((str(list(at)), tuple(float(x[at]) + 0.0 for x in columns.values())) for at in places)
    return Table(tuple(columns), tuple(rows))
