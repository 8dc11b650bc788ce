"""Who may import whom, who prints, who starts processes: the shape of the code, held by tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

GRADER = Path(__file__).parent.parent / "grader"
MODULES = {p.relative_to(GRADER).as_posix(): p for p in GRADER.rglob("*.py")}


def _imports(path: Path) -> set[str]:
    """Return the modules of the grader that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if node.level or name.split(".")[0] in ("grader", "reference", "student"):
                found |= {name} if name else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found |= {n for n in names if n.split(".")[0] in ("grader", "reference", "student")}
    return {name.removeprefix("grader.") for name in found}


def _calls(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}


@pytest.mark.parametrize(
    "name",
    [
        "gradcheck",
        "batching",
        "wire",
        "draw",
        "program",
        "iteration",
        "confine",
        "diagnosis",
        "catalogue",
        "evidence",
    ],
)
def test_leaves_import_nothing_of_the_grader(name: str) -> None:
    assert _imports(GRADER / f"{name}.py") == set()


def test_the_rubric_imports_only_errors() -> None:
    assert _imports(GRADER / "rubric.py") == {"errors"}


def test_the_worker_imports_only_what_it_speaks_and_counts_with() -> None:
    assert _imports(GRADER / "worker.py") == {"counting", "iteration", "wire", "program"}
    assert _imports(GRADER / "counting.py") == {"iteration"}
    assert _imports(GRADER / "launcher.py") == {"confine"}  # and the worker, by name
    assert _imports(GRADER / "standins.py") == set()


def test_nobody_imports_the_reference_or_a_submission_by_name() -> None:
    for name, path in MODULES.items():
        assert not {x for x in _imports(path) if x.startswith(("reference", "student"))}, name


def test_only_those_who_work_with_the_reference_know_where_it_is() -> None:
    users = {n for n, p in MODULES.items() if "REFERENCE" in p.read_text("utf-8")}
    assert users == {"paths.py", "oracle.py", "handout.py", "validate.py", "bundle.py"}


def test_processes_are_started_only_where_workers_are() -> None:
    starting = {"subprocess.Popen", "subprocess.run", "os.fork", "os.system", "os.execv"}
    starters = {name for name, path in MODULES.items() if _calls(path) & starting}
    assert starters == {"processes.py", "launcher.py", "confine.py"}


def test_only_the_command_line_and_the_terminal_report_print_and_only_it_exits() -> None:
    printing = {"print", "click.echo", "console.print", "sys.stdout.write"}
    printers = {name for name, path in MODULES.items() if _calls(path) & printing}
    printers.discard("launcher.py")  # what a training prints, from inside its process
    assert printers == {"cli.py", "report/terminal.py"}
    exits = {name for name, path in MODULES.items() if _calls(path) & {"sys.exit", "exit"}}
    assert exits == {"cli.py"}


def test_nothing_is_ever_unpickled_or_evaluated() -> None:
    for name, path in MODULES.items():
        assert not _calls(path) & {"eval", "exec", "pickle.loads", "pickle.load"}, name
        assert "allow_pickle=True" not in path.read_text("utf-8"), name


def test_functions_and_modules_stay_small() -> None:
    lengths = []
    for name, path in MODULES.items():
        tree = ast.parse(path.read_text("utf-8"))
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        for node in functions:
            lengths.append((node.end_lineno or 0) - node.lineno + 1)
            assert lengths[-1] <= 45, (name, node.name)
    lengths.sort()
    assert lengths[len(lengths) // 2] <= 9
    assert lengths[int(len(lengths) * 0.9)] <= 25
