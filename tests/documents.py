"""What pages quote from code, catalogues, and real runs. `make messages` brings it up to date.

docs/messages.md is one such quote as a whole; in other pages, a quote is found by the text around
it. A test compares the pages with what would be written, and nothing else pins a quoted sentence.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from grader.paths import ROOT
from grader.proving.trials import mistakes
from tests import messages
from tests.homework import ASSIGNMENT, EXPLANATIONS, STUBS
from tests.wall.corpus import attacks
from tests.wall.run import MODES

COMMAND = "make messages"


def written(name: str) -> str:
    """Return a page with everything it quotes brought up to date."""
    return QUOTING[name]((ROOT / name).read_text("utf-8"))


def _replaced(text: str, pattern: str, *quotes: object) -> str:
    """Replace the groups of a pattern, which matches exactly once in the text, with quotes."""
    (found,) = re.finditer(pattern, text, re.DOTALL)
    for number, quote in reversed(list(enumerate(quotes, 1))):
        start, end = found.span(number)
        text = text[:start] + str(quote) + text[end:]
    return text


def _measured(text: str) -> str:
    found = [trial.entry for trial in mistakes(ASSIGNMENT) if trial.seed == 0]
    counts = (len(found), sum(bool(x.says) for x in found), sum(bool(x.message) for x in found))
    words = r"(\d+) mistakes, (\d+) of them with a sentence [^.]*?, and\s(\d+) with a message"
    return _replaced(text, words, *counts)


def _threat_model(text: str) -> str:
    """Fill in what each mode lets through, as the attacks declare it; `make wall` checks that."""
    for mode in MODES:
        through = sum(mode in attack.through for attack in attacks())
        row = rf"\n\| `{mode}` \|[^\n]*?\| (\d+) of (\d+) \|"
        text = _replaced(text, row, through, len(attacks()))
    return text


def _readme(text: str) -> str:
    text = _replaced(text, r"\[(\d+) hostile submissions in five modes\]", len(attacks()))
    (options,) = re.findall(r'^\$ make grade ARGS="(.*)"$', text, re.MULTILINE)
    shown = r'```console\n\$ make grade ARGS="[^\n]*\n(.*?)```'
    return _replaced(text, shown, example(*shlex.split(options))[0])


def _commands(text: str) -> str:
    return _replaced(text, r"`make wall` grades (\d+) hostile submissions", len(attacks()))


def _students(text: str) -> str:
    rows = "".join(f"| {check} | {said.asks} |\n" for check, said in EXPLANATIONS.items())
    return _replaced(text, r"What a check asks:\n\n\|[^\n]*\n\|[-|]*\n(.*?)\n\n", rows.rstrip("\n"))


@cache
def example(*options: str) -> tuple[str, str]:
    """Grade the stubs with a ReLU whose backward forgets dY; return the output and the HTML page.

    Args:
        options: for `grader grade`.
    """
    bodies = {"forward": "np.maximum(Z, 0)", "backward": "(Z > 0) * 1.0"}
    with tempfile.TemporaryDirectory() as folder:
        student = Path(folder) / "student"
        shutil.copytree(STUBS, student)
        code = (student / "activations.py").read_text("utf-8")
        for method, body in bodies.items():
            hole = f'raise NotImplementedError("Question 3.1: write ReLU.{method}.")'
            assert code.count(hole) == 1
            code = code.replace(hole, f"return {body}")
        (student / "activations.py").write_text(code, "utf-8")
        command = [sys.executable, "-m", "grader", "grade", "student"]
        done = subprocess.run(
            [*command, "--out", "results.json", "--html", "report.html", *options],
            cwd=folder, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        page = (Path(folder) / "report.html").read_text("utf-8")
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines()), page


QUOTING: Mapping[str, Callable[[str], str]] = {
    "docs/messages.md": lambda _: messages.page(),
    "docs/measured.md": _measured,
    "docs/threat-model.md": _threat_model,
    "docs/commands.md": _commands,
    "docs/students.md": _students,
    "README.md": _readme,
}


if __name__ == "__main__":
    for page in QUOTING:
        (ROOT / page).write_text(written(page), "utf-8")
