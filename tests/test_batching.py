"""The loop check catches every form of iteration over the examples, and no allowed loop."""

from __future__ import annotations

import dataclasses
import re
from types import SimpleNamespace

import pytest

from grader.judging.batching import find_loop, leaves_out
from grader.report.messages import explain
from grader.run import Run
from grader.running.checks.test_batching import NOT_COUNTED, _loops
from grader.running.runner import grade
from grader.submission.submission import Submission
from grader.verdict import Verdict
from tests.catalogue import entries, reference_files, spliced, submission
from tests.grading import examined, live, shared
from tests.homework import ASSIGNMENT, find_targets

SIZES = (3, 9, 33, 129)
# Every body computes ReLU(Z) for a matrix Z.
LOOPS = {
    "for": "Y = Z.copy()\nfor i in range(len(Z)):\n    Y[i] = np.maximum(Z[i], 0)\nreturn Y",
    "for over entries": "Y = Z.copy()\nfor i in np.ndindex(Z.shape):\n"
    "    Y[i] = max(Z[i], 0)\nreturn Y",
    "while": "Y, i = Z.copy(), 0\nwhile i < len(Z):\n    Y[i] = np.maximum(Z[i], 0)\n    i += 1\n"
    "return Y",
    "comprehension": "return np.array([np.maximum(z, 0) for z in Z])",
    "generator": "return np.stack(list(np.maximum(z, 0) for z in Z))",
    "map with a lambda": "return np.array(list(map(lambda z: np.maximum(z, 0), Z)))",
    "map with a ufunc": "return np.array(list(map(np.abs, Z))) * (Z > 0)",
    "sum over rows": "return np.maximum(Z, 0) + 0 * sum(Z)",
    "reduce": "import functools\nfunctools.reduce(np.add, Z)\nreturn np.maximum(Z, 0)",
    "sorted rows": "sorted(Z, key=np.sum)\nreturn np.maximum(Z, 0)",
    "any": "any(z.sum() > 1e9 for z in Z)\nreturn np.maximum(Z, 0)",
    "np.vectorize": "return np.vectorize(lambda z: max(z, 0.0))(Z)",
    "np.frompyfunc": "return np.frompyfunc(lambda z: max(z, 0.0), 1, 1)(Z).astype(float)",
    "np.apply_along_axis": "return np.apply_along_axis(lambda z: np.maximum(z, 0), 1, Z)",
    "np.fromiter": "flat = np.fromiter((max(z, 0.0) for z in Z.ravel()), float)\n"
    "return flat.reshape(Z.shape)",
    "np.nditer": "Y = Z.copy()\nfor y in np.nditer(Y, op_flags=['readwrite']):\n"
    "    y[...] = max(y, 0)\nreturn Y",
    "recursion": "if len(Z) == 1:\n    return np.maximum(Z, 0)\n"
    "return np.concatenate([np.maximum(Z[:1], 0), self.forward(Z[1:])])",
    "halving": "if len(Z) == 1:\n    return np.maximum(Z, 0)\nh = len(Z) // 2\n"
    "return np.concatenate([self.forward(Z[:h]), self.forward(Z[h:])])",
    "chunks of two": "parts = [np.maximum(Z[i:i + 2], 0) for i in range(0, len(Z), 2)]\n"
    "return np.concatenate(parts)",
    "exec": "found = {'Z': Z, 'np': np}\n"
    "exec('Y = np.array([np.maximum(z, 0) for z in Z])', found)\nreturn found['Y']",
    "tolist": "return np.array([[max(z, 0.0) for z in row] for row in Z.tolist()])",
    "a helper method": "return np.array([self._one(z) for z in Z])",
    "a thread": "import threading\nY = Z.copy()\ndef work():\n    for i in range(len(Z)):\n"
    "        Y[i] = np.maximum(Z[i], 0)\nt = threading.Thread(target=work)\nt.start()\nt.join()\n"
    "return Y",
    "chunks of 32 in one line": "out = []\n"
    "for i in range(0, len(Z), 32): out.append(np.maximum(Z[i:i + 32], 0))\n"
    "return np.concatenate(out)",
    "chunks of 32 in a comprehension": "return np.concatenate("
    "[np.maximum(Z[i:i + 32], 0) for i in range(0, len(Z), 32)])",
    "np.vectorize of a builtin": "return np.vectorize(max)(np.asarray(Z), 0.0)",
    "np.frompyfunc of a builtin": "return np.frompyfunc(max, 2, 1)(np.array(Z), 0.0).astype(float)",
    "np.apply_along_axis of a ufunc": "return np.apply_along_axis(np.maximum, 1, Z, 0.0)",
    "an object array": "O = np.asarray(Z).astype(object)\nreturn np.maximum(O, 0.0).astype(float)",
    "an object array in one line": "return (np.maximum(np.array(Z, object), 0)).astype(float)",
    "an object array without a call": "O = np.empty(Z.shape, object)\nO[...] = Z\nY = Z.copy()\n"
    "Y[...] = np.maximum(O, 0)\ndel O\nreturn Y",
    "filterfalse": "import itertools\nY = []\n"
    "list(itertools.filterfalse(Y.append, np.maximum(Z, 0)))\nreturn np.array(Y)",
    "takewhile": "from itertools import takewhile\n"
    "return np.array(list(takewhile(np.size, np.maximum(Z, 0))))",
    "chain": "import itertools\nflat = list(itertools.chain(*np.maximum(Z, 0).tolist()))\n"
    "return np.array(flat).reshape(Z.shape)",
    "zip": "return np.array(list(zip(*np.maximum(Z, 0).T.tolist())))",
    "a dict": "rows = dict(enumerate(np.maximum(Z, 0)))\nreturn np.array(list(rows.values()))",
    "itemgetter": "import operator\nrows = operator.itemgetter(*range(len(Z)))(Z) if len(Z) > 1 "
    "else (Z[0],)\nreturn np.maximum(np.array(rows), 0)",
    "iter with an end": "rows = iter(np.maximum(Z, 0).sum(axis=1))\n"
    "total = 0.0\nfor row in iter(rows.__next__, None):\n    total = total + 0.0 * row\n"
    "return np.maximum(Z, 0) + total",
    "an object array in an assignment": "Y = Z.copy()\n"
    "Y[...] = np.maximum(Z.astype(object), 0)\nreturn Y",
    "the map of another module": "import statistics\nfrom functools import partial\n"
    "each = vars(statistics)['__builtins__']['map']\nY = np.empty_like(Z)\n"
    "Y[...] = [*each(partial(np.maximum, 0.0), Z)]\nreturn Y",
    "rows joined as bytes": "import itertools, statistics\n"
    "each = vars(statistics)['__builtins__']['map']\n"
    "rows = each(np.ndarray.tobytes, each(np.maximum, Z, itertools.repeat(0.0)))\n"
    "return np.frombuffer(b''.join(rows)).reshape(Z.shape).copy()",
    "after lists that numpy made": "np.split(Z.reshape(-1), Z.size)\n"
    "np.split(Z.reshape(-1), Z.size)\nrows = Z.tolist()\n"
    "return np.maximum(np.array(rows).reshape(Z.shape), 0.0)",
    "after objects that were let go": "import builtins\n"
    "if not hasattr(builtins, 'kept'):\n    builtins.kept = [object() for _ in range(9000)]\n"
    "del builtins.kept[-2 * Z.size:]\nrows = Z.tolist()\n"
    "return np.maximum(np.array(rows).reshape(Z.shape), 0.0)",
    "split": "return np.concatenate([np.maximum(p, 0) for p in np.split(Z, len(Z))])",
}
ALLOWED = {
    "columns": "Y = Z.copy()\nfor j in range(Z.shape[1]):\n    Y[:, j] = np.maximum(Z[:, j], 0)\n"
    "return Y",
    "two halves": "h = (len(Z) + 1) // 2\nparts = [np.maximum(p, 0) for p in (Z[:h], Z[h:])]\n"
    "return np.concatenate(parts)",
    "a branch on m": "if len(Z) > 20:\n    Z = Z + 0.0\n    Z = Z * 1.0\nreturn np.maximum(Z, 0)",
    "a growing buffer": "if getattr(self, 'size', 0) < len(Z):\n    self.size = 2 * len(Z)\n"
    "    self.buffer = np.zeros(self.size)\nreturn np.maximum(Z, 0)",
    "steps of a series": "total = 0\nfor k in range(50):\n    total = total + 0 * Z\n"
    "return np.maximum(Z, 0) + total",
    "sum over a fixed list": "return sum([np.maximum(Z, 0), 0 * Z])",
    "boolean indexing": "Y = Z.copy()\nY[Z < 0] = 0\nreturn Y",
    "sorting and median": "np.median(Z, axis=0)\nnp.sort(Z, axis=0)\nreturn np.maximum(Z, 0)",
    "once only": "if not hasattr(self, 'table'):\n    self.table = [i for i in range(1000)]\n"
    "return np.maximum(Z, 0)",
    "doubling": "cap = 1\nwhile cap < len(Z):\n    cap *= 2\nreturn np.maximum(Z, 0)",
    "doubling, with more to do": "cap, k = 1, 0\nwhile cap < len(Z):\n    cap *= 2\n    k += 1\n"
    "    k -= 0\n    k += 0\nreturn np.maximum(Z, 0)",
    "np.vstack of numbers": "return np.maximum(Z, 0) + 0 * np.vstack(Z.max(axis=1))",
    "np.split into examples": "return np.maximum(np.concatenate(np.split(Z, len(Z))), 0)",
    "np.split into examples, twice": "first, second = np.split(Z, len(Z)), np.split(Z, len(Z))\n"
    "return np.maximum((np.concatenate(first) + np.concatenate(second)) / 2, 0)",
    "np.nanpercentile": "return np.maximum(Z, 0 * np.nanpercentile(Z, 50, axis=1)[:, None])",
    "a list of row numbers": "rows = list(range(len(Z)))\nY = Z.copy()\n"
    "Y[rows, 0] = np.maximum(Z[rows, 0], 0)\nreturn np.maximum(Y, 0)",
    "three ways for three sizes": "if len(Z) > 20:\n    Z = Z + 0.0\nif len(Z) > 100:\n"
    "    Z = Z * 1.0\n    Z = Z / 1.0\n    Z = Z - 0.0\nreturn np.maximum(Z, 0)",
    "plain arrays only": "if type(Z) is not np.ndarray:\n    raise TypeError(type(Z))\n"
    "return np.maximum(Z, 0)",
    "iter that ends by StopIteration": "columns = iter(range(Z.shape[1]))\nY = Z.copy()\n"
    "for j in iter(columns.__next__, None):\n    Y[:, j] = np.maximum(Z[:, j], 0)\nreturn Y",
    "iter with NaN as its end": "end = float('nan')\nparts = iter([1.0, 2.0, end])\n"
    "count = len(list(iter(parts.__next__, end)))\nreturn np.maximum(Z, 0) * (count == 2)",
    "printing": "print(Z)\nreturn np.maximum(Z, 0)",
}

# Loops that go unnoticed, as the threat model admits.
NOT_SEEN = {
    "chunks of 64": "parts = [np.maximum(Z[i:i + 64], 0) for i in range(0, len(Z), 64)]\n"
    "return np.concatenate(parts)",
    "np.polyval": "return np.maximum(Z, 0) + 0 * np.polyval(Z, 1.0)",
    "a sum of objects": "total = np.sum(Z, axis=0, dtype=object).astype(float)\n"
    "return np.maximum(Z, 0) + 0 * total",
    "gone before the next line": "Y = Z.copy()\nY[...] = [*np.maximum(Z, 0)]\nreturn Y",
    "json": "import json\njson.dumps(Z.tolist())\nreturn np.maximum(Z, 0)",
    "pickle": "import pickle\npickle.dumps(Z.tolist())\nreturn np.maximum(Z, 0)",
    "print": "print(Z.tolist())\nreturn np.maximum(Z, 0)",
}


def _batching(body: str):
    return _batched(body)[:2]


def _batched(body: str, helpers: str = ""):
    indented = "\n".join(f"        {line}" for line in body.splitlines())
    code = (
        f"{helpers}class ReLU:\n    def forward(self, Z):\n{indented}\n"
        "    def _one(self, z):\n        return np.maximum(z, 0)\n"
    )
    files = reference_files()
    source = spliced(files["activations.py"].decode(), code)
    files["activations.py"] = source.encode()
    lines = {line.check: line for line in examined(files, "activations.ReLU").lines}
    cases = {case.name: case.verdict.value for case in lines["batching"].result.cases}
    return cases, lines["batching"], source


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_over_the_examples_is_seen(name: str) -> None:
    cases, line = _batching(LOOPS[name])
    assert cases == {"forward": "failed", "backward": "passed"}
    assert "for batches of" in explain(line.result)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ALLOWED, *NOT_SEEN])
def test_what_does_not_iterate_over_the_examples_passes(name: str) -> None:
    cases, _ = _batching({**ALLOWED, **NOT_SEEN}[name])
    assert cases == {"forward": "passed", "backward": "passed"}


@pytest.mark.slow
def test_a_loop_of_backward_that_runs_in_the_forward_before_it_is_seen() -> None:
    code = (
        "class FullyConnected:\n"
        "    def forward(self, X):\n"
        "        if self.n_in is None:\n"
        "            self._init_parameters(X.shape)\n"
        "        if getattr(self, 'turned', True):\n"
        "            for x in X:\n"
        "                x.sum()\n"
        "        self.turned = False\n"
        "        Z = X @ self.parameters['W'] + self.parameters['b']\n"
        "        self.cache = {'X': X, 'Z': Z}\n"
        "        return self.activation.forward(Z)\n\n"
        "    def backward(self, dLdY):\n"
        "        self.turned = True\n"
        "        dZ = self.activation.backward(self.cache['Z'], dLdY)\n"
        "        self.gradients['W'] = self.cache['X'].T @ dZ\n"
        "        self.gradients['b'] = dZ.sum(axis=0, keepdims=True)\n"
        "        return dZ @ self.parameters['W'].T\n"
    )
    files = reference_files()
    files["layers.py"] = spliced(files["layers.py"].decode(), code).encode()
    lines = {line.check: line for line in examined(files, "layers.FullyConnected").lines}
    cases = {case.name: case.verdict.value for case in lines["batching"].result.cases}
    assert cases == {"forward": "passed", "backward": "failed"}
    assert all(x.result.verdict is Verdict.PASSED for x in lines.values() if x.check != "batching")


# Helpers, and bodies that use them, each with the start of the line that the message must name and
# how often that line runs per example. Loops over channels are allowed, both around it and inside.
HELPERS = """
def _entry(z):
    return z if z > 0 else 0.0


def _row(z):
    y = z.copy()
    for c in range(2):
        y[c::2] = np.maximum(z[c::2], 0)
    return y


def _rows(Z):
    Y = Z.copy()
    for i in range(len(Z)):
        for c in range(Z.shape[1]):
            Y[i, c] = max(Z[i, c], 0)
    return Y


"""
OUTERMOST = {
    "a loop": (LOOPS["for"], "for i in range(len(Z)):", 1),
    "channels inside": ("Y = Z.copy()\nfor i in range(len(Z)):\n"
                        "    for c in range(Z.shape[1]):\n        Y[i, c] = max(Z[i, c], 0)\n"
                        "return Y", "for i in range(len(Z)):", 1),
    "channels outside": ("Y = Z.copy()\nfor c in range(Z.shape[1]):\n"
                         "    for i in range(len(Z)):\n        Y[i, c] = max(Z[i, c], 0)\nreturn Y",
                         "for i in range(len(Z)):", 6),
    "two ways": ("Y = Z.copy()\nfor i in range(len(Z)):\n    if i % 2:\n        Y[i] = _row(Z[i])\n"
                 "    else:\n        Y[i] = np.maximum(Z[i], 0)\nreturn Y",
                 "for i in range(len(Z)):", 1),
    "a comprehension in a loop": ("Y = Z.copy()\nfor i in range(len(Z)):\n"
                                  "    Y[i] = [max(z, 0) for z in Z[i]]\nreturn Y",
                                  "for i in range(len(Z)):", 1),
    "a comprehension in a loop over channels": ("Y = Z.copy()\nfor c in range(Z.shape[1]):\n"
                                                "    Y[:, c] = [max(z, 0) for z in Z[:, c]]\n"
                                                "return Y", "Y[:, c] = [max(z, 0)", 6),
    "while": ("Y, i = (Z.copy(), 0)\nwhile i < len(Z):\n    j = 0\n    while j < Z.shape[1]:\n"
              "        Y[i, j] = max(Z[i, j], 0)\n        j += 1\n    i += 1\nreturn Y",
              "while i < len(Z):", 1),
    "a loop that calls a helper": ("rows = []\nfor z in Z:\n    rows.append(_row(z))\n"
                                   "return np.array(rows)", "for z in Z:", 1),
    "a loop in a helper": ("return _rows(Z)", "for i in range(len(Z)):", 1),
    "map of a helper": ("return np.array(list(map(_row, Z)))", "return np.array(list(map(", 2),
    "np.vectorize of a helper": ("return np.vectorize(_entry)(Z)", "return np.vectorize(", 12),
    "np.apply_along_axis of a helper": ("return np.apply_along_axis(_row, 1, Z)",
                                        "return np.apply_along_axis(", None),
    "recursion": (LOOPS["recursion"], "def forward(self, Z):", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTERMOST)
def test_the_message_names_the_outermost_line_that_runs_once_an_example(name: str) -> None:
    body, text, times = OUTERMOST[name]
    cases, line, source = _batched(body, HELPERS)
    assert cases["forward"] == "failed"
    said = re.search(r"^forward: activations\.py:(\d+) (ran|made \w+ run) ([\d, ]+) times for "
                     r"batches of ([\d, ]+) examples\.", explain(line.result))  # fmt: skip
    assert said is not None
    assert source.splitlines()[int(said[1]) - 1].strip().startswith(text)
    counts, sizes = ([int(x) for x in said[i].split(", ")] for i in (3, 4))
    assert (said[2] == "ran") == (times is not None)
    if times is not None:
        assert counts[-1] - counts[0] == times * (sizes[-1] - sizes[0])


def test_a_tracer_that_was_switched_off_fails_the_check() -> None:
    body = "import sys\nsys.settrace(None)\nreturn np.array([np.maximum(z, 0) for z in Z])"
    cases, line = _batching(body)
    assert cases["forward"] == "failed"
    assert "The tracer that counts what runs was switched off." in explain(line.result)


@pytest.mark.parametrize(
    ("counts", "loop"),
    [
        ([7, 7, 7, 7], False),
        ([7, 9, 9, 9], False),
        ([7, 8, 9, 10], False),
        ([7, 13, 37, 133], True),
        ([2, 5, 17, 65], True),
        ([4, 6, 9, 12], False),
        ([4, 6, 12, 20], False),
        ([2, 2, 3, 6], False),
        ([1, 1, 2, 9], True),
        ([9, 7, 30, 100], False),
    ],
)
def test_growth_of_the_submissions_own_lines_decides(counts: list[int], loop: bool) -> None:
    entries = [{"student": {"layers.py:8": count, "layers.py:9": 4}} for count in counts]
    found = find_loop(entries, SIZES)
    assert (found is not None) == loop
    if found is not None:
        assert found.place == "layers.py:8"


def test_a_run_without_all_its_counts_earns_nothing() -> None:
    problem = ASSIGNMENT.cases_of("activations.ReLU", "batching")[0].problem(0)
    flags: list[str] = []
    check_run = SimpleNamespace(assignment=ASSIGNMENT, flag=flags.append)
    counts = [{"student": {"a.py:1": 3}, "library": {}, "objects": {}}]
    for found in ([], counts, 3 * counts):
        result = _loops(set(), check_run, problem, Run(counts=found))
        assert (result.verdict, result.message) == (Verdict.FAILED, NOT_COUNTED)
    assert flags == 3 * ["missing counts"]
    assert _loops(set(), check_run, problem, Run(counts=4 * counts)).verdict is Verdict.PASSED


def test_counts_without_the_method_that_was_called_are_none() -> None:
    problem = ASSIGNMENT.cases_of("activations.ReLU", "batching")[0].problem(0)
    places = {"forward": "activations.py:12"}
    for student, verdict in (
        ({}, Verdict.FAILED),
        ({"activations.py:12": 1}, Verdict.FAILED),
        ({"activations.py:7": 9}, Verdict.FAILED),
        ({"layers.py:13": 9}, Verdict.FAILED),
        ({"activations.py:12": 2}, Verdict.PASSED),
        ({"activations.py:12": 1, "activations.py:13": 1}, Verdict.PASSED),
    ):
        flags: list[str] = []
        check_run = SimpleNamespace(assignment=ASSIGNMENT, flag=flags.append)
        counts = [{"student": dict(student), "library": {}, "objects": {}}]
        result = _loops(set(), check_run, problem, Run(counts=4 * counts, places=places))
        assert result.verdict is verdict
        assert flags == ([] if verdict is Verdict.PASSED else ["missing counts"])


def test_a_method_that_is_inherited_from_the_handout_runs_no_line_of_the_submission() -> None:
    steady = [{"student": {}, "library": {"forward base.py:3": 2}}] * 4
    assert not leaves_out(steady, "base.py:3 of the handout")
    assert leaves_out(steady, "base.py:3")


def test_objects_that_become_more_with_the_examples_are_a_loop() -> None:
    def entries(counts: list[int]) -> list[dict[str, dict[str, int]]]:
        return [{"student": {"a.py:1": 3}, "library": {}, "objects": {"a.py:1": c}} for c in counts]

    assert find_loop(entries([20, 25, 18, 40]), SIZES) is None
    assert find_loop(entries([90, 90, 90, 160]), SIZES) is None
    found = find_loop(entries([20, 26, 50, 146]), SIZES)
    assert found is not None
    assert found.message == (
        "a.py:1 held 20, 26, 50, 146 Python objects for batches of 3, 9, 33, 129 examples: "
        "numbers or rows were taken out of an array one at a time."
    )


def test_library_functions_count_only_near_one_event_an_example() -> None:
    def entries(counts: list[int]) -> list[dict[str, dict[str, int]]]:
        return [{"student": {"a.py:1": 3}, "library": {"median a.py:1": c}} for c in counts]

    assert find_loop(entries([20, 22, 26, 30]), SIZES) is None
    found = find_loop(entries([20, 27, 52, 150]), SIZES)
    assert found is not None
    assert found.message == (
        "a.py:1 made median run 20, 27, 52, 150 times for batches of 3, 9, 33, 129 examples."
    )


def _counted(kind: str, counts: dict[str, list[int]]) -> list[dict[str, dict[str, int]]]:
    """Return counts by place, size by size, as a worker reports them."""
    steady = {"student": {"a.py:1": 3}, "library": {}, "objects": {}}
    sizes = range(len(next(iter(counts.values()))))
    return [{**steady, kind: {place: found[i] for place, found in counts.items()}} for i in sizes]


STEPS = [[20, 60, 60, 60], [20, 20, 60, 60], [20, 20, 20, 200], [20, 60, 100, 100],
         [20, 60, 60, 200], [20, 20, 60, 200], [60, 20, 60, 200]]  # fmt: skip


@pytest.mark.parametrize("counts", STEPS)
def test_growth_in_some_steps_alone_accuses_nobody(counts: list[int]) -> None:
    """A growing buffer, or another method from some size on, in a library or over many lines."""
    place = "median a.py:1"
    assert find_loop(_counted("library", {place: counts}), SIZES) is None
    many = [{"student": {f"a.py:{i}": 1 for i in range(count)}} for count in counts]
    assert find_loop(many, SIZES) is None
    every = [20 + m for m in SIZES]
    for kind, name in (("library", place), ("student", "a.py:7")):
        found = find_loop(_counted(kind, {name: every}), SIZES)
        assert found is not None
        assert (found.place, found.counts, found.sizes) == (name, tuple(every), SIZES)


def test_many_lines_that_run_once_for_every_example_are_a_loop() -> None:
    entries = [{"student": {f"a.py:{i}": 1 for i in range(2 * m)}} for m in SIZES]
    found = find_loop(entries, SIZES)
    assert found is not None
    assert found.place in entries[-1]["student"]


def test_a_call_of_a_library_that_is_inside_of_a_loop_is_not_the_outermost() -> None:
    counts = {"a.py:3": 1, "a.py:4": 6, "a.py:5": 6}
    for call, place in (("a.py:2", "f a.py:2"), ("a.py:3", "a.py:3"), ("a.py:5", "a.py:3")):
        entries = [
            {"student": {"a.py:2": 1} | {line: n * m for line, n in counts.items()},
             "library": {f"f {call}": 9 * m}}
            for m in SIZES
        ]  # fmt: skip
        found = find_loop(entries, SIZES)
        assert found is not None
        assert found.place == place


@pytest.mark.parametrize(
    ("kind", "counts", "place"),
    [
        ("student", {"a.py:5": 1, "a.py:9": 2, "b.py:1": 1}, "a.py:5"),
        ("student", {"a.py:4": 0, "b.py:1": 1, "a.py:5": 6, "a.py:9": 6}, "b.py:1"),
        ("student", {"b.py:1": 3, "a.py:5": 2, "a.py:9": 1}, "b.py:1"),
        ("student", {"a.py:10": 1, "a.py:9": 0, "?": 0}, "a.py:10"),
        ("library", {"split a.py:5": 1, "apply a.py:9": 2}, "split a.py:5"),
        ("library", {"split a.py:5": 0, "apply a.py:9": 1}, "apply a.py:9"),
        ("objects", {"a.py:10": 3, "a.py:9": 1, "a.py:8": 0}, "a.py:9"),
        ("objects", {"b.py:1": 9, "a.py:10": 1}, "a.py:10"),
    ],
)
def test_of_places_that_grow_the_one_that_ran_first_is_named(
    kind: str, counts: dict[str, int], place: str
) -> None:
    """Objects stay alive on the lines that follow, so for them it is the first line in the file."""
    by_size = {name: [40 + times * m for m in SIZES] for name, times in counts.items()}
    found = find_loop(_counted(kind, by_size), SIZES)
    assert found is not None
    assert found.place == place
    assert found.counts == tuple(by_size[place])
    assert found.of_objects == (kind == "objects")


@pytest.mark.parametrize(
    ("kind", "grows", "other"),
    [
        ("student", "a.py:9", [9000, 9006, 9030, 9126]),  # runs often, but grows less
        ("student", "a.py:9", [900, 700, 5000, 9000]),  # ends higher, but does not grow steadily
        ("library", "apply a.py:9", [9000, 9006, 9030, 9126]),
        ("library", "apply a.py:9", [900, 900, 5000, 9000]),
    ],
)
def test_what_runs_often_is_not_named_for_that(kind: str, grows: str, other: list[int]) -> None:
    counts = {grows: [40 + 2 * m for m in SIZES], grows.replace("9", "8"): other}
    found = find_loop(_counted(kind, counts), SIZES)
    assert found is not None
    assert found.place == grows


def test_objects_that_the_first_call_kept_for_itself_hide_nothing() -> None:
    assert find_loop(_counted("objects", {"a.py:1": [60, 40, 64, 160]}), SIZES) is not None


def test_the_submissions_own_lines_are_named_before_a_librarys_and_these_before_objects() -> None:
    growing = [40 + 9 * m for m in SIZES]
    places = {"student": "a.py:3", "library": "split a.py:2", "objects": "a.py:1"}
    kinds = list(places)
    for kind in list(kinds):
        entries = [{k: {places[k]: growing[i]} for k in kinds} for i in range(len(SIZES))]
        found = find_loop(entries, SIZES)
        assert found is not None
        assert found.place == places[kind]
        kinds.remove(kind)


@pytest.mark.slow
def test_the_rubric_can_allow_the_loop_by_not_asking_for_its_absence() -> None:
    (softmax,) = find_targets(("SoftMax",))
    points = {check: points for check, points in softmax.points.items() if check != "batching"}
    lenient = dataclasses.replace(softmax, points=points)
    entry = next(e for e in entries("mistaken") if e.id == "softmax-backward-loop")
    files = Submission(submission(entry).files, ".")
    strict, loose = (
        grade(ASSIGNMENT, files, live(), (target,), workers=shared())
        for target in (softmax, lenient)
    )
    assert loose.score == loose.maximum == softmax.total - softmax.points["batching"]
    assert strict.score < strict.maximum
