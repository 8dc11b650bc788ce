"""The stubs match the reference, say what to do, and leak nothing of the solution."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

from grader.assignment.stubs import (
    TEXT_HOLE,
    derive_stub,
    derive_template,
    differing,
    given_files,
)
from grader.errors import GraderError
from tests.catalogue import REFERENCE
from tests.homework import ASSIGNMENT, STUBS

MODULES = sorted(path.name for path in REFERENCE.glob("*.py"))


# Names that solutions use and the stubs need, too, in signatures and docstrings.
PUBLIC = """X W b x Y Y_hat Z X_shape n_in kh kw i j rows mode pad max train layer cache gradient
dZ n_out delta gamma beta mu var running_mu running_var"""


def _regions(source: str) -> list[str]:
    return re.findall(r"# BEGIN SOLUTION[^\n]*\n(.*?)# END SOLUTION", source, re.DOTALL)


def test_student_is_what_the_command_writes() -> None:
    assert differing(ASSIGNMENT, STUBS) == []


def test_student_holds_nothing_else() -> None:
    found = {p.relative_to(STUBS).as_posix() for p in STUBS.rglob("*") if p.is_file()}
    assert {name for name in found if "__pycache__" not in name} == set(given_files(ASSIGNMENT))


@pytest.mark.parametrize("module", MODULES)
def test_every_stub_parses_and_keeps_signatures_and_docstrings(module: str) -> None:
    def outline(source: str) -> dict[str, tuple[str, str | None]]:
        return {
            node.name + str(i): (
                ast.unparse(node.args) if isinstance(node, ast.FunctionDef) else "",
                ast.get_docstring(node),
            )
            for i, node in enumerate(ast.walk(ast.parse(source)))
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in helpers
        }

    reference = (REFERENCE / module).read_text("utf-8")
    stub = (STUBS / module).read_text("utf-8")
    helpers = {
        node.name
        for region in _regions(reference)
        if not region.startswith(" ")
        for node in ast.parse(region).body
        if isinstance(node, ast.FunctionDef)
    }
    strip = re.compile(r"\d+$")
    kept = sorted((strip.sub("", k), v) for k, v in outline(reference).items())
    assert kept == sorted((strip.sub("", k), v) for k, v in outline(stub).items())


def _names(code: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(textwrap.dedent(code))))
    names = [n for n in nodes if isinstance(n, ast.Name)]
    stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef)}
    constants = [n.value for n in nodes if isinstance(n, ast.Constant)]
    strings = {value for value in constants if isinstance(value, str) and value.isidentifier()}
    return stored | defined | strings


def test_nothing_of_a_solution_stands_in_the_stubs() -> None:
    public = {*MODULES, *PUBLIC.split()}
    stubs = "\n".join((STUBS / module).read_text("utf-8") for module in MODULES)
    code_only = re.sub(r'"""(.*?)"""', "", stubs, flags=re.DOTALL)
    lines = {line.strip() for line in stubs.splitlines()}
    seen = 0
    for module in MODULES:
        for region in _regions((REFERENCE / module).read_text("utf-8")):
            seen += 1
            for name in {x for x in _names(region) - public if len(x) > 1}:
                assert not re.search(rf"\b{name}\b", code_only), (module, name)
            for line in region.splitlines():
                plain = line.strip()
                assert len(plain) < 12 or plain not in lines, (module, plain)
    assert seen == sum(
        (REFERENCE / x).read_text("utf-8").count("# BEGIN SOLUTION") for x in MODULES
    )


def test_a_hole_names_its_question_and_method() -> None:
    stub = (STUBS / "layers.py").read_text("utf-8")
    assert 'raise NotImplementedError("Question 5.1: write Conv2D.backward.")' in stub
    assert stub.count("# YOUR CODE HERE") == stub.count('raise NotImplementedError("Question') == 8
    assert "SOLUTION" not in stub


def test_a_region_that_does_not_end_is_refused() -> None:
    with pytest.raises(GraderError, match="begins at line 2 does not end"):
        derive_stub("def f():\n    # BEGIN SOLUTION 3.1\n    return 1\n")


def test_a_region_in_a_function_must_name_its_question() -> None:
    with pytest.raises(GraderError, match="does not name a question"):
        derive_stub("def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n")


def test_a_region_of_a_class_outside_its_methods_is_refused() -> None:
    with pytest.raises(GraderError, match="region of a class does not name a question"):
        derive_stub("class A:\n    # BEGIN SOLUTION 3.1\n    x = 1\n    # END SOLUTION\n")


PAGE = """## 3.1 ReLU

Derive it.

<!-- BEGIN SOLUTION 3.1 -->

$$ 1 $$

<!-- END SOLUTION -->

Then hand it in.
"""


def test_a_region_of_a_page_becomes_one_line() -> None:
    stub = f"## 3.1 ReLU\n\nDerive it.\n\n{TEXT_HOLE}\n\nThen hand it in.\n"
    assert derive_template(PAGE) == stub


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("<!-- END SOLUTION -->", "", "begins at line 5 does not end"),
        ("$$ 1 $$", "<!-- BEGIN SOLUTION 3.2 -->", "begins at line 5 does not end"),
        ("SOLUTION 3.1 -->", "SOLUTION -->", "begins at line 5 does not name a question"),
        ("<!-- BEGIN SOLUTION 3.1 -->", "", "Line 9 ends a solution region, and none has begun"),
        ("<!-- BEGIN SOLUTION 3.1 -->", "<!-- begin solutoin -->", "Line 5 is '<!-- begin sol"),
        ("<!-- BEGIN SOLUTION 3.1 -->", "<!--BEGIN SOLUTION 3.1-->", "Line 5 is '<!--BEGIN"),
        ("<!-- BEGIN SOLUTION 3.1 -->", "<!- BEGIN SOLUTION 3.1 ->", "Line 5 is '<!- BEGIN"),
        ("<!-- BEGIN SOLUTION 3.1 -->", "# BEGIN SOLUTION 3.1", "Line 5 is '# BEGIN SOL"),
        ("<!-- END SOLUTION -->", "Done. <!-- END SOLUTION -->", "Line 9 is 'Done. <!-- END"),
        ("Then hand", "<!-- Then -->", "Line 11 is '<!-- Then --> it in.'; the marks are '<!-- B"),
    ],
)
def test_a_page_whose_marks_are_not_right_is_refused(before: str, after: str, said: str) -> None:
    assert before in PAGE
    with pytest.raises(GraderError, match=re.escape(said)):
        derive_template(PAGE.replace(before, after))


def test_a_page_without_a_region_is_refused() -> None:
    with pytest.raises(GraderError, match="has no solution region; it would be handed out"):
        derive_template("# Notes of the staff\n")


def test_the_template_of_the_derivations_asks_every_question_and_answers_none() -> None:
    model = (REFERENCE / "writeup.md").read_text("utf-8")
    template = (STUBS / "writeup.md").read_text("utf-8")
    regions = re.findall(r"<!-- BEGIN SOLUTION ([\d.]+) -->\n(.*?)<!-- END", model, re.DOTALL)
    sections = re.findall(r"^## ([\d.]+) (.*)$", template, re.MULTILINE)
    coded = [target for target in ASSIGNMENT.rubric if not target.is_derivation]
    titles = {target.question: target.title for target in coded}
    assert sections == [(question, titles[question]) for question, _ in regions]
    assert template.splitlines().count(TEXT_HOLE) == len(regions) == 10
    assert "SOLUTION" not in template
    formulas = {" ".join(x.split()) for _, text in regions for x in text.split("$$")[1::2]}
    kept = {" ".join(x.split()) for x in template.split("$$")[1::2]}
    assert kept
    assert not kept & formulas


def test_the_command_writes_the_stubs_somewhere_else(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from grader.cli import main

    out = tmp_path / "stubs"
    assert CliRunner().invoke(main, ["stubs", "--out", str(out)]).exit_code == 0
    assert differing(ASSIGNMENT, out) == []
    (out / "layers.py").write_text("# mine\n")
    result = CliRunner().invoke(main, ["stubs", "--out", str(out), "--check"])
    assert result.exit_code == 1
    assert "layers.py differs from what `grader stubs` writes." in result.output
