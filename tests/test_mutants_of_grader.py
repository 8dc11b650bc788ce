"""`make mutants-of-grader`, on a project of four functions."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.mutation.copies import can_sandbox, copy
from tests.mutation.mutated import Mutant, mutants_of
from tests.mutation.run import drawn, run

SUMS = '''
"""Sums."""
# Lines move when the module is written again.


def larger(a, b):
    return (
        a if a > b else b
    )


def negated(a):
    return -a


def absent():
    return 1
'''
TESTS = """
import time

import pytest

from toy.sums import larger, negated


@pytest.mark.parametrize("a", [1, 2])
def test_larger(a):
    assert larger(a, 3) == 3


def test_negated():
    assert negated(0) == 0


def test_broken():
    assert larger(1, 2) == 1


@pytest.mark.skip
def test_endless():
    time.sleep(60)
"""
EXPLAINED = "toy/sums.py larger: a > b -> a >= b | a if a > b else b"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"toy/__init__.py": "", "toy/sums.py": SUMS, "tests/test_sums.py": TESTS,
             "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n'}  # fmt: skip
    for name, text in files.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text, "utf-8")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path / "project", check=True)
    (tmp_path / "survivors.txt").write_text(
        f"# Why.\n{EXPLAINED}\ntoy/sums.py gone: 1 -> 2 | return 1\n  The same.\n", "utf-8"
    )
    return tmp_path / "project"


def _run(
    project: Path, *chosen: str, survivors: Path, options: tuple[str, ...] = ()
) -> tuple[int, str]:
    told: list[str] = []
    code = run(project, "toy", 0, 60, chosen=chosen, survivors=survivors, beside={},
               options=options, tell=told.append)  # fmt: skip
    return code, "\n".join(told)


@pytest.mark.slow
def test_survivors_are_found_and_explained_ones_are_not_counted(project: Path) -> None:
    before = sorted(project.rglob("*"))
    code, told = _run(project, survivors=project.parent / "survivors.txt")
    assert code == 1
    assert "It fails without any mutant, so it is left out: tests/test_sums.py::test_broken" in told
    assert (
        "toy/sums.py:13: survived (ran 1 of 1 tests)\n"
        "    toy/sums.py negated: -a -> a | return -a\n" in told
    )
    assert (
        "toy/sums.py:17: run by no test\n    toy/sums.py absent: 1 -> 2 in return 1 | return 1"
    ) in told
    assert EXPLAINED not in told
    assert "no longer matches any mutant: toy/sums.py gone: 1 -> 2 | return 1" in told
    assert told.endswith("3 of 3 mutants tried; 2 more are explained.")
    assert told.split("all ")[-1].split()[:4] == ["1", "0", "1", "1"]
    assert sorted(project.rglob("*")) == before


@pytest.mark.slow
def test_without_survivors_all_is_well(project: Path) -> None:
    explained = "".join(f"{x.key}\n" for x in mutants_of("toy/sums.py", SUMS)
                        if x.function != "larger")  # fmt: skip
    (project.parent / "all.txt").write_text(f"{explained}{EXPLAINED}\n  Why not.\n", "utf-8")
    code, told = _run(project, "toy/sums", survivors=project.parent / "all.txt")
    assert (code, told.split("all ")[-1].split()[:4]) == (0, ["1", "0", "0", "0"]), told
    assert "0 of 0" in _run(project, "toy/other", survivors=project.parent / "all.txt")[1]


def test_a_reason_stays_with_its_mutant_when_lines_are_added() -> None:
    before = {x.key for x in mutants_of("sums.py", SUMS)}
    longer = f"# A line.\n{SUMS}\n\n\ndef new(a):\n    return -a\n"
    after = {x.key for x in mutants_of("sums.py", longer)}
    assert after - before == {"sums.py new: -a -> a | return -a"}
    assert before < after


def test_the_least_of_two_is_that_of_the_same_two() -> None:
    found = {x.change for x in mutants_of("a.py", "def f(a, b):\n    min(a, b) + pow(a, b)\n")}
    assert "min(a, b) -> a" in found
    assert "pow(a, b) -> pow(b, a)" in found
    assert "min(a, b) -> min(b, a)" not in found


@pytest.mark.slow
def test_a_test_that_does_not_run_kills_no_mutant(project: Path) -> None:
    path = project / "pyproject.toml"
    path.write_text(path.read_text("utf-8") + "addopts = \"-m 'not long'\"\n", "utf-8")
    path = project / "tests" / "test_sums.py"
    path.write_text(f"import pytest\npytestmark = pytest.mark.long\n{TESTS}", "utf-8")
    with pytest.raises(RuntimeError, match=r"pytest ran no test of tests/test_sums\.py::"):
        _run(project, survivors=project.parent / "survivors.txt", options=("-m", "long"))


@pytest.mark.slow
def test_what_takes_too_long_is_ended(project: Path, tmp_path: Path) -> None:
    path = project / "tests" / "test_sums.py"
    path.write_text(path.read_text("utf-8").replace("@pytest.mark.skip", ""), "utf-8")
    (tmp_path / "copy").mkdir()
    place = copy(project, tmp_path / "copy", can_sandbox())
    assert place.pytest(["-k", "negated"], 30)[0] == 0
    assert place.pytest(["-k", "endless"], 1)[0] is None


def test_mutants_are_drawn_from_every_module_in_turn_and_by_the_seed() -> None:
    modules = [[Mutant(name, "f", "", "", 1, 1, n) for n in range(5)] for name in "abc"]
    first, again, other = (list(drawn(modules, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert sorted(first, key=lambda x: (x.module, x.number)) == [
        x for mutants in modules for x in mutants
    ]
    assert {x.module for x in first[:3]} == {x.module for x in first[3:6]} == {*"abc"}
