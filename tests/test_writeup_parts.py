"""Parts of the writeup that need no compiler: which code answers what, and the filter's rules."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.assignment import Answer, answers_of, given_files, load
from grader.cli import main
from grader.submission import files_beside
from grader.writeup.appendix import Code, code_of
from grader.writeup.images import inside, kind_of, problem_of
from grader.writeup.literals import literal
from grader.writeup.mathematics import MAX_DEPTH, Refused, finished, prepared
from grader.writeup.modules import parsed
from grader.writeup.pages import Entry, as_json
from grader.writeup.sections import divided, has_hole, is_begun, text_of

from .homework import ASSIGNMENT, REFERENCE, STUBS

OTHER = load(Path(__file__).parent / "assignments" / "logistic_regression")


@pytest.mark.parametrize("assignment", [ASSIGNMENT, OTHER], ids=lambda one: one.name)
def test_every_question_about_a_class_has_answers_in_its_module_first(assignment) -> None:
    answers = answers_of(assignment)
    asked = {one.question: one for one in assignment.rubric if one.is_class}
    assert list(answers) == list(dict.fromkeys(asked))
    for question, found in answers.items():
        assert found[0].module in {x.module for x in assignment.rubric if x.question == question}


def test_answers_are_the_methods_that_the_holes_name() -> None:
    found = answers_of(ASSIGNMENT)["3.1"]
    assert found[:2] == (
        Answer("activations", "ReLU.forward"),
        Answer("activations", "ReLU.backward"),
    )


def _code(question: str, **files: str) -> Code:
    """Return the code of a question, given some of a student's files."""
    modules = {f"{name}.py": text.encode() for name, text in files.items()}
    answers = [x for x in answers_of(ASSIGNMENT)[question] if f"{x.module}.py" in modules]
    return code_of(answers, parsed(modules), parsed(given_files(ASSIGNMENT)))


def _shown(code: Code) -> str:
    return "\n".join(text for snippet in code.snippets for _, text in snippet.lines)


@pytest.mark.slow
def test_code_of_the_reference_is_complete_and_has_the_numbers_of_its_lines() -> None:
    files = {p.name: p.read_bytes() for p in REFERENCE.glob("*.py")}
    for question, answers in answers_of(ASSIGNMENT).items():
        code = code_of(answers, parsed(files), parsed(given_files(ASSIGNMENT)))
        assert not code.missing, question
        for snippet in code.snippets:
            lines = files[snippet.path].decode().split("\n")
            assert all(lines[number - 1] == text for number, text in snippet.lines if number)
            assert '"""' not in _shown(code)


@pytest.mark.slow
def test_nothing_of_an_untouched_stub_is_an_answer() -> None:
    files = {p.name: p.read_bytes() for p in STUBS.glob("*.py")}
    for answers in answers_of(ASSIGNMENT).values():
        there = [x for x in answers if f"{x.module}.py" in files]
        code = code_of(there, parsed(files), parsed(given_files(ASSIGNMENT)))
        assert not code.snippets
        assert len(code.missing) == len(there)


STUDENT = '''
import numpy as np
from . import more
from .more import twice as doubled
from .given import *
LIMIT = 3
UNUSED = 4

def positive(Z):
    """Say which entries are positive."""
    return Z > LIMIT

def unused(Z):
    return Z

class Activation:
    def shared(self):
        return 1

class ReLU(Activation):
    """Zero below zero."""

    def __init__(self):
        self.x = 1

    # Keeps what is positive.
    @staticmethod
    def forward(Z):
        """Return it.

        A long story.
        """
        return doubled(Z * positive(Z)) + more.thrice(Z)  # twice

    def backward(self, Z, dY):
        return self._slope(Z) * dY + self.shared()

    def _slope(self, Z):
        return 1.0
        # the end
'''
MORE = """
def twice(x):
    return 2 * x

def thrice(x):
    return twice(x) + x

def other(x):
    return x
"""


def test_helpers_are_shown_and_nothing_else() -> None:
    shown = _shown(_code("3.1", activations=STUDENT, more=MORE))
    for words in (
        "LIMIT = 3",
        "def positive",
        "class ReLU(Activation):",
        "@staticmethod",
        "# Keeps",
        "def twice",
        "def thrice",
        "def _slope",
        "def shared",
        "# twice",
        "# the end",
    ):
        assert words in shown, words
    for words in (
        "UNUSED",
        "def unused",
        "def other",
        "Zero below",
        "long story",
        "__init__",
        '"""',
    ):
        assert words not in shown, words


def test_a_function_that_was_handed_out_as_it_is_is_not_shown() -> None:
    stub = given_files(ASSIGNMENT)["activations.py"].decode()
    body = "        initialize_activation('tanh')\n        return Z\n"
    text = stub.replace("        # YOUR CODE HERE\n", body)
    shown = _shown(_code("3.1", activations=text))
    assert "class ReLU" in shown
    assert "def initialize_activation" not in shown


@pytest.mark.parametrize(
    ("body", "is_there"),
    [
        ('raise NotImplementedError("Question 3.1: write ReLU.forward.")', False),
        ('Y = 1\n        raise NotImplementedError("Question 3.1: write ReLU.forward.")', False),
        ('return Z\n        raise NotImplementedError("Question 3.1: write ReLU.forward.")', True),
        (
            '# raise NotImplementedError("Question 3.1: write ReLU.forward.")\n        return Z',
            True,
        ),
    ],
)
def test_a_hole_is_no_code(body: str, is_there: bool) -> None:
    head = "class ReLU:\n    backward = lambda self, Z, dY: dY\n    def forward(self, Z):\n        "
    text = head + body
    code = _code("3.1", activations=text)
    assert code.missing == (() if is_there else ("ReLU.forward (activations.py)",))
    assert "backward = lambda" in _shown(code)


@pytest.mark.parametrize(
    "text", ["class ReLU\n    def f(:\n", "x = '\0'\n", "(" * 5000, "a = 1" + "+1" * 50_000]
)
def test_a_file_that_is_no_python_is_shown_whole_and_told(text: str) -> None:
    code = _code("3.1", activations=text)
    assert code.missing
    if code.remarks:  # Python 3.13 reads some of these
        assert code.remarks[0].startswith("activations.py, ")
        assert _shown(code)[:7] == text[:7]


def test_a_module_that_is_not_there_is_missing_and_a_circle_ends() -> None:
    assert code_of([Answer("nowhere", "f")], {}, {}).missing == ("f (nowhere.py)",)
    modules = parsed(
        {"a.py": b"from .b import f\n", "b.py": b"from .a import *\nfrom .a import f\n"}
    )
    assert code_of([Answer("a", "f")], modules, {}).missing == ("f (a.py)",)
    text = b"def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\n"
    assert "def g" in _shown(code_of([Answer("a", "f")], parsed({"a.py": text}), {}))


def test_a_very_long_line_is_cut_and_says_so() -> None:
    code = _code(
        "3.1",
        activations="class ReLU:\n    def forward(self, Z):\n        return "
        + "Z + " * 9000
        + "1\n",
    )
    assert "more characters)" in _shown(code)
    assert max(map(len, _shown(code).split("\n"))) < 2100


# Sections.
def _header(level: int, words: str) -> dict[str, object]:
    return {"t": "Header", "c": [level, ["", [], []], [{"t": "Str", "c": words}]]}


def _para(words: str) -> dict[str, object]:
    return {"t": "Para", "c": [{"t": "Str", "c": words}]}


@pytest.mark.parametrize(
    "heading",
    ["3.1 ReLU", "3.1", "Question 3.1", "3.1. ReLU", "(3.1)", "Problem 3.1: ReLU", "Q 3.1", "3.1)"],
)
def test_headings_of_questions(heading: str) -> None:
    found = divided([_para("name"), _header(3, heading), _para("text")], ["3.1", "3.2"])
    assert text_of(found.by_question["3.1"]).strip() == "text"
    assert text_of(found.opening).strip() == "name"


@pytest.mark.parametrize(
    "heading", ["13.1 x", "3.12 x", "3.1.2 x", "Step one", "In 3.1 we saw", "3"]
)
def test_headings_that_are_no_questions(heading: str) -> None:
    assert not divided([_header(2, heading), _para("text")], ["3.1", "3.2"]).by_question


def test_chapters_and_repeated_headings() -> None:
    blocks = [
        _header(2, "3.1"),
        _para("a"),
        _header(1, "4 Networks"),
        _para("intro"),
        _header(2, "3.2"),
        _para("b"),
        _header(3, "A step"),
        _header(2, "3.1"),
        _para("c"),
        _header(1, "5 More"),
    ]
    found = divided(blocks, ["3.1", "3.2"])
    assert text_of(found.by_question["3.1"]).split() == ["a", "3.1", "c"]
    assert "intro" in text_of(found.by_question["3.2"])
    assert "A step" in text_of(found.by_question["3.2"])
    assert found.repeated == ["3.1"]


def test_what_counts_as_a_derivation() -> None:
    def is_written(blocks: list, given: list) -> bool:
        return is_begun(blocks, given) and not has_hole(blocks)

    task, hole = _para("Derive it."), _para("YOUR DERIVATION HERE")
    comment = {"t": "RawBlock", "c": ["html", "<!-- YOUR DERIVATION HERE -->"]}
    template = [task, hole]
    assert not is_written([], [])
    assert not is_written(template, template)
    assert not is_written([task], template)
    assert not is_written([task, _para("Text."), comment], template)
    assert is_written([task, _para("Text.")], template)
    assert is_written([{"t": "Para", "c": [{"t": "Image", "c": [[], [], ["a.png", ""]]}]}], [])


# The filter.
@pytest.mark.parametrize(
    "typst",
    [
        '$ #read("x") $',
        "$ a #sys.version $",
        '$ std.read("x") $',
        "$ a $ #read $ b $",
        '$ "a $',
        "$ a // b $",
        "$ a /* b $",
        "$ `x` $",
        "$ @x $",
        "#read",
        "",
        "$",
        "$ #hide[x] $",
        '$ #link("x") $',
        r'$ "\" #read(x) $',
        "$ x$<label>",
    ],
)
def test_nothing_but_mathematics_leaves_the_filter(typst: str) -> None:
    with pytest.raises(Refused):
        finished(typst, is_display=True)


def test_what_pandoc_writes_is_mended() -> None:
    assert finished("$ a dot.circle b $", is_display=False) == "$a dot.o b$"
    assert finished("$ sect.big x $", is_display=True) == "$ inter.big x $"
    assert finished('$ "dot.circle #" $', is_display=True) == '$ op("dot.circle #") $'
    assert finished(r"$ #scale(x: 180%, y: 180%)[\[] $", is_display=True) == r"$ wrbigb(\[) $"
    assert finished("$ a #h(-1em) b $", is_display=True) == "$ a wrback b $"


def test_a_break_at_the_end_does_not_hide_the_dollar() -> None:
    assert finished("$ a \\\n $", is_display=True).replace(" ", "") == "$a$"
    assert finished("$a \\$", is_display=False).replace(" ", "") == "$a$"
    assert finished(r"$ a \\ $", is_display=True) == r"$ a \\ $"


def test_what_pandoc_does_not_know_is_rewritten() -> None:
    assert prepared(r"a \\ b").startswith(r"\begin{gathered}")
    assert prepared(r"a &= b").startswith(r"\begin{aligned}")
    assert prepared(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}").startswith(r"\begin{pmatrix}")
    assert "%" not in prepared("a % not shown")
    assert r"\%" in prepared(r"5\% + a")
    assert prepared(r"\left\{a\right\}^2") == r"\left\{a\right\}^2"
    with pytest.raises(Refused):
        prepared("{" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "text", ['"', "\\", '\\"', "a\nb", "#read", "\0\x1b\u202e\ue000", "\ud800", "漢"]
)
def test_a_literal_has_no_way_out(text: str) -> None:
    made = literal(text)
    assert made[0] == made[-1] == '"'
    body = made[1:-1].replace(r"\\", "").replace(r"\"", "")
    assert '"' not in body
    assert not any(char in body for char in "\0\x1b\u202e\n\ue000\ud800")


# Images and files.
@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x.png",
        "a/../../x.png",
        "http://x/y.png",
        "data:image/png;base64,x",
        "C:\\x.png",
        "..%2fx.png",
        "%2e%2e/x.png",
        "a\\..\\..\\x.png",
        "",
    ],
)
def test_paths_that_lead_out_of_a_submission(path: str) -> None:
    assert inside(path) is None


def test_images_are_known_by_what_they_hold() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (10).to_bytes(4, "big") * 2
    bomb = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2
    assert kind_of(png) == ".png"
    assert not problem_of(png)
    assert "million pixels" in problem_of(bomb)
    assert "save it as PNG" in problem_of(b"<svg/>")
    assert problem_of(b"\xff\xd8\xff") == "is damaged"


def test_only_regular_files_beside_the_modules_are_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "student"
    (folder / "plots").mkdir(parents=True)
    (folder / "writeup.md").write_text("text")
    (folder / "plots" / "a.png").write_bytes(b"png")
    (folder / "b.png").symlink_to(tmp_path / "secret")
    (folder / "out").symlink_to(tmp_path)
    wanted = ["writeup.md", "plots/a.png", "b.png", "out/secret", "../secret"]
    contents, reasons = files_beside(folder, ".", wanted, 100)
    assert contents == {"writeup.md": b"text", "plots/a.png": b"png"}
    assert list(reasons) == ["b.png"]
    contents, reasons = files_beside(folder, ".", ["writeup.md"], 3)
    assert not contents
    assert "larger than" in reasons["writeup.md"]


# The page map.
def test_a_line_of_the_page_map() -> None:
    entry = Entry("3.1", "ReLU", (1, 1), (7, 8), ("not written yet: f (a.py)",))
    assert str(entry) == "3.1 ReLU: derivation page 1, code pages 7-8, not written yet: f (a.py)"
    assert '"code": [\n        7,\n        8\n      ]' in as_json("x", 9, [entry])


def test_without_the_extra_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("typst", "pypandoc", "pypdf"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in [x for x in sys.modules if x.startswith("grader.writeup.")]:
        monkeypatch.delattr(sys.modules["grader.writeup"], name.rpartition(".")[2], raising=False)
        monkeypatch.delitem(sys.modules, name)
    done = CliRunner().invoke(main, ["writeup", str(STUBS)])
    assert done.exit_code == 2
    assert "`make writeup` installs it." in done.output
    assert "Traceback" not in done.output


def test_a_students_own_pdf_is_not_written_over() -> None:
    done = CliRunner().invoke(main, ["writeup", str(STUBS), "--derivations", "./writeup.pdf"])
    assert done.exit_code == 2
    assert "name the same file" in done.output


def test_the_tex_template_has_a_section_for_every_question() -> None:
    text = (ASSIGNMENT.folders.pages / "writeup.tex").read_text("utf-8")
    template = (ASSIGNMENT.folders.student / "writeup.md").read_text("utf-8")
    sections = re.findall(r"^## (\S+) (.*)$", template, re.MULTILINE)
    assert re.findall(r"\\question\{([\d.]+)\}\{(.*)\}", text) == sections
