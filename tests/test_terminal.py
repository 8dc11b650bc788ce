"""A grade on terminals of several widths: what is readable, how long it is, where it ends."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grader.evidence import Table
from grader.paths import ROOT
from grader.report import terminal
from grader.report.messages import account, aligned, as_text
from grader.report.source import Code
from grader.verdict import CaseResult, CheckResult, Verdict
from tests.homework import GRADED_MODULES, STUBS
from tests.reports import report_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")


class _Filled(ast.NodeTransformer):
    """Replaces every hole with a return of zeros."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Fill the hole of one function, if it has one."""
        names = [one.arg for one in node.args.args if one.arg != "self"]
        zeros = ast.parse(f"return np.zeros_like({names[0] if names else 0})").body
        hole = 'raise NotImplementedError("Question'.replace('"', "'")
        node.body = [
            part
            for one in node.body
            for part in (zeros if ast.unparse(one).startswith(hole) else [one])
        ]
        return node


@pytest.fixture(scope="module")
def zeros(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a submission in which every answer is an array of zeros."""
    folder = tmp_path_factory.mktemp("zeros")
    for name in GRADED_MODULES:
        tree = ast.parse((STUBS / f"{name}.py").read_text("utf-8"))
        (folder / f"{name}.py").write_text(ast.unparse(_Filled().visit(tree)), "utf-8")
    return folder


def _on_a_terminal(folder: Path, columns: int, *options: str) -> list[str]:
    """Return the lines that `grader grade` shows on a terminal, without its colors."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": str(columns), "TERM": "xterm-256color"}
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--seed", "0", *options]
    command += ["--out", str(folder.parent / "results.json")]
    read = b""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=theirs, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(theirs)
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while chunk := os.read(ours, 4096):
                read += chunk
    os.close(ours)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", read.decode()).splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 60, 80, 100])
def test_score_and_verdicts_are_readable_at_every_width(zeros: Path, columns: int) -> None:
    lines = [line.rstrip() for line in _on_a_terminal(zeros, columns)]
    assert max(map(len, lines)) <= columns
    assert "Score: 0 / 100" in lines
    rows = {line[:3]: line for line in reversed(lines) if re.match(r"\d\.\d  ", line)}
    assert re.fullmatch(r"3\.1  ReLU .* 0 / 8  .*wrong.*", rows["3.1"])
    assert re.fullmatch(r"5\.3  Train.* 0 / 4  raised an error", rows["5.3"])
    words = " ".join(" ".join(lines).split())
    line = (zeros / "activations.py").read_text("utf-8").partition("class ReLU")[0].count("\n") + 4
    assert words.endswith(f"Start here: 3.1 ReLU, activations.py:{line}")
    if columns >= 80:
        assert len(lines) < 60
        assert len([text for text in lines if re.match(r"  (3|4|5)\.\d ", text)]) == 13


@pytest.mark.slow
def test_lines_go_on_below_themselves_further_to_the_right(zeros: Path) -> None:
    lines = _on_a_terminal(zeros, 60, "--only", "4.3")
    start = next(i for i, line in enumerate(lines) if line.startswith("  The network's output"))
    assert lines[start + 1].startswith("    ")
    assert not lines[start + 1].startswith("     ")


@pytest.mark.slow
def test_verbose_has_every_check_that_does_not_pass(zeros: Path) -> None:
    lines = _on_a_terminal(zeros, 100, "--verbose", "--only", "3.1", "--only", "3.6")
    headings = [line.partition(":")[0] for line in lines if re.match(r"3\.\d \w.*: ", line)]
    assert headings == [
        *("3.1 ReLU, values", "3.1 ReLU, shape", "3.1 ReLU, batching", "3.1 ReLU, gradient"),
        *(f"3.6 Mean squared error, {check}" for check in ("shape", "values", "batching")),
        *("3.6 Mean squared error, gradient", "3.1 Derivation", "3.6 Derivation"),
    ]


@pytest.mark.slow
def test_advice_comes_after_all_causes_and_the_start_last() -> None:
    console = Console(file=io.StringIO(), width=1000)
    terminal.show(report_of("half-wrong"), console, notes=["To repeat: --seed 0"])
    lines = console.file.getvalue().splitlines()
    assert len(lines) <= 59
    assert lines[-3] == "To repeat: --seed 0"
    assert lines[-1].startswith("Start here: 3.1 ReLU, activations.py:")
    assert lines[-5] == "  No points: advice on 3.2 Sigmoid"


ROWS = (("[0, 2]", (1.5, 0.25, -1.0)), ("[10, 0]", (float("nan"), 1e-9, 2.0)))
TABLE = Table(("Z", "yours", "expected"), ROWS)


def test_a_table_stands_below_the_first_message_with_its_columns_aligned() -> None:
    assert aligned(TABLE) == (
        "           Z  yours  expected\n"
        "[0, 2]   1.5   0.25        -1\n"
        "[10, 0]       1e-09         2"
    )
    cases = (
        CaseResult("a", Verdict.FAILED, "Y is wrong.", table=TABLE),
        CaseResult("b", Verdict.FAILED, "Y is NaN."),
    )
    lines = as_text(account(CheckResult(cases)), str(Code("a.py", ((3, "x = 1"),), 3))).split("\n")
    assert lines[0] == "a: Y is wrong."
    assert lines[1:4] == [f"  {line}" for line in aligned(TABLE).split("\n")]
    assert lines[4:] == ["b: Y is NaN.", "  > 3 | x = 1"]
