"""A slip in an assignment: one sentence that says in which file and on which line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.assignment import load
from grader.cli import main
from grader.delivery.handout import handout_files
from grader.errors import UsageError
from grader.paths import HOMEWORK, ROOT
from grader.run import FLAGS

SECOND = ROOT / "tests" / "assignments" / "logistic_regression"
ROW = 'Target("optimizers.GradientDescent", "4", "Gradient descent", {"values": 1, "behaviour": 1})'
POINTS, DESCENT = '{"values": 1, "behaviour": 1}', "optimizers.GradientDescent"
CHECKS = "the checks are shape, values, gradient, batching, behaviour, training, element."


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the second assignment, for tests to break."""
    ignored = shutil.ignore_patterns("__pycache__", "*.npz", "honest", "others")
    return Path(shutil.copytree(SECOND, tmp_path / "copy", ignore=ignored))


def _refused(home: Path, file: str, before: str, after: str) -> tuple[str, str]:
    """Change a file; return where the change is, and why the assignment is refused."""
    path = home / file
    text = path.read_text("utf-8")
    assert text.count(before) == 1, text.count(before)
    path.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(UsageError) as caught:
        load(home)
    said = str(caught.value).replace(f"{home}/", "")
    assert "\n" not in said
    return f"{file}, line {text[: text.index(before)].count(chr(10)) + 1}", said


# What replaces a row's points -> what is said about it.
WRONG_POINTS = {
    '{"values": "1", "behaviour": 1}': f"{DESCENT}: points['values'] is '1'; expected a number.",
    '{"values": True, "behaviour": 1}': f"{DESCENT}: points['values'] is True; expected a number.",
    '{"values": None, "behaviour": 1}': f"{DESCENT}: points['values'] is None; expected a number.",
    '{"values": float("nan"), "behaviour": 1}': f"{DESCENT}: points['values'] is nan; expected a "
    "number.",
    '{"values": float("inf"), "behaviour": 1}': f"{DESCENT}: points['values'] is inf; expected a "
    "number.",
    '{"values": 10**400, "behaviour": 1}': f"{DESCENT}: points['values'] is 100000000000000000..."
    "0000000000000000000; expected a number.",
    '{"values": -1, "behaviour": 1}': f"{DESCENT} has -1 points for 'values'; write whole "
    "hundredths.",
    '{"values": 1.005, "behaviour": 1}': f"{DESCENT} has 1.005 points for 'values'; write whole "
    "hundredths.",
    '{"valeus": 1, "behaviour": 1}': f"{DESCENT} has points for 'valeus'; {CHECKS}",
    '{4: 1, "behaviour": 1}': f"{DESCENT}: the key 4 of points is 4; expected a string.",
    '{"values": 1, "gradient": 1}': f"there is no case of the check 'gradient' of {DESCENT}.",
    '[("values", 1)]': f"{DESCENT}: points is [('values', 1)]; expected a dictionary.",
    "{}": f"{DESCENT} has no points for any check.",
    "{values: 1}": "the assignment cannot be imported: NameError: name 'values' is not defined",
}


@pytest.mark.parametrize("points", WRONG_POINTS)
def test_wrong_points_are_said_with_file_and_line(copy: Path, points: str) -> None:
    place, said = _refused(copy, "rubric.py", POINTS, points)
    assert said == f"{place}: {WRONG_POINTS[points]}"


def test_of_what_the_line_is_not_known_the_file_is_said(copy: Path) -> None:
    odd = 'type("Odd", (dict,), {"items": 1})()'
    _, said = _refused(copy, "rubric.py", POINTS, odd)
    why = "TypeError: 'int' object is not callable"
    assert said == f"assignment.py: it is inconsistent: {why}"


# What is changed in a row, and to what -> what is said about it; OF is the reference's file.
WRONG_ROWS = {
    (DESCENT, "optimizers.GradientDecent"): "there is no GradientDecent in OF.",
    (DESCENT, "optimisers.GradientDescent"): "optimisers.GradientDescent is not in a graded module "
    "(activations, losses, models, optimizers, formulas).",
    (DESCENT, "GradientDescent"): "the name of the target 'GradientDescent' is not of the form "
    "'module.Class'.",
    (DESCENT, "models.LogisticRegression"): "there are two targets 'models.LogisticRegression'.",
    ('"4"', '"3"'): "there are two questions '3'.",
    ('"4"', '"44"'): f"{DESCENT} is question 44, and OF has solutions of question 4.",
    ('"4"', '""'): f"the question '' of {DESCENT} is not of the form '3.1'.",
    ('"4"', "4"): f"{DESCENT}: question is 4; expected a string.",
    ("})", '}, "class")'): f"{DESCENT}: kind is 'class'; expected TargetKind.CLASS or "
    "TargetKind.RUN or TargetKind.DERIVATION.",
    ("})", '}, extra="no")'): f"{DESCENT}: extra is 'no'; expected True or False.",
    ("})", "}, loop_cap=True)"): f"{DESCENT}: loop_cap is True; expected a number.",
    ("})", '}, visibility="never")'): f"{DESCENT} has the visibility 'never'; it can be visible, "
    "after_due_date, after_published, hidden.",
    ("})", '}, bonus={"values": 1})'): "the assignment cannot be imported: TypeError: "
    "Target.__init__() got an unexpected keyword argument 'bonus'",
    ('"4", "Gradient', '"4" "Gradient'): "the assignment cannot be imported: TypeError: "
    "Target.__init__() missing 1 required positional argument: 'points'",
    ('t", {', 't" {'): "the assignment cannot be imported: SyntaxError: invalid syntax",
}


@pytest.mark.parametrize(("before", "after"), WRONG_ROWS)
def test_a_wrong_row_is_said_with_file_and_line(copy: Path, before: str, after: str) -> None:
    place, said = _refused(copy, "rubric.py", ROW, ROW.replace(before, after))
    expected = WRONG_ROWS[before, after].replace("OF", "reference/optimizers.py")
    assert said.partition(". Perhaps")[0] == f"{place}: {expected}"


# In other files: what is changed, and to what -> what is said, at the place of the change.
WRONG_ELSEWHERE = {
    ("cases/__init__.py", "CASES: tuple[Case, ...] = (", "CASES: tuple[Case, ...] = (None,"):
    "cases[0] is None; expected Case(...).",
    ("cases/optimizers.py", "Case(_TARGET, check,", "Case(_TARGET, check + 's',"): "the case "
    f"'{DESCENT}/valuess/w and b' names no known check; {CHECKS}",
    ("cases/optimizers.py", "Case(_TARGET, check,", "Case('optimizers.Adam', check,"): "the case "
    "'optimizers.Adam/values/w and b' belongs to no target of the rubric.",
    ("cases/optimizers.py", "Case(_TARGET, check, name, build)", 'Case(_TARGET, check, name, "x")'):
    f"the case '{DESCENT}/values/w and b': build is 'x'; expected a function.",
    ("cases/optimizers.py", "check, name, build)", "check, name, build, -1)"): "the case "
    f"'{DESCENT}/values/w and b' has the weight -1; it must be above 0.",
    ("cases/optimizers.py", "check, name, build)", 'check, "one", build)'): "there are two cases "
    f"'{DESCENT}/values/one'.",
    ("rubric.py", 'MODULES = ("activations", "losses", "models", "optimizers", "formulas")',
     'MODULES = "activations"'): "graded_modules is a string; a tuple of one name is written with "
    'a comma: ("name",).',
    ("rubric.py", '"optimizers", "formulas")', '"optimizers", "formulas", "data")'):
    "there is no data.py in reference/.",
    ("rubric.py", '"optimizers", "formulas")', '"optimizers", "formulas", "models")'):
    "there are two modules 'models'.",
    ("rubric.py", '("__init__", "datasets", "train")', '("__init__", "dataset", "train")'):
    "there is no dataset.py in reference/.",
    ("rubric.py", '"datasets", "train")', '"datasets", "train", "losses")'): "there are two "
    "modules 'losses'.",
    ("assignment.py", 'training_module="train"', 'training_module="run"'): "'run' is neither a "
    "graded nor a given module.",
    ("assignment.py", 'training_module="train"', 'leaderboard=("train.digits",)'): "leaderboard "
    "names 'train.digits'; the targets are activations.Sigmoid, formulas.sigmoid, "
    f"losses.BinaryCrossEntropy, models.LogisticRegression, {DESCENT}, train.iris.",
    ("assignment.py", 'training_module="train"', 'forbidden=frozenset({"loops"})'): "forbidden "
    f"names 'loops'; the flags are {', '.join(FLAGS)}.",
    ("assignment.py", 'training_module="train"', "rate_limit=5"): "rate_limit is 5; expected "
    "RateLimit(...).",
    ("assignment.py", 'training_module="train"', 'rate_limit=RateLimit("5", 24)'):
    "rate_limit.submissions is '5'; expected a whole number.",
    ("assignment.py", 'training_module="train"', "rate_limit=RateLimit(0, 24)"):
    "RateLimit(submissions=0, hours=24) allows no submission; both numbers must be above 0.",
    ("assignment.py", 'training_module="train"', "public_seeds=(-1,)"): "the public seed -1 is "
    "below 0.",
    ("assignment.py", "Folders.below(HOME)", "Folders.below(HOME, honest=5)"): "folders.honest is "
    "5; expected Path(...).",
    ("assignment.py", 'training_module="train"', "public_seeds=(0)"): "public_seeds is 0; expected "
    "a tuple.",
    ("assignment.py", "Assignment(\n", "Assignment(bonus='',\n"): "the assignment cannot be "
    "imported: TypeError: Assignment.__init__() got an unexpected keyword argument 'bonus'",
    ("explanations.py", "from grader", "from graders"): "the assignment cannot be imported: "
    "ModuleNotFoundError: No module named 'graders'",
}  # fmt: skip


@pytest.mark.parametrize(("file", "before", "after"), WRONG_ELSEWHERE)
def test_what_is_wrong_elsewhere_is_said_with_file_and_line(
    copy: Path, file: str, before: str, after: str
) -> None:
    if "RateLimit" in after:
        path = copy / file
        path.write_text(path.read_text("utf-8").replace("t, Folders", "t, Folders, RateLimit"))
    place, said = _refused(copy, file, before, after)
    assert said == f"{place}: {WRONG_ELSEWHERE[file, before, after]}"


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    """Return a copy of the homework's definition; its reference stays where it is."""
    ignored = shutil.ignore_patterns("__pycache__", "*.npz")
    return Path(shutil.copytree(HOMEWORK, tmp_path / "homework", ignore=ignored))


@pytest.mark.parametrize(
    ("before", "after", "sum_"),
    [('"ReLU",\n        {"shape": 1, "values": 3', '"ReLU",\n        {"shape": 1, "values": 5',
      "102 points without extra credit, not to 100"),
     ("TOTAL = 100", "TOTAL = 98", "100 points without extra credit, not to 98")],
    ids=["points", "total"],
)  # fmt: skip
def test_points_that_do_not_add_up_to_the_total_are_said_where_the_total_is(
    homework: Path, before: str, after: str, sum_: str
) -> None:
    _, said = _refused(homework, "rubric.py", before, after)
    lines = (homework / "rubric.py").read_text("utf-8").splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if text.startswith("TOTAL = "))
    assert said == f"rubric.py, line {line}: the questions add up to {sum_}."


@pytest.mark.parametrize("what", ["LEADERBOARD", "FORBIDDEN", "RATE_LIMIT"])
def test_what_the_rubric_says_beside_its_rows_is_said_on_its_line(
    homework: Path, what: str
) -> None:
    path = homework / "rubric.py"
    (line,) = [x for x in path.read_text("utf-8").splitlines() if x.startswith(f"{what}: ")]
    place, said = _refused(homework, "rubric.py", line, f"{line.split(' = ')[0]} = 7")
    assert said.startswith(f"{place}: {what.lower()} is 7; expected ")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [('"batching": replace(', '"bathcing": replace(', "explanations names 'bathcing'; the checks"),
     ("**STANDARD,", "", "there is no explanation of the check 'shape'."),
     ('("layers", "gradient")', '("layer", "gradient")', "notes names 'layer'; the modules of "
      "targets are activations, derivations, layers, losses, models, optimizers, train."),
     ('("layers", "gradient")', '"layers"', "the key 'layers' of notes is 'layers'; expected a t")],
)  # fmt: skip
def test_explanations_of_what_there_is_not_are_said_with_file_and_line(
    homework: Path, before: str, after: str, said: str
) -> None:
    name = "NOTES: " if "layers" in before else "EXPLANATIONS: "
    lines = (homework / "explanations.py").read_text("utf-8").splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if text.startswith(name))
    _, found = _refused(homework, "explanations.py", before, after)
    assert found.startswith(f"explanations.py, line {line}: {said}")


def test_a_command_says_it_in_one_line_and_ends_with_two(copy: Path) -> None:
    _, said = _refused(copy, "rubric.py", POINTS, '{"values": "1", "behaviour": 1}')
    for command in (["grade", str(copy / "reference")], ["stubs"], ["explain", "4"], ["doctor"]):
        done = CliRunner().invoke(main, [*command, "--assignment", str(copy)])
        assert done.exit_code == 2
        assert done.output.splitlines()[-1] == f"Error: {copy}/{said}"


@pytest.mark.slow
def test_the_students_readme_takes_its_numbers_from_the_rubric(homework: Path) -> None:
    before = _readme(homework)
    assert not re.search(r"\d / \d", before)  # no score that would go stale
    path = homework / "rubric.py"
    text = path.read_text("utf-8")
    for old, new in (
        ('{"shape": 0.5, "values": 2.5, "gradient": 2, "batching": 1}', '{"values": 9.25}'),
        ('"gradient": 2, "batching": 0.5, "behaviour": 1.5}', '"gradient": 5}'),
        ("TOTAL = 100", "TOTAL = 103.25"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    after = _readme(Path(shutil.copytree(homework, homework.with_name("changed"))))
    assert _changes(before, after) == [
        ("| 3.2 | Sigmoid | `activations.Sigmoid` | 6 |",
         "| 3.2 | Sigmoid | `activations.Sigmoid` | 9.25 |"),
        ("| 5.4 | Batch normalization | `layers.BatchNorm1D` | 6 (extra) |",
         "| 5.4 | Batch normalization | `layers.BatchNorm1D` | 7 (extra) |"),
        ("The questions are worth 100 points in total; extra credit adds up to 6 more.",
         "The questions are worth 103.25 points in total; extra credit adds up to 7 more."),
    ]  # fmt: skip


def test_a_rubric_without_extra_credit_has_no_word_about_it() -> None:
    text = handout_files(load(SECOND))["README.md"].decode()
    assert "\n\nThe questions are worth 20 points in total.\n\n" in text


def _readme(home: Path) -> str:
    shutil.copy(HOMEWORK / "recorded.npz", home)
    return handout_files(load(home))["README.md"].decode()


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old, new) for old, new in lines if old != new]


TWO_STEPS = "return Problem(program, outputs(_names(second)), outputs(_names(first)))"
# What a case returns that cannot be asked -> what is said about it.
WRONG_PROBLEMS = {
    'return Problem(program, outputs(_names(second)), outputs(("before",)))': "its steps do not "
    "give 'before'.",
    'return Problem(program, outputs(("after",)), outputs(_names(first)))': "its steps do not give "
    "'after'.",
    "return Problem(program, outputs(_names(second)), oracle_program=program[:3])": "what the "
    "oracle runs does not give \"parameters['w'] after two steps\".",
    "return None": "it draws None; expected Problem(...).",
    "return [*range(100)]": "it draws [0, 1, 2, 3, 4, 5, ...]; expected Problem(...).",
    "raise ValueError('two\\n  lines')": "its inputs cannot be drawn: ValueError: two lines",
    "return third": "its inputs cannot be drawn: NameError: name 'third' is not defined",
}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG_PROBLEMS)
def test_a_case_that_cannot_be_asked_is_said_with_file_and_line(copy: Path, wrong: str) -> None:
    path = copy / "cases" / "optimizers.py"
    text = path.read_text("utf-8")
    assert text.count(TWO_STEPS) == text.count("        Case(_TARGET") == 1
    path.write_text(text.replace(TWO_STEPS, wrong), "utf-8")
    start = text.index(TWO_STEPS if "cannot" in WRONG_PROBLEMS[wrong] else "        Case(_TARGET")
    place = f"{path}, line {text[:start].count(chr(10)) + 1}"
    said = f"{place}: the case '{DESCENT}/behaviour/two steps': {WRONG_PROBLEMS[wrong]}"
    options = ["--assignment", str(copy), "--out", str(copy / "out")]
    for command in (["grade", str(copy / "reference"), "--only", "4"], ["record"], ["handout"],
                    ["bundle"]):  # fmt: skip
        shutil.copy(SECOND / "recorded.npz", copy)
        done = CliRunner().invoke(main, [*command, *options])
        assert (done.exit_code, done.output.splitlines()[-1]) == (2, f"Error: {said}"), command


def test_a_module_that_the_rubric_forgets_is_said_with_file_and_line(copy: Path) -> None:
    path = copy / "rubric.py"
    text = path.read_text("utf-8")
    modules = 'GIVEN_MODULES = ("__init__", "datasets", "train")'
    assert text.count(modules) == 1
    path.write_text(text.replace(modules, 'GIVEN_MODULES = ("__init__", "train")'), "utf-8")
    said = (
        f"{path}, line {text[: text.index(modules)].count(chr(10)) + 1}: reference/datasets.py is"
    )
    grade = ["grade", str(copy / "reference"), "--out", str(copy / "results.json")]
    for command in (grade, ["stubs"]):
        done = CliRunner().invoke(main, [*command, "--assignment", str(copy)])
        assert done.exit_code == 2, command
        assert done.output.splitlines()[-1].startswith(f"Error: {said} neither a graded module")


@pytest.mark.parametrize("oracle", ["live", "auto"])
def test_stand_ins_that_cannot_be_imported_are_said_with_file_and_line(
    copy: Path, oracle: str
) -> None:
    path = copy / "fakes.py"
    text = path.read_text("utf-8")
    path.write_text(f"{text}import nothing_like_it\n", "utf-8")
    options = ["--oracle", oracle, "--assignment", str(copy), "--out", str(copy / "out")]
    done = CliRunner().invoke(main, ["grade", str(copy / "reference"), *options])
    why = "ModuleNotFoundError: No module named 'nothing_like_it'"
    last = f"Error: {path}, line {text.count(chr(10)) + 1}: this file cannot be imported: {why}"
    assert (done.exit_code, done.output.splitlines()[-1]) == (2, last)
