"""A file that is not code is named, with what it probably is, and no other file is blamed."""

from __future__ import annotations

import sys

import pytest

from grader.isolation.syntax_hints import syntax_hint, visible
from tests.catalogue import reference_files
from tests.grading import graded
from tests.homework import REFERENCE

LAYERS = (REFERENCE / "layers.py").read_bytes()
LAST = LAYERS.count(b"\n") + 1
BROKEN = {
    "UTF-16": (LAYERS.decode().encode("utf-16"), 1, "Save the file as text in UTF-8."),
    "UTF-16, big": (
        b"\xfe\xff" + LAYERS.decode().encode("utf-16-be"), 1, "Save the file as text in UTF-8.",
    ),
    "a null byte": (LAYERS + b"x = 1 # \0\n", LAST, "Save the file as text in UTF-8."),
    "Latin-1": (LAYERS + b"x = 'caf\xe9'\n", LAST, "Save the file as text in UTF-8."),
    "a pointer of LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", 2,
        "The file is a Git LFS pointer",
    ),
    "a merge": (LAYERS + b"<<<<<<< HEAD\nx = 1\n=======\n>>>>>>> b\n", LAST, "This is a marker of"),
    "the end of a merge": (LAYERS + b"x = 1\n=======\n>>>>>>> b\n", LAST + 1, "This is a marker"),
    "magic": (b"%matplotlib inline\n" + LAYERS, 1, "Lines with %, ! or ? like this one"),
    "cell magic": (b"%%time\n" + LAYERS, 1, "Lines with %, ! or ?"),
    "a question": (LAYERS + b"np.sum?\nx??\n", LAST, ""),
    "exec of Python 2": (LAYERS + b"exec 'x'\n", LAST, "The line is Python 2; this is "),
    "raise of Python 2": (LAYERS + b"raise E, 'x'\n", LAST, "The line is Python 2; this is "),
    "except of Python 3.14": (
        LAYERS + b"try:\n    x\nexcept A, B:\n    x\n", LAST + 2,
        "" if sys.version_info >= (3, 14) else "need Python 3.14 or newer; this is Python 3.",
    ),
    "UTF-32": (LAYERS.decode().encode("utf-32"), 1, "Save the file as text in UTF-8."),
    "a shell line": (LAYERS + b"!pip install torch\n", LAST, "Lines with %, ! or ? like this one"),
    "curly quotes": (
        LAYERS + "x = “a”\n".encode(), LAST,
        "U+201C is LEFT DOUBLE QUOTATION MARK: type a straight quote instead.",
    ),
    "a no-break space": (
        LAYERS + "x\u00a0= 1\n".encode(), LAST,
        "U+00A0 is NO-BREAK SPACE: type an ordinary space instead.",
    ),
    "a no-break space first": (
        LAYERS + "\u00a0x = 1\n".encode(), LAST,
        "U+00A0 is NO-BREAK SPACE: type an ordinary space instead.",
    ),
    "an unseen space": (
        LAYERS + "x\u200b = 1\n".encode(), LAST,
        "U+200B (ZERO WIDTH SPACE) is invisible: delete it.",
    ),
    "a long dash": (
        LAYERS + "x = 1 \u2013 2\n".encode(), LAST, "U+2013 is EN DASH: type a hyphen (-) instead.",
    ),
    "Python 2": (LAYERS + b"print 'hello'\n", LAST, "The line is Python 2; this is "),
    "a notebook": (
        b'{\n "cells": [{"cell_type": "code",\n   "execution_count": null}]}', 3,
        "The file is a notebook",
    ),
    "parentheses": (
        b"x = " + b"(" * 5000 + b")" * 5000, 1, "",
    ),
    "minus signs": (b"x = " + b"-" * 300_000 + b"1\n" + LAYERS, 1, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_no_code_is_named_with_its_line_in_every_question(case: str) -> None:
    """No message names a file of the handout that imports it."""
    content, line, hint = BROKEN[case]
    found = graded({**reference_files(), "layers.py": content}, "3.3", "4.3")
    assert found.score == 0
    messages = {case.message for line in found.lines for case in line.result.cases}
    assert len(messages) == 1, messages
    text = messages.pop()
    assert text.startswith("Importing your file raised "), text
    assert f"\n  layers.py:{line}" in text
    assert hint in text
    assert "handout" not in text


@pytest.mark.parametrize("module", ["models", "optimizers", "helpers"])
@pytest.mark.parametrize("case", ["UTF-16", "a null byte", "minus signs"])
def test_whichever_file_is_no_code_the_training_names_that_one(module: str, case: str) -> None:
    files = reference_files()
    files["models.py"] += b"\nfrom . import helpers\n" * (module == "helpers")
    found = graded({**files, f"{module}.py": BROKEN[case][0]}, "4.3")
    (text,) = {case.message for line in found.lines for case in line.result.cases}
    assert f"\n  {module}.py:" in text
    assert "handout" not in text


def test_a_byte_order_mark_is_no_mistake() -> None:
    files = {**reference_files(), "losses.py": b"\xef\xbb\xbf" + reference_files()["losses.py"]}
    assert {x.result.verdict.value for x in graded(files, "3.6").lines} == {"passed"}


def test_characters_that_cannot_be_seen_are_shown_in_the_line_of_code() -> None:
    assert visible("x\u00a0= “a”\u200b\t1") == "x<U+00A0>= “a”<U+200B>\t1"


NEWER = {
    "def f[T](x: T) -> T: return x": (3, 12),
    "class A[T]: pass": (3, 12),
    "def f[T = int](x): pass": (3, 13),
    "type Row = list[float]": (3, 12),
    "except* ValueError:": (3, 11),
    'x = t"{y}"': (3, 14),
}


@pytest.mark.parametrize("running", [(3, 10), (3, 11), (3, 12), (3, 13), (3, 14)])
@pytest.mark.parametrize("line", NEWER)
def test_code_of_a_newer_python_says_which_runs_and_which_is_needed(
    line: str, running: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.isolation.syntax_hints._RUNNING", running)
    said = syntax_hint("SyntaxError", "invalid syntax", line)
    needed, here = (".".join(map(str, version)) for version in (NEWER[line], running))
    if running < NEWER[line]:
        assert said.endswith(f"needs Python {needed} or newer; this is Python {here}.")
    else:
        assert "needs" not in said


@pytest.mark.parametrize("line", NEWER)
def test_what_the_running_python_says_of_newer_code_is_understood(line: str) -> None:
    """Each Python of `make test` accepts some of these; the others say `invalid syntax` or more."""
    try:
        compile(line if "except" not in line else f"try:\n    x\n{line}\n    x", "a.py", "exec")
    except SyntaxError as error:
        said = syntax_hint("SyntaxError", error.msg, (error.text or "").strip())
        assert "or newer; this is Python 3." in said
        assert sys.version_info[:2] < NEWER[line]
    else:
        assert sys.version_info[:2] >= NEWER[line]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="it is valid there")
def test_an_f_string_of_python_3_12_is_named() -> None:
    code = b"x = f'{d['a']}'\n"
    found = graded({**reference_files(), "losses.py": code}, "3.6")
    assert "need Python 3.12 or newer; this is Python 3.1" in found.lines[0].result.cases[0].message


@pytest.mark.parametrize(
    "said", ["U+FFFFFF", "U+D800", "U+110000", "(U+0)", "call to 'print'", "f-string"]
)
def test_whatever_a_submission_says_is_wrong_with_it_is_no_fault(said: str) -> None:
    code = f"raise SyntaxError({said!r})\n".encode()
    found = graded({**reference_files(), "activations.py": code}, "3.1")
    assert {line.result.verdict.value for line in found.lines} == {"raised"}
    assert said in found.lines[0].result.cases[0].message


@pytest.mark.parametrize(
    ("kind", "message", "line"),
    [
        ("SyntaxError", "'(' was never closed", 'return (state["t"]'),
        ("SyntaxError", "invalid syntax", 'x = state["t"] state'),
        ("SyntaxError", "invalid syntax", "x = 't' 'u' v"),
        ("KeyError", "'metadata'", '"name": INFO["metadata"],'),
        ("KeyError", "'x'", "%x"),
        ("IndexError", "list index out of range", '{"cells": x[3]}'),
        ("SyntaxError", "invalid syntax", "typed = x y"),
        ("SyntaxError", "invalid syntax", "type = x y"),
        ("SyntaxError", "invalid syntax", "define = [1 2"),
    ],
)
def test_nothing_is_said_of_a_line_that_only_looks_like_it(
    kind: str, message: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.isolation.syntax_hints._RUNNING", (3, 10))
    assert syntax_hint(kind, message, line) == ""


@pytest.mark.parametrize(
    "line",
    [
        "x = a %matrix",
        "if x != y",
        "x = [1, 2",
        "print('a' 'b'",
        "except ValueError as e",
        "}",
        "typed = 3 +",
        "x = not",
    ],
)
def test_ordinary_mistakes_of_syntax_have_no_such_hint(line: str) -> None:
    assert syntax_hint("SyntaxError", "invalid syntax", line) == ""
