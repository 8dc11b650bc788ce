"""Whole writeups: PDFs of honest and hostile submissions, read back; make writeup-test."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.writeup
pypdf = pytest.importorskip("pypdf")
typst = pytest.importorskip("typst")
pytest.importorskip("pypandoc")

from grader.assignment import write_files  # noqa: E402
from grader.cli import main  # noqa: E402
from grader.delivery.handout import handout_files  # noqa: E402
from grader.errors import UsageError  # noqa: E402
from grader.paths import ROOT  # noqa: E402
from grader.writeup import formulas, merging, typesetting  # noqa: E402
from grader.writeup.making import Writeup, write_up  # noqa: E402

from .homework import ASSIGNMENT, REFERENCE, RUBRIC, STUBS  # noqa: E402
from .test_writeup_parts import OTHER  # noqa: E402

QUESTIONS = list(dict.fromkeys(one.question for one in RUBRIC if one.is_class))
# Mathematics as a homework like this one uses it, one formula per line; all must be typeset.
FORMULAS = (Path(__file__).parent / "formulas.txt").read_text("utf-8")
SECRET = "the-secret-of-this-machine"
WHOLE = "**Name:** Ada\n\n" + "".join(
    f"## {question} Title\n\nBy the chain rule,\n\n$$\\frac{{\\partial L}}{{\\partial X}} = W$$\n\n"
    for question in QUESTIONS
)


def _submission(folder: Path, text: str | bytes | None = None, **files: bytes) -> Path:
    """Write a submission with the reference's code."""
    folder.mkdir(exist_ok=True)
    for path in REFERENCE.glob("*.py"):
        shutil.copy(path, folder)
    if text is not None:
        content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        (folder / "writeup.md").write_bytes(content)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def _made(folder: Path, text: str | bytes | None, **files: bytes) -> Writeup:
    return write_up(ASSIGNMENT, _submission(folder / "student", text, **files))


def _texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def _bookmarks(pdf: bytes) -> dict[str, int]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return {str(x.title): reader.get_destination_page_number(x) + 1 for x in reader.outline}


def _agrees(made: Writeup) -> None:
    """Compare the page map with what is on the pages."""
    texts = _texts(made.pdf)
    assert made.count == len(texts)
    shown = " ".join(texts[0].split())
    covered: set[int] = {1}
    for entry in made.entries:
        for name, pages in (("derivation", entry.derivation), ("code", entry.code)):
            if pages is None:
                continue
            title = f"{entry.question} {entry.title}: {name}"
            assert texts[pages[0] - 1].lstrip().startswith(title)
            assert _bookmarks(made.pdf)[title] == pages[0]
            inside = set(range(pages[0], pages[1] + 1))
            assert not inside & covered
            covered |= inside
            first, last = pages
            range_ = f"page {first}" if first == last else f"pages {first}\u2013{last}"
            assert f"{name} {range_}" in shown
    assert covered == set(range(1, made.count + 1))


def test_a_whole_writeup_has_every_question_and_its_page_map_is_true(tmp_path: Path) -> None:
    made = _made(tmp_path, WHOLE)
    assert not made.remarks
    assert not made.missing
    assert [one.question for one in made.entries] == QUESTIONS
    assert "Ada" in _texts(made.pdf)[0]
    _agrees(made)
    rows = json.loads(made.page_map)["questions"]
    assert [(x["derivation"][0], x["code"][0]) for x in rows] == [
        (x.derivation[0], x.code[0]) for x in made.entries if x.derivation and x.code
    ]


def test_a_long_derivation_has_all_its_pages(tmp_path: Path) -> None:
    text = WHOLE.replace("## 3.3 Title\n", "## 3.3 Title\n" + "A line.\n\n" * 300)
    made = _made(tmp_path, text)
    entry = next(one for one in made.entries if one.question == "3.3")
    assert entry.derivation is not None
    assert entry.derivation[1] - entry.derivation[0] >= 3
    _agrees(made)


def test_another_homework_has_a_writeup_too(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(OTHER.folders.reference, folder)
    (folder / "writeup.md").write_text("# 1. Sigmoid\n\n$\\sigma' = \\sigma(1 - \\sigma)$\n")
    made = write_up(OTHER, folder)
    assert [one.question for one in made.entries] == ["1", "2", "3", "4"]
    assert [bool(one.derivation) for one in made.entries] == [True, False, False, False]
    _agrees(made)


def test_the_code_pages_have_the_code_with_its_line_numbers(tmp_path: Path) -> None:
    made = _made(tmp_path, WHOLE)
    entry = made.entries[0]
    assert entry.code is not None
    text = _texts(made.pdf)[entry.code[0] - 1]
    lines = (REFERENCE / "activations.py").read_text("utf-8").split("\n")
    number = lines.index("        return np.maximum(Z, 0.0)") + 1
    assert str(number) in text
    assert "np.maximum(Z, 0.0)" in text
    assert "Return max" not in text


def test_without_a_text_the_code_is_still_there_and_stubs_have_neither(tmp_path: Path) -> None:
    made = _made(tmp_path, None)
    assert "There is no writeup.md" in made.remarks[0]
    assert all(one.code and not one.derivation for one in made.entries)
    _agrees(made)
    stubs = write_up(ASSIGNMENT, STUBS)
    assert not any(one.code or one.derivation for one in stubs.entries)
    assert "no code yet" in _texts(stubs.pdf)[0]


def test_a_derivation_that_still_has_its_hole_is_shown_and_is_not_complete(tmp_path: Path) -> None:
    text = WHOLE.replace("## 3.2 Title\n", "## 3.2 Title\n\nYOUR DERIVATION HERE\n\nHalf of it.\n")
    made = _made(tmp_path, text)
    assert [one.question for one in made.missing] == ["3.2"]
    assert "still has the line YOUR DERIVATION HERE" in str(made.missing[0])
    _agrees(made)
    made = _made(tmp_path, "## 3.1 ReLU\n\nYOUR DERIVATION HERE\n")
    assert made.entries[0].derivation is None


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    folder = _submission(tmp_path / "student", WHOLE)
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"hw/student/{path.name}")
    made = write_up(ASSIGNMENT, tmp_path / "s.zip")
    assert not made.missing
    assert made.pdf == write_up(ASSIGNMENT, folder).pdf  # and the same input gives the same bytes


def test_it_takes_less_than_two_seconds_once_warm(tmp_path: Path) -> None:
    folder = _submission(tmp_path / "student", WHOLE)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        write_up(ASSIGNMENT, folder)
        times.append(time.perf_counter() - start)
    assert min(times) < 2


# Mathematics.
def _converted(tex: str, is_display: bool = True) -> tuple[str, list[str]]:
    kind = "DisplayMath" if is_display else "InlineMath"
    blocks = [{"t": "Para", "c": [{"t": "Math", "c": [{"t": kind}, tex]}]}]
    found, remarks = formulas.convert(blocks, f"$${tex}$$")
    return next((one.typst for one in found.values()), ""), remarks


def test_every_formula_of_a_homework_is_typeset_in_lines_and_apart() -> None:
    written = [line for line in FORMULAS.split("\n") if line and not line.startswith("%")]
    assert len(written) > 170
    for is_display in (True, False):
        kind = "DisplayMath" if is_display else "InlineMath"
        math = [{"t": "Math", "c": [{"t": kind}, tex]} for tex in written]
        found, remarks = formulas.convert([{"t": "Para", "c": [x]} for x in math], FORMULAS)
        assert not remarks
        parts = [one.typst for one in found.values()]
        assert len(parts) == len(set(written))
        with typesetting.typesetter("Formulas", {}) as typesetter:
            refused = formulas.refused_by(parts, typesetter.problem)
        assert not refused, {written[n]: why for n, why in refused.items()}


# Commands that print letters, and LaTeX that prints none.
_WORDS = r"exp|log|ln|sin|cos|tanh|max|min|sup|inf|lim|det|dim|ker|gcd|deg|arg|hom|Pr|mod|bmod|pmod"
_UNSEEN = (
    r"%.*|\\(?:label|hspace|vspace|color|h?phantom)\*?\{[^}]*\}|\\textcolor\{[^}]*\}|\\\\\[\d*pt\]"
    r"|\\begin\{(?:array|alignat)\}\{[^}]*\}|\\(?:begin|end)\{[^}]*\}|\d*(?:pt|mu)\b|(?<=\})\[[tr]\]|\\\\"
)


def _letters(text: str) -> Counter[str]:
    return Counter(x for x in unicodedata.normalize("NFKD", text) if x.isascii() and x.isalnum())


def test_no_letter_of_a_formula_is_lost_and_none_is_added() -> None:
    """Pandoc drops some commands silently; a command for a symbol prints no letters."""
    written = [
        x
        for x in FORMULAS.split("\n")
        if x and not re.search(r"^%|newcommand|\\Re|∂|\\over\w*arrow", x)
    ]
    math = [{"t": "Math", "c": [{"t": "DisplayMath"}, tex]} for tex in written]
    found, _ = formulas.convert([{"t": "Para", "c": [x]} for x in math], FORMULAS)
    parts = [f"#pagebreak(weak: true)\n{found[tex, True].typst}" for tex in written]
    with typesetting.typesetter("Formulas", {}) as typesetter:
        pages = _texts(typesetter.pdf("\n\n".join(parts))[0])
    for tex, page in zip(written, pages, strict=True):
        seen = re.sub(_UNSEEN, " ", tex)
        words = (
            "".join(re.findall(rf"\\({_WORDS})(?![A-Za-z])", seen))
            .replace("bm", "m")
            .replace("pm", "m")
        )
        expected = _letters(re.sub(r"\\[A-Za-z]+", "", seen) + words)
        assert _letters(page.rpartition("\n")[0]) == expected, tex


@pytest.mark.parametrize(
    ("tex", "typst_has"),
    [
        (r"a \odot b", "dot.o"),
        (r"A \cap B", "inter"),
        (r"\mathbb{1}[z > 0]", "bb(1)"),
        (r"X^\top", "X^top"),
        (r"\frac{\frac{a}{b}}{c}", "frac(frac(a,  b),  c)"),
        (r"\frac{a}{\frac{b}{c}}", "frac(a,  frac(b,  c))"),
        (r"\frac{a}{b}^2", "frac(a,  b)^2"),
        (r"\frac{\left(a + b\right)}{c}", "frac((a + b),  c)"),
        (r"{W^{(l)}}^\top", r"wrgroup(W^(\( l \)))^top"),
        (r"\begin{vmatrix} a \\ b \end{vmatrix}", 'delim: "|"'),
        (r"\begin{Vmatrix} a & b \end{Vmatrix}", 'delim: "‖"'),
        (r"\begin{matrix} a & b \end{matrix}", "delim: #none"),
        (r"\operatorname*{arg\,max}_k x", 'wrlimits("arg\u2006max")_k'),
        (r"\operatorname{diag}(x)", 'op("diag")'),
        (r"\|x\|_2^2", "‖x‖_2^2"),
        (r"\left.\frac{a}{b}\right|_{x=0}", r"\|)_(x = 0)"),
        (r"\big( x \big)", r"wrbiga(\()"),
        (r"a \& b", 'upright("&")'),
        (r"x \, y \; z \! w", "thin"),
        (r"\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}} \dd{L}{X}", "partial L"),
        (r"a = b \tag{7}", "(7)"),
        (r"\color{red}{x} + \textcolor{blue}{y}", "x + y"),
        (r"\text{ReLU}(Z)", 'upright("ReLU")'),
        (r"x_12", "x_1  2"),
    ],
)
def test_what_pandoc_gets_wrong_or_drops_is_right(tex: str, typst_has: str) -> None:
    made, remarks = _converted(tex)
    assert not remarks
    assert typst_has in made


def test_mathematics_without_dollars_and_definitions_are_not_lost(tmp_path: Path) -> None:
    text = (
        "\\newcommand{\\word}{\\text{defined}}\n\n## 3.1 ReLU\n\n"
        "\\begin{align}\na &= \\text{first} \\\\\nb &= \\text{second}\n\\end{align}\n\n"
        "It is $\\word$, \\(\\text{round}\\) and "
        "\\[\\text{square}\\] and costs $20 or $30.\n"
    )
    made = _made(tmp_path, text)
    page = _texts(made.pdf)[1]
    for word in ("first", "second", "defined", "round", "square", "$20 or $30"):
        assert word in page
    assert not made.remarks


@pytest.mark.parametrize(
    ("formula", "column", "said"),
    [
        (r"\frac{1}{", 13, "ends too early"),
        (r"a + \foo{b}", 9, r"\foo is not understood here"),
        (r"a # b", 7, "is not expected here"),
        (r"\rule{1cm}{1pt}", 5, r"\rule is not understood"),
        (r"x^{" * 60 + "x" + "}" * 60, 5, "too long, or nested too deeply"),
    ],
)
def test_a_bad_formula_costs_itself_only_and_is_told_with_its_place(
    tmp_path: Path, formula: str, column: int, said: str
) -> None:
    text = f"## 3.1 ReLU\n\nGood $\\alpha$ words.\n\nA: ${formula}$ and $\\text{{good}}$.\n"
    made = _made(tmp_path, text)
    assert len(made.remarks) == 1
    assert f"writeup.md, line 5, column {column}: " in made.remarks[0]
    assert said in made.remarks[0]
    page = "".join(_texts(made.pdf)[1].split())
    assert formula[:10].replace(" ", "") in page
    assert "good" in page
    assert not made.entries[0].missing


def test_the_place_of_the_second_of_two_equal_lines_is_its_own(tmp_path: Path) -> None:
    text = "## 3.1\r\n\r\n> $$a +\r\n> \\foo$$\r\n\r\n- $\\alpha$\r\n- x $\\bar$\r\n"
    remarks = _made(tmp_path, text).remarks
    assert "line 4, column 1" in remarks[0] or "line 4, column 3" in remarks[0]
    assert "line 7" in remarks[1]


def test_what_the_compiler_refuses_is_found_one_by_one() -> None:
    with typesetting.typesetter("x", {}) as typesetter:
        parts = ["$a$", "$nosuchname$", "$b$", "$#x$", "$c$"] * 5
        assert sorted(formulas.refused_by(parts, typesetter.problem)) == [
            n for n, part in enumerate(parts) if part in ("$nosuchname$", "$#x$")
        ]


def test_the_whole_is_made_again_without_what_the_compiler_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = formulas.finished
    monkeypatch.setattr(
        formulas, "finished",
        lambda typst, is_display: honest(typst, is_display).replace("omega", "nosuchname"),
    )  # fmt: skip
    made = _made(tmp_path, "## 3.1 ReLU\n\nOne $\\alpha$ two $\\omega$ three.\n")
    assert "line 3, column 19: this cannot be typeset" in made.remarks[0]
    assert "\\omega" in _texts(made.pdf)[1]


# Other odd texts.
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("## 3.1\n\n$$a\n\nb$$\n", "line 3: '$$a' does not delimit a formula"),
        ("## 3.1\n\nthe $ a $ formula\n", "line 3: '$' does not delimit a formula"),
        ("## 3.1\n\n<div>x</div> <b>y</b>\n", "shown as it is written"),
        ("## 3.1\n\n\\textbf{x} word\n", "shown as it is written"),
        ("## 3.1\n\na\n\n## 3.1\n\nb\n", "several headings"),
        ("## 3.1\n\n![a](none.png)\n", "line 3: the image none.png is not there"),
        ("## 3.1\n\n![a](bad.png)\n", "bad.png is damaged"),
        ("## 3.1\n\n![a](http://example.org/a.png)\n", "is not inside the submission"),
        (b"## 3.1\n\ncaf\xe9 $x$\n", "not UTF-8"),
    ],
)
def test_what_is_odd_is_told_and_the_pdf_is_there(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    bad = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (10).to_bytes(4, "big") * 2 + b"rubbish"
    made = _made(tmp_path, text, bad__png=bad)
    assert any(told in remark for remark in made.remarks), made.remarks
    assert not [one for one in made.entries[:1] if one.missing]
    _agrees(made)


def test_unicode_line_ends_tables_lists_notes_and_images(tmp_path: Path) -> None:
    text = (
        "\ufeff## 3.1 ReLU\r\n\r\nNaïve 漢字 😀 ∂L/∂Z: $∂ ≤ θ ⊙ β$ \u202e end\x00\r\n\r\n"
        "| a | b |\r\n|---|:-:|\r\n| $x$ | cell |\r\n\r\n1. one\r\n2. two\r\n\r\nTerm\r\n"
        ":   meaning\r\n\r\n> quote[^1]\r\n\r\n"
        "[^1]: a note $y$\r\n\r\n![words](plot.png)\r\n\r\n~~gone~~ H~2~O x^2^ --- *em* `code`\r\n"
    )
    image = typst.compile(b"#set page(width: 2cm, height: 1cm)\nplot", format="png")
    made = _made(tmp_path, text, plot__png=image)
    assert not [remark for remark in made.remarks if not remark.startswith("No available font")]
    page = _texts(made.pdf)[1]
    for word in (
        "cell",
        "one",
        "Term",
        "meaning",
        "quote",
        "a note",
        "words",
        "gone",
        "code",
        "end",
    ):
        assert word in page
    assert pypdf.PdfReader(io.BytesIO(made.pdf)).pages[1].images


def test_a_heading_needs_no_blank_line_and_a_new_page_is_one_where_it_can_be(
    tmp_path: Path,
) -> None:
    text = "## 3.1 ReLU\na\n\n\\newpage\n\nb\n\n> c\n>\n> \\newpage\n\n**d \\newpage e**\n"
    text += "## 3.2 S\nf\n"
    made = _made(tmp_path, text)
    assert not made.remarks
    assert [one.derivation for one in made.entries[:2]] == [(2, 3), (4, 4)]
    _agrees(made)


def test_lines_of_a_formula_may_begin_like_lists_and_quotations(tmp_path: Path) -> None:
    made = _made(tmp_path, "## 3.1 ReLU\n\nSo\n$$\na\n- b\n+ c\n> d\n= \\text{end}\n$$\n")
    assert not made.remarks
    assert "end" in _texts(made.pdf)[1]


def test_nothing_leaves_the_page_however_wide_or_tall_it_is(tmp_path: Path) -> None:
    rows = " \\\\ ".join(f"x_{{{n}}} &= y" for n in range(60))
    text = (
        f"## 3.1 ReLU\n\n$${'a + ' * 90}b$$\n\n$$\\begin{{aligned}}{rows}\\end{{aligned}}$$\n\n"
        f"{'long' * 60} `{'x' * 200}` $\\foo {'y ' * 200}z$\n"
    )
    made = _made(tmp_path, text)
    assert made.entries[0].derivation is not None
    assert made.entries[0].derivation[1] > 2
    places: list[tuple[float, float]] = []

    def note(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            places.append((tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]))

    for page in pypdf.PdfReader(io.BytesIO(made.pdf)).pages:
        page.extract_text(visitor_text=note)
    assert len(places) > 100
    assert not [(x, y) for x, y in places if not (0 <= x <= 612 and 0 <= y <= 792)]


def test_two_hundred_pages_are_fine(tmp_path: Path) -> None:
    text = "## 3.1 ReLU\n\n" + "Word.\n\n$$x = \\frac{1}{2}$$\n\n" * 2200
    made = _made(tmp_path, text)
    assert made.count > 150
    _agrees(made)


@pytest.mark.parametrize(
    "text", [">" * 900 + " x\n", "".join("  " * n + "- x\n" for n in range(90))]
)
def test_what_is_nested_too_deeply_is_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="nested too deeply"):
        _made(tmp_path, "## 3.1\n\n" + text)


# Only the submission's own files are read, and nothing is run.
ATTACKS = [
    '#read("{path}")',
    '`#read("{path}")`{{=typst}}',
    '```{{=typst}}\n#read("{path}")\n```',
    '$#read("{path}")$',
    '$\\text{{" #read("{path}") "}}$',
    '$\\operatorname{{" + read("{path}") + "}}$',
    '$\\phantom{{\\text{{#read("{path}")}}}}$',
    '$\\boxed{{\\text{{#read("{path}")}}}}$',
    '$\\big\\text{{#read("{path}")}}$',
    '$std.read("{path}")$',
    '$\\mathrm{{std}}.read("{path}")$',
    "\\input{{{path}}}",
    "$\\input{{{path}}}$",
    "\\begin{{align}}\\include{{{path}}}\\end{{align}}",
    "![x]({path})",
    "![x](link.png)",
    '<img src="{path}"> <iframe src="{path}"></iframe>',
    '#include "{path}"',
    '\\#import "@preview/cetz:0.3.0"',
    '"; #read("{path}"); "',
    '\\\\" #read("{path}") \\\\"',
    ']#read("{path}")[',
    '/* ]) #read("{path}") */ // x',
    "---\ntitle: x\nbibliography: {path}\n---\n[@x]",
    "[x]{{.y include={path}}} ::: {{include={path}}}\n:::",
    "<x>@y <lbl> @lbl $x$<lbl>",
    "= Heading\n+ item\n- item\n/ term: x\n",
    "~ -- ... 'x' \"y\" *a* _b_ https://example.org // c",
    '```{path}\n#read("{path}")\n```',
    '```python")#read("{path}")\ncode\n```',
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_code_or_reads_a_file(tmp_path: Path, attack: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    folder = _submission(tmp_path / "student")
    (folder / "link.png").symlink_to(secret)
    words = attack.format(path=secret)
    (folder / "writeup.md").write_text(
        f"{words}\n\n## 3.1 ReLU {words}\n\nBefore\n\n{words}\n\nAfter\n"
    )
    made = write_up(ASSIGNMENT, folder)
    text = "".join("".join(_texts(made.pdf)).split())
    assert SECRET not in text
    assert "Before" in text
    assert "After" in text
    assert SECRET.encode() not in made.pdf


def test_code_and_file_names_are_only_words(tmp_path: Path) -> None:
    folder = _submission(tmp_path / "student")
    words = '"); #read("/etc/hostname") \\" ``` ]#sys.version[ $x$ \u202e'
    path = folder / "activations.py"
    marked = "return np.maximum(Z, 0.0)"
    path.write_text(path.read_text("utf-8").replace(marked, f"{marked}  # {words}"), "utf-8")
    page = "".join(_texts(write_up(ASSIGNMENT, folder).pdf))
    assert '#read("/etc/hostname")' in page
    assert "#sys.version" in page
    assert "\u202e" not in page


def test_the_compiler_reads_its_own_folder_only_and_loads_no_package() -> None:
    with typesetting.typesetter("x", {}) as typesetter:
        assert not typesetter.problem(["words"])
        for source in (
            '#read("/etc/passwd")', '#read("../../etc/passwd")', '#image("/etc/passwd")',
            '#include "/etc/passwd"', '#import "@preview/cetz:0.3.0": *',
            '#import "@local/x:0.1.0"',
            '#plugin("/bin/ls")', '#csv("/etc/passwd")', '#bibliography("/etc/passwd")',
        ):  # fmt: skip
            assert typesetter.problem([source]), source


def test_pandoc_reads_no_file(tmp_path: Path) -> None:
    from grader.writeup import pandoc

    secret = tmp_path / "secret.tex"
    secret.write_text(SECRET)
    blocks = pandoc.blocks_of(f"\\input{{{secret}}}\n\n$\\input{{{secret}}}$\n\n![x]({secret})\n")
    assert SECRET not in json.dumps(blocks)


# A PDF of the student's own.
def _own(bookmarks: str, pages: int = 6) -> bytes:
    """Return a PDF with headings on given pages: "1:3.1 ReLU;2:3.2 Sigmoid"."""
    titles = dict(one.split(":", 1) for one in bookmarks.split(";") if one)
    body = "#pagebreak()\n".join(
        (f'#heading("{titles[str(n)]}")\n' if str(n) in titles else "") + f"own page {n}\n\n"
        for n in range(1, pages + 1)
    )
    return bytes(typst.compile(f"#set heading(bookmarked: true)\n{body}".encode(), format="pdf"))


MARKED = "1:3.1 ReLU;3:Question 3.2: Sigmoid;4:3.3 Layer;5:Appendix"


def test_pages_of_an_own_pdf_come_from_its_bookmarks(tmp_path: Path) -> None:
    folder = _submission(tmp_path / "student", WHOLE)
    (tmp_path / "own.pdf").write_bytes(_own(MARKED))
    made = write_up(ASSIGNMENT, folder, tmp_path / "own.pdf")
    texts = _texts(made.pdf)
    found = {one.question: one.derivation for one in made.entries if one.derivation}
    assert found == {"3.1": (2, 3), "3.2": (4, 4), "3.3": (5, 5)}
    for first, last in found.values():
        assert all(f"own page {page - 1}" in texts[page - 1] for page in range(first, last + 1))
    for entry in made.entries:
        assert entry.code is not None
        assert f"{entry.question} {entry.title}: code" in texts[entry.code[0] - 1]
        assert _bookmarks(made.pdf)[f"{entry.question} {entry.title}: code"] == entry.code[0]
        assert f"code page {entry.code[0]}" in texts[0] or f"code pages {entry.code[0]}" in texts[0]
    assert _bookmarks(made.pdf)["3.2 Sigmoid: derivation"] == 4
    assert "derivation pages 2\u20133" in texts[0]
    assert "Ada" in texts[0]
    assert str(made.entries[0].code[0] if made.entries[0].code else "") in texts[7]


def test_pages_may_be_named_by_hand(tmp_path: Path) -> None:
    folder = _submission(tmp_path / "student")
    (tmp_path / "scan.pdf").write_bytes(_own(""))
    made = write_up(ASSIGNMENT, folder, tmp_path / "scan.pdf")
    assert "has no bookmarks" in made.remarks[0]
    made = write_up(ASSIGNMENT, folder, tmp_path / "scan.pdf", "3.1=1-2, 3.2=3")
    assert [one.derivation for one in made.entries[:3]] == [(2, 3), (4, 4), None]
    for pages, said in (("3.1", "write it as"), ("9.9=1", "question 9.9"),
                        ("3.1=5-7", "pages 1 to 6"),
                        ("3.1=0", "pages 1 to 6"),
                        ("3.1=3-2", "the first page comes first")):  # fmt: skip
        with pytest.raises(UsageError, match=said):
            write_up(ASSIGNMENT, folder, tmp_path / "scan.pdf", pages)
    with pytest.raises(UsageError, match="add --derivations"):
        write_up(ASSIGNMENT, folder, None, "3.1=1")


def _encrypted() -> bytes:
    writer, made = pypdf.PdfWriter(clone_from=io.BytesIO(_own(""))), io.BytesIO()
    writer.encrypt("password", algorithm="RC4-128")
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_encrypted, "encrypted"),
        (lambda: b"", "not a PDF"),
        (lambda: b"word document", "not a PDF"),
        (lambda: b"%PDF-1.7\nrubbish", "damaged"),
        (lambda: _own(MARKED)[:2000], "damaged"),
    ],
)
def test_a_pdf_that_cannot_be_taken_is_a_sentence_and_code_2(
    tmp_path: Path, content: Any, said: str
) -> None:
    folder = _submission(tmp_path / "student")
    (tmp_path / "own.pdf").write_bytes(content())
    own, out = str(tmp_path / "own.pdf"), str(tmp_path / "w.pdf")
    done = CliRunner().invoke(main, ["writeup", str(folder), "--derivations", own, "--out", out])
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "w.pdf").exists()


def test_a_pdf_that_is_too_large_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.pdf").write_bytes(_own(""))
    monkeypatch.setattr(merging, "MAX_PAGES", 3)
    with pytest.raises(UsageError, match="has 6 pages"):
        merging.opened(tmp_path / "own.pdf")
    monkeypatch.setattr(merging, "MAX_BYTES", 100)
    with pytest.raises(UsageError, match="larger than"):
        merging.opened(tmp_path / "own.pdf")
    with pytest.raises(UsageError, match="cannot be read"):
        merging.opened(tmp_path / "none.pdf")


# The command.
def _run(folder: Path, *arguments: str) -> Any:
    out = ("--out", str(folder / "w.pdf"))
    return CliRunner().invoke(main, ["writeup", str(folder / "student"), *out, *arguments])


def test_the_command_writes_both_files_and_says_what_is_where(tmp_path: Path) -> None:
    _submission(tmp_path / "student", WHOLE)
    done = _run(tmp_path, "--check")
    assert done.exit_code == 0, done.output
    assert "3.1 ReLU: derivation page 2, code page " in done.output
    assert (tmp_path / "w.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / "w.pages.json").read_text())["pages"] > 10


def test_check_fails_for_what_is_missing_but_for_extra_credit(tmp_path: Path) -> None:
    extra = next(one.question for one in RUBRIC if one.extra)
    _submission(tmp_path / "student", WHOLE.replace(f"## {extra} ", "## Also "))
    done = _run(tmp_path, "--check")
    assert "no derivation yet" in done.output
    assert done.exit_code == 0
    _submission(tmp_path / "student", WHOLE.replace("## 3.2 ", "## Also "))
    assert _run(tmp_path).exit_code == 0
    done = _run(tmp_path, "--check")
    assert done.exit_code == 1
    assert "3.2 Sigmoid: code page" in done.output
    assert "no derivation yet" in done.output
    assert "Not complete: 3.2." in done.output


def test_the_handout_can_make_it(tmp_path: Path) -> None:
    files = handout_files(ASSIGNMENT)
    assert 'writeup = [\n    "typst' in files["pyproject.toml"].decode()
    assert "ruff" not in files["pyproject.toml"].decode()
    write_files(tmp_path, files)
    (tmp_path / "student" / "writeup.md").write_text(WHOLE)
    command = [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); "
               "from grader.__main__ import main; sys.argv[1:] = ['writeup']; main()"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "3.1 ReLU: derivation page 2, no code yet" in done.stdout


def test_the_page_for_students_shows_what_is_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "writeup.md").read_text("utf-8")
    _submission(tmp_path / "student", page.split("```markdown\n")[1].split("```")[0])
    shown = page.split("$ make writeup\n")[1].split("…\n```")[0]
    assert _run(tmp_path).output.startswith(shown)


def test_without_make_it_runs_as_a_module(tmp_path: Path) -> None:
    folder = _submission(tmp_path / "student", WHOLE)
    command = [
        sys.executable,
        "-m",
        "grader",
        "writeup",
        str(folder),
        "--out",
        str(tmp_path / "w.pdf"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr


MISTAKEN = r"""
## 3.1 ReLU
$$a=b$$

$$
\begin{align}
a &= b \\
c &= \undefinedcmd d
\end{align}
$$

$f = \begin{cases} 1 & \otherwse \\ 2 & x \end{cases}$

$$\begin{pmatrix} 1 \end{bmatrix}$$ and $\begin{algin} x \end{algin}$

$$
x

y
$$
ok $ a$ here $\label{x}$

## 3.9 Nothing

## 3.1 (b) The rest

more
"""


def test_what_is_wrong_in_a_text_is_told_with_its_place(tmp_path: Path) -> None:
    made = _made(tmp_path, MISTAKEN)
    told = [remark.removeprefix("writeup.md, ") for remark in made.remarks]
    assert told[:5] == [
        r"line 8, column 6: \undefinedcmd is not understood here",
        r"line 12, column 24: \otherwse is not understood here",
        r"line 14, column 21: \end{bmatrix} ends \begin{pmatrix}",
        "line 14, column 42: there is no environment 'algin'",
        "line 21, column 15: there is nothing to show in this formula",
    ]
    assert told[5].endswith("has the number of the heading '3.9 Nothing'")
    assert told[6] == "question 3.1 has several headings; its sections are joined"
    lines = [
        int(re.findall(r"line (\d+): '.*' does not delimit a formula", x)[0]) for x in told[7:]
    ]
    assert lines == [16, 20, 21, 21]
    assert "(b) The rest" in "".join(_texts(made.pdf))


def test_characters_that_no_font_has_are_told(tmp_path: Path) -> None:
    made = _made(tmp_path, "**Name:** Ada \U00020a9e \u0378 Lovelace\n\n## 3.1 ReLU\n\nx\n")
    shown = _texts(made.pdf)[0]
    remark = "No available font has these characters: \U00020a9e"
    assert any(remark in x for x in made.remarks) == ("\U00020a9e" not in shown)


def _own_pdf(path: Path, *texts: str, **encryption: str) -> Path:
    """Write a PDF with a page, and a bookmark, for each text."""
    writer = pypdf.PdfWriter()
    for text in texts:
        source = f"#set page(width: 10cm, height: 5cm)\n{text}".encode()
        page = pypdf.PdfReader(io.BytesIO(typst.compile(source, format="pdf"))).pages[0]
        writer.add_page(page)
        writer.add_outline_item(title=text.partition(":")[0], page_number=len(writer.pages) - 1)
    if encryption:
        writer.encrypt(**encryption)
    writer.write(path)
    return path


def test_a_page_that_is_still_to_be_written_is_no_derivation(tmp_path: Path) -> None:
    own = _own_pdf(tmp_path / "own.pdf", "3.1 ReLU: done", "3.2 Sigmoid: YOUR DERIVATION HERE")
    made = write_up(ASSIGNMENT, _submission(tmp_path / "student"), own)
    first, second = made.entries[:2]
    assert (first.derivation, first.missing) == ((2, 2), ())
    assert second.missing == ("the derivation still has the line YOUR DERIVATION HERE",)


def test_all_bookmarks_of_a_question_are_its_pages(tmp_path: Path) -> None:
    own = _own_pdf(tmp_path / "own.pdf", "3.1 a: x", "3.1 b: y", "3.2: z")
    made = write_up(ASSIGNMENT, _submission(tmp_path / "student"), own)
    assert [x.derivation for x in made.entries[:2]] == [(2, 3), (4, 4)]


def test_what_only_its_owner_has_locked_can_be_read(tmp_path: Path) -> None:
    student = _submission(tmp_path / "student")
    own = _own_pdf(tmp_path / "own.pdf", "3.1: x", user_password="", owner_password="secret")
    assert write_up(ASSIGNMENT, student, own).entries[0].derivation == (2, 2)
    own = _own_pdf(tmp_path / "own.pdf", "3.1: x", user_password="secret")
    with pytest.raises(UsageError, match="is encrypted"):
        write_up(ASSIGNMENT, student, own)


@pytest.mark.parametrize(
    ("pages", "said"),
    [("3.1=1,3.1=2", "names question 3.1 twice"), ("3.1=2-1", "the first page comes first")],
)
def test_pages_that_cannot_be_meant_are_refused(tmp_path: Path, pages: str, said: str) -> None:
    own = _own_pdf(tmp_path / "own.pdf", "a", "b")
    with pytest.raises(UsageError, match=said):
        write_up(ASSIGNMENT, _submission(tmp_path / "student"), own, pages)


@pytest.mark.parametrize("depth", [5, 12, 16, 25, 40])
@pytest.mark.parametrize("begin", ["> ", "- "])
def test_what_is_nested_deeply_is_shown_flat(tmp_path: Path, depth: int, begin: str) -> None:
    nested = "".join(
        "> " * depth if begin == "> " else "  " * level + "- x\n" for level in range(depth)
    )
    text = f"## 3.1\n\n{nested if begin == '- ' else '> ' * depth}- **a** *b* $x$ last\n"
    made = _made(tmp_path, text)
    assert "last" in "".join(_texts(made.pdf))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 600 + "x" + "]" * 600,
        "$" + "x^{" * 12 + "x" + "}" * 12 + "$ " + "$" + "y^{" * 23 + "y" + "}" * 23 + "$",
        " ".join(f"$x_{i}^{{{'z^{' * 22}z{'}' * 22}}}$" for i in range(12)),
        "".join(f"${{a_0{'a_' * 14000}b{i}}}$\n\n" for i in range(3)),
        "".join(
            f"$\\newcommand{{\\m{chr(97 + i)}}}{{{'x' * 5000}}}$\n\n" for i in range(20)
        ) + "".join(f"$x_{{{i}}}$\n" for i in range(300)),
    ],
    ids=["brackets", "superscripts", "many superscripts", "long", "definitions"],
)  # fmt: skip
def test_no_text_takes_long_or_much(tmp_path: Path, text: str) -> None:
    """The limits are seconds; a busy machine may take several times as long."""
    start = time.monotonic()
    said = ""
    try:
        said = " ".join(_made(tmp_path, f"## 3.1\n\n{text}\n").remarks)
    except UsageError as error:
        said = str(error)
    assert re.search("simplify it|too long|too deeply", said)
    assert time.monotonic() - start < 120


def test_a_mistake_is_told_where_it_is_and_not_in_code_before_it(tmp_path: Path) -> None:
    made = _made(tmp_path, "## 3.1\n\n```\n$\\foo$\n```\n\n`$\\foo$` and\n\n$\\foo$\n")
    assert made.remarks[0].startswith("writeup.md, line 9, column 2: ")


def test_code_that_only_raises_is_no_code_yet(tmp_path: Path) -> None:
    student = _submission(tmp_path / "student", WHOLE)
    path = student / "activations.py"
    for body in ("raise NotImplementedError", "pass", "...", '"""Later."""'):
        source = (REFERENCE / "activations.py").read_text("utf-8")
        path.write_text(source.replace("return np.maximum(Z, 0.0)", body), "utf-8")
        (first, *_) = write_up(ASSIGNMENT, student).entries
        assert first.missing == ("not written yet: ReLU.forward (activations.py)",), body


def test_nothing_runs_in_a_students_own_pdf(tmp_path: Path) -> None:
    from pypdf.annotations import Link
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    def action(kind: str, key: str) -> Any:
        name, text = NameObject(kind), TextStringObject("calc")
        return DictionaryObject({NameObject("/S"): name, NameObject(key): text})

    own = _own_pdf(tmp_path / "own.pdf", "3.1: x")
    writer = pypdf.PdfWriter(clone_from=own)
    page = writer.pages[0]
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): action("/JavaScript", "/JS")})
    link = Link(rect=(0, 0, 9, 9), url="https://example.org")
    writer.add_annotation(0, link)
    bad = Link(rect=(0, 0, 9, 9), url="https://example.com")
    bad[NameObject("/A")] = action("/Launch", "/F")
    writer.add_annotation(0, bad)
    writer.write(own)
    made = write_up(ASSIGNMENT, _submission(tmp_path / "student"), own)
    reader = pypdf.PdfReader(io.BytesIO(made.pdf))
    (page,) = [x for x in reader.pages if "3.1: x" in x.extract_text()]
    assert "/AA" not in page
    kinds = [one.get_object()["/A"]["/S"] for one in page["/Annots"]]
    assert kinds == ["/URI"]
