"""Grade a submission from start to finish: stage it, run the checks in pytest, collect verdicts."""

from __future__ import annotations

import contextlib
import io
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.answers import Oracle
from grader.arithmetic import undisturbed
from grader.assignment import Assignment, Target
from grader.errors import GraderError, UsageError, refusals
from grader.judging import Grade, lines_of
from grader.launching import Starter, starter
from grader.limits import Isolation, Limits
from grader.signals import interruptions_kept
from grader.submission import NOTHING, Submission, staging
from grader.verdict import CheckResult, Verdict, one_case

from .faults import fault_result, said
from .job import Job
from .plan import plan
from .sandboxes import Sandboxes

# The activity that error messages name when the machine has run out of a resource.
GRADING = "Grading cannot continue"
CHECKS_FOLDER = Path(__file__).parent / "checks"
# Characters of pytest's own output that are kept when a line of the report is lost.
MAX_LOG = 2000
NEEDED_PLUGINS = ("pytest_jsonreport.plugin", "pytest_metadata.plugin")
# Plugins that the checks do not use; leaving them out saves a tenth of a second per grade.
UNUSED_PLUGINS = (
    *("cacheprovider", "doctest", "junitxml", "logging", "pastebin", "stepwise", "unittest"),
    *("capture", "debugging", "monkeypatch", "recwarn", "skipping", "subtests", "tmpdir"),
    *("faulthandler", "setuponly", "setupplan", "threadexception", "unraisableexception"),
    "warnings",
)


@undisturbed()
def grade(
    assignment: Assignment,
    submission: Submission,
    oracle: Oracle,
    targets: Sequence[Target] | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
    workers: Starter | None = None,
    require: str = "any",
    pictures: bool = False,
    kept: dict[str, CheckResult] | None = None,
) -> Grade:
    """Grade a submission; whatever its code does, every row of the rubric gets a line.

    Args:
        assignment: the assignment to grade.
        submission: what was handed in.
        oracle: the right answers.
        targets: the rows of the rubric to grade; None for all.
        seed: determines every input.
        limits: limits of calls and checks.
        progress: called with what is being graded.
        workers: starts the processes that run the submission's code; closed at the end.
        require: the minimum isolation, without which nothing is run; one of `limits.LEVELS`.
        pictures: keep the evidence of failures, on lines that students see.
        kept: receives the results, keyed by target and check, such as "activations.ReLU-values",
            before any points are computed.

    Raises:
        UsageError: the machine lacks something every grade needs, such as space for files.
    """
    start, ceilings = time.monotonic(), limits or Limits()
    job = Job(
        assignment, assignment.rubric if targets is None else targets, submission,
        plan(assignment, oracle, seed), ceilings, start + ceilings.run, workers or starter(),
        progress, pictures,
    )  # fmt: skip
    results: dict[str, CheckResult] = {} if kept is None else kept
    with interruptions_kept():
        isolation, log = _run_checks(job, require, results)
    lines, seconds = lines_of(job.targets, results, fault_result(log)), time.monotonic() - start
    return Grade(assignment, lines, seed, oracle.name, seconds, submission, isolation)


def _run_checks(
    job: Job, require: str, results: dict[str, CheckResult]
) -> tuple[Isolation | None, str]:
    """Run all checks; return the isolation in effect and the text for lines without a result."""
    isolation = None
    try:
        job.plan.draw(job.targets)
        from . import plugin  # noqa: F401, PLC0415 - imports pytest while the launcher starts

        isolation = job.starter.isolation
        isolation.require(require)
        with (
            refusals(GRADING, every=False),
            staging(job.assignment, job.submission, isolation.level == "uid") as staged,
            Sandboxes(job, staged) as sandboxes,
        ):
            log = _run_pytest(job, sandboxes, results)
    except UsageError:
        raise
    except GraderError as error:
        log = str(error)
    except Exception as error:  # noqa: BLE001 - a bug in the grader must not cost the report
        log = _no_result(said(error), traceback.format_exc())
    finally:
        job.starter.close()
    return isolation, log


def _no_result(problem: str, log: str) -> str:
    """Return the text for a line without a result: the error, and the end of the log."""
    return f"got no result{problem and ': '}{problem}\n{log[-MAX_LOG:]}"


UNFINISHED = "Grading did not finish: it was killed or ran out of time."


def not_run(
    assignment: Assignment,
    text: str,
    submission: Submission = NOTHING,
    targets: Sequence[Target] | None = None,
) -> Grade:
    """Return a grade in which no line was run, with the same reason on every line."""
    asked = assignment.rubric if targets is None else targets
    lines = lines_of(asked, {}, one_case("grading", Verdict.NOT_RUN, text))
    return Grade(assignment, lines, 0, "none", 0.0, submission)


def failed(assignment: Assignment, why: str) -> Grade:
    """Return a grade in which the harness failed on every line."""
    lines = lines_of(assignment.rubric, {}, fault_result(why))
    return Grade(assignment, lines, 0, "none", 0.0, NOTHING)


def _run_pytest(job: Job, sandboxes: Sandboxes, results: dict[str, CheckResult]) -> str:
    """Run the checks with only the project's own configuration; return the text of lost lines."""
    import pytest  # noqa: PLC0415 - already loaded, at the best time for it

    from .plugin import GradingPlugin  # noqa: PLC0415 - needs pytest

    plugin = GradingPlugin(job, sandboxes, results)
    plugins = [*NEEDED_PLUGINS, *(f"no:{name}" for name in UNUSED_PLUGINS)]
    arguments = [
        *("-c", str(CHECKS_FOLDER / "pytest.ini"), "--rootdir", str(CHECKS_FOLDER)),
        *(word for name in plugins for word in ("-p", name)),
        *(
            "--assert=plain",
            "--tb=native",  # pytest's own style takes 0.1 s per exception
            "--json-report",
            "--json-report-file=",
            "--continue-on-collection-errors",
        ),
        *("-q", str(CHECKS_FOLDER)),
    ]
    log = io.StringIO()
    with _clean_environment(), contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        pytest.main(arguments, plugins=[plugin])
    if plugin.stopped is not None:
        raise plugin.stopped
    if plugin.refused is not None:
        raise plugin.refused
    return _no_result(plugin.problem, log.getvalue())


@contextlib.contextmanager
def _clean_environment() -> Iterator[None]:
    """Keep out the user's own pytest settings and any plugins that happen to be installed."""
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
