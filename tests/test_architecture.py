"""Who may import whom, who prints, who starts processes: the shape of the code, enforced by tests.

The order of the rooms and what the worker's side may import are import-linter contracts in
pyproject.toml; everything else is checked here, from the import graph and the syntax.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import itertools
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from grader.paths import HOMEWORK, PACKAGE, ROOT

MODULES = {p.relative_to(PACKAGE).as_posix(): p for p in PACKAGE.rglob("*.py")}
ROOMS = sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


@cache
def graph() -> grimp.ImportGraph:
    """Return the import graph of the grader."""
    return grimp.build_graph("grader", include_external_packages=True, cache_dir=None)


def _room(module: str) -> str:
    """Return the room that a module is in, "" for the package itself and its top-level modules."""
    part = module.split(".")[1] if "." in module else ""
    return part if part in ROOMS else ""


def _imports() -> list[tuple[str, str]]:
    """Return all direct imports, importer and imported."""
    modules = sorted(x for x in graph().modules if x.partition(".")[0] == "grader")
    return [(m, x) for m in modules for x in sorted(graph().find_modules_directly_imported_by(m))]


@pytest.mark.slow
def test_every_import_goes_down_and_none_in_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("isolation/sandbox", "from ..report import html", "rooms"),
        ("judging/judge", "from grader.running import grade", "rooms"),
        ("worker/wire", "from grader.errors import GraderError", "worker"),
        ("judging/batching", "import pytest", "judging"),
        ("answers/live", "import reference", "solutions"),
        ("worker/stage", "from .serving import serve", "circles"),
    ],
)
def test_an_import_that_goes_up_breaks_the_contract(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "grader" / f"{module}.py"
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    check = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports("
    command = [sys.executable, "-c", f"{check}limit_to_contracts=({contract!r},), no_cache=True))"]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_only_public_names_of_a_room_are_used_outside_it() -> None:
    """A room's `__init__` exports names, or lists the modules that callers may import from."""
    for importer, imported in _imports():
        room, name = _room(imported), imported.split(".")
        if room and room != _room(importer) and len(name) > 2:
            public = importlib.import_module(f"grader.{room}").__all__
            assert name[2] in public, f"{importer} imports {imported}, which {room} does not export"
            assert len(name) <= 4, f"{importer} imports {imported}, which is too deep"
            if len(name) == 4:  # a folder of the room, which lists its own modules
                folder = (PACKAGE / room / name[2] / "__init__.py").read_text("utf-8")
                (given,) = re.findall(r"^__all__ = (\[.*?\])", folder, re.DOTALL | re.MULTILINE)
                assert f'"{name[3]}"' in given, f"{importer} imports {imported}: not exported"


def test_every_room_says_what_it_is_for_and_what_it_gives() -> None:
    for room in ROOMS:
        module = importlib.import_module(f"grader.{room}")
        assert len((module.__doc__ or "").strip().splitlines()) >= 3, room
        for name in module.__all__:
            importlib.import_module(f"grader.{room}")
            there = hasattr(module, name) or (PACKAGE / room / f"{name}.py").is_file()
            assert there or (PACKAGE / room / name / "__init__.py").is_file(), (room, name)


def test_nobody_imports_the_homework_but_whoever_loads_its_folder() -> None:
    inside = "grader.assignment.homework"
    assert not [x for x in _imports() if x[1].startswith(inside) and not x[0].startswith(inside)]


# This homework's classes, modules, and question numbers.
NAMES = re.compile(
    r"ReLU|Sigmoid|SoftMax|FullyConnected|Conv2D|Pool2D|BatchNorm|NeuralNetwork|CrossEntropy|MSE\b"
    r"|\bSGD\b|\blayers\.|\bactivations\b|\blosses\.|\boptimizers\b|\b(?:iris|load_digits)\b|\"\d\.\d\""
)


@pytest.mark.slow
def test_no_module_of_the_engine_names_anything_of_the_homework() -> None:
    """Docstrings may give examples."""
    for name, path in MODULES.items():
        if HOMEWORK in path.parents:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
                node
            ):
                node.body = node.body[1:] or [ast.Pass()]
        found = NAMES.findall(ast.unparse(tree))
        assert not found, (name, found)


def _words(path: Path) -> set[str]:
    """Return every name that a module uses, imports or reads as an attribute."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Name(name) | ast.Attribute(_, name):
                found.add(name)
            case ast.Import(names) | ast.ImportFrom(_, names):
                found |= {alias.name for alias in names}
    return found


def _users(*words: str) -> set[str]:
    """Return the modules that use any of these names, however they get them."""
    return {name for name, path in MODULES.items() if not _words(path).isdisjoint(words)}


def _importers(*modules: str) -> set[str]:
    """Return the grader's modules that import any of these external modules."""
    found = [x for x in modules if x in graph().modules]
    importers = set().union(*(graph().find_modules_that_directly_import(x) for x in found))
    return {name.removeprefix("grader.") for name in importers}


def test_only_those_who_work_with_the_solution_know_where_it_is() -> None:
    told = re.compile(r"folders\.(reference|mistakes|alternatives|honest|others)\b|reference=")
    assert {name for name, path in MODULES.items() if told.search(path.read_text("utf-8"))} == {
        "answers/live.py",  # runs it
        "answers/live_edits.py",
        "answers/packages.py",
        "answers/recording.py",  # checks that other code is right, too
        "assignment/assignment.py",  # says where it is
        "assignment/fitting.py",  # checks that it has what the questions need
        "assignment/loading.py",  # keeps it out of what is imported
        "assignment/stubs.py",  # derives what students get
        "assignment/homework/assignment.py",
        "cli/staff.py",
        "course/grading/fingerprints.py",  # known mistakes name what is wrong
        "delivery/bundle.py",
        "proving/trials.py",
        "proving/validate.py",
    }


@pytest.mark.slow
def test_code_is_imported_by_its_path_only_where_that_is_the_task() -> None:
    """The reference in `answers`, an assignment where it is loaded, a submission by a worker."""
    assert _users("import_module", "module_from_spec", "__import__", "run_path", "runpy") == {
        "answers/live_edits.py",
        "answers/packages.py",
        "assignment/loading.py",
        "running/examining.py",  # the checks' own functions
        "worker/importing.py",
        "worker/interpreter.py",
        "worker/iteration.py",
        "worker/packages.py",
        "worker/plain_names.py",  # the submission's files under a second name
        "worker/preload.py",
        "worker/serving.py",
        "worker/training.py",
    }


def test_the_worker_imports_only_its_own_room_and_the_language_of_requests() -> None:
    for importer, imported in _imports():
        if _room(importer) == "worker" and imported.startswith("grader"):
            assert _room(imported) == "worker" or imported == "grader.program", importer


@pytest.mark.slow
def test_processes_are_started_only_where_workers_are() -> None:
    assert _importers("subprocess", "multiprocessing", "concurrent", "pty") == {
        "launching.fork_client",
        "launching.spawner",
        "course.grading.graders",  # more graders, for a class
        "course.grading.local",  # waits for several of these
        "course.grading.resident",  # is one
        "delivery.tracked",  # git, which knows which files belong to the project
        "proving.validate",  # more graders, for hundreds of trials
        "writeup.pandoc",  # Pandoc, which reads Markdown in its own sandbox
    }
    assert _users("fork", "forkpty", "posix_spawn", "system", "popen") - _NAMED_SYSTEM == {
        "worker/fork_server.py",
        "worker/probing.py",
        "worker/users.py",
    }
    assert not [
        x for x in MODULES if re.search(r"\bos\.(exec|spawn)", MODULES[x].read_text("utf-8"))
    ]


# `platform.system()` starts nothing.
_NAMED_SYSTEM = {"report/environment.py"}


@pytest.mark.slow
def test_only_the_command_line_and_the_terminal_report_print_and_only_it_exits() -> None:
    printers = _users("print", "echo", "stdout", "stderr") | {
        name for name, path in MODULES.items() if "console.print" in path.read_text("utf-8")
    }
    inside = {"worker/training.py", "worker/serving.py"}  # what a submission prints
    redirected = {
        "running/runner.py",
        "launching/fork_client.py",
        "launching/spawner.py",
        "writeup/pandoc.py",
    }
    flushed = {"signals.py"}
    entry_point = {"__main__.py"}  # says why the command line cannot be imported
    kept = printers - inside - redirected - flushed - entry_point
    assert not [x for x in kept if not x.startswith(("cli/", "report/terminal/"))]
    exits = _users("exit", "SystemExit", "abort") - {"assignment/loading.py"}  # catches it
    assert not [name for name in exits - entry_point if not name.startswith("cli/")]


# Modules that need an extra's package, which may not be installed here.
_WITH_EXTRA = {
    "grader.writeup.making": "typst",
    "grader.course.writeups.gathering": "typst",
    "grader.course.cluster": "distributed",
}


def _is_missing(module: str) -> bool:
    package = _WITH_EXTRA.get(module)
    return package is not None and importlib.util.find_spec(package) is None


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["benchmarks", "tests"])
def test_what_is_run_seldom_imports_what_there_is(folder: str) -> None:
    """Benchmarks, fuzzing and the container's test are not imported by the other tests."""
    for path in (ROOT / folder).rglob("*.py"):
        if not {"submissions", "assignments"}.isdisjoint(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.ImportFrom(str(module)) if _is_missing(module):
                    pass
                case ast.ImportFrom(str(module), names, 0) if module.partition(".")[0] == "grader":
                    found = importlib.import_module(module)
                    for name in (alias.name for alias in names):
                        there = hasattr(found, name) or f"{module}.{name}" in graph().modules
                        assert there, f"{path.name} imports {name} from {module}"


@pytest.mark.slow
def test_nothing_is_ever_unpickled_or_evaluated() -> None:
    assert not _users("eval", "exec") | _importers("pickle", "marshal", "shelve")
    for name, path in MODULES.items():
        assert "allow_pickle=True" not in path.read_text("utf-8"), name


# The most lines that a module may have; anything longer becomes two modules.
MOST_LINES = 300


@pytest.mark.slow
def test_functions_and_modules_stay_small() -> None:
    lengths = []
    for name, path in MODULES.items():
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= MOST_LINES, name
        tree = ast.parse(text)
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        for node in functions:
            lengths.append((node.end_lineno or 0) - node.lineno + 1)
            assert lengths[-1] <= 45, (name, node.name)
    assert len(lengths) > len(MODULES)
    lengths.sort()
    assert lengths[len(lengths) // 2] <= 9
    assert lengths[int(len(lengths) * 0.9)] <= 25


def _arrows() -> set[tuple[str, str]]:
    """Return which room imports which, except for arrows that others imply."""
    direct = {(_room(a), _room(b)) for a, b in _imports() if _room(a) and _room(b)} - {
        (room, room) for room in ROOMS
    }
    below = {room: {b for a, b in direct if a == room} for room in ROOMS}

    def reached(room: str) -> set[str]:
        return below[room].union(*(reached(other) for other in below[room]))

    return {(a, b) for a, b in direct if not any(b in reached(other) for other in below[a] - {b})}


def test_the_page_draws_the_arrows_that_there_are() -> None:
    diagram = PAGE.split("```mermaid\n")[1].split("```")[0]
    assert set(re.findall(r"^ +(\w+) --> (\w+)$", diagram, re.MULTILINE)) == _arrows()


def test_the_page_names_every_room_in_order() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    layers = re.findall(r'^    "(\w+)",$', text.split("layers = [")[1].split("]")[0], re.MULTILINE)
    order = [name for name in layers if name in ROOMS]
    assert sorted(order) == ROOMS
    table = PAGE.split("| package |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE) == order


def test_the_page_names_no_module_that_is_not_there() -> None:
    for path in re.findall(r"`([\w/]+\.py)`", PAGE):
        assert (ROOT / path).is_file() or (PACKAGE / path).is_file(), path


def test_the_launcher_starts_before_numpy_and_pytest_are_loaded() -> None:
    """Both sides load numpy, at the same time."""
    code = """
import sys
import grader.launching
def started():
    print(sorted({"numpy", "pytest", "rich", "jinja2"} & sys.modules.keys()))
    raise SystemExit
grader.launching.starter = started
from grader.cli import main
main(["grade", "reference"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "[]\n", done.stderr


def test_everything_that_the_profile_times_is_there() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        timers = importlib.import_module("timers")
    finally:
        sys.path.pop(0)
    for what in itertools.chain.from_iterable(timers.WRAPPED.values()):
        module, _, name = what.partition(":")
        found: object = importlib.import_module(module)
        for part in name.split("."):
            assert part in vars(found), what
            found = vars(found)[part]
