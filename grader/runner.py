"""One grade from start to end: stage, run pytest over the checks, gather the verdicts."""

from __future__ import annotations

import contextlib
import io
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from .errors import GraderError
from .exam import Asked, Exam
from .oracle import Oracle
from .paths import CHECKS
from .processes import Isolation, Starter, starter
from .rubric import RUBRIC, Target
from .sandbox import Limits, Sandbox
from .staging import Staging, staging
from .submission import NOTHING, Submission
from .verdict import CaseResult, CheckResult, Verdict, one_case

# Of pytest's own output, when a line of the report is lost.
MAX_LOG = 2000
NEEDED_PLUGINS = ("pytest_jsonreport.plugin", "pytest_metadata.plugin")
# What the checks have no use for: left out, a grade starts and ends a tenth of a second sooner.
UNUSED_PLUGINS = (
    *("cacheprovider", "doctest", "junitxml", "logging", "pastebin", "stepwise", "unittest"),
    *("faulthandler", "setuponly", "setupplan", "threadexception", "unraisableexception"),
)


@dataclass(frozen=True)
class Line:
    """One line of the report: a check of a target, its outcome, and its points."""

    target: Target
    check: str
    result: CheckResult

    @property
    def points(self) -> float:
        """Return the points that can be had."""
        return self.target.points[self.check]

    @property
    def score(self) -> float:
        """Return the points that were earned, in hundredths."""
        return round(self.points * self.result.share, 2)


@dataclass(frozen=True)
class Grade:
    """All lines of a graded submission."""

    lines: tuple[Line, ...]
    seed: int
    oracle: str
    seconds: float
    submission: Submission
    isolation: Isolation | None = None

    @property
    def score(self) -> float:
        """Return all points, extra credit included."""
        return round(sum(line.score for line in self.lines), 2)

    @property
    def maximum(self) -> float:
        """Return the points of all lines that are not extra credit."""
        return round(sum(line.points for line in self.lines if not line.target.extra), 2)

    @property
    def shown(self) -> Grade:
        """Return what students see: all lines where the answers are recorded, but hidden ones."""
        if self.oracle == "live":
            return self
        seen = [x for x in self.lines if x.target.visibility_of(x.check) == "visible"]
        return replace(self, lines=tuple(seen))

    @property
    def faults(self) -> tuple[Line, ...]:
        """Return the lines on which the harness itself failed."""
        return tuple(x for x in self.lines if x.result.verdict is Verdict.HARNESS_FAULT)


@dataclass(eq=False)  # some versions of pytest put plugins into sets
class _Grading:
    """The pytest plugin of one grade: which checks there are, and what became of them."""

    targets: Sequence[Target]
    submission: Submission
    oracle: Oracle
    seed: int
    limits: Limits
    deadline: float
    starter: Starter
    progress: Callable[[str], None]
    pictures: bool = False
    staging: Staging | None = None
    hung: set[str] = field(default_factory=set)
    results: dict[str, CheckResult] = field(default_factory=dict)
    hangs: bool = False
    _open: tuple[str, Sandbox] | None = None
    _history: dict[str, list[Asked]] = field(default_factory=dict)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Ask every check of the targets that have it in the rubric."""
        check = metafunc.function.__name__.removeprefix("test_")
        asked = [target for target in self.targets if check in target.points]
        ids = [f"{target.name}-{check}" for target in asked]
        metafunc.parametrize("asked", [(target, check) for target in asked], ids=ids)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put all checks of a target one after the other, in the order of the rubric."""
        order = {f"{t.name}-{check}": None for t in self.targets for check in t.points}
        found = {_asked(item): item for item in items}
        items[:] = [found[name] for name in order]

    @pytest.fixture
    def exam(self, asked: tuple[Target, str]) -> Exam:
        """Return what the check needs, with the target's own sandbox."""
        target, check = asked
        self.progress(f"{target.question} {target.title}: {check}")
        return Exam(
            target,
            check,
            self._sandbox(target),
            self.oracle,
            self.seed,
            self._limits(),
            self.deadline,
            self._missing(target),
            self._history.setdefault(target.name, []),
            self.pictures and target.visibility_of(check) == "visible",
        )

    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Take the results out of the report, before it is written as JSON."""
        for test in json_report.get("tests", ()):
            found = test.get("metadata", {}).pop("result", None)
            asked = test["nodeid"].rpartition("[")[2].rstrip("]")
            self.results[asked] = CheckResult.parse(found) if found else _fault(test)

    def _sandbox(self, target: Target) -> Sandbox:
        """Return the sandbox of a target, with files of its own; close that of the last one."""
        if self._open is None or self._open[0] != target.name:
            self.close()
            assert self.staging is not None
            stage, silent = self.staging.stage(target), target.secret
            self._open = (
                target.name,
                Sandbox(self.starter, stage, target.module, self.limits, self.hung, silent),
            )
        return self._open[1]

    def _limits(self) -> Limits:
        """Return the ceilings; once a call of an earlier target hung, a training gets less time."""
        if not self.hangs:
            return self.limits
        shorter = min(self.limits.training, self.limits.doubtful_training)
        return replace(self.limits, training=shorter)

    def _missing(self, target: Target) -> CaseResult | None:
        missing = [name for name in target.own if name in self.submission.missing]
        if not missing:
            return None
        files = ", ".join(f"{name}.py" for name in missing)
        verb = "is" if len(missing) == 1 else "are"
        return CaseResult("file", Verdict.NOT_IMPLEMENTED, f"{files} {verb} not in the submission.")

    def close(self) -> None:
        """End the worker that is open."""
        if self._open is not None:
            self._open[1].close()
            self.hangs = self.hangs or self._open[1].has_hung
            self._open = None


def _asked(item: pytest.Item) -> str:
    """Return "target-check", which stands in brackets at the end of an item's id."""
    return item.nodeid.rpartition("[")[2].rstrip("]")


def _fault(test: dict[str, Any]) -> CheckResult:
    stages = [test.get(stage, {}) for stage in ("setup", "call", "teardown")]
    return _fault_result(next((s["crash"]["message"] for s in stages if "crash" in s), ""))


def _fault_result(why: str) -> CheckResult:
    text = "The autograder failed here; this is not your mistake. Please tell the course staff."
    return one_case("harness", Verdict.HARNESS_FAULT, f"{text}\nWhat happened: {why}")


def grade(
    submission: Submission,
    oracle: Oracle,
    targets: Sequence[Target] = RUBRIC,
    seed: int = 0,
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
    workers: Starter | None = None,
    require: str = "any",
    pictures: bool = False,
) -> Grade:
    """Grade a submission; whatever its code does, every row of the rubric gets its line.

    Args:
        submission: what was handed in.
        oracle: the right answers.
        targets: the rows of the rubric to grade.
        seed: fixes every input.
        limits: ceilings of calls and checks.
        progress: told what is graded now.
        workers: starts the processes of the submission's code; closed at the end.
        require: the isolation without which nothing is run, one of `processes.LEVELS`.
        pictures: keep the evidence of failures, on lines that students see.
    """
    start, limits = time.monotonic(), limits or Limits()
    workers = workers or starter()
    plugin = _Grading(
        targets, submission, oracle, seed, limits, start + limits.run, workers, progress, pictures
    )
    isolation = None
    try:
        isolation = workers.isolation
        isolation.require(require)
        with staging(submission) as plugin.staging:
            log = f"no result came\n{_run_pytest(plugin)[-MAX_LOG:]}"
            plugin.close()
    except GraderError as error:
        log = str(error)
    except Exception:  # noqa: BLE001 - no fault of ours may cost the report
        log = f"no result came\n{traceback.format_exc()[-MAX_LOG:]}"
    finally:
        workers.close()
    lines = _lines(targets, plugin.results, _fault_result(log))
    return Grade(lines, seed, oracle.name, time.monotonic() - start, submission, isolation)


UNFINISHED = "The grading did not finish: it was ended from outside, or ran out of time."


def not_run(
    text: str, submission: Submission = NOTHING, targets: Sequence[Target] = RUBRIC
) -> Grade:
    """Return a grade in which no line was run, for a reason that every line gives."""
    waiting = one_case("grading", Verdict.NOT_RUN, text)
    return Grade(_lines(targets, {}, waiting), 0, "none", 0.0, submission)


def failed(why: str) -> Grade:
    """Return a grade in which the harness failed on every line."""
    return Grade(_lines(RUBRIC, {}, _fault_result(why)), 0, "none", 0.0, NOTHING)


def _lines(
    targets: Sequence[Target], results: dict[str, CheckResult], lost: CheckResult
) -> tuple[Line, ...]:
    """Return a line for every row of the rubric; those without a result get `lost`."""
    return tuple(
        Line(target, check, results.get(f"{target.name}-{check}", lost))
        for target in targets
        for check in target.points
    )


def _run_pytest(plugin: _Grading) -> str:
    """Run the checks with the project's own configuration only; return what pytest printed."""
    plugins = [*NEEDED_PLUGINS, *(f"no:{name}" for name in UNUSED_PLUGINS)]
    arguments = [
        *("-c", str(CHECKS / "pytest.ini"), "--rootdir", str(CHECKS)),
        *(word for name in plugins for word in ("-p", name)),
        *("--json-report", "--json-report-file=", "-q", str(CHECKS)),
    ]
    log = io.StringIO()
    with _clean_environment(), contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        code = pytest.main(arguments, plugins=[plugin])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return log.getvalue()


@contextlib.contextmanager
def _clean_environment() -> Iterator[None]:
    """Keep settings of the user's own pytest, and plugins that happen to be installed, out."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
            if name in os.environ}  # fmt: skip
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        if before is not None:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
        os.environ.update(kept)
