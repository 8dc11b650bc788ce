"""`grader validate`: what it counts, and that it fails when the grader is wrong."""

from __future__ import annotations

import ast
import dataclasses
import io
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.assignment import BEGIN, END
from grader.cli import main
from grader.errors import UsageError
from grader.proving import charges
from grader.proving.charges import Charge
from grader.proving.mutants import mutants, reasons
from grader.proving.table import HEADINGS, of_check, of_target, table
from grader.proving.trials import Outcome, Trial, mistakes, mutations, others, own_seed, unproven
from grader.proving.validate import attempt
from grader.verdict import EDIT, RELATION, Finding
from tests.catalogue import entries, one_of_each, spliced
from tests.homework import ASSIGNMENT, GRADED_MODULES, MISTAKES, REFERENCE, STUBS

HONEST = "# %% mse-plain: subtracts and squares\n# target: losses.MSE\nclass MSE:\n    pass\n"
HALF = """
# %% mse-half: forgets the 2
# target: losses.MSE
# shape: partly
# gradient: {gradient}
# batching: partly
# says: {says}
class MSE:
    def backward(self, Y, Y_hat):
        return (Y_hat - Y) / len(Y)
"""


def _validate(folder: Path, mistaken: str, honest: str = HONEST) -> tuple[int, str]:
    for name, text in (("mistakes", mistaken), ("honest", honest)):
        (folder / name).mkdir()
        (folder / name / "cells.py").write_text(text, "utf-8")
    options = ["--mistakes", str(folder / "mistakes"), "--honest", str(folder / "honest")]
    found = CliRunner().invoke(
        main, ["validate", *options, "--seeds", "1", "--jobs", "1", "--no-mutants"]
    )
    return found.exit_code, found.output


@pytest.mark.slow
def test_a_catalogue_that_is_true_passes(tmp_path: Path) -> None:
    # The sentences are those of the real catalogue, which has this entry, too.
    says = next(entry.says for entry in entries("mistaken") if entry.id == "mse-backward-no-2")
    code, output = _validate(tmp_path, HALF.format(gradient="failed", says=says))
    assert code == 0, output
    assert "3 submissions graded: 0 errors." in output  # a mistake with two seeds


@pytest.mark.slow
def test_verdicts_that_are_not_due_are_errors(tmp_path: Path) -> None:
    code, output = _validate(
        tmp_path,
        HALF.format(gradient="partly", says="Not what is said."),
        HALF.replace("half", "h").format(gradient="passed", says=""),
    )
    assert code == 1
    assert "mse-half, seed 0: losses.MSE gradient is failed; expected partly." in output
    assert "mse-half, seed 0: not named." in output


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("", "There are no entries in"),
        ("# %% a: b\n# target: losses.Huber\n", "the rubric has no target 'losses.Huber'"),
        ("# %% a: b\n# target: losses.MSE\n# speed: failed\n", "losses.MSE has no check speed"),
        ("# %% a: b\n# target: losses.MSE\n# also: c\n", "`also` names an entry"),
        ("# %% a: b\n# target: losses.MSE\n# shape: part\n", "a: there is no verdict part."),
        ("# %% a: b\n", "names no target."),
        ("# %% a: b\n# target: losses.MSE\n", "a: it names no check that a mistake like this"),
        ("# %% a: b\n# target: losses.MSE\n# shape: passed\n", "a: it names no check that"),
        ("# %% a: b\n# target: losses.MSE\n# shape: failed or so\n", "there is no verdict so."),
        ("# %% a: b\n# target: losses.MSE\n# shape: partly or passed\n", "a: it names no check"),
        ("# %% a: b\n# target: losses.MSE\n# shape: failed\n" * 2, "There are two entries 'a'"),
        ("# %% a: b\n# target: losses.MSE\n# shape: failed\ndef f(x)\n    pass\n",
         "a is not valid Python (expected ':'), line 1 of its code: def f(x)"),
        ("# %% a: b\n# target: train.iris\n# training: failed\n",
         "a: `module` has to be one of activations, losses, layers, models, optimizers, "
         "derivations."),
    ],
)  # fmt: skip
def test_a_catalogue_that_makes_no_sense_is_a_usage_error(
    tmp_path: Path, cells: str, message: str
) -> None:
    code, output = _validate(tmp_path, cells)
    assert code == 2
    assert message in " ".join(output.split())


def test_what_is_counted() -> None:
    entry = next(entry for entry in entries("mistaken") if entry.id == "mse-half")
    verdicts = {"losses.MSE": {"shape": "blocked", "values": "failed", "gradient": "passed"}}
    said = {"values": (Finding(("y",)),)}
    outcome = Outcome(Trial("mistake", entry, true=frozenset({"x"})), verdicts, said)
    assert outcome.misnamed == ["y"]
    assert not outcome.named
    row = of_target([outcome])
    assert (row.mistakes, row.caught, row.through, row.named, row.misnamed) == (1, 1, 0, 0, 1)
    row = of_check([outcome], "losses.MSE", "gradient")
    assert (row.mistakes, row.caught, row.through) == (1, 0, 1)
    assert "mse-half, seed 0: losses.MSE gradient is passed; expected failed." in outcome.errors()


def test_what_nobody_listed_is_counted_as_related_or_by_an_edit() -> None:
    entry = next(entry for entry in entries("mistaken") if entry.id == "mse-half")
    verdicts = {"losses.MSE": {"values": "failed", "gradient": "failed"}}
    relation, edit = Finding(("r",), kind=RELATION), Finding(("e",), kind=EDIT)
    named = Finding((entry.says,))
    for found, figures in (
        ({"values": (relation,), "gradient": (edit,)}, (0, 1, 0)),
        ({"gradient": (edit,)}, (0, 0, 1)),
        ({"values": (named,), "gradient": (edit, relation)}, (1, 0, 0)),
    ):
        for kind in ("mistake", "other"):
            trial = Trial(kind, entry, true=frozenset({entry.says}))
            outcome = Outcome(trial, verdicts, found)
            row = of_target([outcome])
            assert (row.named, row.related, row.edited) == figures
            assert row.misnamed == 0
    row = of_check([Outcome(Trial("mistake", entry), verdicts, {"gradient": (edit,)})],
                   "losses.MSE", "gradient")  # fmt: skip
    assert (row.named, row.related, row.edited) == (0, 0, 1)


@pytest.mark.slow
def test_the_table_has_headings_and_a_row_for_all() -> None:
    entry = next(entry for entry in entries("mistaken") if entry.id == "mse-half")
    helper = next(x for x in mutations(ASSIGNMENT) if x.entry.target == x.entry.module)
    failed = {"losses.MSE": {"shape": "failed", "values": "passed", "gradient": "passed",
                             "batching": "passed"}}  # fmt: skip
    outcomes = [Outcome(Trial("mistake", entry), failed), Outcome(Trial("other", entry), failed),
                Outcome(Trial("honest", entry), failed), Outcome(helper, failed)]  # fmt: skip
    console = Console(file=io.StringIO(), width=200)
    console.print(table(ASSIGNMENT.rubric, outcomes))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert lines[0] == f"target check {' '.join(HEADINGS)}"
    module = helper.entry.module
    for row in ("losses.MSE 1 1 . . . . . 1 1 . .", "shape 1 1 . . . . . 1 1 . .", "values 1 . 1",
                f"helpers of {module} . . . . . . . . . 1 .", "by someone else 1",
                "all 2 2 . . . . . 1 1 1 ."):  # fmt: skip
        assert any(line.startswith(row) for line in lines), (row, lines)


@pytest.mark.slow
def test_mutants_are_valid_and_different_and_only_of_solutions() -> None:
    trials = mutations(ASSIGNMENT)
    ids = [trial.entry.id for trial in trials]
    assert len(ids) == len(set(ids))
    assert {trial.entry.module for trial in trials} == set(GRADED_MODULES)
    owners = {one.partition(":")[0] for one in ids}
    derived = {owner for owner in owners if owner.startswith("derivations.")}
    stub = (STUBS / "derivations.py").read_text("utf-8")
    assert {owner.rpartition(".")[2] for owner in derived} == set(
        re.findall(r"write (\w+)\.", stub)
    )
    assert {owner for owner in owners - derived if owner.count(".") == 2} == {
        f"{name}.{method}"
        for name in GRADED_MODULES
        for method in re.findall(r"write (\w+\.\w+)\.", (STUBS / f"{name}.py").read_text("utf-8"))
    }, "every method that students write has mutants"
    sources = {name: (REFERENCE / f"{name}.py").read_text("utf-8") for name in GRADED_MODULES}
    changed = [trial.entry for trial in trials]
    for entry in one_of_each(changed, lambda entry: [entry.id.partition(":")[0]]):
        source = sources[entry.module]
        assert spliced(source, entry.code) != ast.unparse(ast.parse(source)), entry.id
    assert not any("_padding" in one for one in ids), "given code is not mutated"


@pytest.mark.slow
def test_every_explained_mutant_is_there_and_has_a_reason() -> None:
    explained = reasons(MISTAKES / "survivors.txt")
    assert explained.keys() <= {trial.entry.id for trial in mutations(ASSIGNMENT)}
    assert all(reason.endswith(".") for reason in explained.values())


@pytest.mark.slow
def test_a_reason_for_a_mutant_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "survivors.txt").write_text("losses.MSE.forward: 1 -> 2 | x = 1\n  Why not.\n")
    folders = dataclasses.replace(ASSIGNMENT.folders, mistakes=tmp_path)
    with pytest.raises(UsageError, match=r"there is no mutant 'losses\.MSE\.forward: 1 -> 2 \| x"):
        mutations(dataclasses.replace(ASSIGNMENT, folders=folders))


def test_an_added_line_moves_no_reason_to_another_mutant(tmp_path: Path) -> None:
    path, body = tmp_path / "losses.py", "        Y = Y + 1\n        Y_hat = Y_hat + 1\n"
    source = "class MSE:\n    def forward(self, Y, Y_hat):\n        {}\n{}        {}\n"
    path.write_text(source.format(BEGIN, body, END))
    before = {entry.id: entry.code for entry in mutants(path, ["losses.MSE"])}
    path.write_text(source.format(BEGIN, "        m = len(Y) + 1\n" + body, END))
    after = {entry.id: entry.code for entry in mutants(path, ["losses.MSE"])}
    assert before.keys() < after.keys()
    for name, code in before.items():
        changed = [line.strip() for line in code.splitlines()]
        assert set(changed) <= {line.strip() for line in after[name].splitlines()}, name
    one = "losses.MSE.forward: 1 -> 2 in Y + 1 | Y = Y + 1"
    assert "Y = Y + 2" in before[one]
    assert "Y = Y + 2" in after[one]


def test_the_branches_of_a_condition_change_places(tmp_path: Path) -> None:
    path = tmp_path / "losses.py"
    path.write_text(f"def f(x, y, z):\n    {BEGIN}\n    return y if x else z\n    {END}\n", "utf-8")
    (entry,) = mutants(path, [])
    assert entry.id == "losses.f: y if x else z -> z if x else y | return y if x else z"
    assert entry.code == "def f(x, y, z):\n    return z if x else y"


@pytest.mark.slow
def test_a_mutant_that_only_ran_out_of_time_is_not_caught() -> None:
    mutant = next(trial for trial in mutations(ASSIGNMENT) if not trial.excuse)
    for verdict, caught in (("timed_out", False), ("harness_fault", False), ("failed", True)):
        outcome = Outcome(mutant, {"losses.MSE": {"shape": "passed", "values": verdict}})
        assert outcome.caught == caught
        assert bool(outcome.errors()) != caught
    late = Outcome(mutant, {"losses.MSE": {"shape": "passed", "values": "timed_out"}})
    assert late.errors() == [f"{mutant.entry.id}: it ran out of time, which shows nothing."]


@pytest.mark.parametrize("kind", [mistakes, others])
def test_every_mistake_is_tried_with_two_seeds_and_all_together_with_many(kind: Any) -> None:
    trials = kind(ASSIGNMENT)
    seeds = {trial.entry.id: set() for trial in trials}
    for trial in trials:
        seeds[trial.entry.id].add(trial.seed)
        assert trial.seed in (0, own_seed(trial.entry))
    assert all(len(found) == 2 for found in seeds.values())
    assert len(set().union(*seeds.values())) == len(seeds) + 1


@pytest.mark.slow
def test_a_mistake_is_named_with_whatever_seed() -> None:
    rounded = next(x for x in mistakes(ASSIGNMENT) if x.entry.id == "sigmoid-rounded")
    for seed in (own_seed(rounded.entry), 11):
        assert attempt(ASSIGNMENT.folders.home, dataclasses.replace(rounded, seed=seed)).named


def test_where_the_inputs_decide_either_verdict_is_due() -> None:
    entry = next(x for x in entries("mistaken") if x.id == "mse-half")
    either = dataclasses.replace(entry, verdicts={"shape": "partly or passed"}, says="", message="")
    for verdict, wrong in (("passed", False), ("partly", False), ("failed", True)):
        outcome = Outcome(Trial("mistake", either), {"losses.MSE": {"shape": verdict}})
        assert bool(outcome.errors()) == wrong


def test_a_check_that_no_mistake_fails_is_an_error() -> None:
    (target,) = ASSIGNMENT.find_targets(("losses.MSE",))
    trial = mistakes(ASSIGNMENT)[0]
    trial = dataclasses.replace(trial, entry=dataclasses.replace(trial.entry, target=target.name))
    found = dict.fromkeys(target.points, "failed") | {"gradient": "timed_out"}
    assert list(unproven([target], [Outcome(trial, {target.name: found})])) == [
        "losses.MSE: neither a mistake nor a mutant fails the check 'gradient'."
    ]
    honest = Outcome(dataclasses.replace(trial, kind="honest"), {target.name: found})
    assert len(list(unproven([target], [honest]))) == len(target.points)


@pytest.mark.slow
@pytest.mark.parametrize(("question", "trials"), [("4.3", 2 * 5 + 1), ("5.3", 2 * 4 + 1)])
def test_a_training_has_mistakes_that_fail_it_and_honest_variants_that_pass(
    question: str, trials: int
) -> None:
    options = ["--only", question, "--seeds", "1", "--no-mutants", "--jobs", "1"]
    found = CliRunner().invoke(main, ["validate", *options])
    assert found.exit_code == 0, found.output
    assert f"{trials} submissions graded: 0 errors." in found.output


def test_charges_are_added_up_in_the_last_row() -> None:
    found = {"a.A": Charge(1.0, 2.0, 0.5), "b.B": Charge(0.25, 0.5, 0.25)}
    console = Console(file=io.StringIO(), width=100)
    console.print(charges.table(found))
    rows = [line.split() for line in console.file.getvalue().splitlines()]
    assert rows[1:] == [
        ["a.A", "1.00", "2.00", "0.50"],
        ["b.B", "0.25", "0.50", "0.25"],
        ["all", "1.25", "2.50", "0.75"],
    ]


def test_where_there_is_nothing_to_grade_that_is_no_success(tmp_path: Path) -> None:
    for name, text in (("mistakes", HALF.format(gradient="failed", says="")), ("honest", HONEST)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cells.py").write_text(text, "utf-8")
    options = ["--mistakes", str(tmp_path / "mistakes"), "--honest", str(tmp_path / "honest")]
    found = CliRunner().invoke(main, ["validate", *options, "--only", "4.3", "--no-mutants"])
    assert found.exit_code == 2
    assert "There is nothing to grade for 4.3." in found.output


@pytest.mark.slow
def test_a_mutant_that_nobody_explains_is_an_error_if_it_survives() -> None:
    trials = {trial.entry.id: trial for trial in mutations(ASSIGNMENT)}
    survivor = trials["activations.ReLU.backward: Z > 0 -> Z >= 0 | return dY * (Z > 0)"]
    outcome = attempt(ASSIGNMENT.folders.home, survivor)
    assert not outcome.caught
    assert outcome.errors() == []
    change = "0.0 -> 1.0 in np.maximum(Z, 0.0) | return np.maximum(Z, 0.0)"
    unknown = Outcome(trials[f"activations.ReLU.forward: {change}"], outcome.verdicts)
    assert unknown.errors() == [f"{unknown.trial.entry.id}: it survives."]


@pytest.mark.slow
def test_mistakes_of_somebody_else_are_graded_once_or_twice() -> None:
    once, twice = (others(ASSIGNMENT, twice=x) for x in (False, True))
    assert [trial.entry.id for trial in once for _ in range(2)] == [x.entry.id for x in twice]
    assert {trial.seed for trial in once} == {0}
    assert all(trial.seed for trial in twice[1::2])
