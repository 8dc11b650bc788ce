"""Words that no sentence of this project may have: they read like a translation."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from grader.paths import ROOT

# What to write instead -> the pattern of what to avoid.
WORDS = {
    "expected": r"\b(?:is|are|was|were) due\b(?! date| to\b)",
    "fix": r"\b[Mm]end(?:s|ed|ing)?\b",
    "the loop check runs": r"[Ll]oops are looked for",
    "is printed once": r"\btold once\b",
    "flipped, inverted": r"\bturned round\b|\bturned over\b",
    "sandboxed": r"\bshut in\b",
    "appear without": r"\bcome without words\b",
    "tamper": r"\b[Mm]eddl(?:e|es|ed|ing)\b",
    "written by someone else": r"\bof another hand\b",
    "one row per question": r"\ba (?:row|line|sentence|loss|processor) a (?:question|row)\b",
    "should": r"\bshall\b",
    "+ extra credit": r"\bof them extra credit\b",
    "fails": r"\bcases? (?:is|are) not right\b",
    "opposite, reversed": r"\bother way round\b",
    "forever": r"\b[Ff]or ever\b",
}
# Between two words may be the end of a line: of prose, of a comment, or of a string literal.
GAP = r"""(?:[ ]|[ ]?["']?\s*\n[\s#>*|]*f?["']?)"""
BINARY = {".npz", ".png", ".gz", ".svg"}
# The license is not ours to edit, and this file has the words.
LEFT_OUT = {"LICENSE", "tests/test_words.py"}


def _files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name and name not in LEFT_OUT]
    return [name for name in names if Path(name).suffix not in BINARY]


def _read(text: str) -> list[tuple[int, str, str]]:
    """Return the line, the words found, and what to write instead, for each find in a text."""
    return [
        (text.count("\n", 0, match.start()) + 1, match[0], instead)
        for instead, pattern in WORDS.items()
        for match in re.finditer(pattern.replace(" ", GAP), text)
    ]


def test_no_file_has_words_that_read_like_a_translation() -> None:
    found = []
    for name in _files():
        path = ROOT / name
        if not path.is_file():
            continue
        for line, words, instead in _read(path.read_text("utf-8", errors="replace")):
            found.append(f"{name}:{line}: {words!r}; write {instead!r}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "sentence",
    [
        "an array of shape (1, 6) is due", "Mend the questions before this one first",
        "Loops are looked for once the numbers are right", "One reason is told once",
        "The kernel is turned round", "the fraction is turned over",
        "Grade nothing where code is shut in less well", "lines come without words and pictures",
        "The code meddles with the counting", "mistakes of another hand",
        "prints a row a question", "if students shall make the layer",
        "70.49 / 100, 5.55 of them extra credit", "1 more case is not right",
        "an array of shape (1, 6) is\ndue",
        "# a shape that is\n    # due.", "> prints a row\n> a question",
        '"an array is "\n    f"due here"', "'it is'\n'due'",
    ],
)  # fmt: skip
def test_a_sentence_of_that_kind_is_found(sentence: str) -> None:
    assert _read(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "this is.\n\nDue dates are in Canvas",
        "the report is due to students",
        "a due date",
        "amend it",
    ],
)
def test_a_plain_sentence_is_not(sentence: str) -> None:
    assert not _read(sentence)


def test_the_hooks_have_the_linter_that_the_project_has() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    (ours,) = re.findall(r'"ruff==(.*?)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert re.findall(r"ruff-pre-commit\n    rev: v(.*)", hooks) == [ours]
