"""docs/adding-a-layer.md, followed word for word in a copy of the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.paths import ROOT

PAGE = (ROOT / "docs" / "adding-a-layer.md").read_text("utf-8")
LAYER, CASES, IMPORT, ENTRY, ROW, MISTAKES, HONEST = re.findall(
    r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL
)


def _project(copy: Path) -> Path:
    for name in ("grader", "reference", "student", "tests/submissions/honest"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    layers, cases = copy / "reference" / "layers.py", copy / "grader/assignment/homework/cases"
    layers.write_text(f"{layers.read_text('utf-8')}\n\n{LAYER}", "utf-8")
    (cases / "layer_norm.py").write_text(CASES, "utf-8")
    _put(cases / "__init__.py", "from .layers import", IMPORT, "    *batch_norm(),\n", ENTRY)
    rubric = copy / "grader/assignment/homework/rubric.py"
    text = rubric.read_text("utf-8")
    end = text.index("\n)\n", text.index("RUBRIC: ")) + 1
    rubric.write_text(text[:end] + ROW + text[end:], "utf-8")
    (copy / "reference" / "mistakes" / "layer_norm.py").write_text(MISTAKES, "utf-8")
    (copy / "tests/submissions/honest/layer_norm.py").write_text(HONEST, "utf-8")
    return copy


def _put(path: Path, before: str, first: str, after: str, second: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(before) == text.count(after) == 1
    text = text.replace(before, first + before).replace(after, after + second)
    path.write_text(text, "utf-8")


def _grader(project: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-B", "-m", "grader", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_the_page_adds_a_layer_that_is_graded_and_whose_mistakes_are_named(tmp_path: Path) -> None:
    project = _project(tmp_path)
    assert _grader(project, "stubs")[0] == 0
    out = project / "results.json"
    for folder, score in (("reference", 4.0), ("student", 0.0)):
        options = ["--only=LayerNorm", f"--out={out}"]
        code, said = _grader(project, "grade", folder, *options)
        assert code == 0, said
        assert json.loads(out.read_text("utf-8"))["score"] == score
    assert "5.5 Layer normalization: layers.py:" in said
    code, said = _grader(project, "validate", "--only=LayerNorm", "--seeds=3", "--no-mutants")
    assert code == 0, said
    assert "7 submissions graded: 0 errors." in said
