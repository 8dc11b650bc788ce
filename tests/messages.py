"""docs/messages.md: what students read, every line from a real run; `documents` writes it.

The examples are submissions from the catalogue, plus a few for what wrong numbers never cause:
nothing written, an exception, an endless loop. For every check, each verdict is shown with the
first example that gets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from grader.answers import LiveOracle
from grader.errors import GraderError
from grader.judging import Grade
from grader.limits import Limits
from grader.paths import ROOT
from grader.report.cleaning import clean
from grader.report.messages import MEANINGS, WORDS, explain
from grader.verdict import Verdict
from tests.catalogue import entries, reference_files, spliced, submission
from tests.grading import QUICK, graded
from tests.homework import ASSIGNMENT

PAGE = ROOT / "docs" / "messages.md"
SHORT = Limits(call=0.5, check=8.0, training=1.5)
INTRODUCTION = """# Messages

What each check asks, and for every verdict an example: what a student did, and what the report says
of it. `make messages` writes this page from real runs, and a test compares it with new ones. The
time limits of these runs are shorter than usual.
"""


@dataclass(frozen=True)
class Example:
    """A submission: what the student did, in which target, and the code; None for a stub."""

    title: str
    target: str
    code: str | None


def _activation(title: str, body: str) -> Example:
    methods = {"forward": "Z", "backward": "Z, dY"}
    lines = [f"    def {m}(self, {names}):\n        {body}\n" for m, names in methods.items()]
    return Example(title, "activations.ReLU", "class ReLU:\n" + "".join(lines))


def _formula(title: str, body: str) -> Example:
    return Example(title, "derivations.relu", f"def relu_dZ(i, j, Z, dY):\n    {body}\n")


def _layer(title: str, body: str) -> Example:
    code = f"class FullyConnected:\n    def forward(self, X):\n        {body}\n"
    return Example(title, "layers.FullyConnected", code)


def _network(title: str, body: str) -> Example:
    code = f"class NeuralNetwork:\n    def forward(self, X):\n        {body}\n"
    return Example(title, "models.NeuralNetwork", code)


# From the catalogue, in this order; OTHERS has what the catalogue lacks.
FROM_THE_CATALOGUE = (
    *("sigmoid-overflow", "fc-db-mean", "fc-loop-outer-products", "mse-half"),
    *(
        "relu-vectorize",
        "fc-x-cached-once",
        "sgd-moving-average",
        "relu-backward-cuts-dy",
        "nn-backward-not-chained",
        "d-softmax-diagonal",
        "d-fc-dw-mean",
    ),
)
ENDLESS, EXIT = "while True: pass", "import os; os._exit(0)"
OTHERS = (
    Example("nothing is written yet", "activations.ReLU", None),
    Example("nothing is written yet", "layers.FullyConnected", None),
    _activation("misspells a name", "return np.maximun(Z, 0)"),
    _activation("returns nothing", "np.maximum(Z, 0)"),
    _activation("loops forever", ENDLESS),
    _activation("ends the process", EXIT),
    _layer("misspells a name", "return X @ self.parameter['W']"),
    _layer("loops forever", ENDLESS),
    _layer("ends the process", EXIT),
    Example("nothing is written yet", "derivations.relu", None),
    _formula("swaps the indices", "return dY[j, i] * (Z[i, j] > 0)"),
    _formula("loops forever", ENDLESS),
    _formula("ends the process", EXIT),
)
# The training needs all modules, so these are graded for it alone.
TRAININGS = (
    Example("nothing is written yet", "models.NeuralNetwork", None),
    Example(
        "adds the step instead of subtracting it",
        "optimizers.SGD",
        "class SGD:\n    def update(self, *a):\n        return -self.lr * a[2]\n",
    ),
    _network("misspells a name", "return self.layer[0].forward(X)"),
    _network("loops forever", ENDLESS),
    _network("ends the process", EXIT),
)


def _files(example: Example) -> dict[str, bytes]:
    files, name = reference_files(), f"{example.target.partition('.')[0]}.py"
    if example.code is None:
        return files | {name: (ASSIGNMENT.folders.student / name).read_bytes()}
    return files | {name: spliced(files[name].decode(), example.code).encode()}


def _runs() -> Iterator[tuple[str, Grade]]:
    """Yield what the student did, and the grade."""
    known = {entry.id: entry for entry in entries("mistaken")}
    for entry in [known[name] for name in FROM_THE_CATALOGUE]:
        yield entry.title, graded(submission(entry), entry.target)
    for example in OTHERS:
        yield example.title, graded(_files(example), example.target, limits=SHORT)
    for example in TRAININGS:
        yield example.title, graded(_files(example), "4.3", limits=SHORT)
    yield "hands in no layers.py", graded({"losses.py": ""}, "layers.FullyConnected")
    yield "hands in a file that is not Python", graded({"losses.py": "def"}, "losses.MSE")
    limits, right, asked = (
        replace(QUICK, run=0.0),
        reference_files(),
        ("3.1", "3.3", "4.3", "derivations.relu"),
    )
    yield "(the time for the run was used up)", graded(right, *asked, limits=limits)
    yield "(the right answers were missing)", graded(right, *asked, oracle=_Broken(ASSIGNMENT))


class _Broken(LiveOracle):
    def answers(self, *_: object) -> dict[str, object]:  # type: ignore[override]
        raise GraderError("There are no answers.")


@cache
def collected() -> dict[tuple[str, Verdict], tuple[str, str]]:
    """Return, for every check and verdict, what the first example did and what the report says."""
    found: dict[tuple[str, Verdict], tuple[str, str]] = {}
    for title, grade in _runs():
        for line in grade.lines:
            key, text = (line.check, line.result.verdict), clean(explain(line.result))
            if key[1] is not Verdict.PASSED:
                found.setdefault(key, (f"{line.target.title}: {title}", text))
    return found


def page() -> str:
    """Return the page."""
    found, parts = collected(), [INTRODUCTION, "## Verdicts\n", "| verdict | meaning |\n|---|---|"]
    parts += [f"| {WORDS[verdict]} | {meaning} |" for verdict, meaning in MEANINGS.items()]
    for check, said in ASSIGNMENT.explanations.items():
        parts.append(f"\n## {check}\n\n{said.asks} {said.how}\n\n{said.reading}")
        for verdict in Verdict:
            if (check, verdict) in found:
                title, text = found[check, verdict]
                parts.append(f"\n**{WORDS[verdict]}**. {title}.\n\n```text\n{text}\n```")
    return "\n".join(parts) + "\n"
