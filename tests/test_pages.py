"""The pages in docs/ and the README: their commands run, their links and names exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.assignment import given_files, write_files
from grader.paths import ROOT
from tests.homework import ASSIGNMENT

AT_ROOT = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in AT_ROOT), *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
COMMANDS = sorted(
    {
        (name, command)
        for name, text in TEXTS.items()
        if name != "another-assignment.md"  # test_another_assignment runs it from top to bottom
        for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    }
)
# Run elsewhere: by a test of their own, or as part of the set-up itself.
ELSEWHERE = {
    'make grade ARGS="--only 3.1 --only 3.2 --seed 0"': "test_documents",
    "make doctor": "test_readme",
    "make test Q=sigmoid": "test_set_up",
    "make grade Q=3.1": "test_set_up",
    ".venv/bin/python -I -m grader grade student --html report.html": "test_readme",
    ".venv/bin/python -I -m grader train student": "test_readme",
    "python -I -m venv .venv": "test_set_up",
    ".venv/bin/python -I -m pip install -e .": "test_set_up",
    # Validates all of SGD; the same command is run for a layer with fewer mistakes.
    ".venv/bin/python -I -m grader validate --only SGD --no-mutants --seeds 1": (
        "test_adding_a_layer"
    ),
    "make writeup": "test_writeup",
    'make writeup ARGS="--derivations derivations.pdf"': "test_writeup",
    'make writeup ARGS="--derivations scan.pdf --pages 3.1=1-2,3.2=3"': "test_writeup",
    ".venv/bin/python -I -m grader class writeups submissions": "test_course",
    'make class CLASS=assignment_4242_export.zip ARGS="--roster roster.csv"': "test_whole_class",
    ".venv/bin/python -I -m grader stubs": "test_adding_a_layer",
    ".venv/bin/python -I -m grader record": "test_adding_a_layer",
    ".venv/bin/python -I -m grader validate --only LayerNorm": "test_adding_a_layer",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "command"), [(p, c) for p, c in COMMANDS if c not in ELSEWHERE], ids=str
)
def test_a_command_of_a_page_runs_and_prints_what_is_shown(
    page: str, command: str, tmp_path: Path
) -> None:
    words = shlex.split(command)
    if words[0] == "make":
        recipe = re.search(rf"^{words[1]}:.*\n\t@?\$\(RUN\) (.*)$", MAKEFILE, re.MULTILINE)
        assert recipe is not None, command
        given = dict(word.split("=") for word in words[2:])
        filled = re.sub(r"\$\((\w+)\)", lambda name: given.get(name[1], ""), recipe[1])
        words = ["python", *shlex.split(filled)]
    words = ["-m", "grader", *words[1:]] if words[0].endswith("grader") else words[1:]
    for name in ("reference", "student", "grader", "container", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("LICENSE", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shown = TEXTS[page].split(f"$ {command}\n")[1].split("```")[0].split("$ ")[0]
    assert shown in ("", done.stdout)


def test_every_command_that_is_run_elsewhere_is_on_a_page() -> None:
    assert ELSEWHERE.keys() <= {command for _, command in COMMANDS}


@pytest.mark.parametrize("page", TEXTS)
def test_links_and_make_targets_of_a_page_are_there(page: str) -> None:
    folder = next(p for p in PAGES if p.name == page).parent
    for link in re.findall(r"\]\(([^)#]+)\)", TEXTS[page]):
        # Links to GitHub and other sites are not followed; tests use no network.
        assert link.startswith(("../../actions/", "https:")) or (folder / link).is_file(), link
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", TEXTS[page])) <= targets


def test_every_page_is_in_the_sites_navigation_once() -> None:
    """`make docs` checks the rest: every link and every anchor."""
    listed = re.findall(
        r"^ +- .+: ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(TEXTS.keys() - {*AT_ROOT})


def test_the_example_of_a_gradient_check_gives_what_its_comment_says(tmp_path: Path) -> None:
    write_files(tmp_path / "student", given_files(ASSIGNMENT))
    shutil.copy(ASSIGNMENT.folders.reference / "activations.py", tmp_path / "student")
    code = TEXTS["gradient-checking.md"].split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert 0 < float(done.stdout) < 1e-10
