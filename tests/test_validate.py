"""`grader validate`: what it counts, and that it fails when the grader is wrong."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.paths import ROOT
from grader.proving.table import of_check, of_target
from grader.proving.trials import Outcome, Trial, explained, mistakes, mutations
from grader.proving.validate import attempt
from tests.catalogue import entries, spliced
from tests.homework import ASSIGNMENT, GRADED_MODULES, MISTAKES, REFERENCE

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


def test_a_catalogue_that_is_true_passes(tmp_path: Path) -> None:
    # What is said are the sentences of the real catalogue, which has this entry, too.
    says = next(entry.says for entry in entries("mistaken") if entry.id == "mse-backward-no-2")
    code, output = _validate(tmp_path, HALF.format(gradient="failed", says=says))
    assert code == 0, output
    assert "2 submissions graded: 0 errors." in output


def test_verdicts_that_are_not_due_are_errors(tmp_path: Path) -> None:
    code, output = _validate(
        tmp_path,
        HALF.format(gradient="partly", says="Not what is said."),
        HALF.replace("half", "h").format(gradient="passed", says=""),
    )
    assert code == 1
    assert "mse-half, seed 0: losses.MSE gradient is failed, partly is due." in output
    assert "mse-half: not named." in output


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("", "There are no entries in"),
        ("# %% a: b\n# target: losses.Huber\n", "the rubric has no target 'losses.Huber'"),
        ("# %% a: b\n# target: losses.MSE\n# speed: failed\n", "losses.MSE has no check speed"),
        ("# %% a: b\n# target: losses.MSE\n# also: c\n", "`also` names an entry"),
        ("# %% a: b\n# target: losses.MSE\n# shape: part\n", "a: there is no verdict part."),
        ("# %% a: b\n", "names no target."),
    ],
)
def test_a_catalogue_that_makes_no_sense_is_a_usage_error(
    tmp_path: Path, cells: str, message: str
) -> None:
    code, output = _validate(tmp_path, cells)
    assert code == 2
    assert message in " ".join(output.split())


def test_what_is_counted() -> None:
    entry = next(entry for entry in entries("mistaken") if entry.id == "mse-half")
    verdicts = {"losses.MSE": {"shape": "blocked", "values": "failed", "gradient": "passed"}}
    outcome = Outcome(Trial("mistake", entry, true=frozenset({"x"})), verdicts, {"values": "y"})
    assert outcome.misnamed == ["y"]
    assert not outcome.named
    row = of_target([outcome])
    assert (row.mistakes, row.caught, row.through, row.named, row.misnamed) == (1, 1, 0, 0, 1)
    row = of_check([outcome], "losses.MSE", "gradient")
    assert (row.mistakes, row.caught, row.through) == (1, 0, 1)
    assert "mse-half, seed 0: losses.MSE gradient is passed, failed is due." in outcome.errors()


def test_mutants_are_valid_and_different_and_only_of_solutions() -> None:
    trials = mutations(ASSIGNMENT)
    ids = [trial.entry.id for trial in trials]
    assert len(ids) == len(set(ids)) > 400
    assert {trial.entry.module for trial in trials} == set(GRADED_MODULES)
    sources = {name: (REFERENCE / f"{name}.py").read_text("utf-8") for name in GRADED_MODULES}
    for trial in trials[::7]:
        source = sources[trial.entry.module]
        mutant = spliced(source, trial.entry.code)
        assert mutant != ast.unparse(ast.parse(source)), trial.entry.id
    assert not any("_padding" in one for one in ids), "given code is not mutated"


def test_every_explained_mutant_is_there_and_has_a_reason() -> None:
    reasons = explained(MISTAKES)
    assert reasons.keys() <= {trial.entry.id for trial in mutations(ASSIGNMENT)}
    assert all(reason.endswith(".") for reason in reasons.values())


def test_a_mutant_that_nobody_explains_is_an_error_if_it_survives() -> None:
    trials = {trial.entry.id: trial for trial in mutations(ASSIGNMENT)}
    survivor = trials["activations.ReLU.backward: Z > 0 -> Z >= 0"]
    outcome = attempt(ASSIGNMENT.folders.home, survivor)
    assert not outcome.caught
    assert outcome.errors() == []
    unknown = Outcome(trials["activations.ReLU.forward: 0.0 -> 1.0 in np.maximum(Z, 0.0)"],
                      outcome.verdicts)  # fmt: skip
    assert unknown.errors() == [f"{unknown.trial.entry.id}: it survives."]


def test_the_documents_name_the_size_of_the_catalogue() -> None:
    text = (ROOT / "docs" / "measured.md").read_text("utf-8")
    found = [trial.entry for trial in mistakes(ASSIGNMENT)]
    figures = (len(found), sum(bool(x.says) for x in found), sum(bool(x.message) for x in found))
    words = r"(\d+) mistakes, (\d+) of them with a sentence .*?, and\s(\d+) with a message"
    assert re.findall(words, text, re.DOTALL) == [tuple(map(str, figures))]
