"""`make` on a fresh machine: how `.venv` is set up, with fake programs that log their calls.

They stand in for the Pythons and the installers of many machines.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.assignment import write_files
from grader.delivery.files import TEMPLATES
from grader.delivery.handout import handout_files
from grader.paths import ROOT
from tests.homework import ASSIGNMENT
from tests.test_scratch_files import scatter

SCRIPT = TEMPLATES / "handout" / "environment.sh"
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("make"), reason="there is no make"
)
# What every program does first: it logs its call, fails if the call has a word of LACKS, and ends
# its caller, as Ctrl-C would, if the call has the word of STOPS.
NOTED = """#!/bin/sh
case "$0" in .venv/*) name=$0 ;; *) name=${0##*/} ;; esac
case "$*" in *version_info[*) echo 3.11; exit ;; *version_info*) set -- recent? ;; esac
echo "$name $*" >> "$LOG"
env | grep -E '^(PIP_|PYTHON(PATH|HOME)|UV_|VIRTUAL|CONDA)' | sort > "$LOG.settings"
for word in $LACKS; do
  case "$name:$*" in *$word*) exit 1 ;; esac
done
case "$*" in *"${STOPS:-never}"*) kill -9 $PPID; exit 1 ;; esac
"""
PYTHON = f"""{NOTED}
case "$*" in
  *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && : > .venv/has_pip ;;
  *"-m pip --version"*) [ -e .venv/has_pip ] ;;
  *"-m pytest"*nothing) exit 5 ;;
esac
"""
UV = f"""{NOTED}
case "$*" in
  venv*) mkdir -p .venv/bin && cp "${{0%/*}}/python3" .venv/bin/python && : > .venv/has_pip ;;
esac
"""
SAID = "Setting up .venv (once) ...\n"
VENV = "python3 -I -m venv .venv"
PIP = ".venv/bin/python -I -m pip install --quiet --disable-pip-version-check --editable ."
COMPILE = ".venv/bin/python -I -m compileall -q --invalidation-mode checked-hash grader"
UV_VENV = "uv venv --quiet --no-project --seed --allow-existing --python python3 .venv"
UV_PIP = "uv pip install --quiet --python .venv/bin/python --editable ."
FELL_BACK = "uv could not set up .venv; trying pip ...\n"


class Machine:
    """A folder with the students' project, and the programs that a machine has."""

    def __init__(self, folder: Path) -> None:
        self.tools, self.home, self.log = folder / "tools", folder / "my homework", folder / "log"
        self.tools.mkdir()
        self.home.mkdir()
        for tool in ("cat", "cp", "env", "grep", "make", "mkdir", "rm", "sh", "sort"):
            (self.tools / tool).symlink_to(shutil.which(tool) or "")
        for name in ("Makefile", "environment.sh"):
            shutil.copy(SCRIPT.with_name(name), self.home)
        (self.home / "pyproject.toml").touch()
        self.has("python3")

    def has(self, *names: str) -> None:
        for name in names:
            (self.tools / name).write_text(UV if name == "uv" else PYTHON)
            (self.tools / name).chmod(0o755)

    def run(self, *command: str, **settings: str) -> tuple[int, str, list[str]]:
        """Run a command; return its exit code, its output, and the calls that do something."""
        self.log.write_text("")
        done = subprocess.run(
            command or ("sh", "environment.sh", "run"), cwd=self.home, text=True, check=False,
            env={"PATH": str(self.tools), "LOG": str(self.log), **settings},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        calls = self.log.read_text().splitlines()
        asks = ("recent?", "import venv, ensurepip", "--version", COMPILE)
        return done.returncode, done.stdout, [call for call in calls if not call.endswith(asks)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def checkout(machine: Machine) -> Machine:
    """Return a folder with the Makefile of this project, and one file of tests."""
    shutil.copy(ROOT / "Makefile", machine.home)
    script = machine.home / SCRIPT.relative_to(ROOT)
    for path in (script, machine.home / "tests" / "test_words.py"):
        path.parent.mkdir(parents=True)
        path.touch()
    shutil.copy(SCRIPT, script)
    return machine


def test_the_first_call_sets_up_and_the_next_does_nothing(machine: Machine) -> None:
    assert machine.run() == (0, SAID, [VENV, PIP])
    assert machine.run() == (0, "", [])
    dev = machine.run("sh", "environment.sh", "dev", "[dev]")
    assert dev == (0, SAID.replace("venv", "venv with [dev]"), [f"{PIP}[dev]"])
    assert machine.run("sh", "environment.sh", "dev", "[dev]") == (0, "", [])
    os.utime(machine.home / ".venv" / ".run", (1, 1))  # older than pyproject.toml
    assert machine.run() == (0, SAID, [PIP])


def test_the_grader_is_compiled_once_and_a_failure_does_not_matter(machine: Machine) -> None:
    assert machine.run(LACKS="compileall")[0] == 0
    assert machine.log.read_text().splitlines()[-1] == COMPILE
    assert machine.run() == (0, "", [])
    assert COMPILE not in machine.log.read_text()


def test_settings_of_other_environments_do_not_reach_the_installer(machine: Machine) -> None:
    """A configured package index does."""
    others = "PYTHONHOME PYTHONPATH VIRTUAL_ENV CONDA_PREFIX PIP_TARGET PIP_PREFIX UV_PYTHON"
    settings = dict.fromkeys(others.split(), "/elsewhere") | {"PIP_REQUIRE_VIRTUALENV": "1"}
    settings |= {"PIP_USER": "1", "PIP_INDEX_URL": "https://here", "UV_SYSTEM_PYTHON": "1"}
    assert machine.run(**settings) == (0, SAID, [VENV, PIP])
    reached = Path(f"{machine.log}.settings").read_text().split()
    assert reached == ["PIP_INDEX_URL=https://here", "PIP_USER=0"]


def test_uv_is_used_where_it_is(machine: Machine) -> None:
    machine.has("uv")
    assert machine.run() == (0, SAID, [UV_VENV, UV_PIP])
    assert machine.run() == (0, "", [])


@pytest.mark.parametrize(
    ("lacks", "calls"),
    [("uv:venv", [UV_VENV, VENV, PIP]), ("uv:pip", [UV_VENV, UV_PIP, PIP])],
)
def test_pip_does_what_uv_cannot(machine: Machine, lacks: str, calls: list[str]) -> None:
    machine.has("uv")
    assert machine.run(LACKS=lacks) == (0, SAID + FELL_BACK, calls)


def test_a_python_that_can_make_no_environment_is_told_by_its_package(machine: Machine) -> None:
    said = (
        "python3 cannot make an environment: it has no venv or no ensurepip.\n"
        "On Debian and Ubuntu, install the package python3.11-venv; then repeat the command.\n"
    )
    assert machine.run(LACKS="ensurepip") == (1, SAID + said, [])
    assert machine.run() == (0, SAID, [VENV, PIP])


def test_uv_needs_no_module_of_the_python(machine: Machine) -> None:
    machine.has("uv")
    assert machine.run(LACKS="ensurepip") == (0, SAID, [UV_VENV, UV_PIP])


@pytest.mark.parametrize("lacks", ["python3:recent", "python3:-I"])
def test_a_python_that_is_too_old_or_bare_gives_way_to_another(
    machine: Machine, lacks: str
) -> None:
    machine.has("python3.12", "python3.10")
    assert machine.run(LACKS=lacks) == (0, SAID, [VENV.replace("python3", "python3.12"), PIP])


def test_without_a_recent_python_it_is_said_what_was_tried(machine: Machine) -> None:
    install = "Install one, or say where it is, as in: make grade PYTHON=/path/to/python3.12\n"
    tried = "python3 python3.13 python3.12 python3.11 python3.10 python"
    needed = "Python 3.10 or newer is required; tried: {}.\n" + install
    assert machine.run(LACKS="recent") == (1, needed.format(tried), [])
    assert machine.run(PYTHON="/my tools/python") == (1, needed.format("/my tools/python"), [])
    assert not (machine.home / ".venv").exists()
    machine.has("python3.11")
    code, _, calls = machine.run(PYTHON="python3.11")
    assert (code, calls[0]) == (0, VENV.replace("python3", "python3.11"))


@pytest.mark.slow
def test_a_set_up_that_fails_or_is_ended_is_begun_again(machine: Machine) -> None:
    failed = (
        "Setting up .venv failed; the reason stands above.\n"
        "This step needs the package index: if the network was down, "
        "repeat the command when it is up.\n"
    )
    for _ in range(2):
        assert machine.run(LACKS="install") == (1, SAID + failed, [VENV, PIP])
    for step, calls in (("venv .venv", [VENV]), ("install", [VENV, PIP])):
        assert machine.run(STOPS=step) == (-9, SAID, calls)
    assert machine.run() == (0, SAID, [VENV, PIP])
    assert machine.run() == (0, "", [])


def test_a_folder_that_was_moved_and_a_python_that_is_gone_are_set_up_again(
    machine: Machine,
) -> None:
    machine.run()
    machine.home = machine.home.rename(machine.home.with_name("done"))
    assert machine.run() == (0, SAID, [VENV, PIP])
    (machine.home / ".venv/bin/python").unlink()
    (machine.home / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert machine.run() == (0, SAID, [VENV, PIP])


def test_an_environment_that_somebody_else_made_is_kept(machine: Machine) -> None:
    inside = machine.home / ".venv"
    machine.run()
    (inside / ".run").unlink()
    (inside / "mine").touch()
    assert machine.run() == (0, SAID, [PIP])
    for name in (".run", "has_pip"):
        (inside / name).unlink()
    assert machine.run() == (0, SAID, [VENV, PIP])
    (inside / ".run").unlink()
    old = "The Python in .venv is older than 3.10: delete .venv, then repeat the command.\n"
    assert machine.run(LACKS=".venv/bin/python:recent") == (1, old, [])
    assert (inside / "mine").exists()


@pytest.fixture(params=["handout", "project"])
def made(request: pytest.FixtureRequest, machine: Machine) -> Machine:
    """Return the students' folder, or the project's."""
    if request.param == "project":
        shutil.copy(ROOT / "Makefile", machine.home)
        script = machine.home / SCRIPT.relative_to(ROOT)
        script.parent.mkdir(parents=True)
        shutil.copy(SCRIPT, script)
    return machine


WRITES = "student --out results.json --html report.html"


def test_make_takes_nothing_of_this_folder_for_a_module(made: Machine) -> None:
    """-I keeps out what lies here and what PYTHONPATH names; the grader itself is installed."""
    for target, command in (
        ("grade", f"grade {WRITES} --verbose"), ("watch", f"watch {WRITES} --verbose"),
        ("train", "train student"), ("explain", "explain --verbose"), ("doctor", "doctor"),
    ):  # fmt: skip
        code, _, calls = made.run("make", target, "ARGS=--verbose")
        assert (code, calls[-1]) == (0, f".venv/bin/python -I -m grader {command}".strip())


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("grade Q=3.3", f"grade {WRITES} --only 3.3"),
        ("grade Q=3.3|ReLU ARGS=--verbose", f"grade {WRITES} --only 3.3 --only ReLU --verbose"),
        ("watch Q=FullyConnected", f"watch {WRITES} --only FullyConnected"),
        ("explain Q=3.3", "explain 3.3"),
        ("explain Q=3'3|relu;echo", "explain 3'3 relu;echo"),
        ("Q=3.3", f"grade {WRITES} --only 3.3"),
        ("3.3", f"grade {WRITES} --only 3.3"),
        ("FullyConnected ARGS=--verbose", f"grade {WRITES} --only FullyConnected --verbose"),
        ("relu", f"grade {WRITES} --only relu"),
    ],
)
def test_a_question_is_a_word_of_make(made: Machine, words: str, command: str) -> None:
    code, said, calls = made.run("make", *(word.replace("|", " ") for word in words.split()))
    assert (code, calls[-1]) == (0, f".venv/bin/python -I -m grader {command}")
    taken = "There is no target 'relu' (make help lists them), so it is read as a question.\n"
    assert (taken in said) == (words == "relu")


@pytest.mark.parametrize(
    ("words", "named", "target"),
    [
        ("3.3 3.4", "3.3 3.4", "grade"),
        ("grade 3.3", "3.3", "grade"),
        ("3.3 grade", "3.3", "grade"),
        ("explain relu", "relu", "explain"),
        ("watch 3.1 ReLU", "3.1 ReLU", "watch"),
        ("doctor 3.1", "3.1", "grade"),
    ],
)
def test_several_targets_with_a_question_are_refused(
    made: Machine, words: str, named: str, target: str
) -> None:
    """One would overwrite the results of the other."""
    code, said, calls = made.run("make", *words.split())
    assert (code, calls) == (2, [])
    suggested = f'make {target} Q="{named}"'
    assert f"There is no target called {named}. Did you mean: {suggested}." in said


def test_a_file_that_make_misses_is_not_read_as_a_question(made: Machine) -> None:
    code, said, calls = made.run("make", "help", MAKEFILES="nope")
    assert (code, calls) == (2, [])
    assert "make was told to read nope, which does not exist.\n" in said


@pytest.mark.parametrize("odd", ["3'3", 'a"b', "`touch`", "x;y", "3&3", "$HOME"])
def test_what_a_shell_reads_in_a_target_is_part_of_it(made: Machine, odd: str) -> None:
    code, _, calls = made.run("make", odd)
    assert (code, calls[-1]) == (0, f".venv/bin/python -I -m grader grade {WRITES} --only {odd}")


def test_explain_needs_a_question(made: Machine) -> None:
    code, said, calls = made.run("make", "explain")
    assert code == 2
    assert "Name a question: make explain Q=" in said
    assert not any("grader" in call.split() for call in calls)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("", ""),
        ("Q=words", " tests/test_words.py"),
        ("Q=tests/test_words.py", " tests/test_words.py"),
        ("Q=test_no_file", " -k no_file"),
        ("Q=sigmoid", " -k sigmoid"),
        ("Q=words|sigmoid", " -k words or sigmoid"),
        ("Q=relu|and|not|loop", " -k relu and not loop"),
    ],
)
def test_make_test_runs_one_file_or_what_is_named(
    checkout: Machine, words: str, asked: str
) -> None:
    quick = "not (slow or wall or browser or network or writeup or course)"
    for target, marked in (("test", quick), ("slow-test", "slow")):
        code, _, calls = checkout.run("make", target, *(x.replace("|", " ") for x in words.split()))
        call = f".venv/bin/python -I -m pytest -q -rs -n auto -m {marked}{asked}"
        assert (code, calls[-1]) == (0, call)
        assert not any("pytest" in call for call in calls[:-1])


def test_each_test_is_run_by_one_target() -> None:
    """These are all the markers; a plain pytest leaves out what is neither quick nor slow."""
    options = (ROOT / "pyproject.toml").read_text("utf-8")
    plain = re.search(r"-m 'not (.*)'", options)
    quick = re.search(
        r"^QUICK = not \((.*)\)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    names = re.findall(r'^    "(\w+): .*; make ([a-z-]+)",$', options, re.MULTILINE)
    assert plain
    assert quick
    assert set(quick[1].split(" or ")) == dict(names).keys()
    assert {"slow", *plain[1].split(" and not ")} == dict(names).keys()
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert all(f" {target}" in ci for _, target in names)


@pytest.mark.parametrize(
    "odd", ["it's", 'a"b', "a;b", "`a`", "$$(a)", "a\\\\", "tests/", "a/b", "tests/browser/x.py"]
)
def test_an_odd_subject_is_refused_and_not_run_by_the_shell(checkout: Machine, odd: str) -> None:
    code, said, calls = checkout.run("make", "test", f"Q={odd}")
    assert code == 2
    assert "Q is a file (Q=readme for tests/test_readme.py) or a part of the names" in said
    assert not any("pytest" in call for call in calls)


def test_a_subject_without_tests_is_told_where_they_may_be(checkout: Machine) -> None:
    code, said, _ = checkout.run("make", "test", "Q=nothing")
    assert code == 2
    assert "make test has no test that matches Q; try make slow-test with the same Q.\n" in said
    code, said, _ = checkout.run("make", "slow-test", "Q=nothing")
    assert code == 2
    assert "make slow-test has no test that matches Q; try make test with the same Q.\n" in said


@pytest.mark.network
def test_a_real_set_up_is_the_same_by_pip_and_uv_whatever_is_set_and_lies_around(
    tmp_path: Path,
) -> None:
    plain = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    if shutil.which("uv", path=os.pathsep.join(plain)):
        pytest.skip("uv is in the same folder as Python, so pip would not be used")
    uv = tmp_path / "uv"
    subprocess.run([sys.executable, "-m", "venv", uv], check=True)
    subprocess.run([uv / "bin" / "pip", "install", "--quiet", "uv"], check=True)
    by_pip, by_uv = (
        _really_installed(tmp_path / name, os.pathsep.join(folders))
        for name, folders in (("with pip", plain), ("with uv", [str(uv / "bin"), *plain]))
    )
    assert {"nn-homework-grader", "numpy", "pytest"} <= by_pip
    assert by_pip == by_uv


def _really_installed(home: Path, path: str) -> set[str]:
    """Set up a folder and grade in it, twice; return the names of what is installed."""
    write_files(home, handout_files(ASSIGNMENT))
    scatter(home)
    elsewhere = str(home.with_name("elsewhere"))
    names = "PIP_TARGET PIP_PREFIX PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX".split()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MAKE"))}
    settings = {**kept, **dict.fromkeys(names, elsewhere), "PIP_USER": "1", "PATH": path}
    for first in (True, False):
        done = subprocess.run(
            ["make", "grade", "ARGS=--only 3.6 --quiet"], cwd=home, env=settings,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (done.stdout.startswith(SAID), FELL_BACK in done.stderr) == (first, False)
        assert "Score: 0 / 4 of the selected questions" in done.stdout
    assert not Path(elsewhere).exists()
    made_by_uv = "\nuv = " in (home / ".venv" / "pyvenv.cfg").read_text("utf-8")
    assert made_by_uv == (home.name == "with uv")
    inside = [home / ".venv/bin/python", "-I", "-m", "pip", "list", "--format=freeze"]
    listed = subprocess.run(inside, capture_output=True, text=True, check=True).stdout
    return {line.split("==")[0] for line in listed.split()} - {"pip", "setuptools", "wheel"}
