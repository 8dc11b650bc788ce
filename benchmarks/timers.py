"""Run the `grader` command with timers around what it calls, for `profiling.py`.

`python benchmarks/timers.py FILE WORD ...` runs `grader WORD ...` and writes the time of every part
to FILE. Time is exclusive: a part's time does not include the parts that it calls. A name that does
not exist, or a module that was not imported, is an error.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from processes import children, cpu

# What is timed: public functions and methods, "module:name", grouped by row of the table.
ASKING, ENDING = "the launcher: asked, and waited for", "the launcher: ending it"
WRAPPED = {
    "loading the assignment": ["grader.assignment.loading:load"],
    "finding and staging the submission": [
        "grader.submission.finding:find",
        "grader.submission.workspace:Staging.stage",
        "grader.assignment.stubs:given_files",
    ],
    "drawing problems": ["grader.assignment.case:Case.problem"],
    "right answers: importing the reference": ["grader.answers.live:LiveOracle.__init__"],
    "right answers: running it": ["grader.answers.live:LiveOracle.answers"],
    "encoding requests": ["grader.isolation.requests:Request.frame"],
    "the launcher: starting it": ["grader.launching.fork_client:ForkServerClient.__init__"],
    ASKING: [
        "grader.launching.fork_client:ForkServerClient.start",
        "grader.launching.fork_client:ForkServerClient.end",
        "grader.launching.fork_client:ForkServerClient.settle",
    ],
    ENDING: ["grader.launching.fork_client:ForkServerClient.close"],
    "workers: frames sent, waited for, received, parsed": [
        "grader.isolation.sandbox:Sandbox.begin",
        "grader.isolation.sandbox:Sandbox.run",
    ],
    "pytest's session, without all of these": ["pytest:main"],
    "judging": [
        "grader.judging.judge:compare",
        "grader.judging.judge:judge_numbers",
        "grader.judging.judge:judge_form",
        "grader.judging.batching:find_loop",
        "grader.judging.batching:leaves_out",
        "grader.judging.gradcheck:numeric_gradient",
    ],
    "diagnosing, and keeping what it needs": [
        "grader.running.check_run:CheckRun._explained",
        "grader.answers.live:LiveOracle.known",
        "grader.answers.live:LiveOracle.effects",
    ],
    "results.json": [
        "grader.report.gradescope:results",
        "grader.report.gradescope:write",
    ],
    "the table on the terminal": ["grader.report.terminal.grades:show"],
    "report.html": ["grader.report.html:render"],
}
# Packages whose imports have their own row; other imports count toward the importing module.
IMPORTS = {
    "numpy": "numpy",
    **dict.fromkeys(("pytest", "_pytest", "pluggy", "iniconfig"), "pytest"),
    **dict.fromkeys(("pytest_jsonreport", "pytest_metadata"), "pytest"),
    **dict.fromkeys(("rich", "jinja2", "markupsafe", "pygments"), "rich, jinja2"),
    **dict.fromkeys(("grader", "click"), "the grader, click, the standard library"),
}
OTHER, OWN = "everything else", "the profile itself"


class Timers:
    """Calls, wall and CPU seconds by row; and the CPU seconds of the launcher and its workers."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self.launcher: dict[str, tuple[float, float]] = {}
        self.due = {name: row for row, names in WRAPPED.items() for name in names}
        self._inner: list[list[float]] = [[0.0, 0.0]]

    @contextmanager
    def timed(self, row: str) -> Iterator[None]:
        """Add the time of this block to a row, without the timed parts inside."""
        start = (time.perf_counter(), time.process_time())
        self._inner.append([0.0, 0.0])
        try:
            yield
        finally:
            taken = (time.perf_counter() - start[0], time.process_time() - start[1])
            inner = self._inner.pop()
            found = self.spent.setdefault(row, [0, 0.0, 0.0])
            found[0] += 1
            for i in range(2):
                found[i + 1] += taken[i] - inner[i]
                self._inner[-1][i] += taken[i]

    def imported(self, find_and_load: Callable[..., Any], name: str, import_: Any) -> Any:
        """Import a module, and wrap its timed functions before anybody else gets them."""
        package = IMPORTS.get(name.partition(".")[0])
        if package is None:
            return find_and_load(name, import_)
        with self.timed(f"imports: {package}"):
            module = find_and_load(name, import_)
            for what in [x for x in self.due if x.partition(":")[0] == name]:
                self._wrap(sys.modules[name], what)
        return module

    def _wrap(self, owner: Any, what: str) -> None:
        *path, last = what.partition(":")[2].split(".")
        for part in path:
            owner = getattr(owner, part)
        function, row = vars(owner)[last], self.due.pop(what)

        @functools.wraps(function)
        def timed(*args: Any, **named: Any) -> Any:
            if row == ENDING:
                self._look("at the end")
            with self.timed(row):
                found = function(*args, **named)
            if row == ASKING:
                self._look("ready")
            return found

        setattr(owner, last, timed)

    def _look(self, when: str) -> None:
        """Record the CPU time of the launcher and its workers, the first time."""
        with self.timed(OWN):
            if when not in self.launcher:
                (launcher,) = children(os.getpid())
                self.launcher[when] = cpu(launcher)


def main(out: Path, words: list[str]) -> None:
    """Run the command, and write the rows."""
    started, timers = time.monotonic(), Timers()
    bootstrap: Any = importlib._bootstrap  # type: ignore[attr-defined] # noqa: SLF001
    find_and_load = bootstrap._find_and_load  # noqa: SLF001
    bootstrap._find_and_load = functools.partial(timers.imported, find_and_load)  # noqa: SLF001
    sys.argv[1:] = words
    start_cpu, code = time.process_time(), None
    sys.path[0] = str(Path(__file__).parents[1])  # as `python -m` does in this folder
    try:
        with timers.timed(OTHER):
            importlib.import_module("grader.cli").main(prog_name="grader")
    except SystemExit as end:
        code = end.code
    if code or timers.due:
        sys.exit(f"exit code {code}; these were not imported: {', '.join(timers.due)}")
    timers.spent.pop(OWN)
    rows = {"Python's start": [1, started, start_cpu], **timers.spent}
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = {
        "rows": rows,
        "launcher": timers.launcher,
        "ended": time.monotonic(),
        "used": time.process_time() + waited.ru_utime + waited.ru_stime,
    }
    out.write_text(json.dumps(found), "utf-8")
    os._exit(0)  # as the command does


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
